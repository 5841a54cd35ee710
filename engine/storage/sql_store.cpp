#include "engine/storage/sql_store.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {

Result<void> SqlStore::prepare(const std::function<Result<void>(SqlConnection &)> &steps)
{
    auto connection = m_connections.current();
    if (!connection)
        return fail(connection.error());
    return steps(**connection);
}

Result<SqlRows> SqlStore::run(const QString &sql, const QVariantList &values)
{
    auto connection = m_connections.current();
    if (!connection)
        return fail(connection.error());
    return (*connection)->run(sql, values);
}

Result<qint64> SqlStore::change(const QString &sql, const QVariantList &values)
{
    auto connection = m_connections.current();
    if (!connection)
        return fail(connection.error());
    return (*connection)->change(sql, values);
}

QVariant sqlObject(const QJsonObject &object)
{
    return QString::fromUtf8(QJsonDocument(object).toJson(QJsonDocument::Compact));
}

Error corruptRecord(const SqlDialect &dialect, const QString &what)
{
    return {ErrorCode::StorageCorrupt,
            u"The store %1 holds %2 that cannot be read; restore the store from a backup."_s.arg(
                dialect.storeName(), what)};
}

Result<QJsonObject> objectColumn(const SqlDialect &dialect, const QString &text,
                                 const QString &what)
{
    if (text.isEmpty())
        return QJsonObject();
    const QJsonDocument document = QJsonDocument::fromJson(text.toUtf8());
    if (!document.isObject())
        return fail(corruptRecord(dialect, what));
    return document.object();
}

// --- Tenants

Result<bool> SqlStore::addTenant(const TenantId &tenant, const QDateTime &createdAt)
{
    return change(u"INSERT INTO tenants (id, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING"_s,
                  {sqlText(tenant.value), sqlTime(createdAt)})
        .map([](qint64 rows) { return rows == 1; });
}

// --- Files and blobs

Result<std::optional<FileRecord>> SqlStore::findFile(const TenantId &tenant, const FileId &id)
{
    return firstRow(run(u"SELECT name, session, execution, blob, content_type, size_bytes, version,"
                        u" parent, created_at, updated_at FROM files WHERE tenant = ? AND id = ?"_s,
                        {sqlText(tenant.value), sqlText(id.value)}),
                    [&](const SqlRows &row) -> Result<FileRecord> {
                        return FileRecord{.id = id,
                                          .tenant = tenant,
                                          .name = row.text(0),
                                          .session = row.text(1),
                                          .execution = {row.text(2)},
                                          .blob = {row.text(3)},
                                          .contentType = row.text(4),
                                          .sizeBytes = row.integer(5),
                                          .version = static_cast<int>(row.integer(6)),
                                          .parent = {row.text(7)},
                                          .createdAt = row.time(8),
                                          .updatedAt = row.time(9)};
                    });
}

Result<bool> blobReferenced(SqlConnection &connection, const BlobId &blob)
{
    const QVariant name = sqlText(blob.sha256);
    auto rows = connection.run(u"SELECT 1 WHERE EXISTS"
                               u" (SELECT 1 FROM skill_versions WHERE archive_blob = ?)"
                               u" OR EXISTS (SELECT 1 FROM artifacts WHERE blob = ?)"
                               u" OR EXISTS (SELECT 1 FROM files WHERE blob = ?)"_s,
                               {name, name, name});
    if (!rows)
        return fail(rows.error());
    return rows->next();
}

Result<bool> SqlStore::isBlobReferenced(const BlobId &blob)
{
    auto connection = m_connections.current();
    if (!connection)
        return fail(connection.error());
    return blobReferenced(**connection, blob);
}

Result<bool> SqlStore::releaseBlob(const BlobId &blob,
                                   const std::function<Result<void>()> &removeBytes)
{
    // The right to write is what keeps every other record out until the bytes are gone.
    return write([&](SqlConnection &connection) -> Result<bool> {
        const auto referenced = blobReferenced(connection, blob);
        if (!referenced)
            return fail(referenced.error());
        if (*referenced)
            return false;
        if (auto removed = removeBytes(); !removed)
            return fail(removed.error());
        return true;
    });
}

// --- Audit

Result<void> insertAudit(SqlConnection &connection, const AuditRecord &record)
{
    return connection
        .change(u"INSERT INTO audit (tenant, at, actor, action, target, details)"
                u" VALUES (?, ?, ?, ?, ?, ?)"_s,
                {sqlText(record.tenant.value), sqlTime(record.at), sqlText(record.actor),
                 sqlText(record.action), sqlText(record.target), sqlObject(record.details)})
        .map([](qint64) {});
}

Result<void> SqlStore::appendAudit(const AuditRecord &record)
{
    return write([&](SqlConnection &connection) { return insertAudit(connection, record); });
}

Result<QList<AuditRecord>> SqlStore::listAudit(const TenantId &tenant, int limit, int offset)
{
    return allRows(run(u"SELECT at, actor, action, target, details FROM audit WHERE tenant = ?"
                       u" ORDER BY seq LIMIT ? OFFSET ?"_s,
                       {sqlText(tenant.value), qMax(0, limit), qMax(0, offset)}),
                   [&](const SqlRows &row) -> Result<AuditRecord> {
                       auto details = objectColumn(dialect(), row.text(4), u"an audit record"_s);
                       if (!details)
                           return fail(details.error());
                       return AuditRecord{tenant,      row.time(0), row.text(1),
                                          row.text(2), row.text(3), std::move(*details)};
                   });
}

} // namespace skillbox
