#pragma once

#include "engine/engine.h"
#include "server/api/authenticator.h"
#include "server/api/result_links.h"
#include "server/api/server_settings.h"
#include "server/observability/metrics.h"

#include <atomic>
#include <functional>
#include <mutex>

namespace skillbox {

/// Asks the HTTP server how many connections are open. The server is made after what it serves, and
/// requests may come at once: so it can be set while it is asked. 0 before.
class ConnectionCount
{
public:
    void operator=(std::function<int()> count)
    {
        const std::lock_guard lock(m_mutex);
        m_count = std::move(count);
    }
    int operator()() const
    {
        const std::lock_guard lock(m_mutex);
        return m_count ? m_count() : 0;
    }

private:
    mutable std::mutex m_mutex; ///< guards what follows
    std::function<int()> m_count;
};

/// What the controllers work with. Lives as long as the router and the HTTP server above it; the
/// engine outlives all of them. What a run's observer needs is copied into it, since it may be
/// called when the server has gone.
struct ApiServices {
    Engine &engine;
    Authenticator &authenticator;
    const ResultLinks &links;
    Metrics &metrics;
    const ServerSettings settings;
    ConnectionCount connections = {};   ///< open ones, for metrics; asked on the HTTP thread
    std::atomic<bool> draining = false; ///< on the way out: not ready any more

    /// Options of a route for those who have the permission.
    RouteOptions route(Permission permission) { return route(permission, settings.maxJsonBytes); }
    RouteOptions route(Permission permission, qint64 maxBodyBytes)
    {
        return {.maxBodyBytes = maxBodyBytes, .gate = authenticator.gate(permission)};
    }
};

} // namespace skillbox
