#include "engine/storage/sql_store.h"

#include "engine/storage/execution_audit.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

// What a list shows; the texts that can be long follow in whole rows only.
const auto listColumns = u"id, skill_name, skill_version, skill_digest, entrypoint, session,"
                         u" status, reason, exit_code, duration_ms, caller, instance,"
                         u" cancel_requested, created_at, started_at, finished_at, error, sandbox,"
                         u" seq"_s;
/// Characters of an input that a list shows.
constexpr int inputExcerptLength = 240;
const auto wholeColumns = listColumns + u", input, output, logs"_s;

Result<JsonText> readJson(const SqlDialect &dialect, const QString &text, const QString &what)
{
    if (text.isEmpty())
        return JsonText();
    auto json = JsonText::parse(text.toUtf8());
    if (!json)
        return fail(corruptRecord(dialect, what));
    return json;
}

Result<ExecutionRecord> readExecution(const SqlDialect &dialect, const TenantId &tenant,
                                      const SqlRows &row)
{
    ExecutionRecord record;
    record.id = {row.text(0)};
    record.tenant = tenant;
    record.skillName = row.text(1);
    record.skillVersion = row.text(2);
    record.skillDigest = row.text(3);
    record.entrypoint = row.text(4);
    record.session = row.text(5);
    const QString what = u"an execution (%1)"_s.arg(record.id.value);
    const auto status = executionStatusFromName(row.text(6));
    if (!status)
        return fail(corruptRecord(dialect, what));
    record.status = *status;
    record.reason = row.text(7);
    if (!row.isNull(8))
        record.exitCode = static_cast<int>(row.integer(8));
    record.durationMs = row.integer(9);
    record.caller = row.text(10);
    record.instance = {row.text(11)};
    record.cancelRequested = row.integer(12) != 0;
    record.createdAt = row.time(13);
    record.startedAt = row.time(14);
    record.finishedAt = row.time(15);
    record.error = row.text(16);
    auto sandbox = objectColumn(dialect, row.text(17), what);
    if (!sandbox)
        return fail(sandbox.error());
    record.sandbox = std::move(*sandbox);
    record.seq = row.integer(18);
    return record;
}

template<typename IdType>
Result<IdType> readId(const SqlRows &row)
{
    return IdType{row.text(0)};
}

/// What is kept of the log of a run that has not ended.
Result<QString> logOfParts(SqlConnection &connection, const ExecutionId &id)
{
    const auto parts = allRows(connection.run(u"SELECT events FROM execution_log_parts"
                                              u" WHERE execution = ? ORDER BY first_event"_s,
                                              {sqlText(id.value)}),
                               [](const SqlRows &row) { return Result<QString>(row.text(0)); });
    if (!parts)
        return fail(parts.error());
    QString log;
    for (const QString &events : *parts) {
        for (const QJsonValue event : QJsonDocument::fromJson(events.toUtf8()).array())
            log += event.toArray().at(1).toString();
    }
    return log;
}

/// Ends an execution whose process is not there any more, for the reason that `why` says.
Result<void> failOne(SqlConnection &connection, ExecutionRecord &record, const QDateTime &at,
                     const QString &log, const QString &why)
{
    record.status = ExecutionStatus::Failed;
    record.reason = u"lost"_s;
    record.error = why;
    record.finishedAt = at;
    if (record.startedAt.isValid())
        record.durationMs = qMax<qint64>(0, record.startedAt.msecsTo(at));
    const auto failed = connection.change(
        u"UPDATE executions SET status = ?, reason = ?, finished_at = ?, error = ?,"
        u" duration_ms = ?, logs = ?, task = '' WHERE tenant = ? AND id = ?"
        u" AND status IN ('queued', 'running')"_s,
        {sqlStatus(record.status), sqlText(record.reason), sqlTime(at), sqlText(record.error),
         record.durationMs, sqlText(log), sqlText(record.tenant.value), sqlText(record.id.value)});
    if (!failed)
        return fail(failed.error());
    if (*failed == 0) // somebody else has ended it meanwhile
        return {};
    return insertAudit(connection, executionFinished(record, {record.caller, {}, {}}));
}

} // namespace

QVariant sqlStatus(ExecutionStatus status)
{
    return QString(executionStatusName(status));
}

QVariant sqlJson(const JsonText &json)
{
    return sqlText(QString::fromUtf8(json.bytes()));
}

QString executionColumns()
{
    return wholeColumns;
}

