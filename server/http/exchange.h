#pragma once

#include "server/http/http_response.h"
#include "server/http/http_thread.h"
#include "server/http/stream_buffer.h"

#include <atomic>
#include <memory>
#include <mutex>

namespace skillbox {

class Connection;

/// One request under way, as its connection and whoever holds its HttpReply share it.
class Exchange
{
public:
    Exchange(std::shared_ptr<HttpThread> thread, Connection &connection, bool takesGzip);

    /// The first answer counts; false: there was one, or the client is gone. Thread-safe.
    bool claim();
    bool isClaimed() const { return m_claimed; }
    bool clientIsThere() const { return m_clientIsThere; }
    bool takesGzip() const { return m_takesGzip; }
    HttpThread &thread() { return *m_thread; }
    const std::shared_ptr<HttpThread> &sharedThread() const { return m_thread; }

    /// Ties a stream's life to the connection's. False: the client is gone. Thread-safe.
    bool attach(const std::shared_ptr<StreamBuffer> &stream);

    /// Null once the client left. On the server's thread.
    Connection *connection() { return m_connection; }
    /// The connection is done with it or goes. On the server's thread.
    void detach();

private:
    std::shared_ptr<HttpThread> m_thread;
    const bool m_takesGzip;
    std::atomic<bool> m_clientIsThere = true;
    std::atomic<bool> m_claimed = false;
    std::mutex m_mutex; ///< for m_stream and the end of m_clientIsThere
    std::shared_ptr<StreamBuffer> m_stream;
    Connection *m_connection;
};

/// What a handler is given for the exchange.
HttpReply makeReply(std::shared_ptr<Exchange> exchange);

} // namespace skillbox
