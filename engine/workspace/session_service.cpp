#include "engine/workspace/session_service.h"

#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/files/output_tree.h"
#include "engine/workspace/placed_files.h"
#include "engine/workspace/stored_content.h"

#include <QFile>
#include <QHash>

#include <cerrno>
#include <cstring>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype maxSessionPathBytes = 1024;
constexpr qsizetype maxPartBytes = 255;
constexpr qsizetype maxSessionDepth = 32;

Result<void> checkSession(const QString &session)
{
    if (SessionService::isSessionName(session))
        return {};
    return fail(ErrorCode::BadRequest,
                u"\"%1\" is not a session name: it must have 1 to 128 letters, digits, dots,"
                u" underscores and hyphens"_s.arg(session.left(128)));
}

/// A path as the walk through a dead run's folder would give it: only such names can come and go.
Result<void> checkPath(const QString &path)
{
    const auto refused = [&](const QString &why) {
        return fail(ErrorCode::BadRequest, u"the path \"%1\" %2"_s.arg(path.left(128), why));
    };
    if (path.isEmpty())
        return fail(ErrorCode::BadRequest, u"a file of a session needs a path"_s);
    if (!path.isValidUtf16() || path.toUtf8().size() > maxSessionPathBytes)
        return refused(u"is longer than %1 bytes"_s.arg(maxSessionPathBytes));
    for (const QChar c : path) {
        if (c.category() == QChar::Other_Control || c == u'\\')
            return refused(u"has a control character or a backslash"_s);
    }
    const QStringList parts = path.split(u'/');
    if (parts.size() > maxSessionDepth)
        return refused(u"is more than %1 folders deep"_s.arg(maxSessionDepth));
    for (const QString &part : parts) {
        if (part.isEmpty() || part == "."_L1 || part == ".."_L1)
            return refused(u"does not lie below the session"_s);
        if (part.toUtf8().size() > maxPartBytes)
            return refused(u"has a name longer than %1 bytes"_s.arg(maxPartBytes));
    }
    return {};
}

AuditRecord sessionAudit(const TenantId &tenant, const QString &session, const QString &action,
                         const QJsonObject &details, const Origin &by)
{
    AuditRecord audit;
    audit.tenant = tenant;
    audit.at = nowUtc();
    audit.actor = by.actor;
    audit.action = action;
    audit.target = session;
    audit.details = details;
    audit.address = by.address;
    audit.requestId = by.requestId;
    return audit;
}

Error noSuchSessionFile(const QString &session, const QString &path)
{
    return {ErrorCode::NotFound, u"the session \"%1\" has no file \"%2\""_s.arg(session, path)};
}

/// Makes the folders above `path` in the tree at `root`, readable for any uid.
bool makeFoldersFor(const QString &root, const QString &path)
{
    for (qsizetype slash = path.indexOf(u'/'); slash >= 0; slash = path.indexOf(u'/', slash + 1)) {
        const QByteArray folder = QFile::encodeName(root + u'/' + path.first(slash));
        if (::mkdir(folder.constData(), 0755) != 0 && errno != EEXIST)
            return false;
        ::chmod(folder.constData(), 0755); // whatever the umask says
    }
    return true;
}

Error unreadableSession(int error)
{
    return {ErrorCode::Internal,
            u"the session's files cannot be read here: %1"_s.arg(
                QString::fromLocal8Bit(std::strerror(error)))};
}

/// What became of a session in a run, compared with how it was.
class SessionChanges
{
public:
    SessionChanges(const OutputTree &tree, BlobStore &blobs, qint64 maxBytes,
                   const QList<SessionFileRecord> &before)
        : m_tree(tree)
        , m_blobs(blobs)
        , m_maxBytes(maxBytes)
    {
        for (const SessionFileRecord &file : before)
            m_before.insert(file.path.toUtf8(), file);
    }

    /// Stores the file if it is new or other than it was. An Error: the store failed.
    Result<void> take(const OutputFile &entry);
    /// Those that were there and have not been taken.
    QStringList removed() const
    {
        QStringList paths;
        for (const SessionFileRecord &file : m_before)
            paths.append(file.path);
        return paths;
    }

    QList<SessionFileRecord> written;
    QStringList lines;

private:
    /// The SHA-256 of an open file, which stands at its beginning again afterwards.
    static QString digestOf(QFile &file);

    const OutputTree &m_tree;
    BlobStore &m_blobs;
    const qint64 m_maxBytes;
    QHash<QByteArray, SessionFileRecord> m_before;
};

