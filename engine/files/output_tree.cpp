#include "engine/files/output_tree.h"

#include "engine/base/quoted_name.h"
#include "engine/files/open_beneath.h"

#include <QString>
#include <QUtf8StringView>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <deque>
#include <memory>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int maxSkippedLines = 20;

struct DirectoryCloser {
    void operator()(DIR *directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, DirectoryCloser>;

/// The /proc name of a descriptor: the one way to change the mode of, or reopen, what an O_PATH
/// descriptor holds without resolving its path again (open(2), O_PATH).
QByteArray procName(int fd)
{
    return "/proc/self/fd/" + QByteArray::number(fd);
}

QString typeName(mode_t mode)
{
    switch (mode & S_IFMT) {
    case S_IFLNK: return u"a symbolic link"_s;
    case S_IFIFO: return u"a named pipe"_s;
    case S_IFSOCK: return u"a socket"_s;
    case S_IFCHR:
    case S_IFBLK: return u"a device"_s;
    default: return u"not a regular file"_s;
    }
}

QString errorText(int number)
{
    return QString::fromLocal8Bit(std::strerror(number));
}

/// Why a name cannot be shown, downloaded and stored under the same name everywhere; empty if it
/// can.
QString nameFault(QByteArrayView name)
{
    if (!QUtf8StringView(name.data(), name.size()).isValidUtf8())
        return u"its name is not UTF-8"_s;
    const QString text = QString::fromUtf8(name);
    for (const QChar c : text) {
        if (c.category() == QChar::Other_Control)
            return u"its name has a control character"_s;
        if (c == u'\\')
            return u"its name has a backslash"_s;
    }
    return {};
}

class Walk
{
public:
    explicit Walk(const OutputBounds &bounds) : m_bounds(bounds) { }

    /// `directory` is `path` below the root of the listing; empty for the root itself.
    void read(UniqueFd directory, const QByteArray &path, int depth);

    struct Pending {
        QByteArray path;
        int depth;
    };
    std::deque<Pending> pending;

    void skip(const QByteArray &path, const QString &why)
    {
        if (++m_skipped <= maxSkippedLines)
            m_listing.skipped += u"%1 is left out: %2"_s.arg(quotedName(path), why);
    }
    /// The same for an error.
    void skip(const QByteArray &path, int error)
    {
        if (!isDoingOfTree(error))
            m_listing.error = error;
        skip(path, errorText(error));
    }
    bool full() const { return m_seen > m_bounds.entries; }
    OutputListing finish()
    {
        if (full()) {
            m_listing.complete = false;
            m_listing.skipped += u"only the first %1 entries of the files were looked at"_s.arg(
                m_bounds.entries);
        }
        if (m_skipped > maxSkippedLines) {
            m_listing.skipped += u"%1 more entries are left out for reasons like these"_s.arg(
                m_skipped - maxSkippedLines);
        }
        std::sort(m_listing.files.begin(), m_listing.files.end(),
                  [](const OutputFile &a, const OutputFile &b) { return a.path < b.path; });
        return std::move(m_listing);
    }

private:
    void look(int directory, const char *name, const QByteArray &path, int depth);

    const OutputBounds m_bounds;
    OutputListing m_listing;
    int m_seen = 0;
    int m_skipped = 0;
};

void Walk::read(UniqueFd directory, const QByteArray &path, int depth)
{
    const Directory entries(::fdopendir(directory.get()));
    if (!entries) {
        skip(path, errno);
        return;
    }
    directory.release(); // closedir closes it
    while (!full()) {
        errno = 0;
        const dirent *entry = ::readdir(entries.get());
        if (!entry) {
            if (errno != 0)
                skip(path, errno);
            return;
        }
        if (std::strcmp(entry->d_name, ".") == 0 || std::strcmp(entry->d_name, "..") == 0)
            continue;
        if (++m_seen > m_bounds.entries)
            return;
        const QByteArray child = path.isEmpty() ? QByteArray(entry->d_name)
                                                : path + '/' + entry->d_name;
        look(::dirfd(entries.get()), entry->d_name, child, depth);
    }
}

void Walk::look(int directory, const char *name, const QByteArray &path, int depth)
{
    struct stat status {
    };
    if (::fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        skip(path, errno);
        return;
    }
    const QString fault = nameFault(name);
    if (!fault.isEmpty())
        skip(path, fault);
    else if (path.size() > m_bounds.pathBytes)
        skip(path, u"its path is longer than %1 bytes"_s.arg(m_bounds.pathBytes));
    else if (S_ISDIR(status.st_mode) && depth >= m_bounds.depth)
        skip(path, u"it is more than %1 folders deep"_s.arg(m_bounds.depth));
    else if (S_ISDIR(status.st_mode))
        pending.push_back({path, depth + 1});
    else if (!S_ISREG(status.st_mode))
        skip(path, u"it is "_s + typeName(status.st_mode));
    else if (status.st_nlink != 1)
        skip(path, u"it has more than one hard link"_s);
    else
        m_listing.files.append({path, status.st_size});
}

} // namespace

bool isDoingOfTree(int error)
{
    switch (error) {
    case EACCES:
    case EINVAL: // of OutputTree: something else than was asked for
    case EISDIR:
    case ELOOP:
    case ENAMETOOLONG:
    case ENOENT:
    case ENOTDIR:
    case ENXIO:
    case EOVERFLOW:
    case EXDEV: return true;
    default: return false;
    }
}

UniqueFd OutputTree::openAs(const QByteArray &path, int type, int flags, qint64 *size) const
{
    // Looked at before it is opened: opening a device can do things.
    UniqueFd place = openBeneath(m_root, path, O_PATH | O_NOFOLLOW, Links::Refuse);
    if (!place && errno == EACCES
        && ::chmod(procName(m_root).constData(), S_IRWXU) == 0) // the root may have lost its x
        place = openBeneath(m_root, path, O_PATH | O_NOFOLLOW, Links::Refuse);
    if (!place)
        return {};
    struct stat status {
    };
    if (::fstat(place.get(), &status) != 0)
        return {};
    const bool wanted = (status.st_mode & S_IFMT) == static_cast<mode_t>(type)
        && (type != S_IFREG || status.st_nlink == 1);
    if (!wanted) {
        errno = EINVAL;
        return {};
    }
    if (size)
        *size = status.st_size;
    const QByteArray name = procName(place.get());
    // A folder that can be read but not searched would hide its children from fstatat.
    if (type == S_IFDIR && (status.st_mode & S_IRWXU) != S_IRWXU)
        ::chmod(name.constData(), S_IRWXU);
    UniqueFd open(::open(name.constData(), flags | O_CLOEXEC));
    if (!open && errno == EACCES && type == S_IFREG && ::chmod(name.constData(), S_IRUSR) == 0)
        open.reset(::open(name.constData(), flags | O_CLOEXEC));
    return open;
}

UniqueFd OutputTree::openFile(const QByteArray &path, qint64 *size) const
{
    return openAs(path, S_IFREG, O_RDONLY | O_NONBLOCK | O_NOCTTY, size);
}

OutputListing OutputTree::list(const QByteArray &path, const OutputBounds &bounds) const
{
    Walk walk(bounds);
    UniqueFd top = openAs(path, S_IFDIR, O_RDONLY | O_DIRECTORY, nullptr);
    if (!top) {
        if (errno == EINVAL)
            walk.skip(path, u"it is not a folder"_s);
        else if (errno != ENOENT)
            walk.skip(path, errno);
        return walk.finish();
    }
    // Folders are reopened by path, so that a wide tree costs memory and not descriptors.
    walk.read(std::move(top), {}, 0);
    while (!walk.pending.empty() && !walk.full()) {
        const Walk::Pending next = walk.pending.front();
        walk.pending.pop_front();
        UniqueFd directory = openAs(path + '/' + next.path, S_IFDIR, O_RDONLY | O_DIRECTORY,
                                    nullptr);
        if (directory)
            walk.read(std::move(directory), next.path, next.depth);
        else
            walk.skip(next.path, errno);
    }
    return walk.finish();
}

} // namespace skillbox
