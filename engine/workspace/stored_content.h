#pragma once

#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"

namespace skillbox {

/// For who has stored a blob and then a record of it: makes sure that nobody took the blob away in
/// between (isStillThere() says how that can be). `content` stood at `start` when it
/// was stored; a stream that cannot go back cannot be stored again, which is StorageUnavailable.
Result<void> keepStored(MetadataStore &metadata, BlobStore &blobs, const StoredBlob &stored,
                        QIODevice &content, qint64 start);

/// Whether the tenant may keep that much more, asked before the bytes are taken in: TooLarge. The
/// store asks again when it records them. A stream of unknown size counts as empty.
Result<void> checkRoom(MetadataStore &metadata, const TenantId &tenant, const QIODevice &content);

/// Removes those of the blobs that nothing refers to any more. What cannot be removed now is left
/// for the sweep.
void releaseBlobs(MetadataStore &metadata, BlobStore &blobs, const QList<BlobId> &given);

/// Open for reading; StorageCorrupt naming `what` where the store has lost it.
Result<std::unique_ptr<QIODevice>> openStored(BlobStore &blobs, const BlobId &blob,
                                              const QString &what);

} // namespace skillbox
