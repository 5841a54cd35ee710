#include "engine/storage/sql_store.h"

#include "engine/storage/store_filling.h"
#include "engine/storage/store_snapshot.h"

#include <QJsonDocument>
#include <QRandomGenerator>

#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox {

Result<void> SqlStore::prepare(const std::function<Result<void>(SqlConnection &)> &steps)
{
    auto connection = m_connections.current();
    if (!connection)
        return fail(connection.error());
    return steps(**connection);
}

bool SqlStore::mayRepeat(const SqlConnection &connection, int attempt)
{
    constexpr int attempts = 5;
    if (attempt >= attempts || connection.lastFailure() == SqlConnection::Failure::Final)
        return false;
    // Two that lost to each other should not meet again.
    std::this_thread::sleep_for(
        std::chrono::milliseconds(QRandomGenerator::global()->bounded(5, 20 << attempt)));
    return true;
}

Result<SqlRows> SqlStore::run(const QString &sql, const QVariantList &values, bool *repeated)
{
    for (int attempt = 1;; ++attempt) {
        if (repeated)
            *repeated = attempt > 1;
        auto connection = m_connections.current();
        if (!connection)
            return fail(connection.error());
        auto rows = (*connection)->run(sql, values);
        if (rows || !mayRepeat(**connection, attempt))
            return rows;
    }
}

Result<qint64> SqlStore::change(const QString &sql, const QVariantList &values, bool *repeated)
{
    auto rows = run(sql, values, repeated);
    if (!rows)
        return fail(rows.error());
    return rows->affected();
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

Result<QList<TenantId>> SqlStore::listTenants()
{
    return allRows(run(u"SELECT id FROM tenants ORDER BY id"_s),
                   [](const SqlRows &row) { return Result<TenantId>(TenantId{row.text(0)}); });
}

// --- Copies of the whole store

Result<std::unique_ptr<StoreSnapshot>> SqlStore::snapshot()
{
    return StoreSnapshot::take(dialect());
}

Result<std::unique_ptr<StoreFilling>> SqlStore::beginFilling()
{
    return StoreFilling::begin(dialect());
}

// --- Blobs

Result<bool> blobReferenced(SqlConnection &connection, const BlobId &blob)
{
    const QVariant name = sqlText(blob.sha256);
    auto rows = connection.run(u"SELECT 1 WHERE EXISTS"
                               u" (SELECT 1 FROM skill_versions WHERE archive_blob = ?)"
                               u" OR EXISTS (SELECT 1 FROM artifacts WHERE blob = ?)"
                               u" OR EXISTS (SELECT 1 FROM files WHERE blob = ?)"
                               u" OR EXISTS (SELECT 1 FROM session_files WHERE blob = ?)"_s,
                               {name, name, name, name});
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
    return write(
        [&](SqlConnection &connection) -> Result<bool> {
            const auto referenced = blobReferenced(connection, blob);
            if (!referenced)
                return fail(referenced.error());
            if (*referenced)
                return false;
            if (auto removed = removeBytes(); !removed)
                return fail(removed.error());
            return true;
        },
        SqlWrite::Others::Wait);
}

} // namespace skillbox