Result<void> SessionChanges::take(const OutputFile &entry)
{
    const QString path = QString::fromUtf8(entry.path);
    const std::optional<SessionFileRecord> before = m_before.contains(entry.path)
        ? std::optional(m_before.take(entry.path))
        : std::nullopt;
    qint64 size = 0;
    UniqueFd fd = m_tree.openFile(entry.path, &size);
    if (!fd && !isDoingOfTree(errno))
        return fail(unreadableSession(errno));
    struct stat status {
    };
    QFile file;
    if (!fd || ::fstat(fd.get(), &status) != 0
        || !file.open(fd.release(), QIODevice::ReadOnly | QIODevice::Unbuffered,
                      QFileDevice::AutoCloseHandle)) {
        lines += u"the session's file \"%1\" is not taken back: it cannot be read"_s.arg(path);
        return {};
    }
    const bool executable = (status.st_mode & S_IXUSR) != 0;
    // Most files of a session are not touched by a run: reading them is cheaper than storing them.
    if (before && before->sizeBytes == size && before->executable == executable
        && digestOf(file) == before->blob.sha256)
        return {};
    const Result<StoredBlob> stored = m_blobs.put(file, m_maxBytes);
    if (!stored)
        return fail(stored.error());
    written.append({.path = path,
                    .blob = stored->id,
                    .sizeBytes = stored->size,
                    .executable = executable,
                    .updatedAt = nowUtc()});
    return {};
}

QString SessionChanges::digestOf(QFile &file)
{
    Sha256 hash;
    QByteArray buffer(256 * 1024, Qt::Uninitialized);
    for (qint64 got = 0; (got = file.read(buffer.data(), buffer.size())) > 0;)
        hash.add(QByteArrayView(buffer.constData(), got));
    file.seek(0);
    return hash.finish();
}

QList<BlobId> blobsOf(const QList<SessionFileRecord> &files)
{
    QList<BlobId> blobs;
    for (const SessionFileRecord &file : files)
        blobs.append(file.blob);
    return blobs;
}

} // namespace

SessionService::SessionService(MetadataStore &metadata, BlobStore &blobs, QString scratchDirectory,
                               SessionLimits limits)
    : m_metadata(metadata)
    , m_blobs(blobs)
    , m_scratchDirectory(std::move(scratchDirectory))
    , m_limits(limits)
{
}

bool SessionService::isSessionName(QStringView name)
{
    return !name.isEmpty() && name.size() <= 128 && name != "."_L1 && name != ".."_L1
        && std::all_of(name.begin(), name.end(), [](QChar c) {
               return (c >= u'a' && c <= u'z') || (c >= u'A' && c <= u'Z')
                   || (c >= u'0' && c <= u'9') || c == u'.' || c == u'_' || c == u'-';
           });
}

Result<QList<SessionFileRecord>> SessionService::files(const TenantId &tenant,
                                                       const QString &session)
{
    if (auto named = checkSession(session); !named)
        return fail(named.error());
    return m_metadata.listSessionFiles(tenant, session);
}

Result<SessionFileRecord> SessionService::find(const TenantId &tenant, const QString &session,
                                               const QString &path)
{
    if (auto named = checkSession(session); !named)
        return fail(named.error());
    if (auto fine = checkPath(path); !fine)
        return fail(fine.error());
    auto found = m_metadata.findSessionFile(tenant, session, path);
    if (!found)
        return fail(found.error());
    if (!*found)
        return fail(noSuchSessionFile(session, path));
    return std::move(**found);
}

Result<std::unique_ptr<QIODevice>> SessionService::open(const SessionFileRecord &file)
{
    return openStored(m_blobs, file.blob, file.path);
}

Result<SessionFileRecord> SessionService::write(const TenantId &tenant, const QString &session,
                                                const QString &path, QIODevice &content,
                                                const Origin &by)
{
    const auto there = files(tenant, session);
    if (!there)
        return fail(there.error());
    if (auto fine = checkPath(path); !fine)
        return fail(fine.error());
    bool executable = false;
    for (const SessionFileRecord &file : *there) {
        if (file.path == path)
            executable = file.executable;
        if (file.path.startsWith(path + u'/'))
            return fail(ErrorCode::BadRequest, u"\"%1\" is a folder of the session"_s.arg(path));
        if (path.startsWith(file.path + u'/')) {
            return fail(ErrorCode::BadRequest,
                        u"\"%1\" is a file of the session, not a folder"_s.arg(file.path));
        }
    }
    const qint64 start = content.pos();
    const auto stored = m_blobs.put(content, m_limits.maxBytes);
    if (!stored) {
        if (stored.error().code == ErrorCode::TooLarge) {
            return fail(ErrorCode::TooLarge,
                        u"the file is larger than the limit of %1 bytes for a session"_s.arg(
                            m_limits.maxBytes));
        }
        return fail(stored.error());
    }
    const SessionFileRecord record{.path = path,
                                   .blob = stored->id,
                                   .sizeBytes = stored->size,
                                   .executable = executable,
                                   .updatedAt = nowUtc()};
    const AuditRecord audit = sessionAudit(
        tenant, session, u"session.write"_s,
        {{u"path"_s, path}, {u"size_bytes"_s, record.sizeBytes}, {u"sha256"_s, record.blob.sha256}},
        by);
    const auto given = m_metadata.changeSession(tenant, session, {record}, {},
                                                {m_limits.maxBytes, m_limits.maxFiles}, &audit);
    if (!given) {
        releaseBlobs(m_metadata, m_blobs, {stored->id});
        return fail(given.error());
    }
    if (auto kept = keepStored(m_metadata, m_blobs, *stored, content, start); !kept) {
        (void)m_metadata.changeSession(tenant, session, {}, {path}, {});
        return fail(kept.error());
    }
    releaseBlobs(m_metadata, m_blobs, *given);
    return record;
}

