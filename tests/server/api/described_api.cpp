#include "tests/server/api/described_api.h"

#include <valijson/adapters/qtjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <QJsonDocument>
#include <QRegularExpression>
#include <QSet>

using namespace Qt::StringLiterals;

namespace skillbox::test {
namespace {

const QStringList httpMethods{u"get"_s, u"post"_s, u"put"_s, u"patch"_s, u"delete"_s};

/// Follows a `$ref` within the document.
QJsonObject resolved(const QJsonObject &document, QJsonValue value)
{
    for (int hops = 0; value.toObject().contains("$ref"_L1) && hops < 8; ++hops) {
        const QStringList steps = value["$ref"_L1].toString().split(u'/').sliced(1);
        value = document;
        for (QString step : steps)
            value = value[step.replace(u"~1"_s, u"/"_s).replace(u"~0"_s, u"~"_s)];
    }
    return value.toObject();
}

/// Every object that lists its members has no others.
QJsonValue closed(const QJsonValue &schema)
{
    if (schema.isArray()) {
        QJsonArray items;
        const QJsonArray array = schema.toArray();
        for (const QJsonValue &item : array)
            items.append(closed(item));
        return items;
    }
    if (!schema.isObject())
        return schema;
    QJsonObject object = schema.toObject();
    for (auto it = object.begin(); it != object.end(); ++it)
        it.value() = closed(it.value());
    if (object.value("properties"_L1).isObject() && object.value("type"_L1) == u"object"_s
        && !object.contains("additionalProperties"_L1))
        object.insert(u"additionalProperties"_s, false);
    return object;
}

QString mediaType(const QByteArray &field)
{
    return QString::fromLatin1(field.split(';').first().trimmed().toLower());
}

bool isJson(const QString &type)
{
    return type == "application/json"_L1 || type.endsWith("+json"_L1);
}

/// Any JSON text; QJsonDocument knows objects and arrays only.
std::optional<QJsonValue> parseJson(const QByteArray &text)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson("[" + text + "]", &error);
    if (error.error != QJsonParseError::NoError || document.array().size() != 1)
        return std::nullopt;
    return document.array().first();
}

} // namespace

// --- DescribedOperation

DescribedOperation::DescribedOperation(QByteArray httpMethod, QString pathPattern,
                                       QJsonObject description, QJsonArray resolvedParameters,
                                       const QJsonObject &document)
    : method(std::move(httpMethod))
    , path(std::move(pathPattern))
    , id(description.value("operationId"_L1).toString())
    , m_description(std::move(description))
    , m_parameters(std::move(resolvedParameters))
    , m_document(document)
{
}

QString DescribedOperation::target(const QMap<QString, QString> &values) const
{
    QString target = path;
    QStringList query;
    for (const QJsonValue &parameter : m_parameters) {
        const QString name = parameter["name"_L1].toString();
        const QString place = parameter["in"_L1].toString();
        const QString value = values.value(
            name,
            QString::fromLatin1(
                QUrl::toPercentEncoding(parameter["example"_L1].toVariant().toString(), "/")));
        if (place == "path"_L1)
            target.replace(u'{' + name + u'}', value);
        else if (place == "query"_L1 && parameter["required"_L1].toBool())
            query.append(name + u'=' + value);
    }
    return query.isEmpty() ? target : target + u'?' + query.join(u'&');
}

QList<std::pair<QByteArray, QByteArray>> DescribedOperation::headers() const
{
    QList<std::pair<QByteArray, QByteArray>> headers;
    for (const QJsonValue &parameter : m_parameters) {
        if (parameter["in"_L1] == u"header"_s && parameter["required"_L1].toBool())
            headers.emplaceBack(parameter["name"_L1].toString().toLatin1(),
                                parameter["example"_L1].toString().toUtf8());
    }
    return headers;
}

