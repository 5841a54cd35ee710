#pragma once

#include "engine/base/result.h"

#include <QStringList>

namespace skillbox {

/// Bounds that no archive and no folder may pass. Values from the publishing contract.
struct ArchiveLimits {
    qint64 archiveBytes = 50LL << 20;
    qint64 unpackedBytes = 256LL << 20;
    int entries = 500;
    int depth = 32;      ///< path components
    int pathBytes = 512; ///< UTF-8, whole path
    int ratio = 100;     ///< unpacked : packed, for files over ratioFromBytes
    qint64 ratioFromBytes = 1LL << 20;
};

struct PackedFile {
    QString path; ///< slash-separated, relative to the skill's root
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

/// Writes the folder as a zip to `archivePath` (created or replaced atomically; nothing is left on
/// error). Deterministic: the same tree gives the same bytes whatever the user, time, time zone,
/// locale and order of the folder; only another version of zlib or libarchive may pack the same
/// content into other bytes, so identity across machines is the digest's matter. Files come in path
/// order with mode 0644 or 0755, owner 0 and no time of their own.
///
/// Skips `.git`, `__pycache__`, `node_modules/.cache`, `__MACOSX`, `.DS_Store`, `Thumbs.db`, the
/// archive itself if it lies in the folder, and `.skillbox-*.tmp`, which a killed packing leaves; empty folders leave no trace. Refuses links, special
/// files, names that are illegal in an archive or differ only in case, a folder without SKILL.md
/// (InvalidSkill), what is over a limit (TooLarge), and a file that changes meanwhile (Io), naming
/// it. What it writes, unpackArchive accepts under the same limits: a file that would pack better
/// than the ratio allows is stored. Streams: memory does not grow with the size of files.
Result<SkillContent> packDirectory(const QString &directory, const QString &archivePath,
                                   const ArchiveLimits &limits = {});

/// Unpacks a zip into `directory`, which must not exist yet or be empty; on any error nothing is
/// left of it (an empty folder that was there stays). SKILL.md must be at the root or under exactly
/// one top folder, which is stripped; `skill.md` is accepted too and keeps its name. `__MACOSX`,
/// `.DS_Store` and `Thumbs.db` are dropped. Files become 0444 or 0555 and folders 0755, so that a
/// sandbox with another uid can read them. Nothing is fsynced. Every member is checked before the
/// first is written, and inflated under the sizes it declared (zip_layout.h has the rules); errors
/// name it.
Result<SkillContent> unpackArchive(const QString &archivePath, const QString &directory,
                                   const ArchiveLimits &limits = {});

/// Copies a folder under the same rules as packDirectory, ending like unpackArchive: an unpacked
/// tree of the same content. For running a skill that was never published.
Result<SkillContent> copyTree(const QString &source, const QString &directory,
                              const ArchiveLimits &limits = {});

/// What packDirectory would pack, without writing anything. Takes a folder without SKILL.md too.
Result<SkillContent> describeDirectory(const QString &directory, const ArchiveLimits &limits = {});

} // namespace skillbox
