#pragma once

#include "engine/base/result.h"
#include "engine/files/scratch.h"
#include "engine/skill/archive.h"

#include <QDateTime>

namespace skillbox {

/// A tree that is complete but not in the cache yet; removed unless SkillCache::keep() takes it.
struct StagedSkill {
    Scratch scratch;   ///< free for other temporary files beside the tree
    QString directory; ///< the tree, inside of scratch
    SkillContent content;
};

/// Unpacked skill trees by content digest: `<root>/<hex>/`. A tree is unpacked once, made in a
/// temporary sibling and renamed, read-only from then on and shared by every run. Safe to use from
/// several threads and several processes at once.
///
/// That a tree is there says that it is whole: it got its name when it was. What a power cut may
/// have taken from it is found at its first use after a start of the machine, when its digest is
/// computed once more; this is cheaper than syncing every file of every skill.
class SkillCache
{
public:
    /// Creates `root` (0700) where needed and removes leftovers of crashed writers. A tree made
    /// before `trustedSince` is checked at its next use; by default that is when the machine
    /// started.
    static Result<std::unique_ptr<SkillCache>> open(const QString &root,
                                                    const QDateTime &trustedSince = machineStart());

    /// The tree for `digest`, or an empty string if it is not here yet.
    QString find(const QString &digest) const;
    /// Unpacks a zip; the content's digest names the tree.
    Result<QString> addArchive(const QString &archivePath, const ArchiveLimits &limits,
                               SkillContent *content = nullptr);
    /// Snapshots a folder.
    Result<QString> addDirectory(const QString &directory, const ArchiveLimits &limits,
                                 SkillContent *content = nullptr);

    /// addArchive in two steps, for whoever wants to look at the tree before it is kept.
    Result<StagedSkill> stageArchive(const QString &archivePath, const ArchiveLimits &limits);
    Result<QString> keep(StagedSkill staged);

    const QString &root() const { return m_root; }
    static QDateTime machineStart();

private:
    SkillCache(QString root, QDateTime trustedSince);
    QString m_root;
    QDateTime m_trustedSince;
};

} // namespace skillbox
