#pragma once

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/files/scratch.h"
#include "engine/sandbox/protocol/container_messages.h"

#include <QByteArray>

namespace skillbox {

/// Bounds that what a run left may not pass, whatever its container says: of each tree.
struct OutputWriterBounds {
    qint64 bytes = 0;   ///< of content that is really there
    qint64 entries = 0; ///< of any kind
};

/// Makes what a run left again, in a folder of our own, so that it is collected like that of any
/// run. The paths are hostile: nothing is made outside of the tree or through a link. What is no
/// regular file is made as an empty one of its kind, for the collector to leave out and to name.
/// Errors: SandboxUnavailable for what no container of ours sends, StorageUnavailable for the disk.
class OutputWriter
{
public:
    static Result<std::unique_ptr<OutputWriter>> create(const QString &scratchDirectory,
                                                        OutputWriterBounds bounds);

    Result<void> beginTree(protocol::TreeKind kind);
    Result<void> addFolder(const QByteArray &path);
    Result<void> beginFile(const QByteArray &path, bool executable, quint64 size);
    Result<void> write(quint64 offset, std::string_view bytes);
    Result<void> addOther(protocol::OtherKind kind, const QByteArray &path);

    /// Open folders of what has come so far; invalid: the tree has not begun.
    UniqueFd takeOut() { return std::move(m_roots[0]); }
    UniqueFd takeSession() { return std::move(m_roots[1]); }
    /// Where they lie.
    std::unique_ptr<Scratch> takeFolder() { return std::move(m_scratch); }

private:
    explicit OutputWriter(Scratch scratch, OutputWriterBounds bounds);
    Result<int> parent(const QByteArray &path);
    Result<void> count();
    Error diskError() const;

    std::unique_ptr<Scratch> m_scratch;
    const OutputWriterBounds m_bounds;
    UniqueFd m_roots[2];
    int m_root = -1; ///< of the tree that has begun last
    QByteArray m_parentPath;
    UniqueFd m_parent;
    UniqueFd m_file;
    quint64 m_fileSize = 0;
    qint64 m_bytes = 0;
    qint64 m_entries = 0;
    int m_links = 0;
};

} // namespace skillbox
