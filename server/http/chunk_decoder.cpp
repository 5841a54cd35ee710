#include "server/http/chunk_decoder.h"

#include "server/http/request_parser.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

constexpr qsizetype maxSizeLine = 512; // the size, its extensions and the line's end
constexpr qint64 maxTrailerBytes = 8 << 10;
// Extensions carry nothing for us; without a bound a client could make us read megabytes of them
// for each byte of a body (as in CVE-2023-39326).
constexpr qint64 freeOverhead = 16 << 10;

int chunkDigit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

} // namespace

ChunkDecoder::Step ChunkDecoder::next(QByteArrayView data)
{
    if (m_state != State::NeedsMore || data.isEmpty())
        return {};
    if (m_part != Part::Data)
        return takeLine(data);
    const qsizetype size = std::min(data.size(), qsizetype(m_left));
    m_left -= size;
    m_payload += size;
    if (m_left == 0)
        m_part = Part::DataEnd;
    return {size, data.first(size)};
}

ChunkDecoder::Step ChunkDecoder::takeLine(QByteArrayView data)
{
    const qsizetype newline = data.indexOf('\n');
    const qsizetype size = newline < 0 ? data.size() : newline + 1;
    const qint64 limit = m_part == Part::DataEnd ? 2
        : m_part == Part::SizeLine               ? maxSizeLine
                                                 : maxTrailerBytes - m_trailerSize;
    if (m_line.size() + size > limit) {
        refuse(m_part == Part::DataEnd ? u"a chunk of the body is longer than its size says"_s
                                       : u"a line between the body's chunks is too long"_s);
        return {size, {}};
    }
    m_line.append(data.first(size));
    if (newline < 0)
        return {size, {}};
    const QByteArray line = std::exchange(m_line, {});
    if (!line.endsWith("\r\n") || line.indexOf('\r') != line.size() - 2) {
        refuse(u"a line between the body's chunks does not end in CR LF"_s);
        return {size, {}};
    }
    const QByteArrayView text = QByteArrayView(line).chopped(2);
    switch (m_part) {
    case Part::SizeLine: takeSizeLine(text); break;
    case Part::DataEnd:
        if (text.isEmpty())
            m_part = Part::SizeLine;
        else
            refuse(u"a chunk of the body is longer than its size says"_s);
        break;
    case Part::Trailer:
        m_trailerSize += line.size();
        takeTrailer(text);
        break;
    case Part::Data: break;
    }
    return {size, {}};
}

void ChunkDecoder::takeSizeLine(QByteArrayView line)
{
    qsizetype digits = 0;
    qint64 size = 0;
    while (digits < line.size() && chunkDigit(line[digits]) >= 0) {
        if (digits == 15) // 60 bits: no overflow, and more than any limit
            return refuse(u"a chunk of the body is too large"_s);
        size = size << 4 | chunkDigit(line[digits++]);
    }
    if (digits == 0)
        return refuse(u"a chunk of the body has no size"_s);
    const QByteArrayView extension = line.sliced(digits);
    if (!extension.isEmpty() && (!extension.startsWith(';') || !isHttpFieldValue(extension)))
        return refuse(u"a chunk of the body has a malformed size"_s);
    m_overhead += extension.size();
    if (m_overhead > freeOverhead + m_payload)
        return refuse(u"the body's chunks have too many extensions"_s);
    m_left = size;
    m_part = size > 0 ? Part::Data : Part::Trailer;
}

void ChunkDecoder::takeTrailer(QByteArrayView line)
{
    if (line.isEmpty()) {
        m_state = State::Complete;
        return;
    }
    const qsizetype colon = line.indexOf(':');
    if (colon < 0 || !isHttpToken(line.first(colon)) || !isHttpFieldValue(line.sliced(colon + 1)))
        return refuse(u"the body ends in a malformed trailer field"_s);
    // Trailers are dropped; one that tries to frame or route the message is an attack.
    for (const char *name : {"content-length", "transfer-encoding", "host", "authorization"}) {
        if (line.first(colon).compare(name, Qt::CaseInsensitive) == 0)
            return refuse(u"the body ends in a trailer field that belongs into the header"_s);
    }
}

void ChunkDecoder::refuse(const QString &message)
{
    m_state = State::Refused;
    m_refusal = message;
}

} // namespace skillbox
