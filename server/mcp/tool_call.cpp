#include "server/mcp/tool_call.h"

#include "server/api/json/json_output.h"
#include "server/api/json/json_reader.h"
#include "server/mcp/call_result.h"
#include "server/mcp/log_severity.h"
#include "server/mcp/resource_uri.h"
#include "server/mcp/skill_progress.h"

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Between two that a run's ordinary output makes.
constexpr auto progressInterval = 50ms;
constexpr qsizetype longestProgress = 500;
/// Of a call, as notifications; the whole log is a resource.
constexpr qsizetype maxLoggedCharacters = 256 * 1024;

QString lastLine(const QString &text)
{
    const QStringView trimmed = QStringView(text).trimmed();
    return trimmed.sliced(trimmed.lastIndexOf(u'\n') + 1)
        .trimmed()
        .left(longestProgress)
        .toString();
}

} // namespace

void ToolCall::start(const JsonText &arguments, const QString &workSession)
{
    ExecutionRequest request{.tenant = m_parts.tenant,
                             .origin = m_parts.caller.origin,
                             .skill = m_parts.tool.skill,
                             .version = m_parts.tool.version,
                             .directory = {},
                             .input = arguments,
                             .environment = {},
                             .entrypoint = {},
                             .timeout = {}};
    request.session = workSession;
    request.traceparent = m_parts.caller.traceparent;
    if (!m_parts.tool.inputArgument.isEmpty()) {
        JsonReader reader = JsonReader::over(arguments);
        const auto name = m_parts.tool.inputArgument.toLatin1();
        request.input = reader.value(QLatin1StringView(name));
    }
    const auto id = m_parts.engine.executions().submit(
        request,
        [self = shared_from_this()](const ExecutionEvent &event) { self->happened(event); });
    if (!id)
        return answer(failedCallJson(id.error()));
    bool isFinished = false;
    bool isCancelled = false;
    {
        const std::lock_guard lock(m_mutex);
        m_execution = *id;
        isFinished = m_isFinished;
        isCancelled = m_isCancelled;
    }
    if (isCancelled)
        (void)m_parts.engine.executions().cancel(m_parts.tenant, *id, m_parts.caller.origin);
    else if (isFinished)
        answerFromRecord(*id);
}

void ToolCall::cancel(const Origin &by)
{
    ExecutionId id;
    {
        const std::lock_guard lock(m_mutex);
        m_isCancelled = true;
        id = m_execution;
    }
    if (!id.isEmpty())
        (void)m_parts.engine.executions().cancel(m_parts.tenant, id, by);
}

bool ToolCall::isCancelled() const
{
    const std::lock_guard lock(m_mutex);
    return m_isCancelled;
}

void ToolCall::happened(const ExecutionEvent &event)
{
    switch (event.kind) {
    case ExecutionEvent::Kind::State:
        if (event.status == ExecutionStatus::Running)
            progress(0, 0, u"running"_s);
        break;
    case ExecutionEvent::Kind::Log: logged(event); break;
    case ExecutionEvent::Kind::Finished:
    case ExecutionEvent::Kind::Left: finished(); break;
    }
}

void ToolCall::progress(double value, double total, const QString &message)
{
    // Each must be more than the one before (basic/utilities/progress).
    if (m_parts.progressToken.isEmpty() || value <= m_progress || isCancelled())
        return;
    const auto session = m_parts.session.lock();
    if (!session)
        return;
    m_progress = value;
    JsonOutput params;
    params.beginObject()
        .rawMember("progressToken", m_parts.progressToken.bytes())
        .member("progress", QJsonValue(value));
    if (total > 0)
        params.member("total", QJsonValue(total));
    if (m_parts.version.hasProgressMessages())
        params.memberIfAny("message", message);
    params.endObject();
    session->notify("notifications/progress", params.bytes(), m_parts.request);
}

void ToolCall::logged(const ExecutionEvent &event)
{
    for (const QStringView line : QStringView(event.text).split(u'\n', Qt::SkipEmptyParts)) {
        if (const auto own = parseProgressLine(line)) {
            m_reportsItself = true;
            progress(own->value, own->total, own->message);
        }
    }
    const auto now = std::chrono::steady_clock::now();
    if (!m_reportsItself && now - m_lastProgress >= progressInterval) {
        m_lastProgress = now;
        progress(m_progress + 1, 0, lastLine(event.text));
    }

    const auto session = m_parts.session.lock();
    if (!session || !session->wantsLog(infoSeverity) || isCancelled()
        || m_loggedCharacters >= maxLoggedCharacters)
        return;
    m_loggedCharacters += event.text.size();
    const bool isLast = m_loggedCharacters >= maxLoggedCharacters;
    JsonOutput params;
    params.beginObject()
        .member("level", "info"_L1)
        .member("logger", m_parts.tool.skill)
        .key("data")
        .beginObject()
        .member("stream", event.stream == LogStreamKind::Stdout ? "stdout"_L1 : "stderr"_L1)
        .member("text", event.text.left(maxLoggedCharacters));
    if (isLast)
        params.member("note", "the rest of the log comes with the result"_L1);
    params.endObject().endObject();
    session->notify("notifications/message", params.bytes(), m_parts.request);
}

void ToolCall::finished()
{
    ExecutionId id;
    {
        const std::lock_guard lock(m_mutex);
        m_isFinished = true;
        if (m_isCancelled)
            return;
        id = m_execution;
    }
    if (!id.isEmpty()) // else start() answers, which is about to learn the id
        answerFromRecord(id);
}

void ToolCall::answerFromRecord(const ExecutionId &id)
{
    const auto record = m_parts.engine.executions().find(m_parts.tenant, id);
    if (!record)
        return answer(failedCallJson(record.error()));
    if (!isFinal(record->status)) {
        return answer(failedCallJson({ErrorCode::Busy,
                                      u"the run \"%1\" has not ended yet, and this server waits "
                                      u"for it no longer; its result "
                                      "will be the resource %2"_s.arg(
                                          id.value, runUri({id, RunResourceUri::What::Output}))}));
    }
    CallLinks links{.baseUrl = m_parts.caller.baseUrl, .filesUrl = {}};
    if (m_parts.caller.filesUrl)
        links.filesUrl = m_parts.caller.filesUrl(*record);
    answer(
        callResultJson(*record, m_parts.tool, m_parts.version, links, m_parts.engine.executions()));
}

void ToolCall::answer(const QByteArray &result)
{
    const auto session = m_parts.session.lock();
    if (!session || isCancelled())
        return;
    session->callEnded(m_parts.request);
    session->answer(m_parts.request, result);
}

} // namespace skillbox
