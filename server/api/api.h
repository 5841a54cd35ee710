#pragma once

#include "engine/access/token_access.h"
#include "server/api/api_services.h"
#include "server/http/http_server.h"
#include "server/mcp/streamable_http.h"
#include "server/observability/json_log.h"

#include <memory>

namespace skillbox {

/// The whole REST API over an engine. Make one, start an HttpServer with router() and observer(),
/// tell it how connections are counted. Goes after the HttpServer and before the engine.
class Api
{
public:
    /// `log` may be null; it must outlive the object.
    static Result<std::unique_ptr<Api>> create(Engine &engine, ServerSettings settings,
                                               ServerLog *log = nullptr);
    ~Api();

    const Router &router() const { return m_router; }
    /// Counts and logs each request.
    RequestObserver observer();
    ApiServices &services() { return *m_services; }

    /// On the way out: /ready says so from now on.
    void setDraining();

private:
    class RunReports;
    Api(Engine &engine, UrlSigner signer, ServerSettings settings, ServerLog *log);

    ServerLog *m_log;
    Metrics m_metrics;
    std::shared_ptr<RunReports> m_reports;
    ResultLinks m_links;
    std::unique_ptr<TokenAccess> m_tokens; ///< null: keys only
    Authenticator m_authenticator;
    std::unique_ptr<ApiServices> m_services;
    StreamableHttp m_mcp;
    Router m_router;
};

} // namespace skillbox
