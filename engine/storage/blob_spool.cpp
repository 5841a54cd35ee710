#include "engine/storage/blob_spool.h"

#include "engine/base/sha256.h"

#include <cerrno>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype chunkBytes = 256 * 1024;

int writeAll(int descriptor, QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        const ssize_t written = ::write(descriptor, bytes.data(),
                                        static_cast<size_t>(bytes.size()));
        if (written < 0) {
            if (errno == EINTR)
                continue;
            return errno;
        }
        bytes = bytes.sliced(written);
    }
    return 0;
}

/// The next piece of `source`; empty at its end.
Result<QByteArrayView> readSome(QIODevice &source, QByteArray &buffer)
{
    for (;;) {
        const qint64 got = source.read(buffer.data(), buffer.size());
        if (got > 0)
            return QByteArrayView(buffer.constData(), got);
        if (source.isSequential()) {
            // No data yet, or the end: pipes and sockets say which when one waits for them.
            if (got == 0 && source.waitForReadyRead(-1))
                continue;
            return QByteArrayView();
        }
        if (got == 0)
            return QByteArrayView();
        return fail(ErrorCode::Io,
                    u"The data to store could not be read: %1."_s.arg(source.errorString()));
    }
}

} // namespace

bool isBlobName(const BlobId &blob)
{
    return blob.sha256.size() == 64
        && std::all_of(blob.sha256.begin(), blob.sha256.end(), [](QChar c) {
               return (c >= u'0' && c <= u'9') || (c >= u'a' && c <= u'f');
           });
}

Result<SpooledBlob> spoolBlob(QIODevice &source, const QString &directory, qint64 maxBytes)
{
    auto scratch = Scratch::file(directory);
    if (!scratch)
        return fail(scratch.error());

    Sha256 hash;
    StoredBlob blob;
    QByteArray buffer(chunkBytes, Qt::Uninitialized);
    for (;;) {
        const auto piece = readSome(source, buffer);
        if (!piece)
            return fail(piece.error());
        if (piece->isEmpty())
            break;
        blob.size += piece->size();
        if (blob.size > maxBytes) {
            return fail(ErrorCode::TooLarge,
                        u"The data is larger than the limit of %1 bytes."_s.arg(maxBytes));
        }
        hash.add(*piece);
        if (const int error = writeAll(scratch->descriptor(), *piece))
            return fail(writeError(directory, error));
    }
    blob.id.sha256 = hash.finish();
    return SpooledBlob{std::move(*scratch), blob};
}

} // namespace skillbox
