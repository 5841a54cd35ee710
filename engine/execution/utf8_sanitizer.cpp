#include "engine/execution/utf8_sanitizer.h"

namespace skillbox {
namespace {

constexpr QByteArrayView replacement = "\xEF\xBF\xBD"; // U+FFFD

/// What stands at the start of some bytes.
struct Sequence {
    enum class Kind { Valid, Invalid, Incomplete };
    Kind kind;
    qsizetype length;
};

/// Well-formed sequences by table 3-7 of the Unicode standard.
Sequence sequenceAt(const unsigned char *bytes, qsizetype available)
{
    const unsigned char lead = bytes[0];
    qsizetype length = 0;
    unsigned char low = 0x80; // bounds of the second byte
    unsigned char high = 0xBF;
    if (lead >= 0xC2 && lead <= 0xDF) {
        length = 2;
    } else if (lead >= 0xE0 && lead <= 0xEF) {
        length = 3;
        if (lead == 0xE0)
            low = 0xA0;
        else if (lead == 0xED)
            high = 0x9F;
    } else if (lead >= 0xF0 && lead <= 0xF4) {
        length = 4;
        if (lead == 0xF0)
            low = 0x90;
        else if (lead == 0xF4)
            high = 0x8F;
    } else {
        return {Sequence::Kind::Invalid, 1};
    }
    for (qsizetype i = 1; i < length; ++i) {
        if (i == available)
            return {Sequence::Kind::Incomplete, i};
        if (bytes[i] < low || bytes[i] > high)
            return {Sequence::Kind::Invalid, i};
        low = 0x80;
        high = 0xBF;
    }
    return {Sequence::Kind::Valid, length};
}

} // namespace

qint64 Utf8Sanitizer::append(QByteArrayView bytes, QByteArray &out, qint64 room)
{
    QByteArray joined;
    if (!m_pending.isEmpty()) {
        joined = std::exchange(m_pending, {});
        joined.append(bytes);
        bytes = joined;
    }
    const auto *data = reinterpret_cast<const unsigned char *>(bytes.data());
    const qsizetype size = bytes.size();
    qsizetype at = 0;
    while (at < size) {
        qsizetype plain = at;
        while (plain < size && data[plain] != 0 && data[plain] < 0x80)
            ++plain;
        if (plain > at) {
            const qsizetype fits = qMin<qint64>(plain - at, room);
            out.append(bytes.sliced(at, fits));
            room -= fits;
            at += fits;
            if (at < plain)
                return size - at;
            continue;
        }
        const Sequence sequence = sequenceAt(data + at, size - at);
        if (sequence.kind == Sequence::Kind::Incomplete) {
            m_pending = bytes.sliced(at).toByteArray();
            return 0;
        }
        const QByteArrayView safe = sequence.kind == Sequence::Kind::Valid
            ? bytes.sliced(at, sequence.length)
            : replacement;
        if (safe.size() > room)
            return size - at;
        out.append(safe);
        room -= safe.size();
        at += sequence.length;
    }
    return 0;
}

qint64 Utf8Sanitizer::finish(QByteArray &out, qint64 room)
{
    const qint64 pending = std::exchange(m_pending, {}).size();
    if (pending == 0)
        return 0;
    if (room < replacement.size())
        return pending;
    out.append(replacement);
    return 0;
}

} // namespace skillbox
