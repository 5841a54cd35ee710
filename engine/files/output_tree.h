#pragma once

#include "engine/base/unique_fd.h"

#include <QByteArray>
#include <QByteArrayView>
#include <QList>
#include <QStringList>

namespace skillbox {

/// How far a walk through a dead run's folder goes.
struct OutputBounds {
    int depth = 32;        ///< folders below the root
    int pathBytes = 1024;  ///< of a path relative to the root
    int entries = 100'000; ///< looked at in all
};

struct OutputFile {
    QByteArray path; ///< UTF-8, slash-separated, relative to the root
    qint64 size = 0;
};

struct OutputListing {
    QList<OutputFile> files; ///< regular files with one link, by path in byte order
    bool complete = true;    ///< false: there are more entries than the bounds allow to look at
    QStringList skipped; ///< what was left out and why, a line each; the first few, then a count
    int error = 0; ///< an errno that is not the tree's doing (isDoingOfTree): files are missing
};

/// Whether an errno of reading a tree can be the doing of what is in it, as a link or a mode is.
/// What cannot says that this machine does not let us read: a filter of system calls without
/// openat2 (systemd's RestrictSUIDSGID=), no descriptor left, a broken disk.
bool isDoingOfTree(int error);

/// A folder a skill wrote, read without trusting anything in it: names, links, types, modes and
/// depth are the skill's. Nothing is followed out of it or through a link (openat2(2), RESOLVE_*),
/// nothing is opened that is not a regular file or a folder. Whatever wrote it must be dead.
class OutputTree
{
public:
    /// `root` stays the caller's.
    explicit OutputTree(int root) : m_root(root) { }

    /// A regular file with one link, open for reading; -1 with errno: ENOENT if there is none,
    /// EINVAL if it is something else. A mode that forbids reading is changed first, where it is
    /// ours to change.
    UniqueFd openFile(const QByteArray &path, qint64 *size) const;

    /// All files below the folder `path`. A folder that is missing has none; an error that is the
    /// tree's doing is a skipped line like any other.
    OutputListing list(const QByteArray &path, const OutputBounds &bounds = {}) const;

private:
    UniqueFd openAs(const QByteArray &path, int type, int flags, qint64 *size) const;
    int m_root;
};

} // namespace skillbox
