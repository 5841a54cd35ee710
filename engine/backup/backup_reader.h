#pragma once

#include "engine/backup/backup_format.h"
#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"

namespace skillbox {

/// Reads a backup to its end and holds it to itself: entries and their order, the digest of every
/// blob and of the whole, counts, that records refer to nothing that is not there, and the audit
/// chains. BadRequest naming the first thing that is wrong, StorageTooNew.
Result<BackupSummary> verifyBackup(QIODevice &source, const BackupOptions &options = {});

/// The same while it fills both stores, which are empty. The records appear all at once, when
/// everything has been read and found right; after an error there are none. Blobs that were put
/// until then are found again by another attempt, or else swept away like all that nothing refers
/// to. Conflict: the store is not empty.
Result<BackupSummary> importBackup(MetadataStore &metadata, BlobStore &blobs, QIODevice &source,
                                   const BackupOptions &options = {});

} // namespace skillbox
