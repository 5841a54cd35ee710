#pragma once

#include "engine/base/result.h"
#include "engine/files/scratch.h"

#include <QByteArray>
#include <QFile>

#include <memory>

struct archive;

namespace skillbox {

/// A tar in a scratch file, for a container engine to unpack: everything in it belongs to the root
/// and is readable for all. Errors: StorageUnavailable for the disk, Io naming what could not be
/// read.
class UploadArchive
{
public:
    static Result<std::unique_ptr<UploadArchive>> create(const QString &scratchDirectory);
    ~UploadArchive();

    Result<void> addFolder(const QByteArray &path);
    Result<void> addFile(const QByteArray &path, QByteArrayView content, int mode = 0644);
    /// A file of the host, as 0644 or 0755.
    Result<void> addHostFile(const QByteArray &path, const QByteArray &hostPath);
    /// A folder of the host with its regular files and folders and, if they are wanted, the links
    /// in it as they are.
    enum class SymbolicLinks { Keep, LeaveOut };
    Result<void> addHostTree(const QByteArray &path, const QByteArray &hostPath,
                             SymbolicLinks links);

    /// The finished tar, open for reading; nothing can be added any more.
    Result<QFile *> finish();

private:
    explicit UploadArchive(Scratch scratch);
    struct Entry;
    Result<void> writeHeader(const Entry &entry);
    Result<void> writeHostFile(const QByteArray &path, int descriptor, const QByteArray &hostPath);
    Error writeFailure() const;

    Scratch m_scratch;
    struct archive *m_archive = nullptr;
    QFile m_file;
};

} // namespace skillbox
