#include "engine/storage/sql_store.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

// Conditions as the partial indexes have them, word for word.
const auto isWaiting = u"status = 'queued' AND instance = ''"_s;
const auto isUnderWay = u"status IN ('queued', 'running') AND instance <> ''"_s;

/// What Postgres takes in one notification is under 8,000 bytes.
constexpr qsizetype largestNews = 7900;

/// A tenant with runs in the queue.
struct WaitingTenant {
    TenantId id;
    qint64 oldest = 0; ///< of its runs in the queue, their seq
    qint64 waiting = 0;
    qint64 underWay = 0;
    qint64 limit = 0; ///< 0: none
    qint64 taken = 0;

    bool mayHaveMore() const { return taken < waiting && (limit == 0 || underWay + taken < limit); }
};

/// Hands `most` places to the tenants: each to the one that has the fewest runs under way then.
void sharePlaces(QList<WaitingTenant> &tenants, int most)
{
    for (int place = 0; place < most; ++place) {
        WaitingTenant *next = nullptr;
        for (WaitingTenant &tenant : tenants) {
            const auto order = [](const WaitingTenant &one) {
                return std::pair(one.underWay + one.taken, one.oldest);
            };
            if (tenant.mayHaveMore() && (!next || order(tenant) < order(*next)))
                next = &tenant;
        }
        if (!next)
            return;
        ++next->taken;
    }
}

QVariantList executionValues(const ExecutionRecord &record, const QString &task)
{
    return {sqlText(record.id.value),
            sqlText(record.tenant.value),
            sqlText(record.skillName),
            sqlText(record.skillVersion),
            sqlText(record.skillDigest),
            sqlText(record.entrypoint),
            sqlText(record.session),
            sqlText(record.caller),
            sqlText(record.instance.value),
            sqlTime(record.createdAt),
            sqlText(QString::fromUtf8(record.input.bytes())),
            sqlText(task),
            sqlStatus(record.status),
            sqlTime(record.startedAt)};
}

QString insertWhere(const QString &condition)
{
    return u"INSERT INTO executions (id, tenant, skill_name, skill_version, skill_digest,"
           u" entrypoint, session, caller, instance, created_at, input, task, status, started_at)"
           u" SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE "_s
        + condition + u" ON CONFLICT (id) DO NOTHING"_s;
}

/// The limit of the tenant in the column or placeholder `tenant`, with the default for another one.
QString limitOf(const QString &tenant)
{
    return u"COALESCE((SELECT max_concurrent FROM tenant_settings WHERE tenant = %1),"
           u" CAST(? AS BIGINT))"_s.arg(tenant);
}

Result<bool> isThere(SqlConnection &connection, const ExecutionRecord &record)
{
    auto rows = connection.run(u"SELECT 1 FROM executions WHERE tenant = ? AND id = ?"_s,
                               {sqlText(record.tenant.value), sqlText(record.id.value)});
    if (!rows)
        return fail(rows.error());
    return rows->next();
}

/// The tenants with runs in the queue, from one to the next through the index: each step is a look
/// at its first entry, so a long queue costs no more than a short one. ORDER BY and LIMIT say which
/// index is meant; for a min() the database may read all of the queue.
QString waitingTenantsQuery()
{
    const QString ofTenant = u" FROM executions WHERE tenant = t.id AND "_s;
    return u"WITH RECURSIVE t(id) AS (SELECT * FROM (SELECT tenant FROM executions WHERE "_s
        + isWaiting
        + u" ORDER BY tenant, seq LIMIT 1) AS first UNION ALL SELECT (SELECT e.tenant"
          u" FROM executions e WHERE e.tenant > t.id AND e.status = 'queued' AND e.instance = ''"
          u" ORDER BY e.tenant, e.seq LIMIT 1) FROM t WHERE t.id IS NOT NULL)"
          u" SELECT t.id, (SELECT seq"_s
        + ofTenant + isWaiting + u" ORDER BY seq LIMIT 1),"_s
        + u" (SELECT count(*) FROM (SELECT 1"_s + ofTenant + isWaiting
        + u" ORDER BY seq LIMIT ?) AS w), (SELECT count(*)"_s + ofTenant + isUnderWay + u"), "_s
        + limitOf(u"t.id"_s) + u" FROM t WHERE t.id IS NOT NULL"_s;
}

