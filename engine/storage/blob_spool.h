#pragma once

#include "engine/files/scratch.h"
#include "engine/storage/blob_store.h"

namespace skillbox {

/// Bytes that are to become a blob, in a file that nothing refers to yet.
struct SpooledBlob {
    Scratch file;
    StoredBlob blob;
};

/// Writes `source` to its end into a new file of `directory` and finds its name. TooLarge past
/// `maxBytes`, Io where the source fails; nothing is left then.
Result<SpooledBlob> spoolBlob(QIODevice &source, const QString &directory, qint64 maxBytes);

/// Anything else names no blob, and must not become a path or a key.
bool isBlobName(const BlobId &blob);

} // namespace skillbox
