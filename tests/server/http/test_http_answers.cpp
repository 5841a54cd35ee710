#include "tests/server/http/server_fixture.h"

#include <QBuffer>
#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

QByteArray get(const QByteArray &target, const QByteArray &fields = {})
{
    return "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n" + fields + "\r\n";
}

QByteArray alphabet(qsizetype size)
{
    QByteArray text(size, Qt::Uninitialized);
    for (qsizetype i = 0; i < size; ++i)
        text[i] = char('a' + i % 26);
    return text;
}

} // namespace

/// The form of answers: what is added to them, and what a request asks of them.
class TestHttpAnswers : public QObject
{
    Q_OBJECT

    Router m_router;
    std::unique_ptr<ServerFixture> m_server;

    void addRoutes()
    {
        const RouteOptions immediate{.runsOn = RunsOn::Immediate, .gate = {}};
        m_router.add("GET", u"/health"_s, immediate, [](const HttpRequest &) {
            return HttpResponse::json(200, R"({"status":"ok"})");
        });
        m_router.add("GET", u"/file"_s, {.gate = {}}, [](const HttpRequest &) {
            auto device = std::make_shared<QBuffer>();
            device->setData(alphabet(1 << 20));
            device->open(QIODevice::ReadOnly);
            HttpResponse response;
            response.headers.add("Content-Type", "text/plain");
            response.headers.add("ETag", "\"v1\"");
            response.headers.add("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
            response.body = device;
            return response;
        });
        m_router.add("GET", u"/large.json"_s, {.gate = {}}, [](const HttpRequest &) {
            HttpResponse response = HttpResponse::json(200, '"' + QByteArray(5000, 'a') + '"');
            response.headers.add("ETag", "\"v1\"");
            return response;
        });
        m_router.add("GET", u"/page"_s, immediate, [](const HttpRequest &) {
            HttpResponse response = HttpResponse::text(200, "<p>");
            response.headers.set("Content-Type", "text/html; charset=utf-8");
            return response;
        });
        m_router.add("GET", u"/splits"_s, immediate, [](const HttpRequest &) {
            HttpResponse response = HttpResponse::text(200, "x");
            response.headers.add("X-Bad", "a\r\nX-Injected: b");
            response.headers.add("X Bad", "a");
            response.headers.add("Content-Length", "1000");
            response.headers.add("Transfer-Encoding", "chunked");
            return response;
        });
        m_router.add("GET", u"/echo"_s, immediate, [](const HttpRequest &request) {
            return HttpResponse::text(200, request.method);
        });
        m_router.add("POST", u"/form"_s, immediate,
                     [](const HttpRequest &) { return HttpResponse::empty(204); });
        m_router.add("GET", u"/count"_s, {.gate = {}},
                     [](const HttpRequest &, const HttpReply &reply) {
                         HttpStream stream = reply.stream(200, {});
                         stream.write("1\n2\n");
                     });
    }

private Q_SLOTS:
    void initTestCase()
    {
        addRoutes();
        HttpServerConfig config = ServerFixture::onLoopback();
        config.corsOrigins = {u"https://app.example"_s};
        config.allowedHosts = {u"box.example"_s};
        m_server = std::make_unique<ServerFixture>(m_router, config);
        QVERIFY2(m_server->isRunning(), qPrintable(m_server->error().message));
    }
    void cleanupTestCase() { m_server.reset(); }

    void addsWhatEveryAnswerHas()
    {
        RawClient client = m_server->connect();
        client.send(get("/health"));
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.body, R"({"status":"ok"})");
        QCOMPARE(answer.field("Content-Length"), "15");
        QCOMPARE(answer.field("Content-Type"), "application/json; charset=utf-8");
        QCOMPARE(answer.field("Cache-Control"), "no-store");
        QCOMPARE(answer.field("X-Content-Type-Options"), "nosniff");
        QVERIFY(QRegularExpression(u"^\\w{3}, \\d\\d \\w{3} \\d{4} \\d\\d:\\d\\d:\\d\\d GMT$"_s)
                    .match(QString::fromLatin1(answer.field("Date")))
                    .hasMatch());
        QVERIFY(!QUuid::fromString(QString::fromLatin1(answer.field("X-Request-ID"))).isNull());
        client.send(get("/page"));
        QVERIFY(client.read().field("Content-Security-Policy").startsWith("default-src 'none'"));
    }

    void echoesRequestIdsThatArePrintable_data()
    {
        QTest::addColumn<QByteArray>("id");
        QTest::addColumn<bool>("echoed");
        QTest::newRow("plain") << QByteArray("abc-123") << true;
        QTest::newRow("128 characters") << QByteArray(128, 'x') << true;
        QTest::newRow("129 characters") << QByteArray(129, 'x') << false;
        QTest::newRow("not ASCII") << QByteArray("\xc3\xa4") << false;
        QTest::newRow("tab inside") << QByteArray("a\tb") << false;
        QTest::newRow("empty") << QByteArray() << false;
    }

