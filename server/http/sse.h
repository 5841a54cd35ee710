#pragma once

#include "server/http/http_response.h"

namespace skillbox {

/// One server-sent event (HTML Living Standard §9.2). Empty members are left out.
struct SseEvent {
    QByteArray event; ///< its type
    QByteArray id;    ///< what a client says in Last-Event-ID when it comes back
    QByteArray data;  ///< UTF-8, any number of lines
};

/// The event as it goes over the wire. A line break in a type or an id becomes a space.
QByteArray formatSseEvent(const SseEvent &event);

/// A stream of events with a comment after each `heartbeat` of silence. A handle; copies mean the
/// same stream. Thread-safe.
class SseStream
{
public:
    static SseStream begin(const HttpReply &reply,
                           std::chrono::milliseconds heartbeat = usualHeartbeat);

    /// False: the client is gone or too slow, as HttpStream::write.
    bool send(const SseEvent &event);
    void close() { m_stream.close(); }
    bool isOpen() const { return m_stream.isOpen(); }
    void onClosed(std::function<void()> callback) { m_stream.onClosed(std::move(callback)); }

    static constexpr std::chrono::seconds usualHeartbeat{15};

private:
    explicit SseStream(HttpStream stream) : m_stream(std::move(stream)) { }
    HttpStream m_stream;
};

} // namespace skillbox
