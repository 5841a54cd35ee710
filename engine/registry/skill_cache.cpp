#include "engine/registry/skill_cache.h"

#include "engine/base/clock.h"

#include <QDir>
#include <QFile>

#include <cerrno>
#include <cstdio>
#include <ctime>
#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The folder's name, or nothing for a text that is no digest and must not become a path.
QString folderOf(const QString &digest)
{
    constexpr auto prefix = "sha256:"_L1;
    if (!digest.startsWith(prefix) || digest.size() != prefix.size() + 64)
        return {};
    const QString hex = digest.sliced(prefix.size());
    const bool isHex = std::all_of(hex.begin(), hex.end(), [](QChar c) {
        return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f');
    });
    return isHex ? hex : QString();
}

} // namespace

QDateTime SkillCache::machineStart()
{
    timespec up = {};
    ::clock_gettime(CLOCK_BOOTTIME, &up);
    return nowUtc().addMSecs(-(up.tv_sec * 1000LL + up.tv_nsec / 1'000'000));
}

Result<std::unique_ptr<SkillCache>> SkillCache::open(const QString &root,
                                                     const QDateTime &trustedSince)
{
    const QString absolute = QDir::cleanPath(QDir(root).absolutePath());
    if (auto made = ensureFolder(absolute); !made)
        return fail(made.error());
    Scratch::sweep(absolute);
    return std::unique_ptr<SkillCache>(new SkillCache(absolute, trustedSince));
}

SkillCache::SkillCache(QString root, QDateTime trustedSince)
    : m_root(std::move(root))
    , m_trustedSince(std::move(trustedSince))
{
}

QString SkillCache::find(const QString &digest) const
{
    const QString folder = folderOf(digest);
    if (folder.isEmpty())
        return {};
    const QString path = m_root + u'/' + folder;
    const QByteArray native = QFile::encodeName(path);
    struct stat info = {};
    if (::stat(native.constData(), &info) != 0 || !S_ISDIR(info.st_mode))
        return {};
    // The change time cannot be set by hand; renaming and utimensat() set it to now.
    const qint64 changed = info.st_ctim.tv_sec * 1000LL + info.st_ctim.tv_nsec / 1'000'000;
    if (changed >= m_trustedSince.toMSecsSinceEpoch())
        return path;
    const auto content = describeDirectory(path);
    if (content && content->digest == digest) {
        ::utimensat(AT_FDCWD, native.constData(), nullptr, 0);
        return path;
    }
    // Out of the way in one step, so that nobody finds it half removed.
    if (const auto scratch = Scratch::folder(m_root))
        ::rename(native.constData(),
                 QFile::encodeName(scratch->path() + u"/damaged"_s).constData());
    return {};
}

Result<StagedSkill> SkillCache::stageArchive(const QString &archivePath,
                                             const ArchiveLimits &limits)
{
    auto scratch = Scratch::folder(m_root);
    if (!scratch)
        return fail(scratch.error());
    const QString directory = scratch->path() + u"/tree"_s;
    auto content = unpackArchive(archivePath, directory, limits);
    if (!content)
        return fail(content.error());
    return StagedSkill{std::move(*scratch), directory, std::move(*content)};
}

Result<QString> SkillCache::keep(StagedSkill staged)
{
    const QString &digest = staged.content.digest;
    const QString path = m_root + u'/' + folderOf(digest);
    // Somebody else may be first, theirs is as good; twice, because find() may have to move a
    // damaged tree out of the way.
    for (int attempt = 0; attempt < 2; ++attempt) {
        if (const QString found = find(digest); !found.isEmpty())
            return found;
        if (::rename(QFile::encodeName(staged.directory).constData(),
                     QFile::encodeName(path).constData())
            == 0)
            return path;
        if (errno != EEXIST && errno != ENOTEMPTY)
            return fail(writeError(m_root, errno));
    }
    if (const QString found = find(digest); !found.isEmpty())
        return found;
    return fail(writeError(path, EEXIST));
}

Result<QString> SkillCache::addArchive(const QString &archivePath, const ArchiveLimits &limits,
                                       SkillContent *content)
{
    auto staged = stageArchive(archivePath, limits);
    if (!staged)
        return fail(staged.error());
    if (content)
        *content = staged->content;
    return keep(std::move(*staged));
}

Result<QString> SkillCache::addDirectory(const QString &directory, const ArchiveLimits &limits,
                                         SkillContent *content)
{
    // Most often the folder has not changed since its last run, and reading it is all it takes.
    auto described = describeDirectory(directory, limits);
    if (!described)
        return fail(described.error());
    if (const QString path = find(described->digest); !path.isEmpty()) {
        if (content)
            *content = std::move(*described);
        return path;
    }
    auto scratch = Scratch::folder(m_root);
    if (!scratch)
        return fail(scratch.error());
    const QString tree = scratch->path() + u"/tree"_s;
    // What was copied is what counts: the folder may have changed since it was described.
    auto copied = copyTree(directory, tree, limits);
    if (!copied)
        return fail(copied.error());
    if (content)
        *content = *copied;
    return keep({std::move(*scratch), tree, std::move(*copied)});
}

} // namespace skillbox
