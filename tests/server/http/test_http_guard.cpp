#include "tests/server/http/server_fixture.h"

#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox {

namespace {

constexpr qint64 echoLimit = 1 << 20;

QByteArray host()
{
    return "Host: localhost\r\n";
}

} // namespace

/// What is sent to the guard byte for byte, and what comes of it. After each row the server must
/// still serve.
class TestHttpGuard : public QObject
{
    Q_OBJECT

    Router m_router;
    std::unique_ptr<ServerFixture> m_server;
    std::atomic<int> m_handled = 0;

    void row(const char *name, const QByteArray &bytes, int status, bool ends = true)
    {
        QTest::newRow(name) << bytes << status << ends;
    }

private Q_SLOTS:
    void initTestCase()
    {
        m_router.add("POST", u"/echo"_s, {.maxBodyBytes = echoLimit, .gate = {}},
                     [this](const HttpRequest &request) {
                         ++m_handled;
                         return HttpResponse::text(200, request.body->bytes());
                     });
        m_router.add("GET", u"/hello"_s, {.runsOn = RunsOn::Immediate, .gate = {}},
                     [this](const HttpRequest &) {
                         ++m_handled;
                         return HttpResponse::text(200, "hello");
                     });
        m_router.add("GET", u"/files/{path...}"_s, {.gate = {}}, [](const HttpRequest &request) {
            return HttpResponse::text(200, request.parameters.value(u"path"_s).toUtf8());
        });
        m_server = std::make_unique<ServerFixture>(m_router);
        QVERIFY2(m_server->isRunning(), qPrintable(m_server->error().message));
    }
    void cleanupTestCase() { m_server.reset(); }

    void refusesWhatIsNotStrictlyOneRequest_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("status");
        QTest::addColumn<bool>("ends");
        const QByteArray post = "POST /echo HTTP/1.1\r\n" + host();
        const QByteArray get = "GET /hello HTTP/1.1\r\n" + host();

