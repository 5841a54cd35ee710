#pragma once

#include "engine/base/result.h"
#include "engine/base/sha256.h"
#include "engine/base/unique_fd.h"
#include "engine/sandbox/images/image_record.h"

#include <QByteArrayView>

#include <memory>

namespace skillbox {

/// A part of a file, open for reading.
struct Blob {
    UniqueFd file;
    qint64 offset = 0;
    qint64 size = 0;
};

enum class Compression { None, Gzip, Zstd };

/// `gzip`, `zstd`, `no compression`.
QString compressionName(Compression compression);

/// A blob read once from its beginning to its end, inflated on the way if it is compressed, with
/// the digests of both forms. Errors: Io for a blob that cannot be read, BadRequest for a damaged
/// one or a compression we do not know, TooLarge for what inflates past `maxBytes` or the ratio.
class BlobStream
{
public:
    static Result<std::unique_ptr<BlobStream>> open(Blob blob, const ImageLimits &limits);
    ~BlobStream();
    BlobStream(const BlobStream &) = delete;
    BlobStream &operator=(const BlobStream &) = delete;

    /// By its first bytes.
    Compression compression() const { return m_compression; }

    /// The next bytes of the content, valid until the next call; none: the end.
    Result<QByteArrayView> read();

    /// Only after the end: `sha256:<hex>` of the blob as it is stored, and of its content.
    struct Digests {
        QString stored;
        QString content;
    };
    Digests digests();

    /// Only after the end: whether the content's last 512 bytes are zero, as a tar's are.
    bool endsWithZeros() const { return m_zerosAtEnd >= 512; }

private:
    struct Inflater;
    BlobStream(Blob blob, const ImageLimits &limits);
    Result<QByteArrayView> readStored();
    Result<QByteArrayView> inflate();

    Blob m_blob;
    const ImageLimits m_limits;
    qint64 m_consumed = 0; ///< of the blob as it is stored
    qint64 m_produced = 0; ///< of its content
    qint64 m_zerosAtEnd = 0;
    Compression m_compression = Compression::None;
    QByteArray m_buffer;
    Sha256 m_stored;
    Sha256 m_content;
    std::unique_ptr<Inflater> m_inflater; ///< if it is compressed
};

} // namespace skillbox
