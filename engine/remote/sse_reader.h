#pragma once

#include "engine/base/result.h"

#include <QByteArray>
#include <QByteArrayView>

#include <functional>

namespace skillbox {

struct ServerEvent {
    QByteArray type; ///< `message` where the stream names none
    QByteArray id;   ///< the last id seen
    QByteArray data;
};

/// Reads a stream of server-sent events (WHATWG HTML §9.2.6) as its bytes come: any line end, any
/// cut between pieces. Comments are heartbeats and skipped.
class SseReader
{
public:
    using Handler = std::function<Result<void>(const ServerEvent &)>;
    explicit SseReader(Handler handler) : m_handler(std::move(handler)) { }

    /// TooLarge when an event passes 64 MiB, which no log line or result does.
    Result<void> feed(QByteArrayView bytes);

private:
    Result<void> takeLine(const QByteArray &line);

    const Handler m_handler;
    QByteArray m_rest;
    bool m_afterCarriageReturn = false;
    ServerEvent m_event;
    bool m_hasData = false;
};

} // namespace skillbox
