#pragma once

#include "server/http/http_server.h"
#include "server/http/router.h"
#include "tests/server/http/raw_client.h"

#include <QThread>

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace skillbox {

/// A server on a thread of its own, so that a test may block on what it answers.
class ServerFixture
{
public:
    explicit ServerFixture(Router &router, HttpServerConfig config = onLoopback());
    ~ServerFixture();

    static HttpServerConfig onLoopback();

    bool isRunning() const { return bool(m_server); }
    const Error &error() const { return m_error; }
    QStringList addresses() const { return m_addresses; }
    quint16 port() const;
    RawClient connect() const { return RawClient::tcp(port()); }
    int connectionCount();
    void drain(std::chrono::milliseconds grace, std::function<void()> done);
    /// Deletes the server, on its thread.
    void stop();

    /// What the observer was told so far.
    std::vector<RequestSummary> summaries();
    /// Waits until it was told of so many requests.
    bool waitForSummaries(size_t count);

private:
    void run(const std::function<void()> &task);

    QThread m_thread;
    std::unique_ptr<QObject> m_context;
    std::unique_ptr<HttpServer> m_server;
    QStringList m_addresses;
    Error m_error;
    std::mutex m_mutex;
    std::condition_variable m_told;
    std::vector<RequestSummary> m_summaries;
};

} // namespace skillbox
