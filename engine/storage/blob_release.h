#pragma once

#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"

namespace skillbox {

/// For who has stored a blob and then a record of it: whether it is there and stays as long as the
/// record. False: it was taken away in between, because nothing referred to it then; it must be
/// stored once more, and stays. Waits for a release that is under way; StorageUnavailable: it takes
/// too long.
Result<bool> isStillThere(MetadataStore &metadata, BlobStore &blobs, const BlobId &blob);

} // namespace skillbox