Result<qint64> failUnfinished(SqlConnection &connection, const QDateTime &at)
{
    if (auto freed = connection.change(u"DELETE FROM idempotency"
                                       u" WHERE answered_status IS NULL AND execution = ''"_s);
        !freed)
        return fail(freed.error());
    qint64 ended = 0;
    for (;;) { // a few at a time: inputs may be long
        auto unfinished = allRows(
            connection.run(u"SELECT "_s + wholeColumns
                           + u", tenant FROM executions WHERE status IN ('queued', 'running')"
                             u" ORDER BY seq LIMIT 20"_s),
            [&](const SqlRows &row) {
                return readWholeExecution(connection.dialect(),
                                          TenantId{row.text(wholeExecutionColumns)}, row);
            });
        if (!unfinished)
            return fail(unfinished.error());
        if (unfinished->isEmpty())
            return ended;
        for (ExecutionRecord &record : *unfinished) {
            const auto log = logOfParts(connection, record.id);
            if (!log)
                return fail(log.error());
            const QString why = record.status == ExecutionStatus::Running
                ? u"this execution was under way when the backup was made"_s
                : u"this execution waited when the backup was made"_s;
            if (auto failed = failOne(connection, record, at, *log, why); !failed)
                return fail(failed.error());
            ++ended;
        }
    }
}

Result<ExecutionRecord> readWholeExecution(const SqlDialect &dialect, const TenantId &tenant,
                                           const SqlRows &row)
{
    auto record = readExecution(dialect, tenant, row);
    if (!record)
        return record;
    const QString what = u"an execution (%1)"_s.arg(record->id.value);
    auto input = readJson(dialect, row.text(19), what);
    if (!input)
        return fail(input.error());
    record->input = std::move(*input);
    auto output = readJson(dialect, row.text(20), what);
    if (!output)
        return fail(output.error());
    record->output = std::move(*output);
    record->logs = row.text(21);
    return record;
}

Result<void> SqlStore::insertExecution(const ExecutionRecord &record, const ClaimedKey &claim)
{
    const QString sql =
        u"INSERT INTO executions (id, tenant, skill_name, skill_version, skill_digest,"
        u" entrypoint, session, status, reason, exit_code, duration_ms, caller, instance,"
        u" cancel_requested, created_at, started_at, finished_at, error, sandbox, input,"
        u" output, logs)"
        u" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        u" ON CONFLICT (id) DO NOTHING"_s;
    const QVariantList values{sqlText(record.id.value),
                              sqlText(record.tenant.value),
                              sqlText(record.skillName),
                              sqlText(record.skillVersion),
                              sqlText(record.skillDigest),
                              sqlText(record.entrypoint),
                              sqlText(record.session),
                              sqlStatus(record.status),
                              sqlText(record.reason),
                              record.exitCode ? QVariant(*record.exitCode) : QVariant(),
                              record.durationMs,
                              sqlText(record.caller),
                              sqlText(record.instance.value),
                              record.cancelRequested ? 1 : 0,
                              sqlTime(record.createdAt),
                              sqlTime(record.startedAt),
                              sqlTime(record.finishedAt),
                              sqlText(record.error),
                              sqlObject(record.sandbox),
                              sqlJson(record.input),
                              sqlJson(record.output),
                              sqlText(record.logs)};
    bool repeated = false;
    Result<qint64> inserted = 0;
    if (claim.key.isEmpty()) {
        inserted = change(sql, values, &repeated);
    } else {
        inserted = write([&](SqlConnection &connection) -> Result<qint64> {
            const auto rows = connection.change(sql, values);
            if (!rows || *rows == 0)
                return rows;
            if (auto bound = bindClaim(connection, record, claim); !bound)
                return fail(bound.error());
            return rows;
        });
    }
    if (!inserted)
        return fail(inserted.error());
    if (*inserted == 0 && !repeated) {
        return fail(ErrorCode::Internal,
                    u"The store %1 has an execution %2 already."_s.arg(dialect().storeName(),
                                                                       record.id.value));
    }
    return {};
}

Result<bool> SqlStore::markRunning(const TenantId &tenant, const ExecutionId &id,
                                   const QDateTime &startedAt, const InstanceId &instance)
{
    // The second condition: sent again when the connection broke before the answer.
    QString sql = u"UPDATE executions SET status = 'running', started_at = ?"
                  u" WHERE tenant = ? AND id = ?"
                  u" AND (status = 'queued' OR (status = 'running' AND started_at = ?))"_s;
    QVariantList values{sqlTime(startedAt), sqlText(tenant.value), sqlText(id.value),
                        sqlTime(startedAt)};
    if (!instance.isEmpty()) {
        sql += u" AND instance = ?"_s;
        values.append(instance.value);
    }
    return change(sql, values).map([](qint64 rows) { return rows == 1; });
}

