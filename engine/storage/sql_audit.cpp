#include "engine/storage/audit_chain.h"
#include "engine/storage/sql_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const auto auditColumns =
    u"seq, at, actor, action, target, details, address, request_id, prev_hash,"
    u" hash"_s;

Result<AuditRecord> readAudit(const SqlDialect &dialect, const TenantId &tenant, const SqlRows &row)
{
    auto details = objectColumn(dialect, row.text(5), u"an audit record (%1)"_s.arg(row.text(0)));
    if (!details)
        return fail(details.error());
    return AuditRecord{.tenant = tenant,
                       .at = row.time(1),
                       .actor = row.text(2),
                       .action = row.text(3),
                       .target = row.text(4),
                       .details = std::move(*details),
                       .address = row.text(6),
                       .requestId = row.text(7),
                       .seq = row.integer(0),
                       .previousHash = row.text(8),
                       .hash = row.text(9)};
}

Result<std::optional<AuditHead>> readHead(Result<SqlRows> rows)
{
    return firstRow(std::move(rows), [](const SqlRows &row) {
        return Result<AuditHead>(AuditHead{row.integer(0), row.text(1)});
    });
}

const auto headQuery = u"SELECT seq, hash FROM audit_heads WHERE tenant = ?"_s;

Result<void> moveHead(SqlConnection &connection, const TenantId &tenant, qint64 seq,
                      const QString &hash)
{
    return connection
        .change(u"INSERT INTO audit_heads (tenant, seq, hash) VALUES (?, ?, ?)"
                u" ON CONFLICT (tenant) DO UPDATE SET seq = excluded.seq, hash = excluded.hash"_s,
                {sqlText(tenant.value), seq, sqlText(hash)})
        .map([](qint64) {});
}

const auto linkColumns = u"tenant, at, actor, action, target, details, address, request_id"_s;

QVariantList linkValues(const AuditRecord &link)
{
    return {sqlText(link.tenant.value), sqlTime(link.at),       sqlText(link.actor),
            sqlText(link.action),       sqlText(link.target),   sqlObject(link.details),
            sqlText(link.address),      sqlText(link.requestId)};
}

/// Appends to a chain that has begun, in one statement; false: it has not. Whoever waits for the
/// lock gets the head as it is then, because the statement locks its row, too (PostgreSQL
/// documentation, 13.2.1).
Result<bool> appendAtOnce(SqlConnection &connection, const AuditRecord &link)
{
    const QVariant tenant = sqlText(link.tenant.value);
    return connection
        .change(u"WITH turn AS MATERIALIZED ("_s + connection.dialect().lockAuditChain()
                    + u" AS taken), head AS MATERIALIZED (SELECT h.hash FROM turn CROSS JOIN"
                      u" audit_heads h WHERE h.tenant = ? FOR UPDATE OF h), link AS"
                      u" (INSERT INTO audit ("_s
                    + linkColumns
                    + u", prev_hash, hash) SELECT ?, ?, ?, ?, ?, ?, ?, ?, hash,"
                      u" encode(sha256(convert_to(hash || CAST(? AS TEXT), 'UTF8')), 'hex')"
                      u" FROM head RETURNING tenant, seq, hash)"
                      u" UPDATE audit_heads h SET seq = link.seq, hash = link.hash FROM link"
                      u" WHERE h.tenant = link.tenant"_s,
                QVariantList{tenant, tenant} + linkValues(link)
                    + QVariantList{QString::fromUtf8(auditCanonical(link))})
        .map([](qint64 rows) { return rows == 1; });
}

