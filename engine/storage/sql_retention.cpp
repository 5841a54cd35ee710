#include "engine/storage/sql_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The runs of a step, as a list of so many that the statements' texts stay the same: filled up
/// with ids that no run has.
class RunIds
{
public:
    RunIds(QStringList ids, int most) : m_ids(std::move(ids))
    {
        while (m_ids.size() < most)
            m_ids.append(QString());
    }
    QString places() const { return QStringList(m_ids.size(), u"?"_s).join(u", "_s); }
    QVariantList after(const QVariant &first) const
    {
        QVariantList values{first};
        for (const QString &id : m_ids)
            values.append(sqlText(id));
        return values;
    }

private:
    QStringList m_ids;
};

Result<QString> firstText(const SqlRows &row)
{
    return row.text(0);
}

/// Takes rows of (blob, bytes) that are gone into the step.
Result<qint64> takeGone(Result<SqlRows> rows, Reaped &reaped)
{
    const auto gone = allRows(std::move(rows), [](const SqlRows &row) {
        return Result<std::pair<QString, qint64>>({row.text(0), row.integer(1)});
    });
    if (!gone)
        return fail(gone.error());
    for (const auto &[blob, bytes] : *gone) {
        reaped.blobs.append(BlobId{blob});
        reaped.bytes += bytes;
    }
    return gone->size();
}

/// Runs that are to be looked at: those asked for before then and over. Unfinished ones are few.
QString oldRuns(const QString &condition)
{
    return u"SELECT id FROM executions WHERE tenant = ? AND created_at < ?"
           u" AND status NOT IN ('queued', 'running')%1 ORDER BY created_at, seq LIMIT ?"_s.arg(
               condition);
}

Result<void> reapLogs(SqlConnection &connection, const QVariant &tenant, const QDateTime &before,
                      int most, Reaped &reaped)
{
    const auto ids = allRows(
        connection.run(oldRuns(u" AND logs <> ''"_s), {tenant, sqlTime(before), most}), firstText);
    if (!ids)
        return fail(ids.error());
    reaped.steps = ids->size();
    if (ids->isEmpty())
        return {};
    const RunIds runs(*ids, most);
    const auto changed = connection.change(u"UPDATE executions SET logs = '' WHERE tenant = ?"
                                           u" AND logs <> '' AND id IN (%1)"_s.arg(runs.places()),
                                           runs.after(tenant));
    if (!changed)
        return fail(changed.error());
    reaped.logs = *changed;
    return {};
}

Result<void> reapArtifacts(SqlConnection &connection, const QVariant &tenant,
                           const QDateTime &before, int most, Reaped &reaped)
{
    const QString old = u" FROM artifacts WHERE tenant = ? AND created_at < ?"
                        u" ORDER BY created_at, execution, path LIMIT ?"_s;
    // Its file object first: that is found through it. A version that somebody added is theirs.
    if (auto gone = connection.change(u"DELETE FROM files WHERE tenant = ? AND parent = ''"
                                      u" AND id IN (SELECT file"_s
                                          + old + u')',
                                      {tenant, tenant, sqlTime(before), most});
        !gone)
        return fail(gone.error());
    const auto gone = takeGone(connection.run(u"DELETE FROM artifacts WHERE (execution, path) IN"
                                              u" (SELECT execution, path"_s
                                                  + old + u") RETURNING blob, size_bytes"_s,
                                              {tenant, sqlTime(before), most}),
                               reaped);
    if (!gone)
        return fail(gone.error());
    reaped.steps = *gone;
    reaped.artifacts = *gone;
    return {};
}

Result<void> reapExecutions(SqlConnection &connection, const QVariant &tenant,
                            const QDateTime &before, int most, Reaped &reaped)
{
    const auto ids = allRows(connection.run(oldRuns({}), {tenant, sqlTime(before), most}),
                             firstText);
    if (!ids)
        return fail(ids.error());
    reaped.steps = ids->size();
    if (ids->isEmpty())
        return {};
    const RunIds runs(*ids, most);
    const QVariantList values = runs.after(tenant);
    // What refers to a run goes before it.
    const auto artifacts = takeGone(
        connection.run(u"DELETE FROM artifacts WHERE tenant = ?"
                       u" AND execution IN (%1)"
                       u" RETURNING blob, size_bytes"_s.arg(runs.places()),
                       values),
        reaped);
    if (!artifacts)
        return fail(artifacts.error());
    reaped.artifacts = *artifacts;
    // The file object of an artifact; its bytes were those of the artifact.
    if (auto gone = connection.change(u"DELETE FROM files WHERE tenant = ? AND execution <> ''"
                                      u" AND parent = '' AND execution IN (%1)"_s.arg(
                                          runs.places()),
                                      values);
        !gone)
        return fail(gone.error());
    const auto gone = connection.change(
        u"DELETE FROM executions WHERE tenant = ? AND id IN (%1)"_s.arg(runs.places()), values);
    if (!gone)
        return fail(gone.error());
    reaped.executions = *gone;
    return {};
}

Result<void> addToTally(SqlConnection &connection, const QVariant &tenant, const Reaped &reaped)
{
    return connection
        .change(u"INSERT INTO retention_tallies AS t (tenant, logs, artifacts, executions, bytes)"
                u" VALUES (?, ?, ?, ?, ?) ON CONFLICT (tenant) DO UPDATE SET"
                u" logs = t.logs + excluded.logs, artifacts = t.artifacts + excluded.artifacts,"
                u" executions = t.executions + excluded.executions,"
                u" bytes = t.bytes + excluded.bytes"_s,
                {tenant, reaped.logs, reaped.artifacts, reaped.executions, reaped.bytes})
        .map([](qint64) {});
}

} // namespace

Result<Reaped> SqlStore::reap(const TenantId &tenant, Retained what, const QDateTime &before,
                              int most)
{
    const QVariant id = sqlText(tenant.value);
    return write([&](SqlConnection &connection) -> Result<Reaped> {
        Reaped reaped;
        const auto done = what == Retained::Logs ? reapLogs(connection, id, before, most, reaped)
            : what == Retained::Artifacts ? reapArtifacts(connection, id, before, most, reaped)
                                          : reapExecutions(connection, id, before, most, reaped);
        if (!done)
            return fail(done.error());
        if (reaped.logs + reaped.artifacts + reaped.executions > 0) {
            if (auto added = addToTally(connection, id, reaped); !added)
                return fail(added.error());
        }
        return reaped;
    });
}

Result<bool> SqlStore::auditReaped(const TenantId &tenant,
                                   const std::function<AuditRecord(const Reaped &)> &makeRecord)
{
    const QVariant id = sqlText(tenant.value);
    return write([&](SqlConnection &connection) -> Result<bool> {
        const auto tally = firstRow(
            connection.run(u"DELETE FROM retention_tallies WHERE tenant = ?"
                           u" RETURNING logs, artifacts, executions, bytes"_s,
                           {id}),
            [](const SqlRows &row) {
                return Result<Reaped>(Reaped{.logs = row.integer(0),
                                             .artifacts = row.integer(1),
                                             .executions = row.integer(2),
                                             .bytes = row.integer(3)});
            });
        if (!tally)
            return fail(tally.error());
        if (!*tally)
            return false;
        if (auto noted = insertAudit(connection, makeRecord(**tally)); !noted)
            return fail(noted.error());
        return true;
    });
}

} // namespace skillbox
