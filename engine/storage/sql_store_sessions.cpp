#include "engine/storage/sql_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const auto sessionFileColumns = u"path, blob, size_bytes, executable, updated_at"_s;

Result<SessionFileRecord> readSessionFile(const SqlRows &row)
{
    return SessionFileRecord{.path = row.text(0),
                             .blob = {row.text(1)},
                             .sizeBytes = row.integer(2),
                             .executable = row.integer(3) != 0,
                             .updatedAt = row.time(4)};
}

Result<BlobId> readBlobId(const SqlRows &row)
{
    return BlobId{row.text(0)};
}

/// The files of one session within a transaction.
class SessionRows
{
public:
    SessionRows(SqlConnection &connection, const TenantId &tenant, const QString &session)
        : m_connection(connection)
        , m_tenant(sqlText(tenant.value))
        , m_session(sqlText(session))
    {
    }

    /// Notes the blob at `path`, if there is one, as given up.
    Result<void> giveUp(const QString &path, QList<BlobId> &blobs)
    {
        auto blob = firstRow(m_connection.run(u"SELECT blob FROM session_files"
                                              u" WHERE tenant = ? AND session = ? AND path = ?"_s,
                                              {m_tenant, m_session, sqlText(path)}),
                             readBlobId);
        if (!blob)
            return fail(blob.error());
        if (*blob)
            blobs.append(**blob);
        return {};
    }
    Result<void> put(const SessionFileRecord &file)
    {
        return m_connection
            .change(u"INSERT INTO session_files (tenant, session, path, blob, size_bytes,"
                    u" executable, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)"
                    u" ON CONFLICT (tenant, session, path) DO UPDATE SET blob = excluded.blob,"
                    u" size_bytes = excluded.size_bytes, executable = excluded.executable,"
                    u" updated_at = excluded.updated_at"_s,
                    {m_tenant, m_session, sqlText(file.path), sqlText(file.blob.sha256),
                     file.sizeBytes, file.executable ? 1 : 0, sqlTime(file.updatedAt)})
            .map([](qint64) {});
    }
    Result<void> remove(const QString &path)
    {
        return m_connection
            .change(u"DELETE FROM session_files WHERE tenant = ? AND session = ? AND path = ?"_s,
                    {m_tenant, m_session, sqlText(path)})
            .map([](qint64) {});
    }
    Result<void> checkBounds(const SessionBounds &bounds)
    {
        auto rows = m_connection.run(u"SELECT count(*), coalesce(sum(size_bytes), 0)"
                                     u" FROM session_files WHERE tenant = ? AND session = ?"_s,
                                     {m_tenant, m_session});
        if (!rows)
            return fail(rows.error());
        if (const auto there = rows->next(); !there)
            return fail(there.error());
        if (rows->integer(0) > bounds.files) {
            return fail(ErrorCode::TooLarge,
                        u"the session would have %1 files, more than the %2 that are allowed"_s
                            .arg(rows->integer(0))
                            .arg(bounds.files));
        }
        if (rows->integer(1) > bounds.bytes) {
            return fail(ErrorCode::TooLarge,
                        u"the session would have %1 bytes, more than the %2 that are allowed"_s
                            .arg(rows->integer(1))
                            .arg(bounds.bytes));
        }
        return {};
    }

private:
    SqlConnection &m_connection;
    const QVariant m_tenant;
    const QVariant m_session;
};

} // namespace

Result<QList<SessionFileRecord>> SqlStore::listSessionFiles(const TenantId &tenant,
                                                            const QString &session)
{
    return allRows(run(u"SELECT "_s + sessionFileColumns
                           + u" FROM session_files WHERE tenant = ? AND session = ?"
                             u" ORDER BY path"_s,
                       {sqlText(tenant.value), sqlText(session)}),
                   readSessionFile);
}

Result<std::optional<SessionFileRecord>>
SqlStore::findSessionFile(const TenantId &tenant, const QString &session, const QString &path)
{
    return firstRow(run(u"SELECT "_s + sessionFileColumns
                            + u" FROM session_files WHERE tenant = ? AND session = ?"
                              u" AND path = ?"_s,
                        {sqlText(tenant.value), sqlText(session), sqlText(path)}),
                    readSessionFile);
}

Result<QList<BlobId>> SqlStore::changeSession(const TenantId &tenant, const QString &session,
                                              const QList<SessionFileRecord> &written,
                                              const QStringList &removed,
                                              const SessionBounds &bounds, const AuditRecord *audit)
{
    return write([&](SqlConnection &connection) -> Result<QList<BlobId>> {
        SessionRows rows(connection, tenant, session);
        QList<BlobId> given;
        for (const QString &path : removed) {
            if (auto noted = rows.giveUp(path, given); !noted)
                return fail(noted.error());
            if (auto gone = rows.remove(path); !gone)
                return fail(gone.error());
        }
        for (const SessionFileRecord &file : written) {
            if (auto noted = rows.giveUp(file.path, given); !noted)
                return fail(noted.error());
            if (auto put = rows.put(file); !put)
                return fail(put.error());
        }
        if (!written.isEmpty()) {
            if (auto within = rows.checkBounds(bounds); !within)
                return fail(within.error());
            if (auto within = checkStorage(connection, tenant); !within)
                return fail(within.error());
        }
        if (audit) {
            if (auto noted = insertAudit(connection, *audit); !noted)
                return fail(noted.error());
        }
        return given;
    });
}

Result<QList<BlobId>> SqlStore::deleteSession(const TenantId &tenant, const QString &session,
                                              const AuditRecord *audit)
{
    const QVariantList key{sqlText(tenant.value), sqlText(session)};
    return write([&](SqlConnection &connection) -> Result<QList<BlobId>> {
        auto given = allRows(connection.run(u"SELECT DISTINCT blob FROM session_files"
                                            u" WHERE tenant = ? AND session = ?"_s,
                                            key),
                             readBlobId);
        if (!given || given->isEmpty())
            return given;
        if (auto deleted = connection.change(
                u"DELETE FROM session_files WHERE tenant = ? AND session = ?"_s, key);
            !deleted)
            return fail(deleted.error());
        if (audit) {
            if (auto noted = insertAudit(connection, *audit); !noted)
                return fail(noted.error());
        }
        return given;
    });
}

} // namespace skillbox
