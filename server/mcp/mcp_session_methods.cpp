#include "server/api/json/json_output.h"
#include "server/api/json/json_reader.h"
#include "server/mcp/log_severity.h"
#include "server/mcp/mcp_session.h"
#include "server/mcp/prompt.h"
#include "server/mcp/resource_reader.h"
#include "server/mcp/rpc_refusal.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype maxSubscriptions = 1000;

QString cursorOf(const QString &lastName)
{
    return QString::fromLatin1(
        ("after:" + lastName.toUtf8())
            .toBase64(QByteArray::Base64UrlEncoding | QByteArray::OmitTrailingEquals));
}

std::optional<QString> nameOfCursor(const QString &cursor)
{
    const auto plain = QByteArray::fromBase64Encoding(
        cursor.toLatin1(), QByteArray::Base64UrlEncoding | QByteArray::AbortOnBase64DecodingErrors);
    if (!plain || !(*plain).startsWith("after:") || !QByteArrayView(*plain).isValidUtf8())
        return std::nullopt;
    return QString::fromUtf8((*plain).sliced(6));
}

} // namespace

McpSession::Answer McpSession::page(JsonReader &params, const char *name,
                                    const std::function<QByteArray(const CatalogSkill &)> &row)
{
    const QString cursor = params.text("cursor"_L1);
    if (params.error())
        return refuse(*params.error());
    std::optional<QString> after;
    if (!cursor.isEmpty()) {
        after = nameOfCursor(cursor);
        if (!after)
            return refuse(RpcError::InvalidParams, u"cursor is none of ours"_s);
    }
    const auto skills = catalog();
    if (!skills)
        return tl::unexpected(skills.error());
    const auto &rows = (*skills)->skills(); // by name
    auto at = rows.begin();
    if (after) {
        at = std::upper_bound(rows.begin(), rows.end(), *after,
                              [](const QString &last, const auto &skill) {
                                  return last < skill->tool.skill;
                              });
    }
    QByteArray list;
    int count = 0;
    QString last;
    QString next;
    for (; at != rows.end(); ++at) {
        if (!m_options.selection.has((*at)->tool.skill))
            continue;
        const QByteArray json = row(**at);
        if (json.isEmpty())
            continue;
        if (count == m_options.pageSize) {
            next = cursorOf(last);
            break;
        }
        if (count++ > 0)
            list += ',';
        list += json;
        last = (*at)->tool.skill;
    }
    QByteArray answer = "{\""_ba + name + "\":[" + list + ']';
    if (!next.isEmpty())
        answer += ",\"nextCursor\":\"" + next.toLatin1() + '"';
    return answer + '}';
}

McpSession::Answer McpSession::listTools(JsonReader &params, const McpCaller &)
{
    return page(params, "tools", [](const CatalogSkill &skill) { return skill.toolJson; });
}

McpSession::Answer McpSession::listResources(JsonReader &params, const McpCaller &)
{
    return page(params, "resources", [](const CatalogSkill &skill) { return skill.resourceJson; });
}

McpSession::Answer McpSession::listPrompts(JsonReader &params, const McpCaller &)
{
    return page(params, "prompts", [](const CatalogSkill &skill) { return skill.promptJson; });
}

McpSession::Answer McpSession::listTemplates(JsonReader &, const McpCaller &)
{
    return resourceTemplatesJson();
}

McpSession::Answer McpSession::readResource(JsonReader &params, const McpCaller &)
{
    const QString uri = params.requiredText("uri"_L1);
    if (params.error())
        return refuse(*params.error());
    const auto notFound = [&] {
        JsonOutput data;
        data.beginObject().member("uri", uri).endObject();
        RpcError error{RpcError::ResourceNotFound, u"there is no such resource"_s};
        error.data = JsonText::parse(data.bytes()).value_or(JsonText());
        return tl::unexpected<RpcError>(std::move(error));
    };
    const auto resource = parseResourceUri(uri);
    if (!resource)
        return notFound();
    Result<ResourceContent> content = fail(ErrorCode::NotFound, QString());
    if (const auto *file = std::get_if<SkillFileUri>(&*resource)) {
        const auto skills = catalog();
        if (!skills)
            return tl::unexpected(skills.error());
        const CatalogSkill *skill = visible((*skills)->skill(file->skill));
        if (!skill)
            return notFound();
        content = readSkillResource(m_host.engine(), m_options.tenant, *skill, file->path);
    } else {
        content = readRunResource(m_host.engine(), m_options.tenant,
                                  std::get<RunResourceUri>(*resource));
    }
    if (!content)
        return content.error().code == ErrorCode::NotFound ? notFound() : refuse(content.error());
    JsonOutput json;
    json.beginObject().key("contents").beginArray();
    putContents(json, uri, *content);
    json.endArray().endObject();
    return json.bytes();
}