        // Request smuggling: two ways to see where a body ends (RFC 9112 §6, §11.2).
        row("length and chunked",
            post + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
        row("chunked and length",
            post + "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400);
        row("two lengths", post + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400);
        row("the same length twice", post + "Content-Length: 1\r\nContent-Length: 1\r\n\r\na", 400);
        row("list of lengths", post + "Content-Length: 1, 1\r\n\r\na", 400);
        row("negative length", post + "Content-Length: -1\r\n\r\n", 400);
        row("signed length", post + "Content-Length: +1\r\n\r\na", 400);
        row("hexadecimal length", post + "Content-Length: 0x10\r\n\r\n", 400);
        row("length beyond 63 bits", post + "Content-Length: 99999999999999999999\r\n\r\n", 400);
        row("empty length", post + "Content-Length:\r\n\r\n", 400);
        row("length with a space inside", post + "Content-Length: 1 2\r\n\r\n", 400);
        row("chunked twice", post + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", 400);
        row("two transfer codings",
            post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n", 400);
        row("chunked not last", post + "Transfer-Encoding: chunked, gzip\r\n\r\n", 400);
        row("gzip before chunked", post + "Transfer-Encoding: gzip, chunked\r\n\r\n", 400);
        row("unknown transfer coding", post + "Transfer-Encoding: gzip\r\n\r\n", 501);
        row("identity", post + "Transfer-Encoding: identity\r\n\r\n", 501);
        row("empty transfer coding", post + "Transfer-Encoding:\r\n\r\n", 400);
        row("transfer coding with vertical tab", post + "Transfer-Encoding: \vchunked\r\n\r\n",
            400);
        row("quoted transfer coding", post + "Transfer-Encoding: \"chunked\"\r\n\r\n", 501);
        row("chunked from HTTP/1.0",
            "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400);
        row("space before the colon", post + "Content-Length : 4\r\n\r\nabcd", 400);
        row("tab before the colon", post + "Transfer-Encoding\t: chunked\r\n\r\n", 400);
        row("folded field", get + "X-A: b\r\n c\r\n\r\n", 400);
        row("folded field with a tab", get + "X-A: b\r\n\tc\r\n\r\n", 400);
        row("space before the first field", "GET /hello HTTP/1.1\r\n Host: localhost\r\n\r\n", 400);
        row("field without a name", get + ": x\r\n\r\n", 400);
        row("field without a colon", get + "nonsense\r\n\r\n", 400);
        row("NUL in a name", get + QByteArray("X\0A: b\r\n\r\n", 10), 400);
        row("NUL in a value", get + QByteArray("X-A: \0b\r\n\r\n", 11), 400);
        row("control character in a value", get + "X-A: \x01\r\n\r\n", 400);
        row("DEL in a value", get + "X-A: \x7f\r\n\r\n", 400);

        // Lines
        row("bare LF after the request line", "GET /hello HTTP/1.1\nHost: localhost\n\n", 400);
        row("bare LF after a field", "GET /hello HTTP/1.1\r\nHost: localhost\n\r\n", 400);
        row("bare LF at the end", get + "\n", 400);
        row("bare CR in a value", get + "X-A: b\rc\r\n\r\n", 400);
        row("CR CR LF", get + "X-A: b\r\r\n\r\n", 400);
        row("two empty lines first", "\r\n\r\n" + get + "\r\n", 400);

        // Request line
        row("no method", " /hello HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("no target", "GET HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("HTTP/0.9", "GET /hello\r\n\r\n", 400);
        row("two spaces", "GET  /hello HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("tab as space", "GET\t/hello HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("space in the target", "GET /hel lo HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505);
        row("HTTP/3.0", "GET /hello HTTP/3.0\r\n" + host() + "\r\n", 505);
        row("HTTP/1.10", "GET /hello HTTP/1.10\r\n" + host() + "\r\n", 400);
        row("lower-case version", "GET /hello http/1.1\r\n" + host() + "\r\n", 400);
        row("TLS to a plain port", QByteArray::fromHex("16030102000100 01fc0303") + "\n", 400);
        row("long method", QByteArray(40, 'A') + " / HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("method with a slash", "GE/T /hello HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("byte over 127 in the target", "GET /h\xc3\xa4llo HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("NUL in the target", QByteArray("GET /hel\0lo HTTP/1.1\r\n", 22) + host() + "\r\n",
            400);
        row("fragment", "GET /hello#x HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("authority form", "CONNECT localhost:80 HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("target without a slash", "GET hello HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("asterisk with GET", "GET * HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("foreign scheme", "GET ftp://localhost/hello HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("absolute form of another host",
            "GET http://example.org/hello HTTP/1.1\r\n" + host() + "\r\n", 400);
        row("absolute form with a user",
            "GET http://a@localhost/hello HTTP/1.1\r\nHost: a@localhost\r\n\r\n", 400);
        row("absolute form without a host", "GET http:///hello HTTP/1.1\r\n" + host() + "\r\n",
            400);

        // Host
        row("no host", "GET /hello HTTP/1.1\r\n\r\n", 400);
        row("two hosts", get + "Host: localhost\r\n\r\n", 400);
        row("empty host", "GET /hello HTTP/1.1\r\nHost:\r\n\r\n", 400);
        row("host with a path", "GET /hello HTTP/1.1\r\nHost: localhost/x\r\n\r\n", 400);
        row("host with a space", "GET /hello HTTP/1.1\r\nHost: local host\r\n\r\n", 400);
        row("host with a long port", "GET /hello HTTP/1.1\r\nHost: localhost:123456\r\n\r\n", 400);
        row("host with a word for a port", "GET /hello HTTP/1.1\r\nHost: localhost:http\r\n\r\n",
            400);
        row("open bracket", "GET /hello HTTP/1.1\r\nHost: [::1\r\n\r\n", 400);

        // Sizes
        row("long target", "GET /" + QByteArray(9000, 'a') + " HTTP/1.1\r\n" + host() + "\r\n",
            414);
        row("endless target", "GET /" + QByteArray(12000, 'a'), 414);
        row("large header", get + "X-A: " + QByteArray(33000, 'a') + "\r\n\r\n", 431);
        row("endless header", get + "X-A: " + QByteArray(40000, 'a'), 431);
        QByteArray fields;
        for (int i = 0; i < 101; ++i)
            fields += "X-" + QByteArray::number(i) + ": a\r\n";
        row("many fields", get + fields + "\r\n", 431);
        row("length over the limit", post + "Content-Length: 1048577\r\n\r\n", 413);
        row("length over the limit with 100-continue",
            post + "Content-Length: 1048577\r\nExpect: 100-continue\r\n\r\n", 413);
        row("petabyte", post + "Content-Length: 999999999999999999\r\n\r\n", 413);
        row("chunk over the limit",
            post + "Transfer-Encoding: chunked\r\n\r\n100001\r\n" + QByteArray(0x100001, 'a'), 413);

        // Chunks
        const QByteArray chunked = post + "Transfer-Encoding: chunked\r\n\r\n";
        row("chunk size with 0x", chunked + "0x1\r\na\r\n0\r\n\r\n", 400);
        row("chunk size with sign", chunked + "+1\r\na\r\n0\r\n\r\n", 400);
        row("negative chunk size", chunked + "-1\r\na\r\n0\r\n\r\n", 400);
        row("chunk size with a space", chunked + "1 \r\na\r\n0\r\n\r\n", 400);
        row("chunk size with a leading space", chunked + " 1\r\na\r\n0\r\n\r\n", 400);
        row("empty chunk size", chunked + "\r\na\r\n0\r\n\r\n", 400);
        row("no hexadecimal chunk size", chunked + "g\r\na\r\n0\r\n\r\n", 400);
        row("chunk size beyond 64 bits", chunked + "fffffffffffffffff\r\n", 400);
        row("chunk size of many zeros", chunked + "00000000000000001\r\na\r\n0\r\n\r\n", 400);
        row("chunk longer than it says", chunked + "1\r\nabc\r\n0\r\n\r\n", 400);
        row("chunk size ends in LF", chunked + "1\na\r\n0\r\n\r\n", 400);
        row("chunk ends in LF", chunked + "1\r\na\n0\r\n\r\n", 400);
        row("CR inside a chunk size", chunked + "1\r;a\r\na\r\n0\r\n\r\n", 400);
        row("endless chunk size", chunked + QByteArray(2000, '0'), 400);
        row("endless chunk extension", chunked + "1;" + QByteArray(2000, 'a'), 400);
        row("control character in a chunk extension", chunked + "1;\x01\r\na\r\n0\r\n\r\n", 400);
        QByteArray extensions;
        for (int i = 0; i < 100; ++i)
            extensions += "1;" + QByteArray(400, 'x') + "\r\na\r\n";
        row("extensions outweigh the body", chunked + extensions + "0\r\n\r\n", 400);
        row("trailer that frames", chunked + "0\r\nContent-Length: 5\r\n\r\n", 400);
        row("trailer that is no field", chunked + "0\r\nnonsense\r\n\r\n", 400);
        row("folded trailer", chunked + "0\r\nX-A: b\r\n c\r\n\r\n", 400);
        row("endless trailer", chunked + "0\r\nX-A: " + QByteArray(9000, 'a'), 400);

        // Expectations, other methods
        row("other expectation", post + "Expect: miracles\r\nContent-Length: 1\r\n\r\na", 417);
        row("two expectations", post + "Expect: 100-continue\r\nExpect: 100-continue\r\n\r\n", 400);
        row("two authorizations",
            get + "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 400);
        row("trace", "TRACE /hello HTTP/1.1\r\n" + host() + "\r\n", 405, false);
        row("unknown method", "BREW /hello HTTP/1.1\r\n" + host() + "\r\n", 405, false);

        // Paths
        row("encoded slash", "GET /files/a%2Fb HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("encoded backslash", "GET /files/a%5cb HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("backslash", "GET /files/a\\b HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("encoded NUL", "GET /files/a%00b HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("encoded line feed", "GET /files/a%0ab HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("parent", "GET /files/../hello HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("encoded parent", "GET /files/%2e%2E/hello HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("half encoded parent", "GET /files/.%2e/hello HTTP/1.1\r\n" + host() + "\r\n", 400,
            false);
        row("itself", "GET /files/./a HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("empty segment", "GET /files//a HTTP/1.1\r\n" + host() + "\r\n", 404, false);
        row("two slashes first", "GET //hello HTTP/1.1\r\n" + host() + "\r\n", 404, false);
        row("slash last", "GET /hello/ HTTP/1.1\r\n" + host() + "\r\n", 404, false);
        row("not UTF-8", "GET /files/%ff HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("UTF-8 that ends within a character", "GET /files/a%c3 HTTP/1.1\r\n" + host() + "\r\n",
            400, false);
        row("overlong UTF-8 of a dot", "GET /files/%c0%ae HTTP/1.1\r\n" + host() + "\r\n", 400,
            false);
        row("surrogate in UTF-8", "GET /files/%ed%a0%80 HTTP/1.1\r\n" + host() + "\r\n", 400,
            false);
        row("broken escape", "GET /files/%zz HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("cut escape", "GET /files/%2 HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("broken escape in the query", "GET /hello?a=%g0 HTTP/1.1\r\n" + host() + "\r\n", 400,
            false);
        row("query that is not UTF-8", "GET /hello?a=%fe HTTP/1.1\r\n" + host() + "\r\n", 400,
            false);
        row("query that ends within a character",
            "GET /hello?a=x%e2%82 HTTP/1.1\r\n" + host() + "\r\n", 400, false);
        row("many parameters",
            "GET /hello?" + QByteArray("a&").repeated(200) + " HTTP/1.1\r\n" + host() + "\r\n", 400,
            false);

        // Names of the machine (DNS rebinding)
        row("foreign host", "GET /hello HTTP/1.1\r\nHost: example.org\r\n\r\n", 403, false);
        row("foreign host that looks local",
            "GET /hello HTTP/1.1\r\nHost: localhost.example.org\r\n\r\n", 403, false);
        row("private address as host", "GET /hello HTTP/1.1\r\nHost: 10.0.0.1\r\n\r\n", 403, false);
        row("short spelling of the loopback", "GET /hello HTTP/1.1\r\nHost: 127.1\r\n\r\n", 403,
            false);
        row("foreign origin", get + "Origin: http://example.org\r\n\r\n", 403, false);
        row("origin null", get + "Origin: null\r\n\r\n", 403, false);
        row("origin of another port", get + "Origin: http://localhost:3000\r\n\r\n", 403, false);
    }
    void refusesWhatIsNotStrictlyOneRequest()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, status);
        QFETCH(bool, ends);
        const int handledBefore = m_handled;
        RawClient client = m_server->connect();
        client.send(bytes);
        const RawAnswer answer = client.read();
        QCOMPARE(answer.status, status);
        QVERIFY(answer.isWhole);
        QCOMPARE(answer.field("Connection"), ends ? "close" : "");
        QCOMPARE(answer.field("X-Content-Type-Options"), "nosniff");
        QVERIFY(!answer.field("X-Request-ID").isEmpty());
        QVERIFY2(answer.body.startsWith("{\"error\":\""), answer.body.constData());
        if (ends) {
            QVERIFY(client.isEnded());
            QVERIFY2(client.pending().isEmpty(), "a second answer to one request");
        } else {
            client.send("GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n");
            QCOMPARE(client.read().status, 200);
        }
        QCOMPARE(m_handled - handledBefore, ends ? 0 : 1);
    }

    void takesWhatIsUnusualButClear_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QByteArray>("body");
        const QByteArray post = "POST /echo HTTP/1.1\r\n" + host();
        QTest::newRow("an empty line first") << "\r\nGET /hello HTTP/1.1\r\n" + host() + "\r\n"
                                             << QByteArray("hello");
        QTest::newRow("absolute form")
            << QByteArray("GET http://localhost/hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
            << QByteArray("hello");
        QTest::newRow("spaces around a value")
            << "GET /hello HTTP/1.1\r\nHost: \t localhost \t \r\n\r\n"_ba << QByteArray("hello");
        QTest::newRow("field names in odd case")
            << "POST /echo HTTP/1.1\r\nhOST: localhost\r\ncontent-LENGTH: 2\r\n\r\nab"_ba
            << QByteArray("ab");
        QTest::newRow("IPv6 host")
            << QByteArray("GET /hello HTTP/1.1\r\nHost: [::1]:80\r\n\r\n") << QByteArray("hello");
        QTest::newRow("IPv4 host")
            << QByteArray("GET /hello HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n") << QByteArray("hello");
        QTest::newRow("own origin")
            << "GET /hello HTTP/1.1\r\nHost: localhost:1\r\nOrigin: http://localhost:1\r\n\r\n"_ba
            << QByteArray("hello");
        QTest::newRow("bytes over 127 in a value")
            << "GET /hello HTTP/1.1\r\nHost: localhost\r\nX-A: \xc3\xa4\r\n\r\n"_ba
            << QByteArray("hello");
        QTest::newRow("no body") << post + "\r\n" << QByteArray();
        QTest::newRow("length 0") << post + "Content-Length: 0\r\n\r\n" << QByteArray();
        QTest::newRow("length with zeros")
            << post + "Content-Length: 0002\r\n\r\nab" << QByteArray("ab");
        QTest::newRow("chunks") << post
                + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n"
                                << QByteArray("abc0123456789");
        QTest::newRow("chunk extension")
            << post + "Transfer-Encoding: Chunked\r\n\r\n3;a=\"b\"\r\nabc\r\n0;x\r\n\r\n"
            << QByteArray("abc");
        QTest::newRow("trailer") << post
                + "Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n"
                                 << QByteArray("a");
        QTest::newRow("encoded path") << "GET /files/a%20b/%C3%A4+c%252F HTTP/1.1\r\n" + host()
                + "\r\n" << QByteArray("a b/\xc3\xa4+c%2F");
        QTest::newRow("dots in names") << "GET /files/a..b/...c HTTP/1.1\r\n" + host() + "\r\n"
                                       << QByteArray("a..b/...c");
    }
    void takesWhatIsUnusualButClear()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(QByteArray, body);
        for (const bool byteByByte : {false, true}) {
            RawClient client = m_server->connect();
            if (byteByByte) {
                for (const char byte : bytes)
                    QVERIFY(client.send(QByteArray(1, byte)));
            } else {
                client.send(bytes);
            }
            const RawAnswer answer = client.read();
            QCOMPARE(answer.status, 200);
            QCOMPARE(answer.body, body);
            QCOMPARE(answer.field("Connection"), "");
        }
    }

    void smugglesNothing()
    {
        // The refused request hides another one, which must never be understood as such.
        RawClient client = m_server->connect();
        const int handledBefore = m_handled;
        client.send("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\n"
                    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /hello HTTP/1.1\r\nHost: "
                    "localhost\r\n\r\n");
        QCOMPARE(client.read().status, 400);
        QVERIFY(client.isEnded());
        QVERIFY(client.pending().isEmpty());
        QCOMPARE(m_handled, handledBefore);
    }

    void saysNothingOfInsides()
    {
        RawClient client = m_server->connect();
        client.send("GET /nothing/here HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: abc\r\n\r\n");
        const RawAnswer answer = client.read();
        QCOMPARE(answer.body,
                 "{\"error\":\"not_found\",\"message\":\"there is nothing at this path\","
                 "\"type\":\"urn:skillbox:error:not_found\",\"title\":\"Not found\","
                 "\"instance\":\"/nothing/here\",\"request_id\":\"abc\"}");
        QCOMPARE(answer.field("Content-Type"), "application/problem+json; charset=utf-8");
        QVERIFY(answer.field("Server").isEmpty());
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestHttpGuard)
#include "test_http_guard.moc"