/// Takes from each tenant its share, as far as others leave any.
Result<QueueClaim> takeShares(SqlConnection &connection, const QList<WaitingTenant> &tenants,
                              const InstanceId &instance)
{
    QueueClaim claim;
    QStringList picks;
    QStringList picked;
    QVariantList values;
    for (const WaitingTenant &tenant : tenants) {
        claim.left += tenant.waiting - tenant.taken;
        if (tenant.taken == 0)
            continue;
        const QString name = u"p%1"_s.arg(picks.size());
        picks.append(name + u" AS (SELECT seq FROM executions WHERE tenant = ? AND "_s + isWaiting
                     + u" ORDER BY seq LIMIT ?"_s + connection.dialect().takeUnlocked() + u')');
        picked.append(u"SELECT seq FROM "_s + name);
        values << sqlText(tenant.id.value) << tenant.taken;
    }
    if (picks.isEmpty())
        return claim;
    auto runs = allRows(
        connection.run(
            u"WITH "_s + picks.join(u", "_s) + u" UPDATE executions SET instance = ? WHERE seq"_s
                + connection.dialect().isAmong(picked.join(u" UNION ALL "_s))
                + u" AND instance = '' RETURNING "_s + executionColumns() + u", task, tenant"_s,
            values + QVariantList{sqlText(instance.value)}),
        [&](const SqlRows &row) -> Result<QueuedRun> {
            auto record = readWholeExecution(connection.dialect(),
                                             {row.text(wholeExecutionColumns + 1)}, row);
            if (!record)
                return fail(record.error());
            return QueuedRun{std::move(*record), row.text(wholeExecutionColumns)};
        });
    if (!runs)
        return fail(runs.error());
    claim.runs = std::move(*runs);
    std::sort(claim.runs.begin(), claim.runs.end(),
              [](const QueuedRun &a, const QueuedRun &b) { return a.record.seq < b.record.seq; });
    return claim;
}

/// Before any of them is counted or taken, always in the same order.
Result<void> lockCounts(SqlConnection &connection, QList<TenantId> tenants)
{
    const QString lock = connection.dialect().lockRunCount();
    if (lock.isEmpty())
        return {};
    std::sort(tenants.begin(), tenants.end());
    for (const TenantId &tenant : std::as_const(tenants)) {
        if (auto locked = connection.change(lock, {sqlText(tenant.value)}); !locked)
            return fail(locked.error());
    }
    return {};
}

Result<qint64> countUnderWay(SqlConnection &connection, const TenantId &tenant)
{
    return firstRow(connection.run(u"SELECT count(*) FROM executions WHERE tenant = ? AND "_s
                                       + isUnderWay,
                                   {sqlText(tenant.value)}),
                    [](const SqlRows &row) { return Result<qint64>(row.integer(0)); })
        .map([](const std::optional<qint64> &count) { return count.value_or(0); });
}

} // namespace

Result<bool> SqlStore::insertQueued(const ExecutionRecord &record, const QString &task,
                                    int mostWaiting, const ClaimedKey &claim)
{
    const QVariantList values = executionValues(record, task);
    bool repeated = false;
    // A statement by itself is a transaction; with a key there are two.
    const auto insert = [&](const QString &condition, const QVariantList &more) -> Result<qint64> {
        if (claim.key.isEmpty())
            return change(insertWhere(condition), values + more, &repeated);
        return write([&](SqlConnection &connection) -> Result<qint64> {
            const auto rows = connection.change(insertWhere(condition), values + more);
            if (!rows || *rows == 0)
                return rows;
            if (auto bound = bindClaim(connection, record, claim); !bound)
                return fail(bound.error());
            return rows;
        });
    };
    if (record.instance.isEmpty()) {
        const auto inserted = insert(u"(SELECT count(*) FROM (SELECT 1 FROM executions WHERE "_s
                                         + isWaiting + u" LIMIT ?) AS waiting) < ?"_s,
                                     {mostWaiting, mostWaiting});
        if (!inserted)
            return fail(inserted.error());
        if (*inserted == 1 || !repeated)
            return *inserted == 1;
        auto connection = m_connections.current();
        return connection ? isThere(**connection, record) : fail(connection.error());
    }
    const QVariant usual = m_tenantDefaults.maxConcurrent.value_or(0);
    // Most tenants have no limit: then this is all.
    const auto inserted = insert(limitOf(u"?"_s) + u" = 0"_s,
                                 {sqlText(record.tenant.value), usual});
    if (!inserted)
        return fail(inserted.error());
    if (*inserted == 1)
        return true;
    return write([&](SqlConnection &connection) -> Result<bool> {
        if (auto locked = lockCounts(connection, {record.tenant}); !locked)
            return fail(locked.error());
        const auto rows = connection.change(
            insertWhere(u"(SELECT count(*) FROM executions WHERE tenant = ? AND "_s + isUnderWay
                        + u") < "_s + limitOf(u"?"_s)),
            values
                + QVariantList{sqlText(record.tenant.value), sqlText(record.tenant.value), usual});
        if (!rows)
            return fail(rows.error());
        if (*rows == 0)
            return isThere(connection, record);
        if (auto bound = bindClaim(connection, record, claim); !bound)
            return fail(bound.error());
        return true;
    });
}

