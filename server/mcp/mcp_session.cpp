#include "server/mcp/mcp_session.h"

#include "server/api/json/json_output.h"
#include "server/api/json/json_reader.h"
#include "server/mcp/log_severity.h"
#include "server/mcp/resource_uri.h"
#include "server/mcp/rpc_refusal.h"
#include "server/mcp/tool_call.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr auto serverInstructions =
    "Each tool runs a published skill in a sandbox of its own, without network access. Files that "
    "a run writes come as links; resources/read gives their content. skill://NAME/SKILL.md holds "
    "what a skill says about itself, and a prompt of the same name puts it into the "
    "conversation."_L1;

} // namespace

std::shared_ptr<McpSession> McpSession::create(McpHost &host, Options options, Sink sink)
{
    std::shared_ptr<McpSession> session(new McpSession(host, std::move(options), std::move(sink)));
    host.join(session);
    return session;
}

McpSession::McpSession(McpHost &host, Options options, Sink sink)
    : m_host(host)
    , m_options(std::move(options))
    , m_sink(std::move(sink))
    , m_leastSeverity(*logSeverityFromName(u"warning"))
{
}

McpSession::~McpSession() = default;

std::optional<ProtocolVersion> McpSession::version() const
{
    const std::lock_guard lock(m_mutex);
    return m_version;
}

int McpSession::callsUnderWay() const
{
    const std::lock_guard lock(m_mutex);
    return static_cast<int>(m_calls.size());
}

bool McpSession::wantsLog(int severity) const
{
    const std::lock_guard lock(m_mutex);
    return severity >= m_leastSeverity;
}

void McpSession::answer(const QByteArray &id, const Answer &result)
{
    m_sink({.kind = McpOutput::Kind::Answer,
            .json = result ? rpcResult(id, *result) : rpcFailure(id, result.error()),
            .request = id});
}

void McpSession::notify(const char *method, const QByteArray &params, const QByteArray &request)
{
    m_sink({.kind = McpOutput::Kind::Note,
            .json = rpcNotification(method, params),
            .request = request});
}

const QHash<QString, McpSession::Method> &McpSession::methods()
{
    static const QHash<QString, Method> table{
        {u"initialize"_s, &McpSession::initialize},
        {u"ping"_s, &McpSession::ping},
        {u"tools/list"_s, &McpSession::listTools},
        {u"resources/list"_s, &McpSession::listResources},
        {u"resources/templates/list"_s, &McpSession::listTemplates},
        {u"resources/read"_s, &McpSession::readResource},
        {u"resources/subscribe"_s, &McpSession::subscribe},
        {u"resources/unsubscribe"_s, &McpSession::unsubscribe},
        {u"prompts/list"_s, &McpSession::listPrompts},
        {u"prompts/get"_s, &McpSession::getPrompt},
        {u"completion/complete"_s, &McpSession::complete},
        {u"logging/setLevel"_s, &McpSession::setLevel},
    };
    return table;
}

void McpSession::receive(const RpcMessage &message, const McpCaller &caller)
{
    switch (message.kind) {
    case RpcMessage::Kind::Response: return; // we ask nothing
    case RpcMessage::Kind::Notification: return notified(message, caller);
    case RpcMessage::Kind::Request: break;
    }
    const bool beginsSession = message.method == u"initialize" || message.method == u"ping";
    if (!beginsSession && !version()) {
        return answer(message.id,
                      refuse(RpcError::InvalidRequest, u"the session begins with initialize"_s));
    }
    if (message.method == u"tools/call")
        return callTool(message, caller);
    const auto method = methods().constFind(message.method);
    if (method == methods().cend()) {
        return answer(message.id,
                      refuse(RpcError::MethodNotFound,
                             u"there is no method %1"_s.arg(message.method)));
    }
    JsonReader params = JsonReader::over(message.params);
    answer(message.id, (this->**method)(params, caller));
}

void McpSession::notified(const RpcMessage &message, const McpCaller &caller)
{
    if (message.method != u"notifications/cancelled")
        return; // initialized, progress, roots/list_changed: nothing to do
    const QByteArray id = JsonReader::over(message.params).value("requestId"_L1).bytes();
    std::shared_ptr<ToolCall> call;
    {
        const std::lock_guard lock(m_mutex);
        if (const auto it = m_calls.find(id); it != m_calls.end()) {
            call = std::move(it->second);
            m_calls.erase(it);
        }
    }
    if (!call)
        return; // it is over, or was never there
    call->cancel(caller.origin);
    m_sink({.kind = McpOutput::Kind::Abandoned, .json = {}, .request = id});
}

void McpSession::close()
{
    std::map<QByteArray, std::shared_ptr<ToolCall>> calls;
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
        calls.swap(m_calls);
    }
    for (const auto &[id, call] : calls)
        call->cancel(call->origin());
}

