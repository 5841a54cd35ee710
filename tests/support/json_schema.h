#pragma once

#include "tests/support/tree_fixture.h"

#include <valijson/adapters/qtjson_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

#include <QJsonDocument>
#include <QJsonObject>

namespace skillbox::test {

/// How a value breaks the schema in a file, a line each; empty: not at all.
inline QString schemaViolation(const QString &schemaPath, const QJsonValue &value)
{
    const QJsonDocument document = QJsonDocument::fromJson(readFile(schemaPath));
    if (!document.isObject())
        return QStringLiteral("the schema cannot be read");
    valijson::Schema schema;
    valijson::SchemaParser parser;
    const QJsonValue schemaValue(document.object());
    parser.populateSchema(valijson::adapters::QtJsonAdapter(schemaValue), schema);
    valijson::Validator validator;
    valijson::ValidationResults results;
    if (validator.validate(schema, valijson::adapters::QtJsonAdapter(value), &results))
        return {};
    valijson::ValidationResults::Error error;
    QStringList lines;
    while (results.popError(error)) {
        QString line;
        for (const std::string &part : error.context)
            line += QString::fromStdString(part);
        lines += line + QStringLiteral(": ") + QString::fromStdString(error.description);
    }
    return lines.join(QLatin1Char('\n'));
}

} // namespace skillbox::test
