#include "server/mcp/streamable_http.h"

#include "engine/workspace/session_service.h"
#include "server/http/problem.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct Accepted {
    bool json = false;
    bool events = false;
};

/// Without the field everything is taken. Weights do not matter: nobody gives them here.
Accepted acceptedBy(const HttpRequest &request)
{
    const QList<QByteArray> fields = request.headers.values("Accept");
    if (fields.isEmpty())
        return {true, true};
    Accepted accepted;
    for (const QByteArray &field : fields) {
        for (const QByteArray &part : field.split(',')) {
            const QByteArray type = part.split(';').first().trimmed().toLower();
            const bool isAny = type == "*/*";
            accepted.json = accepted.json || isAny || type == "application/json"
                || type == "application/*";
            accepted.events = accepted.events || isAny || type == "text/event-stream"
                || type == "text/*";
        }
    }
    return accepted;
}

void refuse(const HttpRequest &request, const HttpReply &reply, int status, const QString &slug,
            const QString &message)
{
    reply.send(problem(status, slug, message, request.requestId, request.path));
}

/// False, and refused: the client says that it speaks a version that we do not.
bool speaksKnownVersion(const HttpRequest &request, const HttpReply &reply)
{
    const auto version = request.headers.value("MCP-Protocol-Version");
    if (!version || ProtocolVersion::isSupported(QString::fromLatin1(*version)))
        return true;
    refuse(request, reply, 400, u"bad_request"_s,
           u"MCP-Protocol-Version must be one of %1"_s.arg(
               ProtocolVersion::supported().join(u", "_s)));
    return false;
}

QStringList queryValues(const HttpRequest &request, QStringView name)
{
    QStringList values;
    for (const auto &[key, value] : request.query) {
        if (key == name)
            values.append(value);
    }
    return values;
}

Result<McpSession::Options> optionsOf(const HttpRequest &request, const TenantId &tenant)
{
    auto selection = SkillSelection::create({.include = queryValues(request, u"include"),
                                             .exclude = queryValues(request, u"exclude"),
                                             .tags = queryValues(request, u"tag")});
    if (!selection)
        return fail(selection.error());
    McpSession::Options options{.tenant = tenant, .selection = std::move(*selection)};
    options.workSession = request.queryValue(u"session");
    if (!options.workSession.isEmpty() && !SessionService::isSessionName(options.workSession)) {
        return fail(ErrorCode::BadRequest,
                    u"session must be 1 to 128 characters of A-Z a-z 0-9 . _ -"_s);
    }
    return options;
}

bool isInitialize(const RpcInput &input)
{
    if (input.isBatch)
        return false;
    const auto *message = std::get_if<RpcMessage>(&input.entries.first());
    return message && message->kind == RpcMessage::Kind::Request
        && message->method == u"initialize";
}

bool callsTools(const RpcInput &input)
{
    return std::any_of(input.entries.begin(), input.entries.end(), [](const auto &entry) {
        const auto *message = std::get_if<RpcMessage>(&entry);
        return message && message->kind == RpcMessage::Kind::Request
            && message->method == u"tools/call";
    });
}

} // namespace

StreamableHttp::StreamableHttp(Engine &engine, Options options)
    : m_options(options)
    , m_host(std::make_unique<McpHost>(engine, options.timing))
{
    m_host->onWatch([this] { sweep(); });
}

StreamableHttp::~StreamableHttp()
{
    m_host.reset(); // its thread sweeps the sessions; they get no message any more
}

void StreamableHttp::post(const HttpRequest &request, const HttpReply &reply, const Client &client)
{
    const QByteArray type =
        request.headers.value("Content-Type").value_or("").split(';').first().trimmed().toLower();
    if (type != "application/json") {
        return refuse(request, reply, 415, u"unsupported_media_type"_s,
                      u"a message comes as application/json"_s);
    }
    const Accepted accepted = acceptedBy(request);
    if (!accepted.json && !accepted.events) {
        return refuse(request, reply, 406, u"not_acceptable"_s,
                      u"answers come as application/json or text/event-stream"_s);
    }
    if (!speaksKnownVersion(request, reply))
        return;
    const RpcInput input = parseRpc(request.body->bytes());
    if (isInitialize(input))
        return beginSession(input, request, reply, client);
    const auto *refusal = std::get_if<RpcRefusal>(&input.entries.first());
    if (refusal && !input.isBatch)
        return reply.send(HttpResponse::json(400, rpcFailure(refusal->id, refusal->error)));
    const auto session = sessionOf(request, reply, client);
    if (!session)
        return;
    const bool asEvents = accepted.events && (callsTools(input) || !accepted.json);
    session->post(input, client.caller, reply,
                  asEvents ? HttpSession::AnswerAs::Events : HttpSession::AnswerAs::Json);
}

