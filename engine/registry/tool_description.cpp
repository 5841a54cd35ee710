#include "engine/registry/tool_description.h"

#include "engine/base/sha256.h"

#include <QJsonArray>

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype longestName = 64;
constexpr qsizetype digestDigits = 8;
constexpr int maxSchemaDepth = 64;

bool isNameCharacter(QChar c)
{
    const char16_t unit = c.unicode();
    return (unit >= u'a' && unit <= u'z') || (unit >= u'A' && unit <= u'Z')
        || (unit >= u'0' && unit <= u'9') || unit == u'_' || unit == u'-';
}

QString plainName(const QString &skill)
{
    QString name;
    for (const QChar c : skill)
        name += isNameCharacter(c) ? c : QChar(u'_');
    return name;
}

QString withDigest(const QString &plain, const QString &skill)
{
    return plain.left(longestName - digestDigits - 1) + u'_'
        + Sha256::of(skill.toUtf8()).first(digestDigits);
}

/// `word-counter` → `Word counter`.
QString titleOf(const QString &skill)
{
    QString title = skill;
    for (QChar &c : title) {
        if (c == u'-' || c == u'_')
            c = u' ';
    }
    title = title.simplified();
    if (!title.isEmpty())
        title[0] = title[0].toUpper();
    return title.isEmpty() ? skill : title;
}

/// Keywords that only speak of objects, or of whatever they refer to.
constexpr std::array objectKeywords{"properties"_L1,
                                    "required"_L1,
                                    "additionalProperties"_L1,
                                    "patternProperties"_L1,
                                    "minProperties"_L1,
                                    "maxProperties"_L1,
                                    "propertyNames"_L1,
                                    "dependentRequired"_L1,
                                    "unevaluatedProperties"_L1,
                                    "$ref"_L1,
                                    "allOf"_L1,
                                    "anyOf"_L1,
                                    "oneOf"_L1};

bool allowsObjects(const QJsonObject &schema)
{
    const QJsonValue type = schema.value("type"_L1);
    if (type.isString())
        return type == "object"_L1;
    if (type.isArray())
        return type.toArray().contains("object"_L1);
    if (std::any_of(objectKeywords.begin(), objectKeywords.end(),
                    [&](QLatin1StringView keyword) { return schema.contains(keyword); }))
        return true;
    return !schema.contains("enum"_L1) && !schema.contains("const"_L1)
        && !schema.contains("items"_L1);
}

/// References from the root of the schema, once it is not the root any more.
QJsonValue withReferencesBelow(const QJsonValue &value, const QString &place, int depth = 0)
{
    if (depth > maxSchemaDepth)
        return value;
    if (value.isArray()) {
        QJsonArray array;
        const QJsonArray old = value.toArray();
        for (const QJsonValue &element : old)
            array.append(withReferencesBelow(element, place, depth + 1));
        return array;
    }
    if (!value.isObject())
        return value;
    QJsonObject object = value.toObject();
    for (auto it = object.begin(); it != object.end(); ++it) {
        const QString key = it.key();
        if (key == u"enum" || key == u"const" || key == u"default" || key == u"examples")
            continue; // values, not schemas
        const QString text = it.value().toString();
        if ((key == u"$ref" || key == u"$dynamicRef") && (text == u"#" || text.startsWith(u"#/")))
            it.value() = place + text.sliced(1);
        else
            it.value() = withReferencesBelow(it.value(), place, depth + 1);
    }
    return object;
}

/// Vendors refuse a whole request for one tool with a combination at the root of its schema. What
/// its branches say about members is kept, the combination itself is left to the check of the input
/// when the skill is called.
QJsonObject withoutRootCombinations(QJsonObject schema)
{
    if (!schema.contains("allOf"_L1) && !schema.contains("anyOf"_L1)
        && !schema.contains("oneOf"_L1))
        return schema;
    QJsonObject properties = schema.value("properties"_L1).toObject();
    QJsonArray required = schema.value("required"_L1).toArray();
    for (const QLatin1StringView keyword : {"allOf"_L1, "anyOf"_L1, "oneOf"_L1}) {
        const QJsonArray branches = schema.take(keyword).toArray();
        for (const QJsonValue &value : branches) {
            const QJsonObject branch = value.toObject();
            const QJsonObject members = branch.value("properties"_L1).toObject();
            for (auto it = members.begin(); it != members.end(); ++it) {
                if (!properties.contains(it.key()))
                    properties.insert(it.key(), it.value());
            }
            if (keyword != "allOf"_L1)
                continue;
            const QJsonArray names = branch.value("required"_L1).toArray();
            for (const QJsonValue &name : names) {
                if (!required.contains(name))
                    required.append(name);
            }
        }
    }
    if (!properties.isEmpty())
        schema.insert(u"properties"_s, properties);
    if (!required.isEmpty())
        schema.insert(u"required"_s, required);
    return schema;
}

QJsonObject wrapped(QJsonObject schema, const QString &argument)
{
    QJsonObject outer{{u"type"_s, u"object"_s},
                      {u"required"_s, QJsonArray{argument}},
                      {u"additionalProperties"_s, false}};
    if (const QJsonValue dialect = schema.take("$schema"_L1); !dialect.isUndefined())
        outer.insert(u"$schema"_s, dialect);
    outer.insert(u"properties"_s,
                 QJsonObject{
                     {argument, withReferencesBelow(schema, u"#/properties/"_s + argument)}});
    return outer;
}

} // namespace

QHash<QString, QString> toolNames(const QStringList &skills)
{
    QHash<QString, int> wanted;
    for (const QString &skill : skills)
        ++wanted[plainName(skill).left(longestName)];
    QHash<QString, QString> names;
    names.reserve(skills.size());
    for (const QString &skill : skills) {
        const QString plain = plainName(skill);
        const bool isOwn = plain == skill && skill.size() <= longestName;
        const bool isAlone = plain.size() <= longestName && wanted.value(plain) == 1;
        names.insert(skill, isOwn || isAlone ? plain : withDigest(plain, skill));
    }
    return names;
}

bool isTool(const SkillVersionRecord &record)
{
    return record.mode == u"executable";
}

ToolDescription describeTool(const SkillVersionRecord &record, const QString &name)
{
    ToolDescription tool;
    tool.name = name;
    tool.title = titleOf(record.name);
    tool.description = record.description.trimmed();
    if (tool.description.isEmpty())
        tool.description = u"Runs the skill %1."_s.arg(record.name);
    tool.skill = record.name;
    tool.version = record.version;
    tool.digest = record.digest;

    const QJsonObject schemas = record.manifest.value("schemas"_L1).toObject();
    if (!schemas.contains("input"_L1)) {
        tool.inputSchema = {{u"type"_s, u"object"_s}, {u"additionalProperties"_s, true}};
    } else {
        QJsonObject schema = schemas.value("input"_L1).toObject();
        if (allowsObjects(schema)) {
            if (schema.value("type"_L1) != "object"_L1) // a change copies all of it
                schema.insert(u"type"_s, u"object"_s);
            tool.inputSchema = withoutRootCombinations(std::move(schema));
        } else {
            tool.inputArgument = u"input"_s;
            tool.inputSchema = wrapped(std::move(schema), tool.inputArgument);
        }
    }
    const QJsonObject output = schemas.value("output"_L1).toObject();
    if (output.value("type"_L1) == "object"_L1)
        tool.outputSchema = output;
    return tool;
}

} // namespace skillbox
