#pragma once

#include "engine/base/unique_fd.h"
#include "engine/skill/archive.h"

#include <sys/types.h>

#include <functional>
#include <optional>

namespace skillbox {

/// A file of a folder as the walk found it. The path is UTF-8 and legal by path_rules.h.
struct TreeFile {
    QByteArray path;
    qint64 size = 0;
    bool executable = false;
};

struct FileIdentity {
    dev_t device = 0;
    ino_t inode = 0;
    friend bool operator==(const FileIdentity &, const FileIdentity &) = default;
};

/// A skill's folder, listed once and then read file by file through descriptors, never by a path
/// that could be swapped for a link meanwhile. The given folder itself may be a link.
class TreeReader
{
public:
    /// Lists the folder in path order and holds it to the limits and the rules for names. `except`
    /// is a file to pass over: the archive that is being made, if it lies inside.
    static Result<TreeReader> open(const QString &directory, const ArchiveLimits &limits,
                                   std::optional<FileIdentity> except = {});

    const QList<TreeFile> &files() const { return m_files; }

    /// An InvalidSkill error unless there is a SKILL.md at the root.
    Result<void> requireManifest() const;

    /// Hands the file's bytes to `sink`, exactly as many as were listed. A file that grows, shrinks
    /// or is written while it is read is an error naming it.
    using Sink = std::function<Result<void>(QByteArrayView)>;
    Result<PackedFile> read(const TreeFile &file, const Sink &sink) const;

private:
    TreeReader() = default;

    UniqueFd m_root;
    QList<TreeFile> m_files;
};

} // namespace skillbox
