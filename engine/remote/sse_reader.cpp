#include "engine/remote/sse_reader.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype longestEvent = 64 << 20;

} // namespace

Result<void> SseReader::feed(QByteArrayView bytes)
{
    for (const char c : bytes) {
        const bool secondOfPair = c == '\n' && m_afterCarriageReturn;
        m_afterCarriageReturn = c == '\r';
        if (secondOfPair)
            continue;
        if (c != '\n' && c != '\r') {
            m_rest.append(c);
            continue;
        }
        const QByteArray line = std::exchange(m_rest, {});
        if (Result<void> taken = takeLine(line); !taken)
            return taken;
    }
    if (m_rest.size() + m_event.data.size() > longestEvent)
        return fail(ErrorCode::TooLarge, u"the server sent an event that is too large"_s);
    return {};
}

Result<void> SseReader::takeLine(const QByteArray &line)
{
    if (line.isEmpty()) {
        ServerEvent event = m_event;
        m_event.type.clear();
        m_event.data.clear();
        if (!std::exchange(m_hasData, false))
            return {};
        if (event.type.isEmpty())
            event.type = "message";
        return m_handler(event);
    }
    const qsizetype colon = line.indexOf(':');
    const QByteArray field = colon < 0 ? line : line.first(colon);
    QByteArray value = colon < 0 ? QByteArray() : line.sliced(colon + 1);
    if (value.startsWith(' '))
        value.remove(0, 1);
    if (field == "event") {
        m_event.type = value;
    } else if (field == "data") {
        if (m_hasData)
            m_event.data.append('\n');
        m_event.data.append(value);
        m_hasData = true;
        if (m_event.data.size() > longestEvent)
            return fail(ErrorCode::TooLarge, u"the server sent an event that is too large"_s);
    } else if (field == "id" && !value.contains('\0')) {
        m_event.id = value;
    }
    return {};
}

} // namespace skillbox
