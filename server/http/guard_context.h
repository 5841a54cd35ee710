#pragma once

#include "server/http/http_server.h"
#include "server/http/http_thread.h"
#include "server/http/origin_policy.h"
#include "server/http/worker_pool.h"

#include <QHash>

#include <chrono>
#include <memory>

namespace skillbox {

class Connection;

using GuardClock = std::chrono::steady_clock;

/// What all connections of a server share. On the server's thread, but for `thread` and `workers`.
class GuardContext
{
public:
    GuardContext(HttpServerConfig serverConfig, const Router &routes, RequestObserver onRequest);

    HttpServerConfig config;
    const Router &router;
    RequestObserver observer;
    OriginPolicy origins;
    std::shared_ptr<HttpThread> thread;
    std::unique_ptr<WorkerPool> workers;
    QHash<quint64, Connection *> connections;
    std::function<void()> connectionGone; ///< called after a connection has left `connections`
    bool draining = false;

    /// For the field Date, made once a second.
    const QByteArray &date();

private:
    QByteArray m_date;
    qint64 m_dateSecond = 0;
};

} // namespace skillbox
