#include "app/desktop/preview/text_decoding.h"

#include <QStringDecoder>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The offset of the first byte that is not well-formed UTF-8 (Unicode 15, table 3-7); -1: none. A
/// sequence that the end cuts off counts only if nothing follows it.
qint64 firstBadUtf8(const QByteArray &bytes, bool cut)
{
    const auto *data = reinterpret_cast<const unsigned char *>(bytes.constData());
    const qsizetype size = bytes.size();
    for (qsizetype i = 0; i < size;) {
        const unsigned char lead = data[i];
        if (lead < 0x80) {
            ++i;
            continue;
        }
        const int length = lead >= 0xc2 && lead <= 0xdf ? 2
            : lead >= 0xe0 && lead <= 0xef              ? 3
            : lead >= 0xf0 && lead <= 0xf4              ? 4
                                                        : 0;
        if (length == 0)
            return i;
        const unsigned char least = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80;
        const unsigned char most = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf;
        for (int k = 1; k < length; ++k) {
            if (i + k >= size)
                return cut ? -1 : i;
            const unsigned char next = data[i + k];
            if (next < (k == 1 ? least : 0x80) || next > (k == 1 ? most : 0xbf))
                return i;
        }
        i += length;
    }
    return -1;
}

/// Breaks lines that are too long.
bool foldLines(QString &text)
{
    bool needed = false;
    qsizetype start = 0;
    while (start < text.size() && !needed) {
        qsizetype end = text.indexOf(u'\n', start);
        if (end < 0)
            end = text.size();
        needed = end - start > longestShownLine;
        start = end + 1;
    }
    if (!needed)
        return false;
    QString folded;
    folded.reserve(text.size() + text.size() / longestShownLine + 1);
    start = 0;
    while (start < text.size()) {
        const qsizetype newline = text.indexOf(u'\n', start);
        const qsizetype end = newline < 0 ? text.size() : newline;
        qsizetype length = qMin(end - start, longestShownLine);
        if (start + length < end && text.at(start + length).isLowSurrogate())
            --length;
        folded += QStringView(text).mid(start, length);
        start += length;
        if (start == newline)
            ++start;
        if (start < text.size() || newline >= 0)
            folded += u'\n';
    }
    text = folded;
    return true;
}

} // namespace

DecodedText decodeText(const QByteArray &bytes, bool cut)
{
    const auto encoding = QStringConverter::encodingForData(bytes).value_or(QStringConverter::Utf8);
    DecodedText decoded;
    decoded.encoding = QString::fromLatin1(QStringConverter::nameForEncoding(encoding));
    // With state, the half of a character at the end is left out; without, it counts as broken.
    QStringDecoder decoder(
        encoding, cut ? QStringConverter::Flag::Default : QStringConverter::Flag::Stateless);
    decoded.text = decoder.decode(bytes);
    if (encoding == QStringConverter::Utf8)
        decoded.badBytesAt = firstBadUtf8(bytes, cut);
    else if (decoder.hasError())
        decoded.badBytesAt = 0;
    decoded.text.replace(QChar(u'\0'), QChar(u'\u2400'));
    decoded.text.replace("\r\n"_L1, "\n"_L1);
    decoded.folded = foldLines(decoded.text);
    return decoded;
}

} // namespace skillbox