bool DescribedOperation::isOpen() const
{
    if (!m_description.contains("security"_L1))
        return false;
    const QJsonArray ways = m_description["security"_L1].toArray();
    return ways.isEmpty() || std::any_of(ways.begin(), ways.end(), [](const QJsonValue &way) {
               return way.toObject().isEmpty();
           });
}

QStringList DescribedOperation::bodyTypes() const
{
    return m_description["requestBody"_L1]["content"_L1].toObject().keys();
}

QByteArray DescribedOperation::jsonExample() const
{
    const QJsonValue example = m_description["requestBody"_L1]["content"_L1]["application/json"_L1]
                                            ["example"_L1];
    return QJsonDocument(example.toObject()).toJson(QJsonDocument::Compact);
}

QJsonObject DescribedOperation::response(int status) const
{
    return resolved(m_document,
                    m_description["responses"_L1].toObject().value(QString::number(status)));
}

// --- DescribedApi

DescribedApi::DescribedApi(const QByteArray &document)
    : m_document(QJsonDocument::fromJson(document).object())
    , m_closedComponents(closed(m_document.value("components"_L1)).toObject())
{
    const QJsonObject paths = m_document.value("paths"_L1).toObject();
    for (auto path = paths.begin(); path != paths.end(); ++path) {
        const QJsonObject item = path.value().toObject();
        for (const QString &method : httpMethods) {
            const QJsonObject operation = item[method].toObject();
            if (operation.isEmpty())
                continue;
            QJsonArray parameters;
            for (const QJsonValue &list : {item["parameters"_L1], operation["parameters"_L1]}) {
                const QJsonArray array = list.toArray();
                for (const QJsonValue &parameter : array)
                    parameters.append(resolved(m_document, parameter));
            }
            m_operations.append(DescribedOperation(method.toUpper().toLatin1(), path.key(),
                                                   operation, parameters, m_document));
        }
    }
}

QString DescribedApi::fault(const QJsonValue &value, const QJsonValue &schema) const
{
    const QJsonObject whole{{u"components"_s, m_closedComponents},
                            {u"allOf"_s, QJsonArray{closed(schema)}}};
    try {
        valijson::Schema parsed;
        valijson::SchemaParser().populateSchema(
            valijson::adapters::QtJsonAdapter(QJsonValue(whole)), parsed);
        valijson::ValidationResults results;
        if (valijson::Validator().validate(parsed, valijson::adapters::QtJsonAdapter(value),
                                           &results))
            return {};
        QStringList faults;
        for (const valijson::ValidationResults::Error &error : results) {
            QString place;
            for (const std::string &step : error.context)
                place += QString::fromStdString(step);
            faults.append(place + u": "_s + QString::fromStdString(error.description));
        }
        return faults.join(u"; "_s);
    } catch (const std::exception &problem) {
        return u"the schema cannot be read: "_s + QString::fromUtf8(problem.what());
    }
}

QStringList DescribedApi::check(const DescribedOperation &operation, const HttpAnswer &answer) const
{
    const QString who = u"%1 (%2 %3) answers %4"_s
                            .arg(operation.id, QString::fromLatin1(operation.method),
                                 operation.path)
                            .arg(answer.status);
    const QString body = QString::fromUtf8(answer.body.left(400));
    const QJsonObject response = operation.response(answer.status);
    if (response.isEmpty())
        return {who + u", which is not described: "_s + answer.failure + body};
    const QJsonObject content = response["content"_L1].toObject();
    if (content.isEmpty()) {
        return answer.body.isEmpty() || answer.status == 206
            ? QStringList()
            : QStringList{who + u" with a body, which is not described: "_s + body};
    }
    const QString type = mediaType(answer.header("Content-Type"));
    const QJsonValue described = content.contains(type) ? content[type] : content["*/*"_L1];
    if (!described.isObject())
        return {who + u" with the type "_s + type + u", which is not described"_s};
    if (!isJson(type) || content.contains("*/*"_L1))
        return {};
    const auto value = parseJson(answer.body);
    if (!value)
        return {who + u" with what is no JSON: "_s + body};
    const QString wrong = fault(*value, described["schema"_L1]);
    return wrong.isEmpty() ? QStringList()
                           : QStringList{who + u", but "_s + wrong + u" in "_s + body};
}

