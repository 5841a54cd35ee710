#include "engine/sandbox/images/root_writer.h"

#include "engine/base/quoted_name.h"
#include "engine/files/open_beneath.h"
#include "engine/files/remove_tree.h"
#include "engine/files/scratch.h"
#include "engine/sandbox/images/image_path.h"

#include <QFile>

#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int pathOnly = O_PATH | O_DIRECTORY;
/// For everything that takes host paths: the engine's folders and a name must fit in beside it.
constexpr qsizetype maxRealPath = PATH_MAX - NAME_MAX - 2;

/// The whole path of an open folder; empty if it is too long to be named.
QByteArray realPath(int fd)
{
    QByteArray target(PATH_MAX, Qt::Uninitialized);
    const QByteArray name = "/proc/self/fd/" + QByteArray::number(fd);
    const ssize_t size = ::readlink(name.constData(), target.data(), PATH_MAX);
    return size > 0 && size < PATH_MAX ? target.first(size) : QByteArray();
}

} // namespace

Result<RootWriter> RootWriter::create(const QString &directory, const ImageLimits &limits)
{
    RootWriter writer(limits);
    writer.m_directory = directory;
    const QByteArray path = QFile::encodeName(directory);
    if (::mkdir(path.constData(), 0755) != 0)
        return fail(writeError(directory, errno));
    writer.m_root.reset(::open(path.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!writer.m_root || ::fchmod(writer.m_root.get(), 0755) != 0)
        return fail(writeError(directory, errno));
    writer.m_realRoot = realPath(writer.m_root.get());
    if (writer.m_realRoot.isEmpty()) {
        return fail(ErrorCode::StorageUnavailable,
                    u"the path of the data directory is too long: "_s + directory);
    }
    return writer;
}

tl::unexpected<Error> RootWriter::failed(const QByteArray &path) const
{
    const int error = errno;
    switch (error) {
    case ENOTDIR: return refusedEntry(path, u"lies below something that is not a folder"_s);
    case ELOOP: return refusedEntry(path, u"lies below links that lead in a circle"_s);
    case ENAMETOOLONG:
        return refusedEntry(path, u"has a name that is too long for this file system"_s);
    case EMLINK: return refusedEntry(path, u"has more hard links than this file system allows"_s);
    case EINVAL:
    case EILSEQ: return refusedEntry(path, u"has a name that this file system does not take"_s);
    default: return fail(writeError(m_directory, error));
    }
}

void RootWriter::forgetFolder()
{
    m_folder.reset();
    m_folderPath.clear();
}

/// Where a folder really lies, after all links: inside, and within the limits that were checked for
/// its name only.
Result<void> RootWriter::checkPlace(int folder, const QByteArray &path) const
{
    const QByteArray real = realPath(folder);
    if (real.isEmpty() || real.size() > maxRealPath
        || real.count('/') - m_realRoot.count('/') >= m_limits.depth)
        return fail(ErrorCode::TooLarge, u"entry %1 lies too deep"_s.arg(quotedName(path)));
    if (real != m_realRoot && !real.startsWith(m_realRoot + '/'))
        return refusedEntry(path, u"leads out of the image"_s);
    return {};
}

Result<UniqueFd> RootWriter::makeFolders(const QByteArray &path)
{
    UniqueFd above(::openat(m_root.get(), ".", pathOnly | O_CLOEXEC));
    for (qsizetype end = 0; above && end >= 0;) {
        end = path.indexOf('/', end + 1);
        const QByteArray step = end < 0 ? path : path.first(end);
        UniqueFd next = openBeneath(m_root.get(), step, pathOnly, Links::StayInside);
        if (!next && errno == ENOENT) {
            const QByteArray name = baseNameOf(step);
            if (::mkdirat(above.get(), name.constData(), 0755) != 0) {
                if (errno == EEXIST)
                    return refusedEntry(path, u"lies below a link that leads nowhere"_s);
                return failed(path);
            }
            if (::fchmodat(above.get(), name.constData(), 0755, 0) != 0)
                return failed(path);
            next = openBeneath(m_root.get(), step, pathOnly, Links::StayInside);
        }
        above = std::move(next);
    }
    if (!above)
        return failed(path);
    return above;
}

/// The open folder `path`; -1: it is missing and shall be left so.
Result<int> RootWriter::folder(const QByteArray &path, Missing missing)
{
    if (path.isEmpty())
        return m_root.get();
    if (m_folder && m_folderPath == path)
        return m_folder.get();
    forgetFolder();
    UniqueFd opened = openBeneath(m_root.get(), path, pathOnly, Links::StayInside);
    if (!opened && missing == Missing::Leave && (errno == ENOENT || errno == ENOTDIR))
        return -1;
    if (!opened && errno != ENOENT)
        return failed(path);
    if (!opened) {
        auto made = makeFolders(path);
        if (!made)
            return fail(made.error());
        opened = std::move(*made);
    }
    if (const auto inside = checkPlace(opened.get(), path); !inside)
        return fail(inside.error());
    m_folder = std::move(opened);
    m_folderPath = path;
    return m_folder.get();
}

/// Nothing is at `path` afterwards.
Result<void> RootWriter::makeWay(int folder, const QByteArray &path)
{
    const QByteArray name = baseNameOf(path);
    if (::unlinkat(folder, name.constData(), 0) == 0) {
        // It may have been a link on the way to the folder that is open; the next entry looks anew.
        m_folderPath.clear();
        return {};
    }
    if (errno == ENOENT)
        return {};
    if (!removeTree(folder, name.constData()))
        return failed(path);
    m_folderPath.clear();
    return {};
}

Result<void> RootWriter::makeFolder(const QByteArray &path)
{
    const Result<int> above = folder(parentOf(path), Missing::Create);
    if (!above)
        return fail(above.error());
    const QByteArray name = baseNameOf(path);
    struct stat info {
    };
    if (::fstatat(*above, name.constData(), &info, AT_SYMLINK_NOFOLLOW) == 0
        && S_ISDIR(info.st_mode))
        return {};
    if (const auto free = makeWay(*above, path); !free)
        return free;
    if (::mkdirat(*above, name.constData(), 0755) != 0
        || ::fchmodat(*above, name.constData(), 0755, 0) != 0)
        return failed(path);
    return {};
}

Result<void> RootWriter::beginFile(const QByteArray &path)
{
    const Result<int> above = folder(parentOf(path), Missing::Create);
    if (!above)
        return fail(above.error());
    if (const auto free = makeWay(*above, path); !free)
        return free;
    m_file.reset(::openat(*above, baseNameOf(path).constData(),
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!m_file)
        return failed(path);
    m_filePath = path;
    return {};
}

Result<void> RootWriter::write(qint64 offset, QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        const ssize_t wrote = ::pwrite(m_file.get(), bytes.data(),
                                       static_cast<size_t>(bytes.size()), offset);
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote < 0)
            return fail(writeError(m_directory, errno));
        offset += wrote;
        bytes = bytes.sliced(wrote);
    }
    return {};
}

