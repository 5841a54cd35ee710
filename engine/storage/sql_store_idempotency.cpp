#include "engine/storage/sql_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Milliseconds that a claim lasts by itself.
constexpr qint64 timeToRecord = 60'000;

struct ClaimRow {
    QString requestHash;
    ExecutionId execution;
    bool answered = false;
    int status = 0;
    QByteArray answer;
    bool executionIsOver = false;
};

Result<ClaimRow> readClaim(const SqlRows &row)
{
    return ClaimRow{.requestHash = row.text(0),
                    .execution = {row.text(1)},
                    .answered = !row.isNull(2),
                    .status = static_cast<int>(row.integer(2)),
                    .answer = row.text(3).toUtf8(),
                    .executionIsOver = row.integer(4) != 0};
}

IdempotencyClaim claimOf(const ClaimRow &row, const QString &requestHash)
{
    if (row.requestHash != requestHash)
        return {.state = IdempotencyClaim::State::Mismatch};
    // Whoever carried it out may have died between the run's end and the answer's.
    if (row.answered || row.executionIsOver) {
        return {.state = IdempotencyClaim::State::Replay,
                .status = row.status,
                .body = row.answer,
                .execution = row.execution};
    }
    return {.state = IdempotencyClaim::State::Running, .execution = row.execution};
}

} // namespace

Result<IdempotencyClaim> SqlStore::claimIdempotency(const TenantId &tenant, const QString &key,
                                                    const QString &requestHash,
                                                    const InstanceId &instance,
                                                    const QDateTime &now, const QDateTime &expires)
{
    const QVariant tenantValue = sqlText(tenant.value);
    return write([&](SqlConnection &connection) -> Result<IdempotencyClaim> {
        // Two that ask at once both come here; the database lets one of them have it.
        const auto taken = connection.change(
            u"INSERT INTO idempotency (tenant, key, request_hash, instance, created_at,"
            u" expires_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, key) DO UPDATE SET"
            u" request_hash = excluded.request_hash, instance = excluded.instance,"
            u" execution = '', created_at = excluded.created_at,"
            u" expires_at = excluded.expires_at, answered_status = NULL, answer = ''"
            u" WHERE idempotency.expires_at <= excluded.created_at"
            // Whoever has it did not get far; it will find the claim gone.
            u" OR (idempotency.answered_status IS NULL AND idempotency.execution = ''"
            u" AND idempotency.created_at < excluded.created_at - ?)"_s,
            {tenantValue, sqlText(key), sqlText(requestHash), sqlText(instance.value), sqlTime(now),
             sqlTime(expires), timeToRecord});
        if (!taken)
            return fail(taken.error());
        if (*taken > 0)
            return IdempotencyClaim{};
        const auto found = firstRow(
            connection.run(u"SELECT i.request_hash, i.execution, i.answered_status, i.answer,"
                           u" CASE WHEN e.status NOT IN ('queued', 'running') THEN 1 ELSE 0 END"
                           u" FROM idempotency i LEFT JOIN executions e ON e.id = i.execution"
                           u" WHERE i.tenant = ? AND i.key = ?"_s,
                           {tenantValue, sqlText(key)}),
            readClaim);
        if (!found)
            return fail(found.error());
        // Released between the two statements: whoever had it did nothing.
        return *found ? claimOf(**found, requestHash)
                      : IdempotencyClaim{.state = IdempotencyClaim::State::Running};
    });
}

namespace {

const auto bindStatement = u"UPDATE idempotency SET execution = ? WHERE tenant = ? AND key = ?"
                           u" AND instance = ? AND answered_status IS NULL"
                           u" AND execution IN ('', ?)"_s;

QVariantList bindValues(const TenantId &tenant, const QString &key, const ExecutionId &execution,
                        const InstanceId &instance)
{
    return {sqlText(execution.value), sqlText(tenant.value), sqlText(key), sqlText(instance.value),
            sqlText(execution.value)};
}

} // namespace

Result<void> bindClaim(SqlConnection &connection, const ExecutionRecord &record,
                       const ClaimedKey &claim)
{
    if (claim.key.isEmpty())
        return {};
    const auto bound = connection.change(
        bindStatement, bindValues(record.tenant, claim.key, record.id, claim.instance));
    if (!bound)
        return fail(bound.error());
    if (*bound == 0) {
        return fail(ErrorCode::Conflict,
                    u"Another request with this Idempotency-Key is under way."_s);
    }
    return {};
}

Result<bool> SqlStore::bindIdempotency(const TenantId &tenant, const QString &key,
                                       const ExecutionId &execution, const InstanceId &instance)
{
    return change(bindStatement, bindValues(tenant, key, execution, instance)).map([](qint64 rows) {
        return rows == 1;
    });
}

Result<void> SqlStore::completeIdempotency(const TenantId &tenant, const QString &key, int status,
                                           const QByteArray &body)
{
    return change(u"UPDATE idempotency SET answered_status = ?, answer = ?"
                  u" WHERE tenant = ? AND key = ?"_s,
                  {status, sqlText(QString::fromUtf8(body)), sqlText(tenant.value), sqlText(key)})
        .map([](qint64) {});
}

Result<void> SqlStore::releaseIdempotency(const TenantId &tenant, const QString &key)
{
    return change(u"DELETE FROM idempotency WHERE tenant = ? AND key = ?"
                  u" AND answered_status IS NULL AND execution = ''"_s,
                  {sqlText(tenant.value), sqlText(key)})
        .map([](qint64) {});
}

Result<qint64> SqlStore::forgetIdempotency(const QDateTime &now, int most)
{
    return change(u"DELETE FROM idempotency WHERE (tenant, key) IN (SELECT tenant, key"
                  u" FROM idempotency WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)"_s,
                  {sqlTime(now), qMax(0, most)});
}

} // namespace skillbox