    void echoesRequestIdsThatArePrintable()
    {
        QFETCH(QByteArray, id);
        QFETCH(bool, echoed);
        RawClient client = m_server->connect();
        client.send(get("/health", "X-Request-ID: " + id + "\r\n"));
        const QByteArray answered = client.read().field("X-Request-ID");
        QCOMPARE(answered == id, echoed);
        QVERIFY(!answered.isEmpty());
    }

    void continuesTheCallersTrace()
    {
        RawClient client = m_server->connect();
        const QByteArray trace = "0af7651916cd43dd8448eb211c80319c";
        client.send(get("/health", "traceparent: 00-" + trace + "-b7ad6b7169203331-01\r\n"));
        const QByteArray parent = client.read().field("traceparent");
        QVERIFY(parent.startsWith("00-" + trace + '-'));
        QVERIFY(!parent.contains("b7ad6b7169203331"));
        QVERIFY(parent.endsWith("-01"));
        client.send(
            get("/health", "traceparent: 00-" + QByteArray(32, '0') + "-b7ad6b7169203331-01\r\n"));
        QVERIFY(!client.read().field("traceparent").contains(QByteArray(32, '0')));
    }

    void sendsNoBodyToHead()
    {
        RawClient client = m_server->connect();
        for (const QByteArray path : {"/health", "/file", "/echo", "/count", "/nothing"}) {
            client.send("HEAD " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n");
            const RawAnswer answer = client.read(true);
            QVERIFY2(answer.status == (path == "/nothing" ? 404 : 200),
                     (path + ": " + client.pending()).constData());
            if (path == "/file")
                QCOMPARE(answer.field("Content-Length"), "1048576");
        }
        client.send(get("/health")); // nothing of a body lies before this answer
        QCOMPARE(client.read().body, R"({"status":"ok"})");
    }

    void saysWhichMethodsAPathTakes()
    {
        RawClient client = m_server->connect();
        client.send("DELETE /health HTTP/1.1\r\nHost: localhost\r\n\r\n");
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, 405);
        QCOMPARE(answer.field("Allow"), "GET, HEAD");
        QVERIFY(answer.body.startsWith("{\"error\":\"method_not_allowed\""));
    }