Result<void> RootWriter::endFile(qint64 size, bool executable, const timespec &modified)
{
    m_writtenBytes += size;
    // A hole at its end has no piece.
    if (::ftruncate(m_file.get(), size) != 0
        || ::fchmod(m_file.get(), executable ? 0755 : 0644) != 0)
        return failed(m_filePath);
    const timespec times[] = {{0, UTIME_OMIT}, modified};
    ::futimens(m_file.get(), times); // one that the file system does not take is no loss
    m_file.reset();
    return {};
}

Result<void> RootWriter::makeSymlink(const QByteArray &path, const QByteArray &target)
{
    if (target.isEmpty() || target.size() >= PATH_MAX)
        return refusedEntry(path, u"is a symbolic link to nothing or to too long a path"_s);
    const Result<int> above = folder(parentOf(path), Missing::Create);
    if (!above)
        return fail(above.error());
    if (const auto free = makeWay(*above, path); !free)
        return free;
    if (::symlinkat(target.constData(), *above, baseNameOf(path).constData()) != 0)
        return failed(path);
    return {};
}

Result<void> RootWriter::makeHardLink(const QByteArray &path, const QByteArray &target)
{
    const auto missing = [&] {
        return refusedEntry(
            path, u"is a hard link to %1, which is not in the image"_s.arg(quotedName(target)));
    };
    if (target.isEmpty())
        return missing();
    // Opened by itself: folder() below may replace the one that is kept open.
    const QByteArray targetParent = parentOf(target);
    const UniqueFd from = openBeneath(m_root.get(), targetParent.isEmpty() ? "." : targetParent,
                                      pathOnly, Links::StayInside);
    const QByteArray targetName = baseNameOf(target);
    struct stat source {
    };
    if (!from || ::fstatat(from.get(), targetName.constData(), &source, AT_SYMLINK_NOFOLLOW) != 0)
        return missing();
    if (!S_ISREG(source.st_mode) && !S_ISLNK(source.st_mode))
        return refusedEntry(path, u"is a hard link to a folder"_s);
    const Result<int> above = folder(parentOf(path), Missing::Create);
    if (!above)
        return fail(above.error());
    const QByteArray name = baseNameOf(path);
    struct stat there {
    };
    if (::fstatat(*above, name.constData(), &there, AT_SYMLINK_NOFOLLOW) == 0
        && there.st_ino == source.st_ino)
        return {}; // that link is there already; making way might remove the last one
    if (const auto free = makeWay(*above, path); !free)
        return free;
    // Flags 0: a symbolic link is linked itself, not what it points to (linkat(2)).
    if (::linkat(from.get(), targetName.constData(), *above, name.constData(), 0) != 0) {
        if (errno == ENOENT)
            return missing(); // it lay in what had to make way
        return failed(path);
    }
    return {};
}

Result<void> RootWriter::remove(const QByteArray &path)
{
    const Result<int> above = folder(parentOf(path), Missing::Leave);
    if (!above)
        return fail(above.error());
    return *above < 0 ? Result<void>() : makeWay(*above, path);
}

Result<void> RootWriter::clear(const QByteArray &path)
{
    const Result<int> emptied = folder(path, Missing::Leave);
    if (!emptied)
        return fail(emptied.error());
    if (*emptied < 0)
        return {};
    const bool done = removeContents(*emptied);
    m_folderPath.clear();
    return done ? Result<void>() : failed(path);
}

} // namespace skillbox
