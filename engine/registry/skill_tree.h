#pragma once

#include "engine/base/result.h"
#include "engine/skill/archive.h"

namespace skillbox {

/// A published version's unpacked files: where they lie and what is there by the record.
struct SkillTree {
    QString directory;
    QList<PackedFile> files; ///< without sha256
};

/// One file of a version, as clients see it.
struct SkillFile {
    QString path;
    qint64 size = 0;
    bool executable = false;
    QByteArray content;
    bool isText = true;   ///< valid UTF-8 without NUL
    bool omitted = false; ///< left out, because all together would be over the bound
};

enum class FileChange { Added, Removed, Modified, Unchanged };
/// `added`, `removed`, `modified`, `unchanged`.
QLatin1StringView fileChangeName(FileChange change);

/// What became of a file between two versions.
struct FileDiff {
    QString path;
    FileChange change = FileChange::Unchanged;
    /// In the form of git, with a line for a changed executable bit, so that all of them one after
    /// the other are a patch; empty for an unchanged file. Of a binary file it only says that it
    /// differs.
    QByteArray diff;
    bool binary = false;
    bool omitted = false; ///< text, but too long to be compared or shown
};

/// Most that readSkillFiles() holds in memory at once.
inline constexpr qint64 maxShownBytes = 8LL << 20;
/// Longest text that diffSkillTrees() compares by lines, and the most it shows altogether.
inline constexpr qint64 maxComparedBytes = 1LL << 20;
inline constexpr qint64 maxDiffBytes = 4LL << 20;

/// Every file in the order of the tree. What would pass maxShownBytes comes without its content.
Result<QList<SkillFile>> readSkillFiles(const SkillTree &tree);
/// One of them. NotFound; TooLarge over maxShownBytes.
Result<SkillFile> readSkillFile(const SkillTree &tree, const QString &path);
/// Every file of either tree, by path.
Result<QList<FileDiff>> diffSkillTrees(const SkillTree &from, const SkillTree &to);

} // namespace skillbox
