#pragma once

#include "engine/base/result.h"
#include "engine/skill/archive.h"

namespace skillbox {

/// Unpacked skill trees by content digest: `<root>/<hex>/`. A tree is unpacked once, made in a
/// temporary sibling and renamed, read-only from then on and shared by every run. Safe to use from
/// several threads and several processes at once.
class SkillCache
{
public:
    /// Creates `root` (0700) where needed and removes leftovers of crashed writers.
    static Result<std::unique_ptr<SkillCache>> open(const QString &root);

    /// The tree for `digest`, or an empty string if it is not here yet.
    QString find(const QString &digest) const;
    /// Unpacks a zip; the content's digest names the tree.
    Result<QString> addArchive(const QString &archivePath, const ArchiveLimits &limits,
                               SkillContent *content = nullptr);
    /// Snapshots a folder.
    Result<QString> addDirectory(const QString &directory, const ArchiveLimits &limits,
                                 SkillContent *content = nullptr);
    const QString &root() const { return m_root; }

private:
    explicit SkillCache(QString root);
    QString m_root;
};

} // namespace skillbox