Result<std::optional<ExecutionRecord>> SqlStore::findExecution(const TenantId &tenant,
                                                               const ExecutionId &id)
{
    auto record = firstRow(
        run(u"SELECT "_s + wholeColumns + u" FROM executions WHERE tenant = ? AND id = ?"_s,
            {sqlText(tenant.value), sqlText(id.value)}),
        [&](const SqlRows &row) { return readWholeExecution(dialect(), tenant, row); });
    // Artifacts come with the final state and never change after it, so two statements agree
    // without a transaction.
    if (!record || !*record || !isFinal((*record)->status))
        return record;
    auto artifacts = allRows(run(u"SELECT path, file, blob, size_bytes, content_type FROM artifacts"
                                 u" WHERE tenant = ? AND execution = ? ORDER BY path"_s,
                                 {sqlText(tenant.value), sqlText(id.value)}),
                             [](const SqlRows &row) -> Result<ArtifactRecord> {
                                 return ArtifactRecord{row.text(0),
                                                       {row.text(1)},
                                                       {row.text(2)},
                                                       row.integer(3),
                                                       row.text(4)};
                             });
    if (!artifacts)
        return fail(artifacts.error());
    (*record)->artifacts = std::move(*artifacts);
    return record;
}

Result<QList<SkillUse>> SqlStore::skillUse(const TenantId &tenant)
{
    return allRows(run(u"SELECT skill_name, count(*), max(created_at) FROM executions"
                       u" WHERE tenant = ? GROUP BY skill_name ORDER BY skill_name"_s,
                       {sqlText(tenant.value)}),
                   [](const SqlRows &row) -> Result<SkillUse> {
                       return SkillUse{row.text(0), row.integer(1), row.time(2)};
                   });
}

Result<QList<ExecutionRecord>> SqlStore::listExecutions(const TenantId &tenant,
                                                        const ExecutionFilter &filter)
{
    const bool withExcerpt = filter.columns == ExecutionColumns::WithInputExcerpt;
    QString sql = u"SELECT "_s + listColumns;
    if (withExcerpt)
        sql += u", substr(input, 1, %1)"_s.arg(inputExcerptLength);
    sql += u" FROM executions WHERE tenant = ?"_s;
    QVariantList values{sqlText(tenant.value)};
    if (!filter.skill.isEmpty()) {
        sql += u" AND skill_name = ?"_s;
        values.append(filter.skill);
    }
    if (filter.status) {
        sql += u" AND status = ?"_s;
        values.append(sqlStatus(*filter.status));
    }
    if (!filter.session.isEmpty()) {
        sql += u" AND session = ? AND session <> ''"_s; // the second lets the partial index serve
        values.append(filter.session);
    }
    if (filter.since.isValid()) {
        sql += u" AND created_at >= ?"_s;
        values.append(sqlTime(filter.since));
    }
    if (filter.until.isValid()) {
        sql += u" AND created_at < ?"_s;
        values.append(sqlTime(filter.until));
    }
    if (filter.before) {
        sql += u" AND (created_at, seq) < (?, ?)"_s;
        values << sqlTime(filter.before->createdAt) << filter.before->seq;
    }
    sql += u" ORDER BY created_at DESC, seq DESC LIMIT ? OFFSET ?"_s;
    values << qMax(0, filter.limit) << qMax(0, filter.offset);

    return allRows(run(sql, values), [&](const SqlRows &row) {
        auto record = readExecution(dialect(), tenant, row);
        if (record && withExcerpt)
            record->inputExcerpt = row.text(19);
        return record;
    });
}

Result<bool> SqlStore::requestCancel(const TenantId &tenant, const ExecutionId &id)
{
    return change(u"UPDATE executions SET cancel_requested = 1"
                  u" WHERE tenant = ? AND id = ? AND status IN ('queued', 'running')"_s,
                  {sqlText(tenant.value), sqlText(id.value)})
        .map([](qint64 rows) { return rows == 1; });
}

Result<QList<ExecutionId>> SqlStore::cancelRequestsOf(const InstanceId &instance)
{
    return allRows(run(u"SELECT id FROM executions WHERE instance = ?"
                       u" AND status IN ('queued', 'running') AND cancel_requested = 1"_s,
                       {sqlText(instance.value)}),
                   readId<ExecutionId>);
}

Result<QList<InstanceId>> SqlStore::instancesWithUnfinished()
{
    return allRows(run(u"SELECT DISTINCT instance FROM executions"
                       u" WHERE status IN ('queued', 'running') AND instance <> ''"_s),
                   readId<InstanceId>);
}