QStringList DescribedApi::mistakes() const
{
    static const QStringList roles{u"reader"_s, u"runner"_s, u"publisher"_s, u"admin"_s,
                                   u"auditor"_s};
    QStringList mistakes;
    if (!m_document["openapi"_L1].toString().startsWith(u"3.1."_s))
        mistakes += u"it is no OpenAPI 3.1 document"_s;
    QSet<QString> tags;
    const QJsonArray tagList = m_document["tags"_L1].toArray();
    for (const QJsonValue &tag : tagList)
        tags.insert(tag["name"_L1].toString());
    QSet<QString> ids;
    for (const DescribedOperation &operation : m_operations) {
        const auto complain = [&](const QString &what) {
            mistakes += QString::fromLatin1(operation.method) + u' ' + operation.path + u": "_s
                + what;
        };
        const QJsonObject &text = operation.description();
        if (operation.id.isEmpty() || ids.contains(operation.id))
            complain(u"its operationId is missing or taken"_s);
        ids.insert(operation.id);
        if (text["summary"_L1].toString().isEmpty())
            complain(u"it has no summary"_s);
        if (text["tags"_L1].toArray().size() != 1 || !tags.contains(text["tags"_L1][0].toString()))
            complain(u"it has not exactly one known tag"_s);
        if (operation.isOpen() == roles.contains(text["x-role"_L1].toString()))
            complain(u"it must either be open or name a role"_s);
        for (const int status : {401, 403, 429}) {
            if (!operation.isOpen() && !operation.describes(status))
                complain(u"it does not describe %1"_s.arg(status));
        }
        static const QRegularExpression place(u"\\{([^}]+)\\}"_s);
        for (auto it = place.globalMatch(operation.path); it.hasNext();) {
            const QString name = it.next().captured(1);
            const bool described = std::any_of(operation.parameters().begin(),
                                               operation.parameters().end(),
                                               [&](const QJsonValue &parameter) {
                                                   return parameter["name"_L1] == name
                                                       && parameter["in"_L1] == u"path"_s
                                                       && parameter["required"_L1].toBool()
                                                       && parameter["example"_L1].isString();
                                               });
            if (!described)
                complain(u"it does not describe {%1} with an example"_s.arg(name));
        }
    }
    return mistakes;
}

QStringList DescribedApi::badExamples() const
{
    QStringList bad;
    const auto look = [&](const QString &where, const QJsonObject &content) {
        for (auto it = content.begin(); it != content.end(); ++it) {
            const QJsonValue example = it.value()["example"_L1];
            if (example.isUndefined())
                continue;
            if (const QString wrong = fault(example, it.value()["schema"_L1]); !wrong.isEmpty())
                bad += where + u' ' + it.key() + u": "_s + wrong;
        }
    };
    for (const DescribedOperation &operation : m_operations) {
        look(operation.id + u" body"_s,
             operation.description()["requestBody"_L1]["content"_L1].toObject());
        const QStringList statuses = operation.description()["responses"_L1].toObject().keys();
        for (const QString &status : statuses)
            look(operation.id + u' ' + status,
                 operation.response(status.toInt())["content"_L1].toObject());
    }
    const QJsonObject schemas = m_document["components"_L1]["schemas"_L1].toObject();
    for (auto it = schemas.begin(); it != schemas.end(); ++it) {
        const QJsonValue example = it.value()["example"_L1];
        if (example.isUndefined())
            continue;
        if (const QString wrong = fault(example, it.value()); !wrong.isEmpty())
            bad += it.key() + u": "_s + wrong;
    }
    return bad;
}

} // namespace skillbox::test
