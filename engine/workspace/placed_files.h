#pragma once

#include "engine/files/scratch.h"
#include "engine/storage/blob_store.h"
#include "engine/storage/records.h"

namespace skillbox {

/// A file object with the name it has below /sandbox/input and where its bytes lie on this machine.
struct PlacedFile {
    FileId file;
    BlobId blob;
    QString name;
    QString hostPath = {};
};

/// Gives each file a name that is safe and its own: the last part of what it is called, without
/// what a shell or a file system minds; `report.csv` becomes `report-2.csv` where there is one
/// already, compared without case.
QList<PlacedFile> nameFiles(const QList<FileRecord> &files);

/// Fills hostPath, with a copy in `scratch` where the store has no files of its own. StorageCorrupt
/// where a file's content is gone.
Result<void> placeFiles(QList<PlacedFile> &files, BlobStore &blobs, const QString &scratchDirectory,
                        std::optional<Scratch> &scratch);

/// Writes a blob to a new file of this mode.
Result<void> copyBlob(BlobStore &blobs, const BlobId &blob, const QString &path, int mode,
                      const QString &what);

} // namespace skillbox
