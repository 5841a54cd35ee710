#pragma once

#include "engine/base/result.h"
#include "engine/sandbox/images/blob_stream.h"

#include <QByteArray>

#include <ctime>
#include <memory>
#include <optional>

namespace skillbox {

struct TarEntry {
    enum class Kind { File, Folder, Symlink, HardLink, Special };
    Kind kind = Kind::File;
    QByteArray name;   ///< as the tar has it
    QByteArray target; ///< of a link, as the tar has it
    qint64 size = 0;   ///< of a file
    bool executable = false;
    timespec modified{};
};

struct TarPiece {
    qint64 offset = 0; ///< in the file: what was skipped is a hole
    QByteArrayView bytes;
};

/// The entries of a tar (ustar, pax, GNU) one after the other, from a stream. The thread must have
/// a UTF-8 locale (Utf8Locale) as long as it is used. Errors: those of the stream; BadRequest for
/// what is not a tar, or a damaged one.
class TarStream
{
public:
    explicit TarStream(BlobStream &source);
    ~TarStream();
    TarStream(const TarStream &) = delete;
    TarStream &operator=(const TarStream &) = delete;

    /// Nothing: there are no more.
    Result<std::optional<TarEntry>> next();
    /// Of the file that next() found; nothing: its end.
    Result<std::optional<TarPiece>> read();
    /// After the last entry: reads the source to its end, so that it has its digests. BadRequest if
    /// the mark is missing that ends every tar.
    Result<void> finish();

private:
    struct Reader;
    Error failure() const;
    std::unique_ptr<Reader> m_reader;
};

} // namespace skillbox