Result<void> SessionService::remove(const TenantId &tenant, const QString &session,
                                    const QString &path, const Origin &by)
{
    if (const auto found = find(tenant, session, path); !found)
        return fail(found.error());
    const AuditRecord audit = sessionAudit(tenant, session, u"session.remove"_s,
                                           {{u"path"_s, path}}, by);
    const auto given = m_metadata.changeSession(tenant, session, {}, {path}, {}, &audit);
    if (!given)
        return fail(given.error());
    releaseBlobs(m_metadata, m_blobs, *given);
    return {};
}

Result<bool> SessionService::removeSession(const TenantId &tenant, const QString &session,
                                           const Origin &by)
{
    if (auto named = checkSession(session); !named)
        return fail(named.error());
    const AuditRecord audit = sessionAudit(tenant, session, u"session.delete"_s, {}, by);
    const auto given = m_metadata.deleteSession(tenant, session, &audit);
    if (!given)
        return fail(given.error());
    releaseBlobs(m_metadata, m_blobs, *given);
    return !given->isEmpty();
}

Result<SessionService::Checkout> SessionService::checkOut(const TenantId &tenant,
                                                          const QString &session)
{
    auto there = files(tenant, session);
    if (!there)
        return fail(there.error());
    auto scratch = Scratch::folder(m_scratchDirectory);
    if (!scratch)
        return fail(scratch.error());
    Checkout checkout{std::move(*scratch), {}, {}};
    checkout.directory = checkout.scratch.path() + u"/session"_s;
    const QByteArray native = QFile::encodeName(checkout.directory);
    if (::mkdir(native.constData(), 0755) != 0 || ::chmod(native.constData(), 0755) != 0)
        return fail(writeError(checkout.directory, errno));
    for (SessionFileRecord &file : *there) {
        // Two writers at once may have made a file of what is a folder for the other; the first by
        // name stays, and the other is left alone.
        const QString path = checkout.directory + u'/' + file.path;
        if (!makeFoldersFor(checkout.directory, file.path) || QFile::exists(path))
            continue;
        if (auto copied = copyBlob(m_blobs, file.blob, path, file.executable ? 0755 : 0644,
                                   file.path);
            !copied)
            return fail(copied.error());
        checkout.files.append(std::move(file));
    }
    return checkout;
}

Result<QStringList> SessionService::checkIn(const TenantId &tenant, const QString &session,
                                            const Checkout &before, int directory)
{
    const OutputTree tree(directory);
    OutputListing listing = tree.list("."_ba,
                                      {.depth = static_cast<int>(maxSessionDepth) - 1,
                                       .pathBytes = static_cast<int>(maxSessionPathBytes),
                                       // Folders count as well, and links that are left out.
                                       .entries = 4 * m_limits.maxFiles});
    SessionChanges changes(tree, m_blobs, m_limits.maxBytes, before.files);
    changes.lines = listing.skipped;
    // What could not be looked at is not what a run has deleted.
    if (listing.error != 0)
        return fail(unreadableSession(listing.error));
    for (const OutputFile &entry : std::as_const(listing.files)) {
        if (auto taken = changes.take(entry); !taken) {
            releaseBlobs(m_metadata, m_blobs, blobsOf(changes.written));
            return fail(taken.error());
        }
    }
    // Of a folder that was not read to its end nobody knows what is gone.
    const QStringList removed = listing.complete ? changes.removed() : QStringList();
    if (changes.written.isEmpty() && removed.isEmpty())
        return changes.lines;
    const auto given = m_metadata.changeSession(tenant, session, changes.written, removed,
                                                {m_limits.maxBytes, m_limits.maxFiles});
    if (!given) {
        releaseBlobs(m_metadata, m_blobs, blobsOf(changes.written));
        if (given.error().code != ErrorCode::TooLarge)
            return fail(given.error());
        changes.lines += u"the session stays as it was before the run: %1"_s.arg(
            given.error().message);
        return changes.lines;
    }
    for (const SessionFileRecord &file : std::as_const(changes.written)) {
        QFile content;
        UniqueFd fd = tree.openFile(file.path.toUtf8(), nullptr);
        if (!fd
            || !content.open(fd.release(), QIODevice::ReadOnly | QIODevice::Unbuffered,
                             QFileDevice::AutoCloseHandle))
            continue;
        if (auto kept = keepStored(m_metadata, m_blobs, {file.blob, file.sizeBytes}, content, 0);
            !kept)
            return fail(kept.error());
    }
    releaseBlobs(m_metadata, m_blobs, *given);
    return changes.lines;
}

} // namespace skillbox
