#pragma once

#include "server/http/http_request.h"
#include "server/mcp/http_session.h"

namespace skillbox {

/// The protocol at one HTTP path, for any number of clients. Thread-safe; its handlers may block.
/// Goes after the HTTP server and before the engine.
class StreamableHttp
{
public:
    struct Options {
        std::chrono::milliseconds heartbeat{15'000};
        std::chrono::milliseconds idleSessionsAreKept{30 * 60'000};
        int maxSessions = 1000;
        McpTiming timing = {};
    };
    /// Who sends a request, as the route's gate found out.
    struct Client {
        TenantId tenant;
        KeyId key;
        McpCaller caller;
    };

    StreamableHttp(Engine &engine, Options options);
    ~StreamableHttp();
    StreamableHttp(const StreamableHttp &) = delete;
    StreamableHttp &operator=(const StreamableHttp &) = delete;

    /// A message; `initialize` begins a session. Its query says which skills the session sees:
    /// `include`, `exclude` (globs), `tag`, each any number of times, and `session`.
    void post(const HttpRequest &request, const HttpReply &reply, const Client &client);
    void get(const HttpRequest &request, const HttpReply &reply, const Client &client);
    void remove(const HttpRequest &request, const HttpReply &reply, const Client &client);

    /// On the way out: ends the connections that only wait for news.
    void drain();
    int sessionCount() const;

private:
    /// Nothing, and the reply is sent: there is no such session for this client.
    std::shared_ptr<HttpSession> sessionOf(const HttpRequest &request, const HttpReply &reply,
                                           const Client &client);
    void beginSession(const RpcInput &input, const HttpRequest &request, const HttpReply &reply,
                      const Client &client);
    /// Makes room; false: every session is in use.
    bool admit(const std::shared_ptr<HttpSession> &session);
    void sweep();

    const Options m_options;
    std::unique_ptr<McpHost> m_host;
    mutable std::mutex m_mutex; ///< guards what follows
    QHash<QString, std::shared_ptr<HttpSession>> m_sessions;
    bool m_isDraining = false;
};

} // namespace skillbox
