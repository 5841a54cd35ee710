#pragma once

#include "engine/base/error.h"
#include "server/http/http_headers.h"

#include <QIODevice>

#include <chrono>
#include <functional>
#include <memory>
#include <variant>

namespace skillbox {

/// An answer. The guard adds what every answer has: Date, X-Request-ID, traceparent, nosniff,
/// Content-Length, and a gzip coding where the client takes one and it pays.
struct HttpResponse {
    int status = 200;
    HttpHeaders headers;
    /// Bytes, or a device open for reading whose size() is known: streamed, and with Range and
    /// conditional requests answered where the headers carry an ETag.
    std::variant<QByteArray, std::shared_ptr<QIODevice>> body;
    /// Id of what the answer is about, where the path does not say it: for whoever observes
    /// requests. Never sent.
    QString subject = {};

    static HttpResponse json(int status, QByteArray compactJson);
    static HttpResponse text(int status, QByteArray utf8);
    static HttpResponse empty(int status);
};

/// An answer whose length is not known when it begins. A handle; copies mean the same stream.
/// Thread-safe.
class HttpStream
{
public:
    /// Queues bytes for the client, in order. False: the client is gone or so slow that over
    /// `maxBuffered` bytes wait for it; the stream is closed then, and stays so.
    bool write(QByteArray bytes);
    /// Ends the answer properly. Dropping the last copy does it, too.
    void close();
    bool isOpen() const;
    /// Called once, on the HTTP thread, when the client leaves or the stream ends.
    void onClosed(std::function<void()> callback);
    /// Sends `bytes` whenever nothing was sent for `interval`, so that nobody on the way takes a
    /// quiet stream for a dead one.
    void setHeartbeat(QByteArray bytes, std::chrono::milliseconds interval);

    static constexpr qint64 maxBuffered = 4LL << 20;

    struct State;
    explicit HttpStream(std::shared_ptr<State> state);

private:
    std::shared_ptr<State> m_state;
};

/// Where a handler puts its answer, at once or later and on any thread. A handle; copies mean the
/// same answer. The first answer counts. If the last copy goes without one, the client gets 500 and
/// the log a line. A client that left is no error: the answer is dropped.
class HttpReply
{
public:
    void send(HttpResponse response) const;
    /// Begins an answer in pieces (chunked on HTTP/1.1).
    HttpStream stream(int status, HttpHeaders headers) const;
    bool clientIsThere() const;

    struct State;
    explicit HttpReply(std::shared_ptr<State> state);

private:
    std::shared_ptr<State> m_state;
};

} // namespace skillbox
