#include "server/api/health.h"

#include "engine/retention.h"
#include "server/api/answers.h"
#include "server/api/json/json_output.h"
#include "server/api/readiness.h"
#include "server/http/problem.h"

#include <QCryptographicHash>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

HttpResponse ready(const Readiness::Checks &checks, const ApiServices &services,
                   const QString &requestId)
{
    const bool draining = services.draining;
    const bool isReady = checks.allOk() && !draining;
    JsonOutput json;
    json.beginObject();
    if (!isReady) {
        json.member("error", "not_ready"_L1)
            .member("message",
                    draining ? u"the server is shutting down"_s
                             : u"something the server depends on is not there"_s);
    }
    json.member("status", isReady ? "ready"_L1 : "not_ready"_L1)
        .key("checks")
        .beginObject()
        .member("database", checks.database)
        .member("blobs", checks.blobs)
        .member("sandbox", checks.sandbox);
    if (draining)
        json.member("server", u"shutting down"_s);
    json.endObject();
    if (!isReady)
        json.member("request_id", requestId);
    json.endObject();
    HttpResponse response = HttpResponse::json(isReady ? 200 : 503, json.bytes());
    response.headers.set("Cache-Control", "no-store");
    if (!isReady)
        response.headers.set("Retry-After", "1");
    return response;
}

HttpResponse version(Readiness &readiness, ApiServices &services)
{
    JsonOutput json;
    json.beginObject()
        .member("name", "skillbox"_L1)
        .member("version", QStringLiteral(SKILLBOX_VERSION))
        .memberIfAny("commit", services.settings.commit)
        .key("sandbox")
        .beginObject()
        .member("runtime", services.engine.sandbox().name())
        .member("level", readiness.checks().sandboxLevel)
        .endObject()
        .endObject();
    return HttpResponse::json(200, json.bytes());
}

/// The digests are compared: how long that takes tells nothing about the key.
bool isMetricsKey(const QString &given, const QByteArray &right)
{
    const auto digest = [](const QByteArray &text) {
        return QCryptographicHash::hash(text, QCryptographicHash::Sha256);
    };
    return digest(given.toUtf8()) == digest(right);
}

HttpResponse metrics(const HttpRequest &request, ApiServices &services)
{
    const QByteArray &key = services.settings.metricsKey;
    if (!key.isEmpty() && !isMetricsKey(bearerKey(request.headers), key)) {
        return failed({ErrorCode::Unauthorized,
                       u"the metrics need their own key: Authorization: Bearer <key>"_s},
                      request);
    }
    const ExecutionService::Load load = services.engine.executions().load();
    HttpResponse response;
    response.headers.add("Content-Type", Metrics::contentType.toByteArray());
    response.headers.add("Cache-Control", "no-store");
    const RetentionTotals &removed = services.engine.retention();
    response.body = services.metrics.scrape({.queued = load.queued,
                                             .running = load.running,
                                             .connections = services.connections(),
                                             .logsRemoved = removed.logs,
                                             .artifactsRemoved = removed.artifacts,
                                             .executionsRemoved = removed.executions,
                                             .blobsRemoved = removed.blobs,
                                             .retentionFailures = removed.failures,
                                             .retentionPassMs = removed.lastPassMs});
    return response;
}

} // namespace

void registerMetrics(Router &router, ApiServices &services)
{
    // On the HTTP thread, where the connections are counted; it takes well under a millisecond.
    router.add("GET", u"/metrics"_s, {.runsOn = RunsOn::Immediate, .gate = {}},
               SimpleHandler(
                   [&services](const HttpRequest &request) { return metrics(request, services); }));
}

void registerHealth(Router &router, ApiServices &services)
{
    for (const QString &path : {u"/health"_s, u"/healthz"_s, u"/livez"_s}) {
        router.add("GET", path, {.runsOn = RunsOn::Immediate, .gate = {}},
                   SimpleHandler([](const HttpRequest &) {
                       return HttpResponse::json(200, "{\"status\":\"ok\"}");
                   }));
    }
    const auto readiness = std::make_shared<Readiness>(services.engine);
    for (const QString &path : {u"/ready"_s, u"/readyz"_s}) {
        router.add("GET", path, {.runsOn = RunsOn::Immediate, .gate = {}},
                   HttpHandler([&services, readiness](const HttpRequest &request,
                                                      const HttpReply &reply) {
                       readiness->ask([&services, reply,
                                       id = request.requestId](const Readiness::Checks &checks) {
                           reply.send(ready(checks, services, id));
                       });
                   }));
    }
    router.add("GET", u"/version"_s, RouteOptions{},
               SimpleHandler([&services, readiness](const HttpRequest &) {
                   return version(*readiness, services);
               }));
    if (services.settings.serveMetrics)
        registerMetrics(router, services);
}

} // namespace skillbox
