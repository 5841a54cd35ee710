#pragma once

#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"

#include <stop_token>

namespace skillbox {

/// Removes blobs that nothing refers to and that were put last before `until`: what a process left
/// that died between storing bytes and their record, or could not remove. `until` must be longer
/// ago than any upload or run takes. Other processes may use and sweep the same store meanwhile.
/// How many went.
Result<qint64> sweepBlobs(MetadataStore &metadata, BlobStore &blobs, const QDateTime &until,
                          const std::stop_token &stop = {});

} // namespace skillbox
