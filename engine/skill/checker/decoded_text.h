#pragma once

#include <QByteArray>
#include <QByteArrayView>
#include <QList>

#include <optional>

namespace skillbox {

/// A stretch of text that is data written in letters.
struct EncodedRun {
    enum class Form { Base64, Hex };
    Form form = Form::Base64;
    qsizetype start = 0;
    qsizetype end = 0;
    QByteArray letters; ///< joined where a long text is spread over lines or string literals
};

/// Runs that encode 48 bytes or more. Linear; at most 200 runs.
QList<EncodedRun> encodedRuns(QByteArrayView text);

/// The bytes behind a run; at most 256 KiB of them.
QByteArray decoded(const EncodedRun &run);

/// Unpacked if it is gzip or zlib data, to at most 256 KiB; nullopt if it is neither.
std::optional<QByteArray> inflated(QByteArrayView bytes);

/// What a file's first bytes say it is.
enum class ContentType {
    Unknown,
    Elf,
    Pe,
    MachO,
    Wasm,
    JavaClass,
    Zip,
    Gzip,
    Tar,
    SevenZip,
    Rar,
    Xz,
    Bzip2,
    Zstd,
    Png,
    Jpeg,
    Gif,
    Webp,
    Pdf,
    Script, ///< begins with `#!`
    Html,
};
ContentType contentTypeOf(QByteArrayView bytes);
bool isProgram(ContentType type);
bool isArchive(ContentType type);
bool isPicture(ContentType type);
/// For messages: `an ELF program`, `a zip archive`.
QLatin1StringView contentTypeName(ContentType type);

/// Whether people could read it: nearly all printable ASCII.
bool isReadable(QByteArrayView bytes);

} // namespace skillbox
