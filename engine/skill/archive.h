#pragma once

#include "engine/base/result.h"

#include <QStringList>

namespace skillbox {

/// Bounds that no archive and no folder may pass. Values from the publishing contract.
struct ArchiveLimits {
    qint64 archiveBytes = 50LL << 20;
    qint64 unpackedBytes = 256LL << 20;
    int entries = 500;
    int depth = 32;               ///< path components
    int pathBytes = 512;          ///< UTF-8, whole path
    int ratio = 100;              ///< unpacked : packed, for files over ratioFromBytes
    qint64 ratioFromBytes = 1LL << 20;
};

struct PackedFile {
    QString path;  ///< slash-separated, relative to the skill's root
    qint64 size = 0;
    bool executable = false;
    QString sha256;
};

/// The content of a skill: its files in path order (by UTF-8 bytes) and the digest over them,
/// `sha256:<hex>`. Two trees have the same digest exactly if they have the same paths, contents and
/// executable bits, wherever they came from (digest.h says how).
struct SkillContent {
    QList<PackedFile> files;
    QString digest;

    QStringList paths() const;
    qint64 totalBytes() const;
};

/// Writes the folder as a zip to `archivePath` (created or replaced atomically). Deterministic: the
/// same tree gives the same bytes. Skips `.git`, `__pycache__`, `node_modules/.cache`, `__MACOSX`,
/// `.DS_Store`, `Thumbs.db`; refuses links and special files, naming them. Streams: memory does not
/// grow with the size of files.
Result<SkillContent> packDirectory(const QString &directory, const QString &archivePath,
                                   const ArchiveLimits &limits = {});

/// Unpacks into `directory`, which must not exist yet or be empty; on any error nothing is left of
/// it. SKILL.md must be at the root or under exactly one top folder, which is stripped. Files become
/// 0444 or 0555 and folders 0755, so that a sandbox with another uid can read them.
Result<SkillContent> unpackArchive(const QString &archivePath, const QString &directory,
                                   const ArchiveLimits &limits = {});

/// Copies a folder under the same rules as packDirectory, ending like unpackArchive: an unpacked
/// tree of the same content. For running a skill that was never published.
Result<SkillContent> copyTree(const QString &source, const QString &directory,
                              const ArchiveLimits &limits = {});

/// What packDirectory would pack, without writing anything.
Result<SkillContent> describeDirectory(const QString &directory, const ArchiveLimits &limits = {});

} // namespace skillbox
