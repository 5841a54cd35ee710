#include "engine/skill/tree_reader.h"

#include "engine/base/sha256.h"
#include "engine/skill/folder_names.h"
#include "engine/skill/path_rules.h"
#include "engine/base/system_error.h"

#include <QFile>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>

namespace skillbox {

using namespace Qt::StringLiterals;

namespace {

/// Version control, caches, desktop litter and what an interrupted packDirectory left: not part of
/// what a skill is.
bool isSkipped(const QByteArray &path, const QByteArray &name)
{
    const bool isLeftover = name.startsWith(".skillbox-") && name.endsWith(".tmp");
    return isLeftover || name == ".git" || name == "__pycache__" || isDesktopLitter(name)
        || path == "node_modules/.cache" || path.endsWith("/node_modules/.cache");
}

QString kindOf(mode_t mode)
{
    if (S_ISLNK(mode))
        return u"symbolic link"_s;
    if (S_ISFIFO(mode))
        return u"named pipe"_s;
    if (S_ISSOCK(mode))
        return u"socket"_s;
    return u"device"_s;
}

class Walk
{
public:
    Walk(const ArchiveLimits &limits, std::optional<FileIdentity> except)
        : m_limits(limits)
        , m_except(except)
    {
    }

    Result<void> list(UniqueFd folder, const QByteArray &prefix);
    QList<TreeFile> takeFiles() { return std::move(m_files); }

private:
    Result<void> addFolder(int parent, const QByteArray &name, const QByteArray &path);
    Result<void> addFile(const QByteArray &path, const struct stat &status);