Result<QueueClaim> SqlStore::claimQueued(const InstanceId &instance, int most)
{
    if (most <= 0)
        return QueueClaim();
    auto tenants = allRows(run(waitingTenantsQuery(),
                               {most, m_tenantDefaults.maxConcurrent.value_or(0)}),
                           [](const SqlRows &row) -> Result<WaitingTenant> {
                               return WaitingTenant{.id = {row.text(0)},
                                                    .oldest = row.integer(1),
                                                    .waiting = row.integer(2),
                                                    .underWay = row.integer(3),
                                                    .limit = row.integer(4)};
                           });
    if (!tenants)
        return fail(tenants.error());
    if (tenants->isEmpty())
        return QueueClaim();
    QList<TenantId> limited;
    for (const WaitingTenant &tenant : std::as_const(*tenants)) {
        if (tenant.limit > 0 && tenant.underWay < tenant.limit)
            limited.append(tenant.id);
    }
    if (limited.isEmpty()) {
        sharePlaces(*tenants, most);
        auto connection = m_connections.current();
        if (!connection)
            return fail(connection.error());
        // Not sent again where the connection breaks: it may have taken some, and the caller must
        // know that it does not know.
        return takeShares(**connection, *tenants, instance);
    }
    return write([&](SqlConnection &connection) -> Result<QueueClaim> {
        QList<WaitingTenant> sharing = *tenants;
        if (auto locked = lockCounts(connection, limited); !locked)
            return fail(locked.error());
        for (WaitingTenant &tenant : sharing) {
            if (!limited.contains(tenant.id))
                continue;
            const auto count = countUnderWay(connection, tenant.id);
            if (!count)
                return fail(count.error());
            tenant.underWay = *count;
        }
        sharePlaces(sharing, most);
        return takeShares(connection, sharing, instance);
    });
}

Result<QList<ExecutionId>> SqlStore::giveBack(const InstanceId &instance,
                                              const QList<ExecutionId> &runs)
{
    return write([&](SqlConnection &connection) -> Result<QList<ExecutionId>> {
        QList<ExecutionId> given;
        for (const ExecutionId &run : runs) {
            const auto back = connection.change(u"UPDATE executions SET instance = ''"
                                                u" WHERE id = ? AND instance = ?"
                                                u" AND status = 'queued' AND task <> ''"_s,
                                                {sqlText(run.value), sqlText(instance.value)});
            if (!back)
                return fail(back.error());
            if (*back == 1)
                given.append(run);
        }
        return given;
    });
}

Result<QList<ExecutionId>> SqlStore::queuedOf(const InstanceId &instance)
{
    return allRows(
        run(u"SELECT id FROM executions WHERE instance = ? AND status = 'queued' ORDER BY seq"_s,
            {sqlText(instance.value)}),
        [](const SqlRows &row) { return Result<ExecutionId>(ExecutionId{row.text(0)}); });
}

Result<qint64> SqlStore::countWaiting()
{
    return firstRow(run(u"SELECT count(*) FROM executions WHERE "_s + isWaiting),
                    [](const SqlRows &row) { return Result<qint64>(row.integer(0)); })
        .map([](const std::optional<qint64> &count) { return count.value_or(0); });
}

Result<bool> SqlStore::appendLog(const TenantId &tenant, const ExecutionId &id,
                                 const InstanceId &instance, const LogPart &part)
{
    // Whoever ends the run meanwhile waits, and then takes this part away with the others.
    bool repeated = false;
    const auto appended = change(
        u"INSERT INTO execution_log_parts (execution, first_event, tenant, events)"
        u" SELECT id, CAST(? AS BIGINT), tenant, ? FROM executions WHERE tenant = ? AND id = ?"
        u" AND instance = ? AND status = 'running'"_s
            + dialect().keepUnchanged() + u" ON CONFLICT DO NOTHING"_s,
        {part.firstEvent, sqlText(part.events), sqlText(tenant.value), sqlText(id.value),
         sqlText(instance.value)},
        &repeated);
    return appended.map([&](qint64 rows) { return rows == 1 || repeated; });
}

Result<QList<LogPart>> SqlStore::readLog(const TenantId &tenant, const ExecutionId &id,
                                         qint64 afterEvent)
{
    return allRows(run(u"SELECT first_event, events FROM execution_log_parts WHERE execution = ?"
                       u" AND tenant = ? AND first_event > ? ORDER BY first_event"_s,
                       {sqlText(id.value), sqlText(tenant.value), afterEvent}),
                   [](const SqlRows &row) {
                       return Result<LogPart>(LogPart{row.integer(0), row.text(1)});
                   });
}

Result<void> SqlStore::announce(const QList<StoreNews> &news)
{
    const QString announcement = dialect().announcement();
    if (announcement.isEmpty())
        return {};
    for (const QByteArray &text : encodeNews(news, largestNews)) {
        if (auto told = run(announcement, {QString::fromLatin1(text)}); !told)
            return fail(told.error());
    }
    return {};
}

std::unique_ptr<StoreWatch> SqlStore::watch(StoreNewsHandler handler)
{
    return dialect().watch(std::move(handler));
}

} // namespace skillbox
