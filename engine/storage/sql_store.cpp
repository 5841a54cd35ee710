#include "engine/storage/sql_store.h"

#include "engine/base/ids.h"
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

namespace {

/// How long a release may take, retries included, and how long a request that was given up may
/// still be carried out by the other end.
constexpr auto longestRelease = std::chrono::minutes(5);
constexpr auto longestDelay = std::chrono::seconds(10);

/// Among the duties of one engine for all.
QString releaseName(const BlobId &blob)
{
    return u"release "_s + blob.sha256;
}

} // namespace

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
    // First it is said and then looked; who makes a record first makes it and then looks for what
    // is said here. So one of the two sees the other, without a lock that would last as long as
    // the removal takes.
    const QString name = releaseName(blob);
    const InstanceId me{newUuid()};
    const auto said = takeDuty(name, me, longestRelease);
    if (!said || !*said)
        return said;
    const auto referenced = isBlobReferenced(blob);
    if (!referenced || *referenced) {
        (void)endDuty(name, me); // else it ends by itself
        return referenced.map([](bool) { return false; });
    }
    if (auto removed = removeBytes(); !removed) {
        // Its request may still be on its way.
        (void)takeDuty(name, me, longestDelay);
        return fail(removed.error());
    }
    (void)endDuty(name, me);
    return true;
}

Result<bool> SqlStore::isBlobBeingReleased(const BlobId &blob)
{
    auto rows = run(u"SELECT 1 FROM duties WHERE name = ? AND expires_at > "_s
                        + dialect().nowMilliseconds(),
                    {sqlText(releaseName(blob))});
    if (!rows)
        return fail(rows.error());
    return rows->next();
}

} // namespace skillbox
