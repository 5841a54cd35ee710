#include "engine/files/scratch.h"

#include "engine/base/ids.h"
#include "engine/files/remove_tree.h"

#include <QDir>
#include <QFile>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const auto scratchPrefix = u".tmp-"_s;

void removeAt(const QString &path)
{
    removeTree(AT_FDCWD, QFile::encodeName(path).constData());
}

} // namespace

Scratch::Scratch(QString path, UniqueFd descriptor)
    : m_path(std::move(path))
    , m_descriptor(std::move(descriptor))
{
}

Scratch::Scratch(Scratch &&other) noexcept
    : m_path(std::exchange(other.m_path, {}))
    , m_descriptor(std::move(other.m_descriptor))
{
}

Scratch::~Scratch()
{
    if (!m_path.isEmpty())
        removeAt(m_path);
}

Result<Scratch> Scratch::file(const QString &directory)
{
    return create(directory, Kind::File);
}

Result<Scratch> Scratch::folder(const QString &directory)
{
    return create(directory, Kind::Folder);
}

Result<Scratch> Scratch::create(const QString &directory, Kind kind)
{
    for (;;) {
        const QString path = directory + u'/' + scratchPrefix + newUuid();
        const QByteArray native = QFile::encodeName(path);
        if (kind == Kind::Folder && ::mkdir(native.constData(), 0700) != 0)
            return fail(writeError(directory, errno));
        UniqueFd descriptor(
            kind == Kind::Folder
                ? ::open(native.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
                : ::open(native.constData(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
        if (!descriptor) {
            if (kind == Kind::Folder && errno == ENOENT)
                continue; // swept before it could be opened
            const int error = errno;
            if (kind == Kind::Folder)
                ::rmdir(native.constData());
            return fail(writeError(directory, error));
        }
        // Between its creation and the lock another process may have swept it, or be at it.
        struct stat info {
        };
        if (::flock(descriptor.get(), LOCK_EX | LOCK_NB) == 0
            && ::fstat(descriptor.get(), &info) == 0 && info.st_nlink > 0 && QFile::exists(path))
            return Scratch(path, std::move(descriptor));
        removeAt(path);
    }
}

void Scratch::sweep(const QString &directory)
{
    const QDir dir(directory);
    const auto names = dir.entryList({scratchPrefix + u'*'},
                                     QDir::AllEntries | QDir::Hidden | QDir::System
                                         | QDir::NoDotAndDotDot);
    for (const QString &name : names) {
        const QString path = dir.filePath(name);
        const UniqueFd descriptor(::open(QFile::encodeName(path).constData(),
                                         O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
        if (descriptor && ::flock(descriptor.get(), LOCK_EX | LOCK_NB) == 0)
            removeAt(path);
    }
}

Result<void> ensureFolder(const QString &path)
{
    // Parents first; each step may be made by another process at the same time.
    QStringList missing;
    for (QString step = path; !QFile::exists(step) && step != QDir::rootPath();
         step = QFileInfo(step).path())
        missing.prepend(step);
    for (const QString &step : missing) {
        if (::mkdir(QFile::encodeName(step).constData(), 0700) != 0 && errno != EEXIST)
            return fail(writeError(path, errno));
    }
    if (!QFileInfo(path).isDir())
        return fail(writeError(path, ENOTDIR));
    if (::access(QFile::encodeName(path).constData(), R_OK | W_OK | X_OK) != 0)
        return fail(writeError(path, errno));
    return {};
}

Error writeError(const QString &path, int error)
{
    const QString detail = QString::fromLocal8Bit(std::strerror(error));
    const auto reason = [&] {
        switch (error) {
        case ENOSPC:
        case EDQUOT: return u"the disk is full; free some space and try again"_s;
        case EROFS: return u"the file system is read-only; choose another data directory"_s;
        case EACCES:
        case EPERM: return u"there is no permission; change its owner or mode"_s;
        case ENOENT: return u"the folder is not there any more"_s;
        case ENOTDIR:
        case EEXIST: return u"a file is where a folder is needed"_s;
        default: return detail;
        }
    };
    return {ErrorCode::StorageUnavailable, u"%1 cannot be written: %2."_s.arg(path, reason()),
            detail};
}

} // namespace skillbox
