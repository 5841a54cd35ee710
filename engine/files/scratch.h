#pragma once

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

#include <QString>

namespace skillbox {

/// A file or folder under construction: a name of its own in `directory`, removed when this object
/// goes unless it was renamed to its final place before. It is locked (flock) while this process
/// lives, so that sweep() of another process can tell what a dead one left behind.
class Scratch
{
public:
    /// An empty file of mode 0600, open for writing; StorageUnavailable naming the directory.
    static Result<Scratch> file(const QString &directory);
    /// An empty folder of mode 0700.
    static Result<Scratch> folder(const QString &directory);
    /// Removes what dead processes left in `directory`.
    static void sweep(const QString &directory);

    Scratch(Scratch &&other) noexcept;
    Scratch &operator=(Scratch &&) = delete;
    ~Scratch();

    const QString &path() const { return m_path; }
    /// The open file or folder; the lock is on it.
    int descriptor() const { return m_descriptor.get(); }
    /// The content has its final name now: nothing is left to remove.
    void release() { m_path.clear(); }

private:
    enum class Kind { File, Folder };
    Scratch(QString path, UniqueFd descriptor);
    static Result<Scratch> create(const QString &directory, Kind kind);

    QString m_path;
    UniqueFd m_descriptor;
};

/// Creates the folder and its missing parents, mode 0700, and checks that it can be written.
/// StorageUnavailable naming the path.
Result<void> ensureFolder(const QString &path);

/// What errno says about writing below `path`, as a StorageUnavailable sentence.
Error writeError(const QString &path, int error);

} // namespace skillbox
