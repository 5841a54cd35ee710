#pragma once

#include "engine/base/unique_fd.h"
#include "engine/skill/archive.h"

namespace skillbox {

/// Makes an unpacked skill: files 0444 or 0555 and folders 0755 whatever the umask, each opened
/// beneath its folder's descriptor and never through a link. What was written disappears again
/// unless commit() is reached.
class TreeWriter
{
public:
    /// `directory` must not exist yet, but its parent, or be empty. One that was there before
    /// stays, empty, when the work fails.
    static Result<TreeWriter> create(const QString &directory);
    ~TreeWriter();
    TreeWriter(TreeWriter &&) noexcept = default;
    TreeWriter &operator=(TreeWriter &&) = delete;

    /// `path` is legal by path_rules.h and was not begun before. Folders on the way are made.
    Result<void> beginFile(const QByteArray &path);
    Result<void> write(QByteArrayView bytes);
    Result<void> endFile(bool executable);
    void commit();

private:
    TreeWriter() = default;

    UniqueFd m_root;
    QByteArray m_createdRoot; ///< its path if create() made it
    UniqueFd m_file;
    QByteArray m_filePath;
};

} // namespace skillbox
