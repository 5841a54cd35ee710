#include "server/http/problem.h"
#include "server/http/sse.h"
#include "tests/server/http/server_fixture.h"

#include <QBuffer>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

QByteArray get(const QByteArray &target, const QByteArray &fields = {})
{
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

QByteArray post(const QByteArray &target, const QByteArray &body)
{
    return "POST " + target + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
        + QByteArray::number(body.size()) + "\r\n\r\n" + body;
}

QByteArray alphabet(qsizetype size)
{
    QByteArray text(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        text[i] = char('a' + i % 26);
    return text;
}

} // namespace

/// What the server does with requests that are in order.
class TestHttpServing : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;
    Router m_router;
    std::unique_ptr<ServerFixture> m_server;
    std::mutex m_mutex;
    std::vector<HttpReply> m_held;
    std::atomic<int> m_gated = 0;

    void addRoutes()
    {
        const RouteOptions immediate{.runsOn = RunsOn::Immediate, .gate = {}};
        m_router.add("GET", u"/health"_s, immediate, [](const HttpRequest &) {
            return HttpResponse::json(200, R"({"status":"ok"})");
        });
        m_router.add("POST", u"/echo"_s, {.maxBodyBytes = 8 << 20, .gate = {}},
                     [](const HttpRequest &request) {
                         HttpResponse response = HttpResponse::text(200, request.body->bytes());
                         response.headers.add("X-Spooled",
                                              request.body->filePath().isEmpty() ? "no" : "yes");
                         response.headers.add("X-Method", request.method);
                         return response;
                     });
        m_router.add("GET", u"/echo/{word}"_s, {.gate = {}}, [](const HttpRequest &request) {
            return HttpResponse::text(200,
                                      request.parameters.value(u"word"_s).toUtf8() + '?'
                                          + request.queryValue(u"q").toUtf8());
        });
        m_router.add("GET", u"/throws"_s, {.gate = {}}, [](const HttpRequest &) -> HttpResponse {
            throw std::runtime_error("SELECT secret");
        });
        m_router.add("GET", u"/throws/at/once"_s, immediate,
                     [](const HttpRequest &) -> HttpResponse { throw 1; });
        m_router.add("GET", u"/silent"_s, {.gate = {}}, [](const HttpRequest &, HttpReply) {});
        m_router.add("GET", u"/held"_s, {.gate = {}},
                     [this](const HttpRequest &, const HttpReply &reply) {
                         const std::lock_guard lock(m_mutex);
                         m_held.push_back(reply);
                     });
        m_router.add("GET", u"/twice"_s, {.gate = {}},
                     [](const HttpRequest &, const HttpReply &reply) {
                         reply.send(HttpResponse::text(200, "first"));
                         reply.send(HttpResponse::text(500, "second"));
                     });
        const HttpGate gate = [this](HttpRequest &request) -> std::optional<HttpResponse> {
            ++m_gated;
            if (request.headers.value("Authorization") != "Bearer key")
                return problem(401, u"unauthorized"_s, u"no"_s, request.requestId, request.path);
            request.identity = u"somebody"_s;
            return std::nullopt;
        };
        m_router.add("POST", u"/private"_s, {.gate = gate}, [](const HttpRequest &request) {
            return HttpResponse::text(200, std::any_cast<QString>(request.identity).toUtf8());
        });
        m_router.add("GET", u"/count"_s, {.gate = {}},
                     [](const HttpRequest &, const HttpReply &reply) {
                         HttpHeaders headers;
                         headers.add("Content-Type", "text/plain");
                         HttpStream stream = reply.stream(200, headers);
                         for (int i = 0; i < 100; ++i)
                             stream.write(QByteArray::number(i) + '\n');
                     });
        m_router.add("GET", u"/events"_s, {.gate = {}},
                     [](const HttpRequest &, const HttpReply &reply) {
                         SseStream events = SseStream::begin(reply);
                         events.send({"state", "7", "one\ntwo"});
                     });
    }

private Q_SLOTS:
    void initTestCase()
    {
        addRoutes();
        HttpServerConfig config = ServerFixture::onLoopback();
        config.spoolDirectory = m_dir.path();
        m_server = std::make_unique<ServerFixture>(m_router, config);
        QVERIFY2(m_server->isRunning(), qPrintable(m_server->error().message));
    }
    void cleanupTestCase()
    {
        m_held.clear();
        m_server.reset();
    }
    void answersPipelinedRequestsInOrder()
    {
        RawClient client = m_server->connect();
        QByteArray requests;
        constexpr int count = 200;
        for (int i = 0; i < count; ++i)
            requests += i % 3 == 0 ? post("/echo", QByteArray::number(i))
                                   : get("/echo/" + QByteArray::number(i));
        client.send(requests);
        for (int i = 0; i < count; ++i) {
            const RawAnswer answer = client.read();
            QCOMPARE(answer.status, 200);
            QCOMPARE(answer.body, QByteArray::number(i) + (i % 3 == 0 ? "" : "?"));
        }
        QVERIFY(client.pending().isEmpty());
    }

    void endsTheConnectionWhenAsked()
    {
        RawClient client = m_server->connect();
        client.send(get("/health", "Connection: close\r\n"));
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.field("Connection"), "close");
        QVERIFY(client.isEnded());
    }

    void speaksHttp10()
    {
        RawClient client = m_server->connect();
        client.send("GET /health HTTP/1.0\r\nHost: localhost\r\n\r\n");
        QCOMPARE(client.read().field("Connection"), "close");
        QVERIFY(client.isEnded());

        RawClient staying = m_server->connect();
        for (int i = 0; i < 2; ++i) {
            staying.send("GET /health HTTP/1.0\r\nHost: localhost\r\n"
                         "Connection: keep-alive\r\n\r\n");
            QCOMPARE(staying.read().field("Connection"), "keep-alive");
        }

        RawClient streaming = m_server->connect();
        streaming.send("GET /count HTTP/1.0\r\nHost: localhost\r\n"
                       "Connection: keep-alive\r\n\r\n");
        const RawAnswer answer = streaming.read();
        QVERIFY(answer.field("Transfer-Encoding").isEmpty());
        QVERIFY(answer.body.startsWith("0\n1\n"));
        QVERIFY(answer.body.endsWith("99\n"));
    }

    void asksForTheBodyWhenTheClientWaits()
    {
        RawClient client = m_server->connect();
        client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n"
                    "Expect: 100-continue\r\n\r\n");
        QCOMPARE(client.read().status, 100);
        client.send("abc");
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.body, "abc");
    }

    void refusesAtTheGateBeforeTheBody()
    {
        const int gatedBefore = m_gated;
        RawClient client = m_server->connect();
        client.send("POST /private HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
                    "Expect: 100-continue\r\n\r\n");
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, 401);
        QCOMPARE(answer.field("WWW-Authenticate"), "Bearer");
        QVERIFY(client.isEnded());
        QCOMPARE(m_gated - gatedBefore, 1);
    }

    void keepsTheConnectionWhenARefusedBodyIsShort()
    {
        RawClient client = m_server->connect();
        client.send(post("/private", "short"));
        QCOMPARE(client.read().status, 401);
        client.send("POST /private HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
                    "Authorization: Bearer key\r\n\r\nab");
        QCOMPARE(client.read().body, "somebody");
    }

    void letsARefusedClientReadItsAnswer()
    {
        // Far more than the buffers hold is under way when the answer comes.
        RawClient client = m_server->connect();
        client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n");
        const QByteArray piece(1 << 20, 'x');
        std::jthread sender([&] {
            for (int i = 0; i < 20 && client.send(piece); ++i) { }
        });
        QCOMPARE(client.read().status, 413);
    }

    void spoolsLargeBodiesAndLeavesNothing_data()
    {
        QTest::addColumn<qsizetype>("size");
        QTest::addColumn<bool>("chunked");
        QTest::addColumn<bool>("spooled");
        QTest::newRow("empty") << qsizetype(0) << false << false;
        QTest::newRow("at the bound") << qsizetype(256 << 10) << false << false;
        QTest::newRow("over the bound") << qsizetype((256 << 10) + 1) << false << true;
        QTest::newRow("large") << qsizetype(8 << 20) << false << true;
        QTest::newRow("large in chunks") << qsizetype(8 << 20) << true << true;
    }
    void spoolsLargeBodiesAndLeavesNothing()
    {
        QFETCH(qsizetype, size);
        QFETCH(bool, chunked);
        QFETCH(bool, spooled);
        const QByteArray body = alphabet(size);
        QByteArray request = post("/echo", body);
        if (chunked) {
            request = "POST /echo HTTP/1.1\r\nHost: localhost\r\n"
                      "Transfer-Encoding: chunked\r\n\r\n";
            for (qsizetype at = 0; at < size; at += 70'000) {
                const QByteArray piece = body.mid(at, 70'000);
                request += QByteArray::number(piece.size(), 16) + "\r\n" + piece + "\r\n";
            }
            request += "0\r\n\r\n";
        }
        RawClient client = m_server->connect();
        std::jthread sender([&] { client.send(request); });
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, 200);
        QVERIFY(answer.body == body);
        QCOMPARE(answer.field("X-Spooled"), spooled ? "yes" : "no");
        QVERIFY(QDir(m_dir.path()).isEmpty(QDir::NoDotAndDotDot | QDir::AllEntries | QDir::Hidden));
    }
    void answersForHandlersThatFail_data()
    {
        QTest::addColumn<QByteArray>("path");
        QTest::newRow("throws on a worker") << QByteArray("/throws");
        QTest::newRow("throws at once") << QByteArray("/throws/at/once");
        QTest::newRow("says nothing") << QByteArray("/silent");
    }
    void answersForHandlersThatFail()
    {
        QFETCH(QByteArray, path);
        RawClient client = m_server->connect();
        client.send(get(path));
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, 500);
        QVERIFY(answer.body.startsWith("{\"error\":\"internal\""));
        QVERIFY(!answer.body.contains("SELECT"));
        client.send(get("/health"));
        QCOMPARE(client.read().status, 200);
    }

    void takesTheFirstOfTwoAnswers()
    {
        RawClient client = m_server->connect();
        client.send(get("/twice") + get("/health"));
        QCOMPARE(client.read().body, "first");
        QCOMPARE(client.read().body, R"({"status":"ok"})");
    }

    void waitsForAnswersFromOtherThreads()
    {
        RawClient client = m_server->connect();
        client.send(get("/held") + get("/health"));
        QTRY_COMPARE(m_held.size(), size_t(1));
        QVERIFY(client.pending().isEmpty());
        std::jthread([this] {
            const std::lock_guard lock(m_mutex);
            m_held.front().send(HttpResponse::text(200, "late"));
            m_held.clear();
        }).join();
        QCOMPARE(client.read().body, "late");
        QCOMPARE(client.read().body, R"({"status":"ok"})");
    }

    void streamsInChunks()
    {
        RawClient client = m_server->connect();
        client.send(get("/count") + get("/events") + get("/health"));
        RawAnswer answer = client.read();
        QVERIFY(answer.isWhole);
        QCOMPARE(answer.body.count('\n'), 100);
        answer = client.read();
        QCOMPARE(answer.field("Content-Type"), "text/event-stream");
        QCOMPARE(answer.body, "event: state\nid: 7\ndata: one\ndata: two\n\n");
        QCOMPARE(client.read().status, 200);
    }

    void tellsTheObserverOnceForEachRequest()
    {
        Router router;
        router.add("POST", u"/things/{id}"_s, {.gate = {}},
                   [](const HttpRequest &) { return HttpResponse::text(201, "made"); });
        ServerFixture server(router);
        RawClient client = server.connect();
        client.send("POST /things/7?x=1 HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: r1\r\n"
                    "Content-Length: 2\r\n\r\nab");
        QCOMPARE(client.read().status, 201);
        client.send("GET /a\tb HTTP/1.1\r\n");
        QCOMPARE(client.read().status, 400);
        QVERIFY(server.waitForSummaries(2));
        QVERIFY(client.isEnded());
        const std::vector<RequestSummary> told = server.summaries();
        QCOMPARE(told.size(), size_t(2));
        QCOMPARE(told[0].method, "POST");
        QCOMPARE(told[0].path, u"/things/7"_s);
        QCOMPARE(told[0].routePattern, u"/things/{id}"_s);
        QCOMPARE(told[0].status, 201);
        QCOMPARE(told[0].requestId, u"r1"_s);
        QCOMPARE(told[0].peer, u"127.0.0.1"_s);
        QVERIFY(told[0].requestBytes > 80);
        QVERIFY(told[0].responseBytes > 200);
        QVERIFY(told[0].duration.count() > 0);
        QCOMPARE(told[1].status, 400);
        QVERIFY(told[1].routePattern.isEmpty());
    }

    void saysBusyWhenWorkersAreOverrun()
    {
        Router router;
        std::mutex gate;
        gate.lock();
        router.add("GET", u"/slow"_s, {.gate = {}}, [&](const HttpRequest &) {
            const std::lock_guard lock(gate);
            return HttpResponse::text(200, "done");
        });
        HttpServerConfig config = ServerFixture::onLoopback();
        config.workers = 1;
        ServerFixture server(router, config);
        // One runs, 512 wait, the others are told to come back.
        std::vector<RawClient> clients;
        for (int i = 0; i < 520; ++i) {
            clients.push_back(server.connect());
            clients.back().send(get("/slow"));
        }
        QVERIFY(server.waitForSummaries(7));
        gate.unlock();
        int busy = 0;
        int done = 0;
        for (RawClient &client : clients) {
            const RawAnswer answer = client.read();
            done += answer.status == 200;
            if (answer.status == 503) {
                ++busy;
                QCOMPARE(answer.field("Retry-After"), "1");
                QVERIFY(answer.body.startsWith("{\"error\":\"busy\""));
            }
        }
        QCOMPARE(done + busy, 520);
        QCOMPARE(busy, 7);
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestHttpServing)
#include "test_http_serving.moc"
