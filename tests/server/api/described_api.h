#pragma once

#include "tests/server/api/api_fixture.h"

#include <QJsonArray>
#include <QJsonObject>

#include <memory>

namespace skillbox::test {

/// One method of one path in an OpenAPI document.
class DescribedOperation
{
public:
    DescribedOperation(QByteArray httpMethod, QString pathPattern, QJsonObject description,
                       QJsonArray resolvedParameters, const QJsonObject &document);

    QByteArray method; ///< upper case
    QString path;      ///< with its `{…}`
    QString id;

    /// Path and query with the given values, already encoded, or the parameters' examples.
    QString target(const QMap<QString, QString> &values) const;
    /// The headers it cannot do without, with their examples.
    QList<std::pair<QByteArray, QByteArray>> headers() const;
    /// Whether it may be called without a key.
    bool isOpen() const;
    QStringList bodyTypes() const;
    QByteArray jsonExample() const;
    bool describes(int status) const { return !response(status).isEmpty(); }
    /// Resolved; empty: that status is not described.
    QJsonObject response(int status) const;
    const QJsonObject &description() const { return m_description; }
    const QJsonArray &parameters() const { return m_parameters; }

private:
    QJsonObject m_description;
    QJsonArray m_parameters;
    QJsonObject m_document;
};

/// An OpenAPI 3.1 document, to hold a server to it.
class DescribedApi
{
public:
    explicit DescribedApi(const QByteArray &document);

    const QList<DescribedOperation> &operations() const { return m_operations; }
    /// What the document does not say though it should, a line each.
    QStringList mistakes() const;
    QStringList badExamples() const;
    /// What is wrong with the answer, a line each: an undescribed status or type, a body that does
    /// not fit its schema or has members that are not described.
    QStringList check(const DescribedOperation &operation, const HttpAnswer &answer) const;

private:
    /// Empty: valid.
    QString fault(const QJsonValue &value, const QJsonValue &schema) const;

    QJsonObject m_document;
    QJsonObject m_closedComponents; ///< with no members but those described
    QList<DescribedOperation> m_operations;
};

} // namespace skillbox::test
