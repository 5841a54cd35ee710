#include "tests/server/http/server_fixture.h"

#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {

ServerFixture::ServerFixture(Router &router, HttpServerConfig config)
    : m_context(std::make_unique<QObject>())
{
    m_context->moveToThread(&m_thread);
    m_thread.start();
    run([&] {
        auto server = HttpServer::start(std::move(config), router, [this](const RequestSummary &s) {
            const std::lock_guard lock(m_mutex);
            m_summaries.push_back(s);
            m_told.notify_all();
        });
        if (server) {
            m_server = std::move(*server);
            m_addresses = m_server->addresses();
        } else {
            m_error = server.error();
        }
    });
}

ServerFixture::~ServerFixture()
{
    stop();
    m_thread.quit();
    m_thread.wait();
}

HttpServerConfig ServerFixture::onLoopback()
{
    HttpServerConfig config;
    config.listen = {u"127.0.0.1:0"_s};
    return config;
}

quint16 ServerFixture::port() const
{
    return m_addresses.isEmpty() ? 0 : quint16(QUrl(m_addresses.first()).port());
}

int ServerFixture::connectionCount()
{
    int count = 0;
    run([&] { count = m_server->connectionCount(); });
    return count;
}

void ServerFixture::drain(std::chrono::milliseconds grace, std::function<void()> done)
{
    run([&] { m_server->drain(grace, std::move(done)); });
}

void ServerFixture::stop()
{
    run([this] { m_server.reset(); });
}

std::vector<RequestSummary> ServerFixture::summaries()
{
    const std::lock_guard lock(m_mutex);
    return m_summaries;
}

bool ServerFixture::waitForSummaries(size_t count)
{
    std::unique_lock lock(m_mutex);
    return m_told.wait_for(lock, RawClient::patience, [&] { return m_summaries.size() >= count; });
}

void ServerFixture::run(const std::function<void()> &task)
{
    QMetaObject::invokeMethod(m_context.get(), task, Qt::BlockingQueuedConnection);
}

} // namespace skillbox