    const ArchiveLimits &m_limits;
    std::optional<FileIdentity> m_except;
    PathSet m_paths;
    QList<TreeFile> m_files;
    qint64 m_totalBytes = 0;
    qint64 m_folders = 0;
};

Result<void> Walk::list(UniqueFd folder, const QByteArray &prefix)
{
    const auto names = namesIn(folder.get(), prefix.isEmpty() ? QByteArray(".") : prefix);
    if (!names)
        return fail(names.error());
    for (const QByteArray &name : *names) {
        const QByteArray path = prefix.isEmpty() ? name : prefix + '/' + name;
        if (isSkipped(path, name))
            continue;
        if (const auto legal = checkedPath(path); !legal)
            return fail(legal.error());
        if (const auto bounded = checkPathLimits(path, m_limits); !bounded)
            return fail(bounded.error());
        struct stat status;
        if (fstatat(folder.get(), name.constData(), &status, AT_SYMLINK_NOFOLLOW) != 0)
            return failedCall(u"cannot look at %1"_s.arg(quotedName(path)));
        Result<void> added;
        if (S_ISDIR(status.st_mode)) {
            added = addFolder(folder.get(), name, path);
        } else if (S_ISREG(status.st_mode)) {
            added = addFile(path, status);
        } else {
            return fail(ErrorCode::InvalidSkill,
                        u"%1 is a %2; a skill holds only files and folders"_s.arg(
                            quotedName(path), kindOf(status.st_mode)));
        }
        if (!added)
            return added;
    }
    return {};
}

Result<void> Walk::addFolder(int parent, const QByteArray &name, const QByteArray &path)
{
    // As many as the permitted number of files can lie in; empty ones are not packed, but looked
    // at.
    const qint64 maxFolders = qint64(m_limits.entries) * m_limits.depth;
    if (++m_folders > maxFolders) {
        return fail(ErrorCode::TooLarge,
                    u"there are more than %1 folders; the first over it is %2"_s.arg(maxFolders)
                        .arg(quotedName(path)));
    }
    if (auto known = m_paths.add(path, EntryKind::Directory); !known)
        return known;
    UniqueFd folder(
        openat(parent, name.constData(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!folder)
        return failedCall(u"cannot open the folder %1"_s.arg(quotedName(path)));
    // No deeper than limits.depth: checkPathLimits came first.
    return list(std::move(folder), path);
}

Result<void> Walk::addFile(const QByteArray &path, const struct stat &status)
{
    if (m_except == FileIdentity{status.st_dev, status.st_ino})
        return {};
    if (m_files.size() >= m_limits.entries) {
        return fail(ErrorCode::TooLarge,
                    u"there are more than %1 files; the first over it is %2"_s.arg(m_limits.entries)
                        .arg(quotedName(path)));
    }
    const qint64 size = status.st_size;
    if (size > m_limits.unpackedBytes - m_totalBytes) {
        return fail(
            ErrorCode::TooLarge,
            u"the files have more than %1 bytes together; the first over it is %3 with %2 bytes"_s
                .arg(m_limits.unpackedBytes)
                .arg(size)
                .arg(quotedName(path)));
    }
    if (auto known = m_paths.add(path, EntryKind::File); !known)
        return known;
    m_totalBytes += size;
    m_files.append({path, size, (status.st_mode & S_IXUSR) != 0});
    return {};
}

/// Opens component by component, so that no link on the way is followed.
UniqueFd openBeneath(int root, const QByteArray &path)
{
    UniqueFd folder;
    int parent = root;
    const QList<QByteArray> components = path.split('/');
    for (qsizetype i = 0; i + 1 < components.size(); ++i) {
        UniqueFd next(openat(parent, components[i].constData(),
                             O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (!next)
            return {};
        folder = std::move(next);
        parent = folder.get();
    }
    // O_NONBLOCK: a pipe put in the file's place must not hang us.
    return UniqueFd(openat(parent, components.last().constData(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
}

bool sameState(const struct stat &a, const struct stat &b)
{
    return a.st_size == b.st_size && a.st_mode == b.st_mode && a.st_mtim.tv_sec == b.st_mtim.tv_sec
        && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec && a.st_ctim.tv_sec == b.st_ctim.tv_sec
        && a.st_ctim.tv_nsec == b.st_ctim.tv_nsec;
}

} // namespace

Result<TreeReader> TreeReader::open(const QString &directory, const ArchiveLimits &limits,
                                    std::optional<FileIdentity> except)
{
    const QByteArray path = QFile::encodeName(directory);
    TreeReader reader;
    reader.m_root.reset(::open(path.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!reader.m_root)
        return failedCall(u"cannot open the folder %1"_s.arg(quotedName(path)));
    UniqueFd folder(fcntl(reader.m_root.get(), F_DUPFD_CLOEXEC, 3));
    if (!folder)
        return failedCall(u"cannot open the folder %1"_s.arg(quotedName(path)));
    Walk walk(limits, except);
    if (const auto listed = walk.list(std::move(folder), {}); !listed)
        return fail(listed.error());
    reader.m_files = walk.takeFiles();
    std::sort(reader.m_files.begin(), reader.m_files.end(),
              [](const TreeFile &a, const TreeFile &b) { return a.path < b.path; });
    return reader;
}

Result<void> TreeReader::requireManifest() const
{
    const auto isManifest = [](const TreeFile &file) { return isManifestName(file.path); };
    if (std::any_of(m_files.begin(), m_files.end(), isManifest))
        return {};
    return fail(ErrorCode::InvalidSkill, u"there is no SKILL.md in the folder"_s);
}

Result<PackedFile> TreeReader::read(const TreeFile &file, const Sink &sink) const
{
    const QString name = quotedName(file.path);
    const auto changed = [&name] {
        return fail(ErrorCode::Io, u"%1 changed while it was read"_s.arg(name));
    };
    const UniqueFd fd = openBeneath(m_root.get(), file.path);
    if (!fd)
        return failedCall(u"cannot open %1"_s.arg(name));
    struct stat before;
    if (fstat(fd.get(), &before) != 0)
        return failedCall(u"cannot read %1"_s.arg(name));
    if (!S_ISREG(before.st_mode) || before.st_size != file.size
        || ((before.st_mode & S_IXUSR) != 0) != file.executable)
        return changed();

    Sha256 hash;
    qint64 total = 0;
    std::array<char, 65536> buffer;
    for (;;) {
        const ssize_t count = ::read(fd.get(), buffer.data(), buffer.size());
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failedCall(u"cannot read %1"_s.arg(name));
        if (count == 0)
            break;
        total += count;
        if (total > file.size)
            return changed();
        const QByteArrayView bytes(buffer.data(), count);
        hash.add(bytes);
        if (const auto taken = sink(bytes); !taken)
            return fail(taken.error());
    }
    struct stat after;
    if (fstat(fd.get(), &after) != 0)
        return failedCall(u"cannot read %1"_s.arg(name));
    if (total != file.size || !sameState(before, after))
        return changed();
    return PackedFile{QString::fromUtf8(file.path), file.size, file.executable, hash.finish()};
}

} // namespace skillbox
