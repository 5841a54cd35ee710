#include "server/http/sse.h"

namespace skillbox {

namespace {

QByteArray onOneLine(QByteArray text)
{
    text.replace('\0', ' ').replace('\r', ' ').replace('\n', ' ');
    return text;
}

} // namespace

QByteArray formatSseEvent(const SseEvent &event)
{
    QByteArray text;
    if (!event.event.isEmpty())
        text += "event: " + onOneLine(event.event) + '\n';
    if (!event.id.isEmpty())
        text += "id: " + onOneLine(event.id) + '\n';
    if (!event.data.isEmpty()) {
        QByteArray data = event.data;
        data.replace("\r\n", "\n").replace('\r', '\n');
        const QList<QByteArray> lines = data.split('\n');
        for (const QByteArray &line : lines)
            text += "data: " + line + '\n';
    }
    return text + '\n';
}

SseStream SseStream::begin(const HttpReply &reply, std::chrono::milliseconds heartbeat)
{
    HttpHeaders headers;
    headers.add("Content-Type", "text/event-stream");
    headers.add("Cache-Control", "no-store");
    headers.add("X-Accel-Buffering", "no"); // nginx would hold events back otherwise
    HttpStream stream = reply.stream(200, headers);
    stream.setHeartbeat(": still here\n\n", heartbeat);
    return SseStream(std::move(stream));
}

bool SseStream::send(const SseEvent &event)
{
    return m_stream.write(formatSseEvent(event));
}

} // namespace skillbox
