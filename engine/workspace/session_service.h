#pragma once

#include "engine/base/origin.h"
#include "engine/base/result.h"
#include "engine/files/scratch.h"
#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"

namespace skillbox {

/// Bounds of one session's files.
struct SessionLimits {
    qint64 maxBytes = 256LL << 20;
    /// Less than the entries that a run's file system has room for: folders take some, too.
    int maxFiles = 5'000;
};

/// A session is a name its caller chose and the files below /sandbox/session that its runs leave
/// to each other. It begins with its first file and ends when it is deleted. A run gets a copy of
/// the files in a size-limited file system and what it changed is taken back when it has ended, so
/// nothing of a run reaches the host's disk unchecked; of two runs at once the last to end wins,
/// file by file. Thread-safe.
class SessionService
{
public:
    SessionService(MetadataStore &metadata, BlobStore &blobs, QString scratchDirectory,
                   SessionLimits limits);

    /// 1 to 128 characters of A-Z a-z 0-9 . _ - and not `.` or `..`.
    static bool isSessionName(QStringView name);

    /// By path. A session nobody has written to is empty, not missing.
    Result<QList<SessionFileRecord>> files(const TenantId &tenant, const QString &session);
    /// NotFound, BadRequest for a path that leaves the session.
    Result<SessionFileRecord> find(const TenantId &tenant, const QString &session,
                                   const QString &path);
    Result<std::unique_ptr<QIODevice>> open(const SessionFileRecord &file);
    /// Creates or replaces.
    Result<SessionFileRecord> write(const TenantId &tenant, const QString &session,
                                    const QString &path, QIODevice &content, const Origin &by);
    Result<void> remove(const TenantId &tenant, const QString &session, const QString &path,
                        const Origin &by);
    /// All of it; false: there was nothing.
    Result<bool> removeSession(const TenantId &tenant, const QString &session, const Origin &by);

    /// How large the file system of a run must be for any session within the limits: whole pages
    /// for each file.
    qint64 treeBytes() const { return m_limits.maxBytes + 4096LL * m_limits.maxFiles; }

    /// The files as a tree for a run, readable for any uid.
    struct Checkout {
        Scratch scratch;
        QString directory;
        QList<SessionFileRecord> files; ///< as they were
    };
    Result<Checkout> checkOut(const TenantId &tenant, const QString &session);
    /// Takes the changes that a run made: `directory` is its /sandbox/session after its death and
    /// hostile. Returns lines for the run's log about what could not be taken.
    Result<QStringList> checkIn(const TenantId &tenant, const QString &session,
                                const Checkout &before, int directory);

private:
    MetadataStore &m_metadata;
    BlobStore &m_blobs;
    QString m_scratchDirectory;
    SessionLimits m_limits;
};

} // namespace skillbox
