#pragma once

#include "engine/backup/backup_format.h"
#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"

namespace skillbox {

/// Writes everything that both stores hold into `target`, as it is at this moment; others may go on
/// working. Needs memory for a few rows and pieces of blobs, whatever the size of the store.
/// `program` is the version for the header. What `target` has been given is worth nothing after an
/// error. StorageCorrupt: the store lacks so much that a backup would be none.
Result<BackupSummary> writeBackup(MetadataStore &metadata, BlobStore &blobs, QIODevice &target,
                                  const QString &program, const BackupOptions &options = {});

} // namespace skillbox
