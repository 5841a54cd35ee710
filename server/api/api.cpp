#include "server/api/api.h"

#include "server/api/audit.h"
#include "server/api/discovery.h"
#include "server/api/executions.h"
#include "server/api/files.h"
#include "server/api/health.h"
#include "server/api/keys.h"
#include "server/api/mcp.h"
#include "server/api/openapi.h"
#include "server/api/sandbox.h"
#include "server/api/sessions.h"
#include "server/api/sign_in.h"
#include "server/api/skills.h"
#include "server/api/tenants.h"

#include <mutex>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

RunLogEntry runLogEntry(const ExecutionRecord &run, const RunTimings &timings)
{
    using std::chrono::duration_cast;
    using std::chrono::milliseconds;
    return {.id = run.id,
            .tenant = run.tenant,
            .skill = run.skillName,
            .version = run.skillVersion,
            .digest = run.skillDigest,
            .status = run.status,
            .reason = run.reason,
            .exitCode = run.exitCode,
            .queued = duration_cast<milliseconds>(timings.queued),
            .duration = duration_cast<milliseconds>(timings.held),
            .actor = run.caller,
            .requestId = timings.requestId,
            .traceId = timings.traceparent.section(u'-', 1, 1)};
}

} // namespace

/// Counts and logs the runs that end. Runs may end when the API has gone already, so the engine has
/// this and not the API.
class Api::RunReports
{
public:
    RunReports(Metrics &metrics, ServerLog *log) : m_metrics(&metrics), m_log(log) { }

    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_metrics = nullptr;
        m_log = nullptr;
    }
    void report(const ExecutionRecord &run, const RunTimings &timings)
    {
        const std::lock_guard lock(m_mutex);
        if (m_metrics) {
            m_metrics->countRun({.status = run.status,
                                 .reason = run.reason,
                                 .queued = timings.queued,
                                 .setup = timings.setup,
                                 .duration = timings.held});
        }
        if (m_log)
            m_log->run(runLogEntry(run, timings));
    }

private:
    std::mutex m_mutex; ///< guards what follows
    Metrics *m_metrics;
    ServerLog *m_log;
};

Result<std::unique_ptr<Api>> Api::create(Engine &engine, ServerSettings settings, ServerLog *log)
{
    // Who shares the files may be asked for them by a link of another server.
    const QString &secret = engine.config().s3.secretKey;
    auto signer = secret.isEmpty()
        ? UrlSigner::open(engine.config().dataDirectory + u"/url-signing.key"_s)
        : Result<UrlSigner>(UrlSigner::sharedBy(secret.toUtf8()));
    if (!signer)
        return fail(signer.error());
    return std::unique_ptr<Api>(new Api(engine, std::move(*signer), std::move(settings), log));
}

Api::Api(Engine &engine, UrlSigner signer, ServerSettings settings, ServerLog *log)
    : m_log(log)
    , m_metrics(QStringLiteral(SKILLBOX_VERSION), settings.commit)
    , m_reports(std::make_shared<RunReports>(m_metrics, log))
    , m_links(std::move(signer), settings.publicUrl, settings.tls ? "https" : "http",
              settings.filesUrlLifetime, engine.blobs())
    , m_tokens(settings.oidc.isOn()
                   ? std::make_unique<TokenAccess>(engine.metadata(), settings.oidc,
                                                   settings.providerTiming)
                   : nullptr)
    , m_authenticator(engine.access(), settings.rateLimit,
                      {.tokens = m_tokens.get(), .links = &m_links}, settings.authFailures)
    , m_services(new ApiServices{.engine = engine,
                                 .authenticator = m_authenticator,
                                 .links = m_links,
                                 .metrics = m_metrics,
                                 .settings = std::move(settings)})
    , m_mcp(engine, {.heartbeat = m_services->settings.heartbeat})
{
    engine.executions().onFinished(
        [reports = m_reports](const ExecutionRecord &run, const RunTimings &timings) {
            reports->report(run, timings);
        });
    registerHealth(m_router, *m_services);
    registerExecutions(m_router, *m_services);
    registerFiles(m_router, *m_services);
    registerSessions(m_router, *m_services);
    registerSandbox(m_router, *m_services);
    registerSkills(m_router, *m_services);
    registerDiscovery(m_router, *m_services);
    registerSignIn(m_router, *m_services);
    registerKeys(m_router, *m_services);
    registerTenants(m_router, *m_services);
    registerAudit(m_router, *m_services);
    registerMcp(m_router, *m_services, m_mcp);
    registerOpenApi(m_router);
}

Api::~Api()
{
    m_reports->close();
}

void Api::setDraining()
{
    m_services->draining = true;
    m_mcp.drain();
}

RequestObserver Api::observer()
{
    return [this](const RequestSummary &request) {
        m_metrics.countRequest(request);
        if (m_log)
            m_log->request(request);
    };
}

} // namespace skillbox