void StreamableHttp::beginSession(const RpcInput &input, const HttpRequest &request,
                                  const HttpReply &reply, const Client &client)
{
    auto options = optionsOf(request, client.tenant);
    if (!options)
        return reply.send(problem(options.error(), request.requestId, request.path));
    const auto session = std::make_shared<HttpSession>(client.tenant, client.key,
                                                       m_options.heartbeat);
    session->open(*m_host, std::move(*options));
    if (!admit(session)) {
        return refuse(request, reply, 503, u"busy"_s,
                      u"%1 sessions are in use already"_s.arg(m_options.maxSessions));
    }
    session->post(input, client.caller, reply, HttpSession::AnswerAs::Json);
    if (!session->protocol().version()) { // initialize was refused
        const std::lock_guard lock(m_mutex);
        m_sessions.remove(session->id());
    }
}

void StreamableHttp::get(const HttpRequest &request, const HttpReply &reply, const Client &client)
{
    if (!acceptedBy(request).events) {
        return refuse(request, reply, 406, u"not_acceptable"_s,
                      u"news come as text/event-stream"_s);
    }
    if (!speaksKnownVersion(request, reply))
        return;
    const auto session = sessionOf(request, reply, client);
    if (!session)
        return;
    {
        const std::lock_guard lock(m_mutex);
        if (m_isDraining)
            return refuse(request, reply, 503, u"not_ready"_s, u"the server is stopping"_s);
    }
    session->listen(reply, request.headers.value("Last-Event-ID").value_or(QByteArray()));
}

void StreamableHttp::remove(const HttpRequest &request, const HttpReply &reply,
                            const Client &client)
{
    const auto session = sessionOf(request, reply, client);
    if (!session)
        return;
    {
        const std::lock_guard lock(m_mutex);
        m_sessions.remove(session->id());
    }
    session->close();
    reply.send(HttpResponse::empty(204));
}

std::shared_ptr<HttpSession> StreamableHttp::sessionOf(const HttpRequest &request,
                                                       const HttpReply &reply, const Client &client)
{
    const auto id = request.headers.value("Mcp-Session-Id");
    if (!id) {
        refuse(request, reply, 400, u"bad_request"_s,
               u"Mcp-Session-Id is missing; a session begins with initialize"_s);
        return nullptr;
    }
    {
        const std::lock_guard lock(m_mutex);
        const auto session = m_sessions.value(QString::fromLatin1(*id));
        if (session && session->belongsTo(client.tenant, client.key))
            return session;
    }
    // The client begins a new one then (basic/transports#session-management).
    refuse(request, reply, 404, u"not_found"_s,
           u"there is no such session; begin one with initialize"_s);
    return nullptr;
}

bool StreamableHttp::admit(const std::shared_ptr<HttpSession> &session)
{
    std::shared_ptr<HttpSession> longestIdle;
    {
        const std::lock_guard lock(m_mutex);
        if (m_sessions.size() >= m_options.maxSessions) {
            std::chrono::milliseconds idle{0};
            for (const auto &candidate : std::as_const(m_sessions)) {
                if (candidate->idleFor() > idle) {
                    idle = candidate->idleFor();
                    longestIdle = candidate;
                }
            }
            if (!longestIdle)
                return false;
            m_sessions.remove(longestIdle->id());
        }
        m_sessions.insert(session->id(), session);
    }
    if (longestIdle)
        longestIdle->close();
    return true;
}

void StreamableHttp::sweep()
{
    std::vector<std::shared_ptr<HttpSession>> ended;
    {
        const std::lock_guard lock(m_mutex);
        for (auto it = m_sessions.begin(); it != m_sessions.end();) {
            if ((*it)->idleFor() > m_options.idleSessionsAreKept) {
                ended.push_back(*it);
                it = m_sessions.erase(it);
            } else {
                ++it;
            }
        }
    }
    for (const auto &session : ended)
        session->close();
}

void StreamableHttp::drain()
{
    QList<std::shared_ptr<HttpSession>> sessions;
    {
        const std::lock_guard lock(m_mutex);
        m_isDraining = true;
        sessions = m_sessions.values();
    }
    for (const auto &session : std::as_const(sessions))
        session->endListening();
}

int StreamableHttp::sessionCount() const
{
    const std::lock_guard lock(m_mutex);
    return static_cast<int>(m_sessions.size());
}

} // namespace skillbox
