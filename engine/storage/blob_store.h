#pragma once

#include "engine/base/result.h"
#include "engine/storage/records.h"

#include <QDateTime>
#include <QIODevice>

#include <memory>

namespace skillbox {

struct StoredBlob {
    BlobId id;
    qint64 size = 0;
};

/// Keeps bytes under the name of their digest. Thread-safe. Putting the same bytes twice keeps one
/// copy; a blob is either wholly there or not at all, also after a crash.
class BlobStore
{
public:
    virtual ~BlobStore() = default;

    /// Streams `source` (open for reading) to its end. TooLarge past `maxBytes`, with nothing kept.
    virtual Result<StoredBlob> put(QIODevice &source, qint64 maxBytes) = 0;
    /// Open for reading; null: no such blob.
    virtual Result<std::unique_ptr<QIODevice>> open(const BlobId &blob) = 0;
    /// False: there was none.
    virtual Result<bool> remove(const BlobId &blob) = 0;
    virtual Result<bool> contains(const BlobId &blob) = 0;

    /// Where a blob that is there lies as a file of this machine, mode 0444, never written to: what
    /// a sandbox can be given without a copy. Empty: this store has no such files.
    virtual QString localFile(const BlobId &blob) const = 0;
    /// The blobs whose name begins with these two hex digits and that were put last before `until`;
    /// a put of bytes that are there counts.
    virtual Result<QList<BlobId>> listPutBefore(QLatin1StringView prefix,
                                                const QDateTime &until) = 0;
};

} // namespace skillbox