McpSession::Answer McpSession::subscribe(JsonReader &params, const McpCaller &)
{
    const QString uri = params.requiredText("uri"_L1);
    if (params.error())
        return refuse(*params.error());
    if (!parseResourceUri(uri))
        return refuse(RpcError::ResourceNotFound, u"there is no such resource"_s);
    const std::lock_guard lock(m_mutex);
    if (m_subscriptions.size() >= maxSubscriptions && !m_subscriptions.contains(uri)) {
        return refuse(RpcError::InvalidParams,
                      u"a session has at most %1 subscriptions"_s.arg(maxSubscriptions));
    }
    m_subscriptions.insert(uri);
    return "{}"_ba;
}

McpSession::Answer McpSession::unsubscribe(JsonReader &params, const McpCaller &)
{
    const QString uri = params.requiredText("uri"_L1);
    if (params.error())
        return refuse(*params.error());
    const std::lock_guard lock(m_mutex);
    m_subscriptions.remove(uri);
    return "{}"_ba;
}

McpSession::Answer McpSession::getPrompt(JsonReader &params, const McpCaller &)
{
    const QString name = params.requiredText("name"_L1);
    const QMap<QString, QString> arguments = params.textMap("arguments"_L1);
    if (params.error())
        return refuse(*params.error());
    const auto skills = catalog();
    if (!skills)
        return tl::unexpected(skills.error());
    const CatalogSkill *skill = visible((*skills)->named(name));
    if (!skill)
        return refuse(RpcError::InvalidParams, u"there is no prompt %1"_s.arg(name.left(200)));
    auto prompt = makePrompt(m_host.engine(), m_options.tenant, *skill, arguments, *version());
    if (!prompt)
        return refuse(prompt.error());
    return std::move(*prompt);
}

McpSession::Answer McpSession::complete(JsonReader &params, const McpCaller &)
{
    JsonReader reference = JsonReader::over(params.value("ref"_L1));
    JsonReader argument = JsonReader::over(params.value("argument"_L1));
    JsonReader context = JsonReader::over(params.value("context"_L1));
    const QString type = reference.requiredText("type"_L1);
    const QString name = argument.requiredText("name"_L1);
    const QString typed = argument.text("value"_L1);
    const QMap<QString, QString> others = context.textMap("arguments"_L1);
    for (const JsonReader *reader : {&reference, &argument, &context}) {
        if (reader->error())
            return refuse(*reader->error());
    }
    const auto skills = catalog();
    if (!skills)
        return tl::unexpected(skills.error());
    if (type == u"ref/prompt") {
        const CatalogSkill *skill = visible((*skills)->named(reference.text("name"_L1)));
        if (!skill)
            return refuse(RpcError::InvalidParams, u"there is no such prompt"_s);
        return completionJson(promptCompletions(*skill, name), typed);
    }
    if (type != u"ref/resource")
        return refuse(RpcError::InvalidParams, u"ref.type must be ref/prompt or ref/resource"_s);
    QStringList values;
    if (reference.text("uri"_L1) == skillTemplate()) {
        if (name == u"name") {
            for (const auto &skill : (*skills)->skills()) {
                if (visible(skill.get()))
                    values.append(skill->tool.skill);
            }
        } else if (const CatalogSkill *skill = visible((*skills)->skill(others.value(u"name"_s)))) {
            for (const PackedFile &file : skill->files)
                values.append(file.path);
        }
    }
    return completionJson(values, typed);
}

McpSession::Answer McpSession::setLevel(JsonReader &params, const McpCaller &)
{
    const QString level = params.requiredText("level"_L1);
    if (params.error())
        return refuse(*params.error());
    const auto severity = logSeverityFromName(level);
    if (!severity) {
        return refuse(RpcError::InvalidParams,
                      u"level must be debug, info, notice, warning, error, critical, alert or "
                      "emergency"_s);
    }
    const std::lock_guard lock(m_mutex);
    m_leastSeverity = *severity;
    return "{}"_ba;
}

} // namespace skillbox
