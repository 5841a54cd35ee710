#include "engine/storage/sql_store.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const auto finishing = u"UPDATE executions SET skill_version = ?, skill_digest = ?, entrypoint = ?,"
                       u" status = ?, reason = ?, exit_code = ?, duration_ms = ?, started_at = ?,"
                       u" finished_at = ?, error = ?, sandbox = ?, output = ?, logs = ?, task = ''"
                       u" WHERE tenant = ? AND id = ? AND status IN ('queued', 'running')"
                       u" AND instance = ?"_s;

QVariantList finishingValues(const ExecutionRecord &record)
{
    return {sqlText(record.skillVersion),
            sqlText(record.skillDigest),
            sqlText(record.entrypoint),
            sqlStatus(record.status),
            sqlText(record.reason),
            record.exitCode ? QVariant(*record.exitCode) : QVariant(),
            record.durationMs,
            sqlTime(record.startedAt),
            sqlTime(record.finishedAt),
            sqlText(record.error),
            sqlObject(record.sandbox),
            sqlJson(record.output),
            sqlText(record.logs),
            sqlText(record.tenant.value),
            sqlText(record.id.value),
            sqlText(record.instance.value)};
}

// The session is read from the execution: what was known when it was inserted stays.

Result<void> insertArtifact(SqlConnection &connection, const ExecutionRecord &run,
                            const ArtifactRecord &artifact)
{
    if (auto inserted = connection.change(
            u"INSERT INTO artifacts (execution, path, tenant, file, blob, size_bytes,"
            u" content_type, created_at)"
            u" SELECT id, ?, tenant, ?, ?, ?, ?, created_at FROM executions"
            u" WHERE tenant = ? AND id = ?"_s,
            {sqlText(artifact.path), sqlText(artifact.file.value), sqlText(artifact.blob.sha256),
             artifact.sizeBytes, sqlText(artifact.contentType), sqlText(run.tenant.value),
             sqlText(run.id.value)});
        !inserted)
        return fail(inserted.error());
    return connection
        .change(u"INSERT INTO files (id, tenant, name, session, execution, blob, content_type,"
                u" size_bytes, created_at, updated_at)"
                u" SELECT ?, tenant, ?, session, id, ?, ?, ?, finished_at, finished_at"
                u" FROM executions WHERE tenant = ? AND id = ?"_s,
                {sqlText(artifact.file.value), sqlText(artifact.path),
                 sqlText(artifact.blob.sha256), sqlText(artifact.contentType), artifact.sizeBytes,
                 sqlText(run.tenant.value), sqlText(run.id.value)})
        .map([](qint64) {});
}

/// Each step by itself.
Result<bool> finishInSteps(SqlConnection &connection, const ExecutionRecord &record)
{
    const auto finished = connection.change(finishing, finishingValues(record));
    if (!finished)
        return fail(finished.error());
    if (*finished == 0)
        return false;
    for (const ArtifactRecord &artifact : record.artifacts) {
        if (auto inserted = insertArtifact(connection, record, artifact); !inserted)
            return fail(inserted.error());
    }
    return true;
}

/// The same in one statement, however many artifacts there are.
Result<bool> finishAtOnce(SqlConnection &connection, const ExecutionRecord &record)
{
    QJsonArray artifacts;
    for (const ArtifactRecord &artifact : record.artifacts) {
        artifacts.append(QJsonObject{{u"path"_s, artifact.path},
                                     {u"file"_s, artifact.file.value},
                                     {u"blob"_s, artifact.blob.sha256},
                                     {u"size"_s, artifact.sizeBytes},
                                     {u"type"_s, artifact.contentType}});
    }
    const QString json = QString::fromUtf8(QJsonDocument(artifacts).toJson(QJsonDocument::Compact));
    return firstRow(
               connection.run(
                   u"WITH done AS ("_s + finishing
                       + u" RETURNING id, tenant, session, created_at, finished_at), given AS"
                         u" (SELECT * FROM json_to_recordset(CAST(? AS JSON)) AS"
                         u" a(path TEXT, file TEXT, blob TEXT, size BIGINT, type TEXT)), kept AS"
                         u" (INSERT INTO artifacts (execution, path, tenant, file, blob,"
                         u" size_bytes, content_type, created_at)"
                         u" SELECT d.id, g.path, d.tenant, g.file, g.blob, g.size, g.type,"
                         u" d.created_at FROM done d CROSS JOIN given g), filed AS"
                         u" (INSERT INTO files (id, tenant, name, session, execution, blob,"
                         u" content_type, size_bytes, created_at, updated_at)"
                         u" SELECT g.file, d.tenant, g.path, d.session, d.id, g.blob, g.type,"
                         u" g.size, d.finished_at, d.finished_at FROM done d CROSS JOIN given g)"
                         u" SELECT count(*) FROM done"_s,
                   finishingValues(record) + QVariantList{json}),
               [](const SqlRows &row) { return Result<bool>(row.integer(0) == 1); })
        .map([](std::optional<bool> done) { return done.value_or(false); });
}

} // namespace

Result<bool> SqlStore::finishExecution(const ExecutionRecord &record, const AuditRecord *audit)
{
    if (!isFinal(record.status)) {
        return fail(ErrorCode::Internal,
                    u"The execution %1 cannot be finished with the status %2."_s.arg(
                        record.id.value, executionStatusName(record.status)));
    }
    return write([&](SqlConnection &connection) -> Result<bool> {
        const bool atOnce = dialect().joinsChanges() && !record.artifacts.isEmpty();
        const auto finished = atOnce ? finishAtOnce(connection, record)
                                     : finishInSteps(connection, record);
        if (!finished || !*finished)
            return finished;
        if (!record.artifacts.isEmpty()) {
            if (auto within = checkStorage(connection, record.tenant); !within)
                return fail(within.error());
        }
        if (auto noted = insertAudit(connection, audit); !noted)
            return fail(noted.error());
        return true;
    });
}

} // namespace skillbox
