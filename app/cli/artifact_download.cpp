#include "app/cli/artifact_download.h"

#include "app/cli/backend/backend.h"
#include "engine/base/ids.h"
#include "engine/base/sha256.h"
#include "engine/base/unique_fd.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 downloadChunkBytes = 256 * 1024;

QString errnoText()
{
    return QString::fromLocal8Bit(std::strerror(errno));
}

/// An artifact's place: the components of its path, none of which leads upwards.
Result<QStringList> safeComponents(const QString &path)
{
    const QStringList components = path.split(u'/');
    for (const QString &component : components) {
        if (component.isEmpty() || component == u"." || component == u".."
            || component.contains(QChar(u'\0'))) {
            return fail(ErrorCode::StorageCorrupt,
                        u"the run has a file with the unsafe path '%1'; nothing was saved"_s.arg(
                            path));
        }
    }
    return components;
}

/// Opens the folder that holds the file, making folders on the way if `create`. Symlinks are not
/// followed: one could lead out of the directory. An invalid descriptor: not there yet.
Result<UniqueFd> openParent(int root, const QStringList &components, bool create)
{
    UniqueFd parent(::fcntl(root, F_DUPFD_CLOEXEC, 0));
    for (qsizetype i = 0; i + 1 < components.size(); ++i) {
        const QByteArray name = QFile::encodeName(components[i]);
        if (create && ::mkdirat(parent.get(), name.constData(), 0777) != 0 && errno != EEXIST) {
            return fail(ErrorCode::Io,
                        u"cannot make the folder '%1' for the run's files: %2"_s.arg(
                            components.first(i + 1).join(u'/'), errnoText()));
        }
        UniqueFd next(::openat(parent.get(), name.constData(),
                               O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next && errno == ENOENT && !create)
            return UniqueFd();
        if (!next) {
            return fail(ErrorCode::Io,
                        u"cannot save below '%1': %2"_s.arg(components.first(i + 1).join(u'/'),
                                                            errno == ELOOP || errno == ENOTDIR
                                                                ? u"it is a link or not a folder"_s
                                                                : errnoText()));
        }
        parent = std::move(next);
    }
    return parent;
}

Result<QString> digestOf(int fd)
{
    Sha256 sha;
    QByteArray chunk(downloadChunkBytes, Qt::Uninitialized);
    while (true) {
        const ssize_t n = ::read(fd, chunk.data(), static_cast<size_t>(chunk.size()));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(ErrorCode::Io, errnoText());
        if (n == 0)
            return sha.finish();
        sha.add(QByteArrayView(chunk).first(n));
    }
}

/// Whether the file may be written: it is not there, or nothing would be lost with it.
Result<bool> mayWrite(Backend &backend, int root, const ExecutionRecord &record,
                      const ArtifactRecord &artifact, const QStringList &components,
                      ExistingFiles existing)
{
    const Result<UniqueFd> parent = openParent(root, components, false);
    if (!parent)
        return fail(parent.error());
    if (!*parent)
        return true;
    const QByteArray name = QFile::encodeName(components.last());
    struct stat info {
    };
    if (::fstatat(parent->get(), name.constData(), &info, AT_SYMLINK_NOFOLLOW) != 0)
        return true;
    if (S_ISDIR(info.st_mode)) {
        return fail(ErrorCode::Io,
                    u"cannot save '%1': there is a folder of that name"_s.arg(artifact.path));
    }
    if (existing == ExistingFiles::Replace)
        return true;
    if (!S_ISREG(info.st_mode))
        return false;
    const UniqueFd file(
        ::openat(parent->get(), name.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file)
        return false;
    const Result<QString> digest = digestOf(file.get());
    if (!digest)
        return false;
    return backend.keepsContent(record, artifact, *digest);
}

Result<void> writeAll(int target, QByteArrayView bytes, const QString &path)
{
    for (qsizetype written = 0; written < bytes.size();) {
        const ssize_t n = ::write(target, bytes.data() + written,
                                  static_cast<size_t>(bytes.size() - written));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(ErrorCode::Io, u"cannot save '%1': %2"_s.arg(path, errnoText()));
        written += n;
    }
    return {};
}

Result<void> save(Backend &backend, int root, const ExecutionRecord &record,
                  const ArtifactRecord &artifact, const QStringList &components)
{
    const Result<UniqueFd> parent = openParent(root, components, true);
    if (!parent)
        return fail(parent.error());

    const QByteArray temporary = ".skillbox-" + newUuid().toLatin1();
    UniqueFd target(::openat(parent->get(), temporary.constData(),
                             O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666));
    if (!target)
        return fail(ErrorCode::Io, u"cannot save '%1': %2"_s.arg(artifact.path, errnoText()));
    Result<void> copied = backend.readArtifact(record, artifact, [&](QByteArrayView bytes) {
        return writeAll(target.get(), bytes, artifact.path);
    });
    if (copied
        && ::renameat(parent->get(), temporary.constData(), parent->get(),
                      QFile::encodeName(components.last()).constData())
            != 0)
        copied = fail(ErrorCode::Io, u"cannot save '%1': %2"_s.arg(artifact.path, errnoText()));
    if (!copied)
        ::unlinkat(parent->get(), temporary.constData(), 0);
    return copied;
}

} // namespace

Result<QList<SavedArtifact>> downloadArtifacts(Backend &backend, const ExecutionRecord &record,
                                               const QString &directory, ExistingFiles existing)
{
    QList<SavedArtifact> saved;
    if (record.artifacts.isEmpty())
        return saved;
    if (!QDir().mkpath(directory))
        return fail(ErrorCode::Io,
                    u"cannot make the folder '%1' for the run's files"_s.arg(directory));
    const UniqueFd root(
        ::open(QFile::encodeName(directory).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!root) {
        return fail(ErrorCode::Io,
                    u"cannot open the folder '%1': %2"_s.arg(directory, errnoText()));
    }

    QStringList inTheWay;
    for (const ArtifactRecord &artifact : record.artifacts) {
        const Result<QStringList> components = safeComponents(artifact.path);
        if (!components)
            return fail(components.error());
        const Result<bool> allowed = mayWrite(backend, root.get(), record, artifact, *components,
                                              existing);
        if (!allowed)
            return fail(allowed.error());
        if (!*allowed)
            inTheWay.append(QDir(directory).filePath(artifact.path));
    }
    if (!inTheWay.isEmpty()) {
        return fail(
            ErrorCode::Io,
            u"not saved, because a file of yours is in the way: %1\n"
            "save elsewhere, or replace it, with: skillbox exec download %2 DIR [--overwrite]"_s
                .arg(inTheWay.join(u", "_s), record.id.value));
    }

    for (const ArtifactRecord &artifact : record.artifacts) {
        const Result<QStringList> components = safeComponents(artifact.path);
        const Result<void> done = save(backend, root.get(), record, artifact, *components);
        if (!done)
            return fail(done.error());
        saved.append({artifact.path, QDir(directory).filePath(artifact.path), artifact.sizeBytes});
    }
    return saved;
}

} // namespace skillbox
