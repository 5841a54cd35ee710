#include "server/api/execution_answer.h"

#include "engine/execution/execution_json.h"
#include "server/api/answers.h"
#include "server/api/json/json_output.h"

using namespace Qt::StringLiterals;

namespace skillbox {

ExecutionAnswer::ExecutionAnswer(Engine &engine, ResultLinks links, const HttpRequest &request,
                                 TenantId tenant, HttpReply reply, QString idempotencyKey)
    : m_engine(engine)
    , m_links(std::move(links))
    , m_request(request)
    , m_tenant(std::move(tenant))
    , m_reply(std::move(reply))
    , m_idempotencyKey(std::move(idempotencyKey))
{
    m_request.body.reset(); // it may be megabytes, and the run takes minutes
}

void ExecutionAnswer::started(const ExecutionId &id)
{
    std::optional<ExecutionEvent::Kind> end;
    {
        const std::lock_guard lock(m_mutex);
        m_id = id;
        end = m_end;
    }
    if (end)
        send(id, *end);
}

void ExecutionAnswer::happened(const ExecutionEvent &event)
{
    if (event.kind != ExecutionEvent::Kind::Finished && event.kind != ExecutionEvent::Kind::Left)
        return;
    std::optional<ExecutionId> id;
    {
        const std::lock_guard lock(m_mutex);
        m_end = event.kind;
        id = m_id;
    }
    if (id)
        send(*id, event.kind);
}

void ExecutionAnswer::send(const ExecutionId &id, ExecutionEvent::Kind end)
{
    const auto record = m_engine.executions().find(m_tenant, id);
    if (end == ExecutionEvent::Kind::Left && !(record && isFinal(record->status))) {
        // Its key stays bound to the run, which another server begins, or this one's successor.
        return m_reply.send(acceptedAnswer(id, record ? record->status : ExecutionStatus::Queued,
                                           Accepted::Unasked));
    }
    if (!m_idempotencyKey.isEmpty()) {
        // The answer itself is not kept: the record is, and a link in it would grow old. A claim
        // that cannot be completed is bound to its run and ends with it all the same.
        (void)m_engine.metadata().completeIdempotency(m_tenant, m_idempotencyKey, 200, {});
    }
    m_reply.send(record ? resultAnswer(*record, m_links, m_request)
                        : failed(record.error(), m_request));
}

HttpResponse resultAnswer(const ExecutionRecord &record, const ResultLinks &links,
                          const HttpRequest &request)
{
    if (!isFinal(record.status)) {
        return failed({ErrorCode::StorageUnavailable,
                       u"execution \"%1\" has ended but its result could not be recorded"_s.arg(
                           record.id.value)},
                      request);
    }
    HttpResponse response = HttpResponse::json(
        200, resultJson(record, links.filesUrl(links.baseUrl(request), record)));
    response.subject = record.id.value;
    return response;
}

HttpResponse acceptedAnswer(const ExecutionId &id, ExecutionStatus status, Accepted accepted)
{
    JsonOutput json;
    json.beginObject()
        .member("execution_id", id.value)
        .member("status", executionStatusName(status))
        .endObject();
    HttpResponse response = HttpResponse::json(202, json.bytes());
    response.headers.add("Location", "/v1/executions/" + id.value.toLatin1());
    if (accepted == Accepted::AsPreferred)
        response.headers.add("Preference-Applied", "respond-async");
    response.subject = id.value;
    return response;
}

} // namespace skillbox
