#include "engine/storage/sql_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const auto keyColumns = u"id, tenant, name, role, created_at, created_by, expires_at, last_used_at,"
                        u" revoked_at"_s;

Result<KeyRecord> readKey(const SqlRows &row)
{
    return KeyRecord{.id = {row.text(0)},
                     .tenant = {row.text(1)},
                     .name = row.text(2),
                     .role = row.text(3),
                     .createdAt = row.time(4),
                     .createdBy = row.text(5),
                     .expiresAt = row.time(6),
                     .lastUsedAt = row.time(7),
                     .revokedAt = row.time(8)};
}

Result<bool> hasRow(Result<SqlRows> rows)
{
    if (!rows)
        return fail(rows.error());
    return rows->next();
}

} // namespace

Result<bool> SqlStore::insertKey(const KeyRecord &record, const QString &hash,
                                 const AuditRecord *audit)
{
    return write([&](SqlConnection &connection) -> Result<bool> {
        const auto taken = hasRow(
            connection.run(u"SELECT 1 FROM keys WHERE hash = ?"_s, {sqlText(hash)}));
        if (!taken)
            return fail(taken.error());
        if (*taken)
            return false;
        const QVariant tenant = sqlText(record.tenant.value);
        if (auto made = connection.change(
                u"INSERT INTO tenants (id, created_at) VALUES (?, ?) ON CONFLICT DO NOTHING"_s,
                {tenant, sqlTime(record.createdAt)});
            !made)
            return fail(made.error());
        if (auto inserted = connection.change(
                u"INSERT INTO keys (id, tenant, name, hash, role, created_at, created_by,"
                u" expires_at, last_used_at, revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"_s,
                {sqlText(record.id.value), tenant, sqlText(record.name), sqlText(hash),
                 sqlText(record.role), sqlTime(record.createdAt), sqlText(record.createdBy),
                 sqlTime(record.expiresAt), sqlTime(record.lastUsedAt), sqlTime(record.revokedAt)});
            !inserted)
            return fail(inserted.error());
        if (auto noted = insertAudit(connection, audit); !noted)
            return fail(noted.error());
        return true;
    });
}

Result<std::optional<KeyRecord>> SqlStore::findKeyByHash(const QString &hash)
{
    return firstRow(
        run(u"SELECT "_s + keyColumns + u" FROM keys WHERE hash = ?"_s, {sqlText(hash)}), readKey);
}

Result<QList<KeyRecord>> SqlStore::listKeys(const TenantId &tenant)
{
    return allRows(run(u"SELECT "_s + keyColumns
                           + u" FROM keys WHERE tenant = ? ORDER BY created_at DESC, id"_s,
                       {sqlText(tenant.value)}),
                   readKey);
}

Result<std::optional<KeyRecord>> SqlStore::revokeKey(const TenantId &tenant, const KeyId &id,
                                                     const QDateTime &at, const AuditRecord *audit)
{
    return write([&](SqlConnection &connection) -> Result<std::optional<KeyRecord>> {
        const auto revoked = connection.change(
            u"UPDATE keys SET revoked_at = ? WHERE tenant = ? AND id = ? AND revoked_at IS NULL"_s,
            {sqlTime(at), sqlText(tenant.value), sqlText(id.value)});
        if (!revoked)
            return fail(revoked.error());
        if (*revoked > 0) {
            if (auto noted = insertAudit(connection, audit); !noted)
                return fail(noted.error());
        }
        return firstRow(connection.run(u"SELECT "_s + keyColumns
                                           + u" FROM keys WHERE tenant = ? AND id = ?"_s,
                                       {sqlText(tenant.value), sqlText(id.value)}),
                        readKey);
    });
}

Result<void> SqlStore::noteKeyUse(const QList<KeyUse> &uses)
{
    if (uses.isEmpty())
        return {};
    return write([&](SqlConnection &connection) -> Result<void> {
        for (const KeyUse &use : uses) {
            const QVariant at = sqlTime(use.at);
            if (auto noted = connection.change(
                    u"UPDATE keys SET last_used_at = ?"
                    u" WHERE id = ? AND (last_used_at IS NULL OR last_used_at < ?)"_s,
                    {at, sqlText(use.key.value), at});
                !noted)
                return fail(noted.error());
        }
        return {};
    });
}

Result<bool> SqlStore::hasUsableKeys(const QDateTime &now)
{
    return hasRow(run(u"SELECT 1 FROM keys WHERE revoked_at IS NULL"
                      u" AND (expires_at IS NULL OR expires_at > ?) LIMIT 1"_s,
                      {sqlTime(now)}));
}

} // namespace skillbox
