#pragma once

#include "engine/base/result.h"
#include "engine/storage/records.h"

#include <QDateTime>
#include <QIODevice>

#include <chrono>
#include <memory>

namespace skillbox {

struct StoredBlob {
    BlobId id;
    qint64 size = 0;
};

/// What a link into a store says beside its bytes.
struct LinkAnswer {
    QString contentType;
    QByteArray contentDisposition; ///< as the header says it (RFC 6266)
    std::chrono::seconds lifetime{3600};
};

/// Keeps bytes under the name of their digest. Thread-safe. Putting the same bytes twice keeps one
/// copy; a blob is either wholly there or not at all, also after a crash.
class BlobStore
{
public:
    virtual ~BlobStore() = default;

    /// Streams `source` (open for reading) to its end. TooLarge past `maxBytes`, with nothing kept.
    virtual Result<StoredBlob> put(QIODevice &source, qint64 maxBytes) = 0;
    /// How many that are put side by side are there sooner than one after the other.
    virtual int putsAtOnce() const { return 1; }
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

    // Links that lead clients to the store itself, where it has such. Whoever has one may get what
    // it is for until its lifetime is over: who asks for one has made sure that they may.
    virtual bool givesLinks() const { return false; }
    /// Keeps for a day or so what can be made again, under a name of 64 hex digits of its own.
    virtual Result<void> keepCopy(const QString &, QIODevice &) { return {}; }
    /// A link to such a copy; nothing: there is none, or none that is there long enough.
    virtual Result<std::optional<QString>> linkToCopy(const QString &, const LinkAnswer &)
    {
        return std::nullopt;
    }
    /// Removes copies, and uploads that died under way, from before `until`, which is a day ago.
    virtual Result<void> tidy(const QDateTime &) { return {}; }
};

} // namespace skillbox
