#pragma once

#include "engine/storage/blob_store.h"
#include "engine/storage/s3_config.h"

#include <memory>

namespace skillbox {

/// Blobs as objects `blobs/ab/cdef…` of an S3 bucket, which is made if it is missing. `directory`
/// is for what is on its way there; what a dead process left in it is removed. Errors: BadRequest
/// (the address is not one), StorageUnavailable (not reached, or the key is refused).
Result<std::unique_ptr<BlobStore>> openS3BlobStore(const S3Config &config,
                                                   const QString &directory);

} // namespace skillbox
