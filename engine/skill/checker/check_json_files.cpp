#include "engine/skill/checker/check_state.h"

#include "engine/base/json_text.h"
#include "engine/base/quoted_name.h"
#include "engine/skill/test_case.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxSchemaBytes = 1024 * 1024;
constexpr int maxSchemaDepth = 64;

/// What is wrong with the keywords of a schema, at any depth; the first of it. `place` is a JSON
/// Pointer. The depth is bounded by the parser's own.
QString schemaProblem(const QJsonObject &schema, const QString &place, int depth)
{
    static const QStringList types{u"object"_s,  u"array"_s,   u"string"_s, u"number"_s,
                                   u"integer"_s, u"boolean"_s, u"null"_s};
    const auto at = [&place](const QString &key) { return place + u'/' + key; };
    if (depth > maxSchemaDepth)
        return {};
    const QJsonValue type = schema[u"type"];
    const QJsonArray typeList = type.isArray() ? type.toArray() : QJsonArray{type};
    for (const QJsonValue &one : typeList) {
        if (schema.contains(u"type"_s) && !types.contains(one.toString())) {
            return u"%1 must be one of %2"_s.arg(at(u"type"_s), types.join(u", "_s));
        }
    }
    if (const QJsonValue required = schema[u"required"]; schema.contains(u"required"_s)) {
        if (!required.isArray())
            return u"%1 must be a list of names"_s.arg(at(u"required"_s));
        for (const QJsonValue &name : required.toArray()) {
            if (!name.isString())
                return u"%1 must be a list of names"_s.arg(at(u"required"_s));
        }
    }
    if (schema.contains(u"enum"_s) && !schema[u"enum"].isArray())
        return u"%1 must be a list"_s.arg(at(u"enum"_s));
    for (const QString &key :
         {u"properties"_s, u"patternProperties"_s, u"$defs"_s, u"definitions"_s}) {
        const QJsonValue value = schema[key];
        if (!schema.contains(key))
            continue;
        if (!value.isObject())
            return u"%1 must be an object"_s.arg(at(key));
        const QJsonObject members = value.toObject();
        for (auto it = members.begin(); it != members.end(); ++it) {
            if (!it->isObject() && !it->isBool())
                return u"%1 must be a schema"_s.arg(at(key) + u'/' + it.key());
            const QString problem = schemaProblem(it->toObject(), at(key) + u'/' + it.key(),
                                                  depth + 1);
            if (!problem.isEmpty())
                return problem;
        }
    }
    for (const QString &key : {u"items"_s, u"additionalProperties"_s, u"not"_s, u"contains"_s}) {
        if (!schema[key].isObject())
            continue;
        const QString problem = schemaProblem(schema[key].toObject(), at(key), depth + 1);
        if (!problem.isEmpty())
            return problem;
    }
    for (const QString &key : {u"anyOf"_s, u"oneOf"_s, u"allOf"_s}) {
        if (!schema.contains(key))
            continue;
        if (!schema[key].isArray())
            return u"%1 must be a list of schemas"_s.arg(at(key));
        const QJsonArray parts = schema[key].toArray();
        for (qsizetype i = 0; i < parts.size(); ++i) {
            const QString problem = schemaProblem(parts[i].toObject(),
                                                  at(key) + u'/' + QString::number(i), depth + 1);
            if (!problem.isEmpty())
                return problem;
        }
    }
    return {};
}

void checkSchema(const CheckedFile &file, CheckState &state)
{
    if (file.size > maxSchemaBytes) {
        state.addFile(Rule::SchemaInvalid, file.path,
                      u"the schema has more than %1 bytes"_s.arg(maxSchemaBytes));
        return;
    }
    const auto json = JsonText::parse(file.text.raw());
    if (!json || !json->isObject()) {
        state.addFile(Rule::SchemaInvalid, file.path,
                      u"the schema "_s
                          + (json ? u"must be a JSON object"_s : json.error().message));
        return;
    }
    const QString problem = schemaProblem(QJsonDocument::fromJson(json->bytes()).object(),
                                          QString(), 0);
    if (!problem.isEmpty())
        state.addFile(Rule::SchemaMisuse, file.path, u"in the schema "_s + problem);
}

} // namespace

void checkJsonFiles(const CheckedFile &file, CheckState &state)
{
    if (file.path == u"schemas/input.json" || file.path == u"schemas/output.json") {
        checkSchema(file, state);
        return;
    }
    const bool isCase = file.path.startsWith(u"tests/") && file.path.endsWith(u".json")
        && file.path.count(u'/') == 1;
    // Other tools keep other JSON there; a case says what it expects.
    if (!isCase || !file.complete || !file.text.raw().contains("\"expect\""))
        return;
    if (const auto testCase = parseTestCase(file.text.raw()); !testCase)
        state.addFile(Rule::TestCaseInvalid, file.path, testCase.error().message);
}

} // namespace skillbox
