#include "server/http/guard_context.h"

#include "server/http/http_date.h"

#include <algorithm>

namespace skillbox {

namespace {

// Requests that wait for a worker; a connection has at most one, so more would mean that clients
// wait for seconds.
constexpr int maxWaitingRequests = 512;

int workerCount(int configured)
{
    return configured > 0 ? configured : std::max(4, int(std::thread::hardware_concurrency()));
}

} // namespace

GuardContext::GuardContext(HttpServerConfig serverConfig, const Router &routes,
                           RequestObserver onRequest)
    : config(std::move(serverConfig))
    , router(routes)
    , observer(std::move(onRequest))
    , origins(config.corsOrigins, config.allowedHosts)
    , thread(std::make_shared<HttpThread>())
    , workers(std::make_unique<WorkerPool>(workerCount(config.workers), maxWaitingRequests))
{
}

const QByteArray &GuardContext::date()
{
    const QDateTime now = QDateTime::currentDateTimeUtc();
    if (now.toSecsSinceEpoch() != m_dateSecond) {
        m_dateSecond = now.toSecsSinceEpoch();
        m_date = toHttpDate(now);
    }
    return m_date;
}

} // namespace skillbox