    void answersRanges_data()
    {
        QTest::addColumn<QByteArray>("fields");
        QTest::addColumn<int>("status");
        QTest::addColumn<qint64>("offset");
        QTest::addColumn<qint64>("size");
        const qint64 all = 1 << 20;
        const auto row = [](const char *name, const QByteArray &fields, int status, qint64 offset,
                            qint64 size) {
            QTest::newRow(name) << fields << status << offset << size;
        };
        row("none", "", 200, 0, all);
        row("first byte", "Range: bytes=0-0\r\n", 206, 0, 1);
        row("middle", "Range: bytes=1000-299999\r\n", 206, 1000, 299'000);
        row("open", "Range: bytes=1048570-\r\n", 206, all - 6, 6);
        row("last bytes", "Range: bytes=-6\r\n", 206, all - 6, 6);
        row("more last bytes than there are", "Range: bytes=-9999999\r\n", 206, 0, all);
        row("end beyond", "Range: bytes=1048570-9999999\r\n", 206, all - 6, 6);
        row("start beyond", "Range: bytes=1048576-\r\n", 416, 0, 0);
        row("no last bytes", "Range: bytes=-0\r\n", 416, 0, 0);
        row("several", "Range: bytes=0-1,5-6\r\n", 200, 0, all);
        row("other unit", "Range: lines=1-2\r\n", 200, 0, all);
        row("backwards", "Range: bytes=5-2\r\n", 200, 0, all);
        row("no numbers", "Range: bytes=-\r\n", 200, 0, all);
        row("overflow", "Range: bytes=99999999999999999999-\r\n", 200, 0, all);
        row("same tag", "Range: bytes=0-0\r\nIf-Range: \"v1\"\r\n", 206, 0, 1);
        row("other tag", "Range: bytes=0-0\r\nIf-Range: \"v2\"\r\n", 200, 0, all);
        row("same date", "Range: bytes=0-0\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 206, 0,
            1);
        row("same tag is not changed", "If-None-Match: \"v0\", W/\"v1\"\r\n", 304, 0, 0);
        row("any tag", "If-None-Match: *\r\n", 304, 0, 0);
        row("other tags", "If-None-Match: \"v2\"\r\n", 200, 0, all);
        row("not modified since", "If-Modified-Since: Mon, 07 Nov 1994 08:49:37 GMT\r\n", 304, 0,
            0);
        row("modified since", "If-Modified-Since: Sat, 05 Nov 1994 08:49:37 GMT\r\n", 200, 0, all);
        row("tag before date",
            "If-None-Match: \"v2\"\r\nIf-Modified-Since: Mon, 07 Nov 1994 08:49:37 GMT\r\n", 200, 0,
            all);
    }

    void answersRanges()
    {
        QFETCH(QByteArray, fields);
        QFETCH(int, status);
        QFETCH(qint64, offset);
        QFETCH(qint64, size);
        RawClient client = m_server->connect();
        client.send(get("/file", fields));
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, status);
        if (status != 416)
            QVERIFY(answer.body == alphabet(1 << 20).mid(offset, size));
        QCOMPARE(answer.field("ETag"), "\"v1\"");
        if (status == 206) {
            QCOMPARE(answer.field("Content-Range"),
                     QStringLiteral("bytes %1-%2/1048576")
                         .arg(offset)
                         .arg(offset + size - 1)
                         .toLatin1());
        }
        if (status == 416) {
            QCOMPARE(answer.field("Content-Range"), "bytes */1048576");
            QCOMPARE(answer.field("Content-Type"), "application/problem+json; charset=utf-8");
            const QByteArray said = R"({"error":"range_not_satisfiable",)";
            QVERIFY2(answer.body.startsWith(said), answer.body);
            QVERIFY2(answer.body.contains(R"("instance":"/file","request_id":")"), answer.body);
            client.send(get("/health")); // and the connection is in step
            QCOMPARE(client.read().status, 200);
        }
    }

    void packsLargeJson()
    {
        RawClient client = m_server->connect();
        client.send(get("/large.json", "Accept-Encoding: br, gzip;q=0.5\r\n"));
        const RawAnswer packed = client.read();
        QCOMPARE(packed.field("Content-Encoding"), "gzip");
        QCOMPARE(packed.field("Vary"), "Accept-Encoding");
        QCOMPARE(packed.field("ETag"), "W/\"v1\"");
        QVERIFY(packed.body.size() < 200);
        QVERIFY(packed.body.startsWith("\x1f\x8b"));
        for (const QByteArray accepts :
             {"", "Accept-Encoding: gzip;q=0\r\n", "Accept-Encoding: identity\r\n",
              "Accept-Encoding: *;q=0\r\n"}) {
            client.send(get("/large.json", accepts));
            const RawAnswer plain = client.read();
            QVERIFY(plain.field("Content-Encoding").isEmpty());
            QCOMPARE(plain.field("Vary"), "Accept-Encoding");
            QCOMPARE(plain.body.size(), 5002);
        }
        client.send(get("/health", "Accept-Encoding: gzip\r\n"));
        QVERIFY(client.read().field("Content-Encoding").isEmpty());
    }

    void letsPagesOfAllowedOriginsIn()
    {
        RawClient client = m_server->connect();
        client.send(get("/health", "Origin: https://app.example\r\n"));
        RawAnswer answer = client.read();
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.field("Access-Control-Allow-Origin"), "https://app.example");
        QCOMPARE(answer.field("Vary"), "Origin");
        client.send("OPTIONS /form HTTP/1.1\r\nHost: box.example\r\nOrigin: https://app.example\r\n"
                    "Access-Control-Request-Method: POST\r\n\r\n");
        answer = client.read();
        QCOMPARE(answer.status, 204);
        QCOMPARE(answer.field("Access-Control-Allow-Methods"), "POST");
        QVERIFY(answer.field("Access-Control-Allow-Headers").contains("Authorization"));
        client.send("OPTIONS /form HTTP/1.1\r\nHost: localhost\r\nOrigin: https://app.example.org"
                    "\r\nAccess-Control-Request-Method: POST\r\n\r\n");
        answer = client.read();
        QCOMPARE(answer.status, 403);
        QVERIFY(answer.field("Access-Control-Allow-Origin").isEmpty());
    }

    void keepsHandlersFromSplittingAnswers()
    {
        RawClient client = m_server->connect();
        client.send(get("/splits"));
        const RawAnswer answer = client.read();
        QVERIFY(answer.field("X-Injected").isEmpty());
        QVERIFY(answer.field("X-Bad").isEmpty());
        QCOMPARE(answer.headers.values("Content-Length"), QList<QByteArray>{"1"});
        QVERIFY(answer.field("Transfer-Encoding").isEmpty());
        QCOMPARE(answer.body, "x");
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestHttpAnswers)
#include "test_http_answers.moc"
