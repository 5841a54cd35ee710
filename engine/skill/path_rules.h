#pragma once

#include "engine/base/quoted_name.h"
#include "engine/skill/archive.h"

#include <QByteArray>
#include <QHash>

namespace skillbox {

/// The name is legal in every archive and on every file system we meet: UTF-8, relative,
/// slash-separated, no `..`, no empty component, no backslash, drive letter, NUL or control
/// character, no component over 255 bytes. `.` components are dropped; the path is returned
/// without a slash at its end, and empty if it names the root itself.
Result<QByteArray> checkedPath(QByteArrayView name);

/// Bounds of depth and length, for the path inside the skill.
Result<void> checkPathLimits(const QByteArray &path, const ArchiveLimits &limits);

/// Whether a component of the path is litter of a desktop: `__MACOSX`, `.DS_Store`, `Thumbs.db`.
bool isDesktopLitter(QByteArrayView path);

/// `SKILL.md`, or `skill.md` as the Agent Skills tools accept it.
bool isManifestName(QByteArrayView path);

enum class EntryKind { File, Directory };

/// The paths of one tree, to refuse those that cannot stand beside each other: the same name twice,
/// names that a file system without case or with other Unicode composition takes for the same, and
/// a file where another path needs a folder. Folders above a path are taken with it.
class PathSet
{
public:
    Result<void> add(const QByteArray &path, EntryKind kind);

private:
    struct Known {
        QByteArray path;
        EntryKind kind;
        bool listed; ///< given to add() itself, not only as a folder above something
    };
    QHash<QString, Known> m_known; ///< by folded path
};

} // namespace skillbox
