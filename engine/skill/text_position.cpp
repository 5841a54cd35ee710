#include "engine/skill/text_position.h"

#include <algorithm>

namespace skillbox {
namespace {

bool isContinuation(char c)
{
    return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

} // namespace

TextPosition::TextPosition(QByteArrayView text) : m_text(text), m_lineStarts{0}
{
    for (qsizetype i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1))
        m_lineStarts.push_back(i + 1);
}

TextRange TextPosition::range(qsizetype start, qsizetype end) const
{
    const Place from = place(start);
    const Place to = place(std::max(start, end));
    return {from.line, from.column, to.line, to.column};
}

TextPosition::Place TextPosition::place(qsizetype offset) const
{
    offset = std::clamp<qsizetype>(offset, 0, m_text.size());
    const auto next = std::upper_bound(m_lineStarts.begin(), m_lineStarts.end(), offset);
    const qsizetype lineStart = *std::prev(next);
    const auto before = m_text.sliced(lineStart, offset - lineStart);
    const auto continued = std::count_if(before.begin(), before.end(), isContinuation);
    return {static_cast<int>(next - m_lineStarts.begin()),
            static_cast<int>(before.size() - continued) + 1};
}

std::optional<qsizetype> firstInvalidUtf8(QByteArrayView text)
{
    const qsizetype size = text.size();
    const auto byte = [text](qsizetype i) { return static_cast<unsigned char>(text[i]); };
    for (qsizetype i = 0; i < size;) {
        const unsigned char lead = byte(i);
        if (lead < 0x80) {
            ++i;
            continue;
        }
        int more = 0;
        unsigned char low = 0x80;
        unsigned char high = 0xBF;
        if (lead >= 0xC2 && lead <= 0xDF) {
            more = 1;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            more = 2;
            low = lead == 0xE0 ? 0xA0 : 0x80;
            high = lead == 0xED ? 0x9F : 0xBF;
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            more = 3;
            low = lead == 0xF0 ? 0x90 : 0x80;
            high = lead == 0xF4 ? 0x8F : 0xBF;
        } else {
            return i;
        }
        if (i + more >= size || byte(i + 1) < low || byte(i + 1) > high)
            return i;
        for (int k = 2; k <= more; ++k) {
            if (!isContinuation(text[i + k]))
                return i;
        }
        i += more + 1;
    }
    return std::nullopt;
}

qsizetype nextLine(QByteArrayView text, qsizetype offset)
{
    const qsizetype feed = text.indexOf('\n', offset);
    return feed < 0 ? text.size() : feed + 1;
}

} // namespace skillbox
