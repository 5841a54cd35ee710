#include "tests/server/http/server_fixture.h"

#include <QBuffer>
#include <QtTest>

#include <sys/socket.h>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {

namespace {

/// Deadlines of a fifth of a second instead of minutes.
HttpServerConfig impatient()
{
    HttpServerConfig config = ServerFixture::onLoopback();
    config.limits.headTimeout = 200ms;
    config.limits.bodyIdleTimeout = 200ms;
    config.limits.keepAliveTimeout = 200ms;
    config.limits.writeIdleTimeout = 400ms;
    config.limits.lingerTimeout = 200ms;
    return config;
}

} // namespace

/// Clients that take longer than they may, and those that leave at every stage.
class TestHttpSlowClients : public QObject
{
    Q_OBJECT

    Router m_router;
    std::unique_ptr<ServerFixture> m_server;
    std::atomic<int> m_closedStreams = 0;
    std::atomic<int> m_refusedWrites = 0;
    std::mutex m_mutex;
    std::vector<HttpReply> m_held;
    std::vector<HttpStream> m_streams;

private Q_SLOTS:
    void init()
    {
        if (m_server)
            return;
        m_router.add("GET", u"/hello"_s, {.runsOn = RunsOn::Immediate, .gate = {}},
                     [](const HttpRequest &) { return HttpResponse::text(200, "hello"); });
        m_router.add("POST", u"/echo"_s, {.maxBodyBytes = 64 << 20, .gate = {}},
                     [](const HttpRequest &request) {
                         return HttpResponse::text(200, request.body->bytes());
                     });
        m_router.add("GET", u"/huge"_s, {.gate = {}}, [](const HttpRequest &) {
            auto device = std::make_shared<QBuffer>();
            device->setData(QByteArray(64 << 20, 'x'));
            device->open(QIODevice::ReadOnly);
            HttpResponse response;
            response.body = device;
            return response;
        });
        m_router.add("GET", u"/held"_s, {.gate = {}},
                     [this](const HttpRequest &, const HttpReply &reply) {
                         const std::lock_guard lock(m_mutex);
                         m_held.push_back(reply);
                     });
        m_router.add("GET", u"/stream"_s, {.gate = {}},
                     [this](const HttpRequest &, const HttpReply &reply) {
                         HttpStream stream = reply.stream(200, {});
                         stream.onClosed([this] { ++m_closedStreams; });
                         stream.write("begin\n");
                         const std::lock_guard lock(m_mutex);
                         m_streams.push_back(stream);
                     });
        m_router.add("GET", u"/flood"_s, {.gate = {}},
                     [this](const HttpRequest &, const HttpReply &reply) {
                         HttpStream stream = reply.stream(200, {});
                         stream.onClosed([this] { ++m_closedStreams; });
                         while (stream.write(QByteArray(64 << 10, 'x'))) { }
                         ++m_refusedWrites;
                     });
        m_server = std::make_unique<ServerFixture>(m_router, impatient());
        QVERIFY(m_server->isRunning());
    }
    void cleanupTestCase()
    {
        m_held.clear();
        m_streams.clear();
        m_server.reset();
    }

