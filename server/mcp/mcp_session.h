#pragma once

#include "engine/access/role.h"
#include "server/mcp/json_rpc.h"
#include "server/mcp/mcp_host.h"
#include "server/mcp/protocol_version.h"
#include "server/mcp/skill_selection.h"

#include <map>
#include <optional>

namespace skillbox {

class JsonReader;
class ToolCall;

/// Who sends a message.
struct McpCaller {
    Role role = Role::Reader;
    Origin origin;
    QString traceparent = {};
    /// Where the server's own API is reached, without a slash at the end; empty: nowhere.
    QString baseUrl = {};
    /// The signed link to a run's archive; null: there are none.
    std::function<QString(const ExecutionRecord &)> filesUrl = {};
};

/// Something for the client.
struct McpOutput {
    enum class Kind {
        Answer,    ///< to the request `request`
        Note,      ///< a notification
        Abandoned, ///< `request` gets no answer, since the client withdrew it; no json
    };
    Kind kind = Kind::Note;
    QByteArray json;
    /// The id of the request that it belongs to; empty: to the session as a whole.
    QByteArray request = {};
};

/// One client and its state, whatever carries its messages. Thread-safe; make it with create().
///
/// Everything but tools/call is answered before receive() returns; what a call leads to comes on
/// threads of the execution service. The session may go while calls are under way: they end, and
/// nobody is told.
class McpSession : public std::enable_shared_from_this<McpSession>
{
public:
    struct Options {
        TenantId tenant;
        SkillSelection selection = {};
        QString workSession = {}; ///< of the runs: files in it stay from call to call; empty: none
        int pageSize = 1000;      ///< of lists
        int maxCalls = 100;       ///< under way at the same time
    };
    /// On any thread, several at once; must not call the session.
    using Sink = std::function<void(const McpOutput &)>;

    static std::shared_ptr<McpSession> create(McpHost &host, Options options, Sink sink);
    ~McpSession();
    McpSession(const McpSession &) = delete;
    McpSession &operator=(const McpSession &) = delete;

    void receive(const RpcMessage &message, const McpCaller &caller);
    /// The client is gone for good: its calls are stopped.
    void close();

    const TenantId &tenant() const { return m_options.tenant; }
    /// Nothing before `initialize`.
    std::optional<ProtocolVersion> version() const;
    int callsUnderWay() const;
    /// For the host: these skills changed; `*`: any of them.
    void catalogChanged(const QSet<QString> &skills);

private:
    using Answer = tl::expected<QByteArray, RpcError>;
    using Method = Answer (McpSession::*)(JsonReader &params, const McpCaller &caller);
    friend class ToolCall;

    McpSession(McpHost &host, Options options, Sink sink);
    void answer(const QByteArray &id, const Answer &result);
    void notify(const char *method, const QByteArray &params = {}, const QByteArray &request = {});
    void notified(const RpcMessage &message, const McpCaller &caller);
    void callTool(const RpcMessage &message, const McpCaller &caller);
    void callEnded(const QByteArray &id);
    bool wantsLog(int severity) const;
    tl::expected<std::shared_ptr<const Catalog>, RpcError> catalog();
    /// A page of a list: `"name":[…],"nextCursor":"…"` in an object.
    Answer page(JsonReader &params, const char *name,
                const std::function<QByteArray(const CatalogSkill &)> &row);
    /// Null: none of that name, or not one that this client sees.
    const CatalogSkill *visible(const CatalogSkill *skill) const;

    Answer initialize(JsonReader &params, const McpCaller &caller);
    Answer ping(JsonReader &params, const McpCaller &caller);
    Answer listTools(JsonReader &params, const McpCaller &caller);
    Answer listResources(JsonReader &params, const McpCaller &caller);
    Answer listTemplates(JsonReader &params, const McpCaller &caller);
    Answer readResource(JsonReader &params, const McpCaller &caller);
    Answer subscribe(JsonReader &params, const McpCaller &caller);
    Answer unsubscribe(JsonReader &params, const McpCaller &caller);
    Answer listPrompts(JsonReader &params, const McpCaller &caller);
    Answer getPrompt(JsonReader &params, const McpCaller &caller);
    Answer complete(JsonReader &params, const McpCaller &caller);
    Answer setLevel(JsonReader &params, const McpCaller &caller);

    static const QHash<QString, Method> &methods();

    McpHost &m_host; ///< in receive() only: a run's end may come when it has gone
    const Options m_options;
    const Sink m_sink;
    mutable std::mutex m_mutex; ///< guards what follows
    std::optional<ProtocolVersion> m_version;
    int m_leastSeverity;
    QSet<QString> m_subscriptions;
    std::map<QByteArray, std::shared_ptr<ToolCall>> m_calls; ///< by the request's id
    bool m_closed = false;
};

} // namespace skillbox
