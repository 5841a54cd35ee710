#include "server/mcp/prompt.h"

#include "server/api/json/json_output.h"
#include "server/mcp/resource_reader.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype maxCompletions = 100;
constexpr int maxFiles = 20;
constexpr qint64 maxFileBytes = 256 * 1024;
constexpr qint64 maxBytes = 1 << 20; ///< all files together

void beginMessage(JsonOutput &json)
{
    json.beginObject().member("role", "user"_L1).key("content");
}

void putTextMessage(JsonOutput &json, const QString &text)
{
    beginMessage(json);
    json.beginObject().member("type", "text"_L1).member("text", text).endObject().endObject();
}

/// Whether the text names the path as a whole: in a link, in code, or as a word.
bool names(const QString &text, const QString &path)
{
    const auto isPathCharacter = [](QChar c) {
        return c.isLetterOrNumber() || c == u'_' || c == u'-' || c == u'/';
    };
    for (qsizetype at = text.indexOf(path); at >= 0; at = text.indexOf(path, at + 1)) {
        const qsizetype end = at + path.size();
        const bool isWithin = (at > 0 && isPathCharacter(text[at - 1])
                               && !QStringView(text).first(at).endsWith(u"./"))
            || (end < text.size() && isPathCharacter(text[end]));
        if (!isWithin)
            return true;
    }
    return false;
}

void putFiles(JsonOutput &json, Engine &engine, const TenantId &tenant, const CatalogSkill &skill,
              const QString &instructions, const ProtocolVersion &version)
{
    int count = 0;
    qint64 bytes = 0;
    for (const PackedFile &file : skill.files) {
        if (file.path == u"SKILL.md" || count == maxFiles || !names(instructions, file.path))
            continue;
        const QString uri = skillUri(skill.tool.skill, file.path);
        const bool isSmall = file.size <= maxFileBytes && bytes + file.size <= maxBytes;
        Result<ResourceContent> content = fail(ErrorCode::TooLarge, QString());
        if (isSmall)
            content = readSkillResource(engine, tenant, skill, file.path);
        if (content && content->mimeType.startsWith("image/"_L1) && !content->isText) {
            beginMessage(json);
            json.beginObject()
                .member("type", "image"_L1)
                .utf8Member("data", content->bytes.toBase64())
                .member("mimeType", content->mimeType)
                .endObject()
                .endObject();
        } else if (content && content->isText) {
            beginMessage(json);
            json.beginObject().member("type", "resource"_L1).key("resource");
            putContents(json, uri, *content);
            json.endObject().endObject();
        } else if (version.hasResourceLinks()) {
            beginMessage(json);
            json.beginObject()
                .member("type", "resource_link"_L1)
                .member("uri", uri)
                .member("name", file.path)
                .member("size", file.size)
                .endObject()
                .endObject();
        } else {
            continue;
        }
        ++count;
        bytes += content ? file.size : 0;
    }
}

} // namespace

Result<QByteArray> makePrompt(Engine &engine, const TenantId &tenant, const CatalogSkill &skill,
                              const QMap<QString, QString> &arguments,
                              const ProtocolVersion &version)
{
    if (skill.declaresInput) {
        const QJsonArray required = skill.tool.inputSchema.value("required"_L1).toArray();
        for (const QJsonValue &name : required) {
            if (!arguments.contains(name.toString())) {
                return fail(ErrorCode::BadRequest,
                            u"the prompt needs the argument %1"_s.arg(name.toString()));
            }
        }
    }
    const auto record = engine.registry().find({tenant, skill.tool.skill, skill.tool.version});
    if (!record)
        return fail(record.error());

    QString text = record->instructions.isEmpty() ? skill.tool.description : record->instructions;
    if (!arguments.isEmpty()) {
        text += u"\n\n## Input\n"_s;
        for (auto it = arguments.begin(); it != arguments.end(); ++it)
            text += u"\n- "_s + it.key() + u": "_s + it.value();
    }
    if (skill.isTool)
        text += u"\n\nThis skill can be run: it is the tool `%1`."_s.arg(skill.tool.name);
    JsonOutput json;
    json.beginObject().member("description", skill.tool.description).key("messages").beginArray();
    putTextMessage(json, text);
    putFiles(json, engine, tenant, skill, record->instructions, version);
    json.endArray().endObject();
    return json.bytes();
}

QStringList promptCompletions(const CatalogSkill &skill, const QString &argument)
{
    const QJsonObject schema =
        skill.tool.inputSchema.value("properties"_L1).toObject().value(argument).toObject();
    QJsonArray values = schema.value("enum"_L1).toArray();
    if (schema.contains("const"_L1))
        values.append(schema.value("const"_L1));
    if (values.isEmpty())
        values = schema.value("examples"_L1).toArray();
    if (values.isEmpty() && schema.value("type"_L1) == "boolean"_L1)
        values = {true, false};
    QStringList texts;
    for (const QJsonValue &value : std::as_const(values)) {
        if (value.isString()) {
            texts.append(value.toString());
        } else {
            const QByteArray json = QJsonDocument(QJsonArray{value}).toJson(QJsonDocument::Compact);
            texts.append(QString::fromUtf8(json.sliced(1, json.size() - 2)));
        }
    }
    return texts;
}

QByteArray completionJson(const QStringList &values, const QString &typed)
{
    QStringList first;
    QStringList second;
    for (const QString &value : values) {
        if (value.startsWith(typed, Qt::CaseInsensitive))
            first.append(value);
        else if (value.contains(typed, Qt::CaseInsensitive))
            second.append(value);
    }
    first += second;
    JsonOutput json;
    json.beginObject().key("completion").beginObject().key("values").beginArray();
    for (const QString &value : first.first(qMin(first.size(), maxCompletions)))
        json.value(value);
    json.endArray()
        .member("total", qint64(first.size()))
        .member("hasMore", first.size() > maxCompletions)
        .endObject()
        .endObject();
    return json.bytes();
}

} // namespace skillbox