Result<void> SqlStore::renewLease(const InstanceId &instance, std::chrono::milliseconds lasting)
{
    return change(u"INSERT INTO leases (instance, expires_at) VALUES (?, "_s
                      + dialect().nowMilliseconds()
                      + u" + ?) ON CONFLICT (instance) DO UPDATE SET"
                        u" expires_at = excluded.expires_at"_s,
                  {sqlText(instance.value), static_cast<qint64>(lasting.count())})
        .map([](qint64) {});
}

Result<void> SqlStore::endLease(const InstanceId &instance)
{
    return change(u"DELETE FROM leases WHERE instance = ?"_s, {sqlText(instance.value)})
        .map([](qint64) {});
}

Result<void> SqlStore::setTakesRuns(const InstanceId &instance, bool takes)
{
    const int wanted = takes ? 1 : 0;
    return change(u"UPDATE leases SET takes_runs = ? WHERE instance = ? AND takes_runs <> ?"_s,
                  {wanted, sqlText(instance.value), wanted})
        .map([](qint64) {});
}

Result<bool> SqlStore::othersTakeRuns(const InstanceId &instance)
{
    auto rows = run(u"SELECT 1 FROM leases WHERE instance <> ? AND takes_runs = 1"
                    u" AND expires_at >= "_s
                        + dialect().nowMilliseconds() + u" LIMIT 1"_s,
                    {sqlText(instance.value)});
    if (!rows)
        return fail(rows.error());
    return rows->next();
}

Result<bool> SqlStore::dropLeaseIfOver(const InstanceId &instance)
{
    if (auto dropped = change(u"DELETE FROM leases WHERE instance = ? AND expires_at < "_s
                                  + dialect().nowMilliseconds(),
                              {sqlText(instance.value)});
        !dropped)
        return fail(dropped.error());
    auto inForce = run(u"SELECT 1 FROM leases WHERE instance = ?"_s, {sqlText(instance.value)});
    if (!inForce)
        return fail(inForce.error());
    return inForce->next().map([](bool has) { return !has; });
}

Result<QList<InstanceId>> SqlStore::instancesWithoutLease()
{
    return allRows(run(u"SELECT instance FROM leases WHERE expires_at < "_s
                       + dialect().nowMilliseconds()
                       + u" UNION SELECT e.instance FROM executions e"
                         u" WHERE e.status IN ('queued', 'running') AND e.instance <> ''"
                         u" AND NOT EXISTS"
                         u" (SELECT 1 FROM leases l WHERE l.instance = e.instance)"_s),
                   readId<InstanceId>);
}

Result<QList<ExecutionId>>
SqlStore::failLost(const InstanceId &instance, const QDateTime &at,
                   const std::function<QString(const ExecutionId &)> &logOf)
{
    return write([&](SqlConnection &connection) -> Result<QList<ExecutionId>> {
        if (auto freed = connection.change(u"DELETE FROM idempotency WHERE instance = ?"
                                           u" AND answered_status IS NULL AND execution = ''"_s,
                                           {sqlText(instance.value)});
            !freed)
            return fail(freed.error());
        if (auto back = connection.change(u"UPDATE executions SET instance = ''"
                                          u" WHERE instance = ? AND status = 'queued'"
                                          u" AND task <> ''"_s,
                                          {sqlText(instance.value)});
            !back)
            return fail(back.error());
        auto lost = allRows(
            connection.run(u"SELECT "_s + wholeColumns
                               + u", tenant FROM executions WHERE instance = ?"
                                 u" AND status IN ('queued', 'running') ORDER BY seq"_s,
                           {sqlText(instance.value)}),
            [&](const SqlRows &row) {
                return readWholeExecution(dialect(), TenantId{row.text(wholeExecutionColumns)},
                                          row);
            });
        if (!lost)
            return fail(lost.error());
        QList<ExecutionId> ids;
        for (ExecutionRecord &record : *lost) {
            QString log = logOf ? logOf(record.id) : QString();
            if (log.isEmpty()) {
                auto parts = logOfParts(connection, record.id);
                if (!parts)
                    return fail(parts.error());
                log = std::move(*parts);
            }
            if (auto failed = failOne(connection, record, at, log,
                                      u"the process that ran this execution ended before it did"_s);
                !failed)
                return fail(failed.error());
            ids.append(record.id);
        }
        if (auto ended = connection.change(u"DELETE FROM leases WHERE instance = ?"_s,
                                           {sqlText(instance.value)});
            !ended)
            return fail(ended.error());
        return ids;
    });
}

} // namespace skillbox