/// Gives every record of the tenant its hashes.
Result<void> chainOldRecords(SqlConnection &connection, const TenantId &tenant)
{
    constexpr int pageSize = 1000;
    QString previous;
    qint64 last = 0;
    for (;;) {
        const auto page = allRows(
            connection.run(u"SELECT "_s + auditColumns
                               + u" FROM audit WHERE tenant = ? AND seq > ? ORDER BY seq LIMIT ?"_s,
                           {sqlText(tenant.value), last, pageSize}),
            [&](const SqlRows &row) { return readAudit(connection.dialect(), tenant, row); });
        if (!page)
            return fail(page.error());
        for (AuditRecord record : *page) {
            record.previousHash = previous;
            record.hash = auditHash(record);
            if (auto set = connection.change(
                    u"UPDATE audit SET prev_hash = ?, hash = ? WHERE seq = ?"_s,
                    {sqlText(record.previousHash), sqlText(record.hash), record.seq});
                !set)
                return fail(set.error());
            previous = record.hash;
            last = record.seq;
        }
        if (page->size() < pageSize)
            break;
    }
    return last == 0 ? Result<void>() : moveHead(connection, tenant, last, previous);
}

} // namespace

Result<void> insertAudit(SqlConnection &connection, const AuditRecord &record)
{
    AuditRecord link = asStored(record);
    const SqlDialect &dialect = connection.dialect();
    if (dialect.joinsChanges()) {
        const auto appended = appendAtOnce(connection, link);
        if (!appended)
            return fail(appended.error());
        if (*appended)
            return {};
    }
    const QVariant tenant = sqlText(link.tenant.value);
    if (const QString lock = dialect.lockAuditChain(); !lock.isEmpty()) {
        if (auto locked = connection.change(lock, {tenant}); !locked)
            return fail(locked.error());
    }
    const auto head = readHead(connection.run(headQuery, {tenant}));
    if (!head)
        return fail(head.error());
    if (*head)
        link.previousHash = (*head)->hash;
    else
        link.previousHash.clear();
    link.hash = auditHash(link);
    const auto seq = firstRow(connection.run(u"INSERT INTO audit ("_s + linkColumns
                                                 + u", prev_hash, hash)"
                                                   u" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                                                   u" RETURNING seq"_s,
                                             linkValues(link)
                                                 + QVariantList{sqlText(link.previousHash),
                                                                sqlText(link.hash)}),
                              [](const SqlRows &row) { return Result<qint64>(row.integer(0)); });
    if (!seq)
        return fail(seq.error());
    return moveHead(connection, link.tenant, seq->value_or(0), link.hash);
}

Result<void> insertAudit(SqlConnection &connection, const AuditRecord *record)
{
    return record ? insertAudit(connection, *record) : Result<void>();
}

Result<void> chainOldAudit(SqlConnection &connection)
{
    const auto tenants = allRows(connection.run(u"SELECT DISTINCT tenant FROM audit"_s),
                                 [](const SqlRows &row) {
                                     return Result<TenantId>(TenantId{row.text(0)});
                                 });
    if (!tenants)
        return fail(tenants.error());
    for (const TenantId &tenant : *tenants) {
        if (auto chained = chainOldRecords(connection, tenant); !chained)
            return chained;
    }
    return {};
}

Result<void> SqlStore::appendAudit(const AuditRecord &record)
{
    return write([&](SqlConnection &connection) { return insertAudit(connection, record); });
}

Result<QList<AuditRecord>> SqlStore::listAudit(const TenantId &tenant, const AuditFilter &filter)
{
    QString sql = u"SELECT "_s + auditColumns + u" FROM audit WHERE tenant = ? AND seq > ?"_s;
    QVariantList values{sqlText(tenant.value), filter.afterSeq};
    if (filter.since.isValid()) {
        sql += u" AND at >= ?"_s;
        values.append(sqlTime(filter.since));
    }
    if (filter.until.isValid()) {
        sql += u" AND at < ?"_s;
        values.append(sqlTime(filter.until));
    }
    sql += u" ORDER BY seq LIMIT ?"_s;
    values.append(qMax(0, filter.limit));
    return allRows(run(sql, values),
                   [&](const SqlRows &row) { return readAudit(dialect(), tenant, row); });
}

Result<std::optional<AuditHead>> SqlStore::auditHead(const TenantId &tenant)
{
    return readHead(run(headQuery, {sqlText(tenant.value)}));
}

} // namespace skillbox
