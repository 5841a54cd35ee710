#pragma once

#include "engine/base/result.h"
#include "engine/storage/blob_store.h"
#include "engine/storage/records.h"

namespace skillbox {

/// The artifacts of an execution as one tar.gz, made while it is read: an open sequential device of
/// unknown size that never holds more than a piece of it. The same record gives the same bytes.
/// StorageCorrupt at once where an artifact's content is gone. A store that fails later ends the
/// stream with read() < 0 and errorString(), before the archive's own end, so that no reader takes
/// the part for the whole. `blobs` must outlive the device.
Result<std::unique_ptr<QIODevice>> openArtifactArchive(BlobStore &blobs,
                                                       const ExecutionRecord &execution);

/// The same into a device, open for writing; the bytes written.
Result<qint64> writeArtifactArchive(BlobStore &blobs, const ExecutionRecord &execution,
                                    QIODevice &target);

} // namespace skillbox
