#include "engine/skill/checker/decoded_text.h"

#include <zlib.h>

#include <algorithm>
#include <array>

namespace skillbox {
namespace {

constexpr qsizetype maxDecoded = 256 * 1024;
constexpr qsizetype maxRuns = 200;
constexpr qsizetype minPiece = 24; ///< letters of one piece of a joined run
constexpr qsizetype minLetters = 64;
constexpr qsizetype maxGap = 16; ///< quotes, line ends, indentation and `+` between pieces

bool isBase64Letter(char c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '+'
        || c == '/' || c == '-' || c == '_';
}

bool isHexLetter(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool isGap(char c)
{
    return QByteArrayView(" \t\r\n\"'`+\\,.()#>").contains(c);
}

/// Words, paths and identifiers are made of the same letters; what is encoded has digits and both
/// cases, or is long.
bool looksEncoded(QByteArrayView letters)
{
    const auto has = [&letters](auto accept) {
        return std::any_of(letters.begin(), letters.end(), accept);
    };
    const bool digits = has([](char c) { return c >= '0' && c <= '9'; });
    const bool upper = has([](char c) { return c >= 'A' && c <= 'Z'; });
    const bool lower = has([](char c) { return c >= 'a' && c <= 'z'; });
    const bool uniform = std::all_of(letters.begin(), letters.end(),
                                     [&letters](char c) { return c == letters.front(); });
    return !uniform && ((digits && (upper || lower)) || (upper && lower));
}

} // namespace

QList<EncodedRun> encodedRuns(QByteArrayView text)
{
    QList<EncodedRun> runs;
    EncodedRun run;
    const auto finish = [&] {
        if (run.letters.size() >= minLetters && looksEncoded(run.letters)) {
            const bool isHex = std::all_of(run.letters.cbegin(), run.letters.cend(), isHexLetter);
            run.form = isHex ? EncodedRun::Form::Hex : EncodedRun::Form::Base64;
            runs += run;
        }
        run = EncodedRun();
    };
    for (qsizetype i = 0; i < text.size() && runs.size() < maxRuns;) {
        if (!isBase64Letter(text[i])) {
            ++i;
            continue;
        }
        const qsizetype start = i;
        while (i < text.size() && isBase64Letter(text[i]))
            ++i;
        const qsizetype end = i;
        while (i < text.size() && text[i] == '=')
            ++i;
        const bool joins = !run.letters.isEmpty() && start - run.end <= maxGap
            && std::all_of(text.begin() + run.end, text.begin() + start, isGap);
        // The last piece of a run may be short.
        if (end - start < minPiece && !(joins && run.letters.size() >= minLetters)) {
            finish();
            continue;
        }
        if (!joins)
            finish();
        if (run.letters.isEmpty())
            run.start = start;
        if (run.letters.size() < 2 * maxDecoded)
            run.letters += text.sliced(start, end - start);
        run.end = i;
    }
    finish();
    return runs;
}

QByteArray decoded(const EncodedRun &run)
{
    if (run.form == EncodedRun::Form::Hex)
        return QByteArray::fromHex(run.letters.first(std::min(run.letters.size(), maxDecoded)));
    const bool isUrl = run.letters.contains('-') || run.letters.contains('_');
    return QByteArray::fromBase64(run.letters.first(std::min(run.letters.size(), maxDecoded)),
                                  isUrl ? QByteArray::Base64UrlEncoding
                                        : QByteArray::Base64Encoding);
}

std::optional<QByteArray> inflated(QByteArrayView bytes)
{
    const auto at = [&bytes](qsizetype i) { return static_cast<unsigned char>(bytes[i]); };
    const bool isGzip = bytes.size() > 18 && at(0) == 0x1F && at(1) == 0x8B && at(2) == 8;
    const bool isZlib = bytes.size() > 8 && at(0) == 0x78 && (at(0) * 256 + at(1)) % 31 == 0;
    if (!isGzip && !isZlib)
        return std::nullopt;
    z_stream stream{};
    if (inflateInit2(&stream, MAX_WBITS + 32) != Z_OK) // 32: gzip or zlib, by its header
        return std::nullopt;
    QByteArray out(maxDecoded, Qt::Uninitialized);
    stream.next_in = reinterpret_cast<Bytef *>(const_cast<char *>(bytes.data()));
    stream.avail_in = static_cast<uInt>(std::min<qsizetype>(bytes.size(), 16 << 20));
    stream.next_out = reinterpret_cast<Bytef *>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = inflate(&stream, Z_FINISH);
    out.truncate(static_cast<qsizetype>(stream.total_out));
    inflateEnd(&stream);
    // A full buffer is enough to look at; broken data with nothing in it is none.
    if ((status != Z_STREAM_END && status != Z_BUF_ERROR && status != Z_OK) || out.isEmpty())
        return std::nullopt;
    return out;
}

ContentType contentTypeOf(QByteArrayView bytes)
{
    struct Magic {
        QByteArrayView bytes;
        ContentType type;
    };
    static constexpr std::array<Magic, 23> magics{{
        {"\x7F"
         "ELF",
         ContentType::Elf},
        {"MZ", ContentType::Pe},
        {"\xFE\xED\xFA\xCE", ContentType::MachO},
        {"\xFE\xED\xFA\xCF", ContentType::MachO},
        {"\xCE\xFA\xED\xFE", ContentType::MachO},
        {"\xCF\xFA\xED\xFE", ContentType::MachO},
        {QByteArrayView("\0asm", 4), ContentType::Wasm},
        {"\xCA\xFE\xBA\xBE", ContentType::JavaClass},
        {"PK\x03\x04", ContentType::Zip},
        {"\x1F\x8B\x08", ContentType::Gzip},
        {"7z\xBC\xAF\x27\x1C", ContentType::SevenZip},
        {"Rar!\x1A\x07", ContentType::Rar},
        {QByteArrayView("\xFD"
                        "7zXZ\0",
                        6),
         ContentType::Xz},
        {"BZh", ContentType::Bzip2},
        {"\x28\xB5\x2F\xFD", ContentType::Zstd},
        {"\x89PNG\r\n\x1A\n", ContentType::Png},
        {"\xFF\xD8\xFF", ContentType::Jpeg},
        {"GIF8", ContentType::Gif},
        {"RIFF", ContentType::Webp},
        {"%PDF-", ContentType::Pdf},
        {"#!", ContentType::Script},
        {"<!DOCTYPE html", ContentType::Html},
        {"<html", ContentType::Html},
    }};
    for (const Magic &magic : magics) {
        if (!bytes.startsWith(magic.bytes))
            continue;
        const auto at = [&bytes](qsizetype i) { return static_cast<unsigned char>(bytes[i]); };
        // Two letters are little; the header's offset to `PE` makes sure.
        if (magic.type == ContentType::Pe) {
            if (bytes.size() < 64)
                continue;
            const qsizetype offset = at(60) | at(61) << 8 | at(62) << 16;
            if (offset + 4 > bytes.size() || !bytes.sliced(offset).startsWith("PE"))
                continue;
        }
        if (magic.type == ContentType::Webp
            && (bytes.size() < 12 || bytes.sliced(8, 4) != "WEBP")) {
            continue;
        }
        if (magic.type == ContentType::Bzip2 && (bytes.size() < 10 || bytes.sliced(4, 2) != "1A")) {
            continue;
        }
        return magic.type;
    }
    if (bytes.size() > 262 && bytes.sliced(257, 5) == "ustar")
        return ContentType::Tar;
    return ContentType::Unknown;
}

bool isProgram(ContentType type)
{
    return type == ContentType::Elf || type == ContentType::Pe || type == ContentType::MachO
        || type == ContentType::JavaClass || type == ContentType::Wasm;
}

bool isArchive(ContentType type)
{
    return type == ContentType::Zip || type == ContentType::Gzip || type == ContentType::Tar
        || type == ContentType::SevenZip || type == ContentType::Rar || type == ContentType::Xz
        || type == ContentType::Bzip2 || type == ContentType::Zstd;
}

bool isPicture(ContentType type)
{
    return type == ContentType::Png || type == ContentType::Jpeg || type == ContentType::Gif
        || type == ContentType::Webp;
}

QLatin1StringView contentTypeName(ContentType type)
{
    switch (type) {
    case ContentType::Elf: return QLatin1StringView("an ELF program");
    case ContentType::Pe: return QLatin1StringView("a Windows program");
    case ContentType::MachO: return QLatin1StringView("a Mach-O program");
    case ContentType::Wasm: return QLatin1StringView("a WebAssembly module");
    case ContentType::JavaClass: return QLatin1StringView("compiled Java");
    case ContentType::Zip: return QLatin1StringView("a zip archive");
    case ContentType::Gzip: return QLatin1StringView("a gzip archive");
    case ContentType::Tar: return QLatin1StringView("a tar archive");
    case ContentType::SevenZip: return QLatin1StringView("a 7z archive");
    case ContentType::Rar: return QLatin1StringView("a rar archive");
    case ContentType::Xz: return QLatin1StringView("an xz archive");
    case ContentType::Bzip2: return QLatin1StringView("a bzip2 archive");
    case ContentType::Zstd: return QLatin1StringView("a zstd archive");
    case ContentType::Png: return QLatin1StringView("a PNG picture");
    case ContentType::Jpeg: return QLatin1StringView("a JPEG picture");
    case ContentType::Gif: return QLatin1StringView("a GIF picture");
    case ContentType::Webp: return QLatin1StringView("a WebP picture");
    case ContentType::Pdf: return QLatin1StringView("a PDF document");
    case ContentType::Script: return QLatin1StringView("a script");
    case ContentType::Html: return QLatin1StringView("an HTML page");
    case ContentType::Unknown: break;
    }
    return QLatin1StringView("data");
}

bool isReadable(QByteArrayView bytes)
{
    if (bytes.isEmpty())
        return false;
    const auto printable = std::count_if(bytes.begin(), bytes.end(), [](char c) {
        return (c >= 0x20 && c < 0x7F) || c == '\n' || c == '\r' || c == '\t';
    });
    return printable * 100 >= bytes.size() * 95;
}

} // namespace skillbox
