#include "app/desktop/preview/file_kind.h"

#include <QFileInfo>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

bool hasImageMagic(const QByteArray &bytes)
{
    return bytes.startsWith("\x89PNG\r\n\x1a\n") || bytes.startsWith("\xff\xd8\xff")
        || bytes.startsWith("GIF87a") || bytes.startsWith("GIF89a")
        || (bytes.startsWith("BM") && bytes.size() > 26 && bytes.mid(6, 4) == QByteArray(4, '\0'))
        || (bytes.startsWith("RIFF") && bytes.mid(8, 4) == "WEBP")
        || bytes.startsWith(QByteArray::fromRawData("II*\0", 4))
        || bytes.startsWith(QByteArray::fromRawData("MM\0*", 4))
        || bytes.startsWith(QByteArray::fromRawData("\0\0\1\0", 4));
}

/// A UTF-16 text has NULs, and a mark at its beginning.
bool looksLikeText(const QByteArray &bytes)
{
    if (bytes.startsWith("\xff\xfe") || bytes.startsWith("\xfe\xff"))
        return true;
    if (bytes.contains('\0'))
        return false;
    const auto controls = std::count_if(bytes.begin(), bytes.end(), [](char c) {
        return static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\r' && c != '\t'
            && c != '\f' && c != '\x1b';
    });
    return controls * 32 <= bytes.size();
}

bool looksLikeSvg(const QByteArray &bytes)
{
    const QByteArray start = bytes.left(2048).trimmed();
    return start.startsWith("<svg") || (start.startsWith('<') && start.contains("<svg"));
}

bool isOneOf(const QString &suffix, std::initializer_list<QLatin1StringView> known)
{
    return std::any_of(known.begin(), known.end(),
                       [&](QLatin1StringView candidate) { return suffix == candidate; });
}

} // namespace

FileKind fileKindOf(const QString &name, const QString &contentType, const QByteArray &firstBytes)
{
    if (hasImageMagic(firstBytes))
        return FileKind::Image;
    if (firstBytes.left(1024).contains("%PDF-"))
        return FileKind::Pdf;
    const QString suffix = QFileInfo(name).suffix().toLower();
    if (suffix == "svgz"_L1 && firstBytes.startsWith("\x1f\x8b"))
        return FileKind::Svg;
    if (!firstBytes.isEmpty() && !looksLikeText(firstBytes))
        return FileKind::Binary;
    const QString type = contentType.section(u';', 0, 0).trimmed().toLower();
    if (isOneOf(suffix, {"html"_L1, "htm"_L1, "xhtml"_L1}) || type == "text/html"_L1)
        return FileKind::Html;
    if (looksLikeSvg(firstBytes) && (suffix == "svg"_L1 || suffix.isEmpty() || suffix == "xml"_L1))
        return FileKind::Svg;
    if (isOneOf(suffix, {"csv"_L1, "tsv"_L1, "tab"_L1}) || type == "text/csv"_L1
        || type == "text/tab-separated-values"_L1)
        return FileKind::Table;
    if (isOneOf(suffix, {"json"_L1, "geojson"_L1, "ipynb"_L1, "webmanifest"_L1, "har"_L1})
        || type == "application/json"_L1 || type.endsWith("+json"_L1))
        return FileKind::Json;
    if (isOneOf(suffix, {"md"_L1, "markdown"_L1, "mdown"_L1}) || type == "text/markdown"_L1)
        return FileKind::Markdown;
    return FileKind::Text;
}

} // namespace skillbox
