#pragma once

#include "engine/storage/blob_store.h"

namespace skillbox {

/// Blobs as files `ab/cdef…` below a directory; written to a temporary name, fsynced, renamed.
/// Leftovers of crashed writers are removed when it is opened: a writer holds a lock on its
/// temporary file, so that one of a living process is never taken away.
class DirectoryBlobStore final : public BlobStore
{
public:
    /// Creates the directory (0700) where needed. StorageUnavailable when it cannot be written.
    static Result<std::unique_ptr<DirectoryBlobStore>> open(const QString &directory);

    Result<StoredBlob> put(QIODevice &source, qint64 maxBytes) override;
    int putsAtOnce() const override { return 4; } // the disk syncs several like one
    Result<std::unique_ptr<QIODevice>> open(const BlobId &blob) override;
    Result<bool> remove(const BlobId &blob) override;
    Result<bool> contains(const BlobId &blob) override;
    QString localFile(const BlobId &blob) const override { return pathOf(blob); }
    Result<QList<BlobId>> listPutBefore(QLatin1StringView prefix, const QDateTime &until) override;

    /// The file of a blob that exists, mode 0444, for mounting into a sandbox.
    QString pathOf(const BlobId &blob) const;

private:
    explicit DirectoryBlobStore(QString directory);
    QString m_directory;
};

} // namespace skillbox
