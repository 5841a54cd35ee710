#pragma once

#include "engine/base/ids.h"
#include "server/http/http_response.h"
#include "server/mcp/batch_answers.h"
#include "server/mcp/mcp_session.h"

#include <deque>

namespace skillbox {

/// A session over streamable HTTP (basic/transports#streamable-http): which answer goes out on
/// which connection, and what a client that lost one has missed. Thread-safe.
///
/// Stream 0 is the client's GET; each POST that is answered by events has one of its own. An
/// event's id is `STREAM-NUMBER`, so that Last-Event-ID says where to go on.
class HttpSession : public std::enable_shared_from_this<HttpSession>
{
public:
    HttpSession(TenantId tenant, KeyId key, std::chrono::milliseconds heartbeat);
    HttpSession(const HttpSession &) = delete;
    HttpSession &operator=(const HttpSession &) = delete;

    /// Once, before anything else.
    void open(McpHost &host, McpSession::Options options);

    const QString &id() const { return m_id; }
    bool belongsTo(const TenantId &tenant, const KeyId &key) const
    {
        return tenant == m_tenant && key == m_key;
    }
    McpSession &protocol() { return *m_session; }

    enum class AnswerAs { Json, Events };
    /// Takes what one POST brought and answers it: at once, or when the last of its calls is over.
    void post(const RpcInput &input, const McpCaller &caller, const HttpReply &reply,
              AnswerAs answerAs);
    /// The stream of what belongs to no request; with `lastEvent` that which the event was of, from
    /// there on. There is one such connection at a time: a newer one takes over.
    void listen(const HttpReply &reply, const QByteArray &lastEvent);

    /// Ends the GET; POSTs end with their calls.
    void endListening();
    /// Stops what runs, and ends all connections.
    void close();
    /// Nobody listens and nothing runs since that long.
    std::chrono::milliseconds idleFor() const;

private:
    struct Stream {
        std::deque<std::pair<qint64, QByteArray>> events; ///< number and data
        qsizetype bytes = 0;
        qint64 last = 0; ///< number of the last event
        qint64 sent = 0; ///< of the last one that went out
        std::optional<HttpStream> connection;
        int missing = 0; ///< answers that have not come; stream 0 has none
        std::chrono::steady_clock::time_point endedAt{};
    };
    struct Post {
        HttpReply reply;
        BatchAnswers answers; ///< AnswerAs::Json
        quint64 stream = 0;   ///< AnswerAs::Events
    };

    void deliver(const McpOutput &output);
    void append(quint64 number, Stream &stream, const QByteArray &json);
    void write(quint64 number, Stream &stream, qint64 event, const QByteArray &json);
    void attach(quint64 number, Stream &stream, const HttpReply &reply, qint64 after);
    void endStream(Stream &stream);
    void forgetEnded();
    void touch() { m_lastUse = std::chrono::steady_clock::now(); }

    const QString m_id;
    const TenantId m_tenant;
    const KeyId m_key;
    const std::chrono::milliseconds m_heartbeat;
    std::shared_ptr<McpSession> m_session;
    mutable std::mutex m_mutex; ///< guards what follows
    std::map<quint64, Stream> m_streams;
    quint64 m_lastStream = 0;
    std::map<QByteArray, std::shared_ptr<Post>> m_posts; ///< by request
    std::chrono::steady_clock::time_point m_lastUse;
    bool m_hasEmptyEvents = false;
};

} // namespace skillbox
