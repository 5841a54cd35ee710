#include "engine/sandbox/images/blob_stream.h"

#include "engine/base/system_error.h"
#include "engine/files/archive_library.h"

#include <archive.h>
#include <archive_entry.h>

#include <cerrno>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype bufferBytes = 256 * 1024;

Result<qsizetype> readAt(const Blob &blob, qint64 position, char *target, qsizetype wanted)
{
    const qint64 left = qMin<qint64>(wanted, blob.size - position);
    if (left <= 0)
        return 0;
    ssize_t got = 0;
    do {
        got = ::pread(blob.file.get(), target, static_cast<size_t>(left), blob.offset + position);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return failedCall(u"it cannot be read"_s);
    if (got == 0)
        return fail(ErrorCode::Io, u"it became shorter while it was read"_s);
    return got;
}

qint64 trailingZeros(QByteArrayView bytes)
{
    const auto last = std::find_if(bytes.rbegin(), bytes.rend(), [](char c) { return c != 0; });
    return last - bytes.rbegin();
}

} // namespace

QString compressionName(Compression compression)
{
    switch (compression) {
    case Compression::Gzip: return u"gzip"_s;
    case Compression::Zstd: return u"zstd"_s;
    case Compression::None: break;
    }
    return u"no compression"_s;
}

/// libarchive's filters over our stored bytes; its "raw" format hands the result on as it is.
struct BlobStream::Inflater {
    ArchiveHandle reader;
    std::optional<Error> readFailure; ///< of our own reading, which libarchive cannot carry
    bool started = false;

    static la_ssize_t readCallback(struct archive *, void *stream, const void **bytes)
    {
        auto *self = static_cast<BlobStream *>(stream);
        const Result<QByteArrayView> stored = self->readStored();
        if (!stored) {
            self->m_inflater->readFailure = stored.error();
            return ARCHIVE_FATAL;
        }
        *bytes = stored->data();
        return stored->size();
    }
};

BlobStream::BlobStream(Blob blob, const ImageLimits &limits)
    : m_blob(std::move(blob))
    , m_limits(limits)
    , m_buffer(bufferBytes, Qt::Uninitialized)
{
}

BlobStream::~BlobStream() = default;

Result<std::unique_ptr<BlobStream>> BlobStream::open(Blob blob, const ImageLimits &limits)
{
    std::unique_ptr<BlobStream> stream(new BlobStream(std::move(blob), limits));
    char magic[6] = {};
    if (const Result<qsizetype> got = readAt(stream->m_blob, 0, magic, sizeof magic); !got)
        return fail(got.error());
    const QByteArrayView start(magic, sizeof magic);
    if (start.startsWith(QByteArrayView("\xfd"
                                        "7zXZ\0",
                                        6))
        || start.startsWith("BZh")) {
        return fail(ErrorCode::BadRequest,
                    u"it is compressed with %1; use gzip, zstd or nothing"_s.arg(
                        start[0] == 'B' ? u"bzip2"_s : u"xz"_s));
    }
    if (start.startsWith("\x1f\x8b")) // RFC 1952, section 2.3.1
        stream->m_compression = Compression::Gzip;
    else if (start.startsWith("\x28\xb5\x2f\xfd")) // RFC 8878, section 3.1.1
        stream->m_compression = Compression::Zstd;
    if (stream->m_compression == Compression::None)
        return stream;

    stream->m_inflater = std::make_unique<Inflater>();
    stream->m_inflater->reader = ArchiveHandle(archive_read_new(), {archive_read_free});
    struct archive *reader = stream->m_inflater->reader.get();
    const int filter = stream->m_compression == Compression::Gzip
        ? archive_read_support_filter_gzip(reader)
        : archive_read_support_filter_zstd(reader);
    // ARCHIVE_WARN: it would start a program to do it.
    if (filter != ARCHIVE_OK || archive_read_support_format_raw(reader) != ARCHIVE_OK) {
        return fail(ErrorCode::Internal,
                    u"this build cannot read %1"_s.arg(compressionName(stream->m_compression)));
    }
    return stream;
}

Result<QByteArrayView> BlobStream::readStored()
{
    const Result<qsizetype> got = readAt(m_blob, m_consumed, m_buffer.data(), m_buffer.size());
    if (!got)
        return fail(got.error());
    m_consumed += *got;
    const QByteArrayView bytes(m_buffer.constData(), *got);
    m_stored.add(bytes);
    return bytes;
}

Result<QByteArrayView> BlobStream::inflate()
{
    struct archive *reader = m_inflater->reader.get();
    const auto damaged = [&]() -> Error {
        if (m_inflater->readFailure)
            return *m_inflater->readFailure;
        return {ErrorCode::BadRequest,
                u"its %1 data is damaged or cut off"_s.arg(compressionName(m_compression)),
                QString::fromUtf8(archive_error_string(reader))};
    };
    if (!m_inflater->started) {
        m_inflater->started = true;
        archive_entry *entry = nullptr;
        if (archive_read_open2(reader, this, nullptr, Inflater::readCallback, nullptr, nullptr)
            != ARCHIVE_OK)
            return fail(damaged());
        const int found = archive_read_next_header(reader, &entry);
        if (found == ARCHIVE_EOF)
            return QByteArrayView();
        // One filter of ours below libarchive's own source; a header it does not take would pass
        // the stored bytes through.
        if (found != ARCHIVE_OK || archive_filter_count(reader) != 2)
            return fail(damaged());
    }
    const void *bytes = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;
    for (;;) {
        const int status = archive_read_data_block(reader, &bytes, &size, &offset);
        if (status == ARCHIVE_EOF) {
            while (m_consumed < m_blob.size) { // what lies behind has its part in the digest
                if (const Result<QByteArrayView> rest = readStored(); !rest)
                    return rest;
            }
            return QByteArrayView();
        }
        if (status != ARCHIVE_OK)
            return fail(damaged());
        if (size > 0)
            break;
    }
    const qint64 produced = m_produced + static_cast<qint64>(size);
    if (produced > m_limits.ratioFromBytes && produced / m_limits.ratio > m_consumed) {
        return fail(ErrorCode::TooLarge,
                    u"it unpacks to more than %1 times its size"_s.arg(m_limits.ratio));
    }
    return QByteArrayView(static_cast<const char *>(bytes), static_cast<qsizetype>(size));
}

Result<QByteArrayView> BlobStream::read()
{
    const Result<QByteArrayView> bytes = m_inflater ? inflate() : readStored();
    if (!bytes || bytes->isEmpty())
        return bytes;
    m_produced += bytes->size();
    if (m_produced > m_limits.unpackedBytes) {
        return fail(ErrorCode::TooLarge,
                    u"it unpacks to more than %1 bytes"_s.arg(m_limits.unpackedBytes));
    }
    if (m_inflater)
        m_content.add(*bytes);
    const qint64 zeros = trailingZeros(*bytes);
    m_zerosAtEnd = zeros == bytes->size() ? m_zerosAtEnd + zeros : zeros;
    return bytes;
}

BlobStream::Digests BlobStream::digests()
{
    const QString stored = u"sha256:"_s + m_stored.finish();
    return {stored, m_inflater ? u"sha256:"_s + m_content.finish() : stored};
}

} // namespace skillbox
