#include "engine/execution/execution_json.h"
#include "server/api/answers.h"
#include "server/api/executions.h"
#include "server/api/json/execution_request_json.h"
#include "server/api/json/json_output.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Result<ExecutionFilter> filterOf(const HttpRequest &request)
{
    ExecutionFilter filter;
    filter.skill = request.queryValue(u"skill");
    filter.session = request.queryValue(u"session");
    if (request.hasQuery(u"session_id"))
        filter.session = request.queryValue(u"session_id");
    if (const QString status = request.queryValue(u"status"); !status.isEmpty()) {
        filter.status = executionStatusFromName(status);
        if (!filter.status) {
            return fail(ErrorCode::BadRequest,
                        u"status must be queued, running, success, failed, timeout or cancelled"_s);
        }
    }
    const auto since = timeOf(request, u"since");
    if (!since)
        return fail(since.error());
    filter.since = *since;
    const auto until = timeOf(request, u"until");
    if (!until)
        return fail(until.error());
    filter.until = *until;
    const auto limit = limitOf(request, 50);
    if (!limit)
        return fail(limit.error());
    filter.limit = *limit;
    if (const QString cursor = request.queryValue(u"cursor"); !cursor.isEmpty()) {
        filter.before = cursorFromText(cursor);
        if (!filter.before) {
            return fail(ErrorCode::BadRequest,
                        u"cursor is not one that a Link header of this list named"_s);
        }
    }
    return filter;
}

HttpResponse listExecutions(const HttpRequest &request, ApiServices &services)
{
    auto filter = filterOf(request);
    if (!filter)
        return failed(filter.error(), request);
    // One more than asked for tells whether there is another page.
    const int limit = filter->limit++;
    auto rows = services.engine.executions().list(callerOf(request).tenant, *filter);
    if (!rows)
        return failed(rows.error(), request);
    const bool more = rows->size() > limit;
    if (more)
        rows->resize(limit);
    QByteArrayList objects;
    for (const ExecutionRecord &row : std::as_const(*rows))
        objects.append(executionRowJson(row));
    HttpResponse response = HttpResponse::json(200, '[' + objects.join(',') + ']');
    if (more)
        addNextLink(response, request, cursorText(*cursorAfter(*rows)));
    return response;
}

HttpResponse showExecution(const HttpRequest &request, ApiServices &services)
{
    const auto record = executionOf(request, services);
    if (!record)
        return failed(record.error(), request);
    const QString base = services.links.baseUrl(request);
    return HttpResponse::json(200, executionJson(*record, services.links.filesUrl(base, *record)));
}

HttpResponse showLogs(const HttpRequest &request, ApiServices &services)
{
    const ExecutionId id{request.parameters.value(u"id"_s)};
    const auto logs = services.engine.executions().logs(callerOf(request).tenant, id);
    return logs ? HttpResponse::text(200, logs->toUtf8()) : failed(logs.error(), request);
}

HttpResponse cancelExecution(const HttpRequest &request, ApiServices &services)
{
    const ExecutionId id{request.parameters.value(u"id"_s)};
    auto &executions = services.engine.executions();
    const TenantId &tenant = callerOf(request).tenant;
    if (const Result<void> cancelled = executions.cancel(tenant, id, originOf(request)); !cancelled)
        return failed(cancelled.error(), request);
    const auto record = executions.find(tenant, id);
    if (!record)
        return failed(record.error(), request);
    JsonOutput json;
    json.beginObject()
        .member("execution_id", record->id.value)
        .member("status", executionStatusName(record->status))
        .endObject();
    return HttpResponse::json(202, json.bytes());
}

} // namespace

Result<ExecutionRecord> executionOf(const HttpRequest &request, ApiServices &services)
{
    const ExecutionId id{request.parameters.value(u"id"_s)};
    return services.engine.executions().find(callerOf(request).tenant, id);
}

void registerExecutionRead(Router &router, ApiServices &services)
{
    router.add("GET", u"/v1/executions"_s, services.route(Permission::Read),
               SimpleHandler([&services](const HttpRequest &request) {
                   return listExecutions(request, services);
               }));
    router.add("GET", u"/v1/executions/{id}"_s, services.route(Permission::Read),
               SimpleHandler([&services](const HttpRequest &request) {
                   return showExecution(request, services);
               }));
    router.add("GET", u"/v1/executions/{id}/logs"_s, services.route(Permission::Read),
               HttpHandler([&services](const HttpRequest &request, const HttpReply &reply) {
                   if (flagOf(request, u"follow"))
                       followLogs(request, reply, services);
                   else
                       reply.send(showLogs(request, services));
               }));
    router.add("POST", u"/v1/executions/{id}/cancel"_s, services.route(Permission::Run),
               SimpleHandler([&services](const HttpRequest &request) {
                   return cancelExecution(request, services);
               }));
}

void registerExecutions(Router &router, ApiServices &services)
{
    registerExecutionCreate(router, services);
    registerExecutionRead(router, services);
    registerExecutionFiles(router, services);
    registerExecutionStreams(router, services);
}

} // namespace skillbox
