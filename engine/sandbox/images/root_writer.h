#pragma once

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/sandbox/images/image_record.h"

#include <QByteArray>
#include <QByteArrayView>

#include <ctime>

namespace skillbox {

/// Builds the root file system of an image in a folder of its own, layer over layer. Paths are
/// those of imagePath(). A link on the way to a file is followed as it would be inside the image,
/// with the folder as its root, and never out of it; the last component is never followed but
/// replaced. Files become 0644 or 0755 and folders 0755 whatever the umask, owned by us. Errors:
/// BadRequest for what the image does wrong, TooLarge over a limit, StorageUnavailable for the
/// disk.
class RootWriter
{
public:
    /// Makes the folder; its parent exists and nobody else writes there.
    static Result<RootWriter> create(const QString &directory, const ImageLimits &limits);

    Result<void> makeFolder(const QByteArray &path);
    Result<void> beginFile(const QByteArray &path);
    Result<void> write(qint64 offset, QByteArrayView bytes);
    /// `size` counts with its holes. The time is kept because Python takes its compiled modules for
    /// stale when it changes, and compiles all of them at every start.
    Result<void> endFile(qint64 size, bool executable, const timespec &modified);
    Result<void> makeSymlink(const QByteArray &path, const QByteArray &target);
    /// `target` is a path of imagePath() too. A link to a folder is refused, as the kernel does.
    Result<void> makeHardLink(const QByteArray &path, const QByteArray &target);
    /// Removes what lower layers have there, if anything.
    Result<void> remove(const QByteArray &path);
    /// Removes what lower layers have in that folder, if there is one.
    Result<void> clear(const QByteArray &folder);

    /// Sizes of the files written so far.
    qint64 writtenBytes() const { return m_writtenBytes; }

private:
    enum class Missing { Create, Leave };
    explicit RootWriter(const ImageLimits &limits) : m_limits(limits) { }
    Result<int> folder(const QByteArray &path, Missing missing);
    Result<UniqueFd> makeFolders(const QByteArray &path);
    Result<void> checkPlace(int folder, const QByteArray &path) const;
    Result<void> makeWay(int folder, const QByteArray &path);
    tl::unexpected<Error> failed(const QByteArray &path) const;
    void forgetFolder();

    ImageLimits m_limits;
    QString m_directory;
    QByteArray m_realRoot; ///< as the kernel names it
    UniqueFd m_root;
    // Entries come folder by folder: the last one is kept open.
    QByteArray m_folderPath;
    UniqueFd m_folder;
    QByteArray m_filePath;
    UniqueFd m_file;
    qint64 m_writtenBytes = 0;
};

} // namespace skillbox