void McpSession::callTool(const RpcMessage &message, const McpCaller &caller)
{
    JsonReader params = JsonReader::over(message.params);
    const QString name = params.requiredText("name"_L1);
    JsonText arguments = params.value("arguments"_L1);
    if (!arguments.isEmpty() && !arguments.isObject())
        params.refuse(u"arguments must be an object"_s);
    if (params.error())
        return answer(message.id, refuse(*params.error()));
    if (!allows(caller.role, Permission::Run)) {
        return answer(message.id,
                      refuse(RpcError::Forbidden,
                             u"running skills needs the role runner; the key has the "
                             "role %1"_s.arg(roleName(caller.role))));
    }
    const auto skills = catalog();
    if (!skills)
        return answer(message.id, tl::unexpected(skills.error()));
    const CatalogSkill *skill = visible((*skills)->named(name));
    if (!skill || !skill->isTool) {
        return answer(message.id,
                      refuse(RpcError::InvalidParams,
                             u"there is no tool %1"_s.arg(name.left(200))));
    }
    JsonReader meta = JsonReader::over(params.value("_meta"_L1));
    const auto call = std::make_shared<ToolCall>(
        ToolCall::Parts{.session = weak_from_this(),
                        .engine = m_host.engine(),
                        .tenant = m_options.tenant,
                        .tool = skill->tool,
                        .version = *version(),
                        .request = message.id,
                        .progressToken = meta.value("progressToken"_L1),
                        .caller = caller});
    std::optional<RpcError> refusal;
    {
        const std::lock_guard lock(m_mutex);
        if (m_closed)
            return;
        if (m_calls.contains(message.id)) {
            refusal = {RpcError::InvalidRequest, u"a request with this id is still under way"_s};
        } else if (m_calls.size() >= static_cast<size_t>(m_options.maxCalls)) {
            refusal = {RpcError::Busy,
                       u"%1 calls are under way in this session already"_s.arg(m_options.maxCalls)};
        } else {
            m_calls.emplace(message.id, call);
        }
    }
    if (refusal)
        return answer(message.id, tl::unexpected(*refusal));
    call->start(arguments, m_options.workSession);
}

void McpSession::callEnded(const QByteArray &id)
{
    const std::lock_guard lock(m_mutex);
    m_calls.erase(id);
}

tl::expected<std::shared_ptr<const Catalog>, RpcError> McpSession::catalog()
{
    auto found = m_host.catalog(m_options.tenant, m_options.selection.tags());
    if (!found)
        return refuse(found.error());
    return *found;
}

const CatalogSkill *McpSession::visible(const CatalogSkill *skill) const
{
    return skill && m_options.selection.has(skill->tool.skill) ? skill : nullptr;
}

void McpSession::catalogChanged(const QSet<QString> &skills)
{
    QStringList updated;
    {
        const std::lock_guard lock(m_mutex);
        if (!m_version || m_closed)
            return;
        for (const QString &uri : std::as_const(m_subscriptions)) {
            const auto resource = parseResourceUri(uri);
            const auto *file = resource ? std::get_if<SkillFileUri>(&*resource) : nullptr;
            if (file && (skills.contains(file->skill) || skills.contains(u"*"_s)))
                updated.append(uri);
        }
    }
    const bool concernsUs = skills.contains(u"*"_s)
        || std::any_of(skills.begin(), skills.end(),
                       [this](const QString &skill) { return m_options.selection.has(skill); });
    if (!concernsUs)
        return;
    for (const QString &uri : updated) {
        JsonOutput params;
        params.beginObject().member("uri", uri).endObject();
        notify("notifications/resources/updated", params.bytes());
    }
    notify("notifications/tools/list_changed");
    notify("notifications/resources/list_changed");
    notify("notifications/prompts/list_changed");
}

McpSession::Answer McpSession::initialize(JsonReader &params, const McpCaller &)
{
    const QString wanted = params.requiredText("protocolVersion"_L1);
    if (params.error())
        return refuse(*params.error());
    {
        const std::lock_guard lock(m_mutex);
        if (m_version)
            return refuse(RpcError::InvalidRequest, u"the session is initialized already"_s);
        m_version = ProtocolVersion::negotiate(wanted);
    }
    const auto listChanged = [](JsonOutput &json, const char *name) {
        json.key(name).beginObject().member("listChanged", true);
    };
    JsonOutput json;
    json.beginObject().member("protocolVersion", version()->text());
    json.key("capabilities").beginObject();
    listChanged(json, "tools");
    json.endObject();
    listChanged(json, "resources");
    json.member("subscribe", true).endObject();
    listChanged(json, "prompts");
    json.endObject();
    json.rawMember("logging", "{}").rawMember("completions", "{}");
    json.endObject();
    json.key("serverInfo")
        .beginObject()
        .member("name", "skillbox"_L1)
        .member("title", "Skillbox"_L1)
        .member("version", QStringLiteral(SKILLBOX_VERSION))
        .endObject()
        .member("instructions", serverInstructions)
        .endObject();
    return json.bytes();
}

McpSession::Answer McpSession::ping(JsonReader &, const McpCaller &)
{
    return "{}"_ba;
}

} // namespace skillbox