    void endsConnectionsThatAreTooSlow_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        QTest::newRow("says nothing") << QByteArray() << 0;
        QTest::newRow("half a request line") << QByteArray("GET /he") << 408;
        QTest::newRow("half a header") << QByteArray("GET /hello HTTP/1.1\r\nHost: loc") << 408;
        QTest::newRow("no end of the header")
            << QByteArray("GET /hello HTTP/1.1\r\nHost: localhost\r\n") << 408;
        QTest::newRow("half a body")
            << QByteArray("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab")
            << 408;
        QTest::newRow("no body at all")
            << QByteArray("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
            << 408;
        QTest::newRow("half a chunk") << QByteArray(
            "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")
                                      << 408;
    }
    void endsConnectionsThatAreTooSlow()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        RawClient client = m_server->connect();
        client.send(bytes);
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, status);
        QVERIFY(client.isEnded());
        QTRY_COMPARE(m_server->connectionCount(), 0);
    }

    void isNotHeldByADrip()
    {
        // A byte at a time, each before the deadline: the header's time does not start anew.
        RawClient client = m_server->connect();
        const QByteArray request = "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-A: aaaaaaaaaaaaaaa";
        QElapsedTimer timer;
        timer.start();
        for (const char byte : request) {
            if (!client.send(QByteArray(1, byte)) || client.isEnded(20ms))
                break;
        }
        QVERIFY(client.isEnded());
        QVERIFY2(timer.elapsed() < 1500, qPrintable(QString::number(timer.elapsed())));
    }

    void isNotHeldByADrippingBody()
    {
        RawClient client = m_server->connect();
        client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10000\r\n\r\n");
        QElapsedTimer timer;
        timer.start();
        while (timer.elapsed() < 5000) {
            if (!client.send("x") || client.isEnded(50ms))
                break;
        }
        QVERIFY(client.isEnded());
        QVERIFY2(timer.elapsed() < 2500, qPrintable(QString::number(timer.elapsed())));
    }

    void endsIdleConnectionsAfterTheirAnswer()
    {
        RawClient client = m_server->connect();
        client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        QCOMPARE(client.read().status, 200);
        QVERIFY(client.isEnded());
        QVERIFY(client.pending().isEmpty());
    }

    void endsConnectionsThatDoNotRead()
    {
        RawClient client = m_server->connect();
        client.send("GET /huge HTTP/1.1\r\nHost: localhost\r\n\r\n");
        QTRY_COMPARE(m_server->connectionCount(), 1);
        QTRY_COMPARE(m_server->connectionCount(), 0);
    }

    void endsStreamsThatNobodyReads()
    {
        const int closedBefore = m_closedStreams;
        const int refusedBefore = m_refusedWrites;
        RawClient client = m_server->connect();
        client.send("GET /flood HTTP/1.1\r\nHost: localhost\r\n\r\n");
        QTRY_COMPARE(m_refusedWrites - refusedBefore, 1);
        QTRY_COMPARE(m_closedStreams - closedBefore, 1);
        QTRY_COMPARE(m_server->connectionCount(), 0);
    }

    void sendsHeartbeatsOnQuietStreams()
    {
        RawClient client = m_server->connect();
        client.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
        QTRY_COMPARE(m_streams.size(), size_t(1));
        m_streams.front().setHeartbeat("beat", 50ms);
        QVERIFY(client.receive(200));
        for (int i = 0; i < 50 && client.pending().count("beat") < 3; ++i)
            QVERIFY(client.receive(client.pending().size() + 1));
        QVERIFY(client.pending().count("beat") >= 3);
        m_streams.clear();
        QVERIFY(client.isEnded());
    }

    void survivesClientsThatLeave_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("received"); // bytes of the answer before every second leaves
        const QByteArray host = " HTTP/1.1\r\nHost: localhost\r\n";
        QTest::newRow("at once") << QByteArray() << 0;
        QTest::newRow("in the header") << QByteArray("GET /hel") << 0;
        QTest::newRow("in the body")
            << "POST /echo" + host + "Content-Length: 100000\r\n\r\n" + QByteArray(50'000, 'x')
            << 0;
        QTest::newRow("in a spooled body") << "POST /echo" + host + "Content-Length: 900000\r\n\r\n"
                + QByteArray(500'000, 'x') << 0;
        QTest::newRow("in a chunk")
            << "POST /echo" + host + "Transfer-Encoding: chunked\r\n\r\nff\r\nabc" << 0;
        QTest::newRow("before the answer") << "GET /hello" + host + "\r\n" << 1;
        QTest::newRow("before a worker's answer")
            << "POST /echo" + host + "Content-Length: 2\r\n\r\nab" << 1;
        QTest::newRow("while it is worked on") << "GET /held" + host + "\r\n" << 0;
        QTest::newRow("in a large answer") << "GET /huge" + host + "\r\n" << 300000;
        QTest::newRow("in a stream") << "GET /stream" + host + "\r\n" << 1;
        QTest::newRow("in a flood") << "GET /flood" + host + "\r\n" << 300000;
        QTest::newRow("with requests in line") << ("GET /hello" + host + "\r\n").repeated(50)
                + "GET /held" + host + "\r\n" << 1;
    }
    void survivesClientsThatLeave()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, received);
        for (int i = 0; i < 20; ++i) {
            RawClient client = m_server->connect();
            client.send(bytes);
            if (i % 4 >= 2)
                client.receive(received);
            if (i % 2 == 0)
                client.leave();
            else
                client.reset();
        }
        QTRY_COMPARE(m_server->connectionCount(), 0);
        {
            const std::lock_guard lock(m_mutex);
            for (const HttpReply &reply : m_held) {
                QVERIFY(!reply.clientIsThere());
                reply.send(HttpResponse::text(200, "too late"));
            }
            for (HttpStream &stream : m_streams) {
                QVERIFY(!stream.isOpen());
                QVERIFY(!stream.write("too late"));
            }
            m_held.clear();
            m_streams.clear();
        }
        RawClient client = m_server->connect();
        client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
        QCOMPARE(client.read().status, 200);
    }

    void outlivesItsServer()
    {
        RawClient held = m_server->connect();
        RawClient streamed = m_server->connect();
        held.send("GET /held HTTP/1.1\r\nHost: localhost\r\n\r\n");
        streamed.send("GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n");
        const auto count = [this] {
            const std::lock_guard lock(m_mutex);
            return m_held.size() + m_streams.size();
        };
        QTRY_COMPARE(count(), size_t(2));
        const int closedBefore = m_closedStreams;
        m_server.reset();
        QCOMPARE(m_closedStreams - closedBefore, 1);
        QVERIFY(!m_held.front().clientIsThere());
        m_held.front().send(HttpResponse::text(200, "nobody is there"));
        QVERIFY(!m_streams.front().write("nobody is there"));
        int called = 0;
        m_streams.front().onClosed([&called] { ++called; });
        QCOMPARE(called, 1);
        m_held.clear();
        m_streams.clear();
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestHttpSlowClients)
#include "test_http_slow_clients.moc"
