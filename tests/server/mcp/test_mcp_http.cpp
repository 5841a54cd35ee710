#include "server/mcp/streamable_http.h"
#include "tests/server/api/api_fixture.h"

#include <QNetworkReply>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

namespace {

constexpr int patienceMs = 60'000;

using Fields = QList<std::pair<QByteArray, QByteArray>>;

QByteArray rpc(int id, const QByteArray &method, const QByteArray &params = "{}")
{
    // No raw strings in this file: moc loses its way in some of them.
    return "{\"jsonrpc\":\"2.0\",\"id\":" + QByteArray::number(id) + ",\"method\":\"" + method
        + "\",\"params\":" + params + '}';
}

/// The events of a stream so far: id and data.
QList<std::pair<QByteArray, QByteArray>> eventsIn(const QByteArray &text)
{
    QList<std::pair<QByteArray, QByteArray>> events;
    for (const QByteArray &block : QByteArray(text).replace("\r\n", "\n").split('\0')) {
        qsizetype from = 0;
        for (qsizetype end = block.indexOf("\n\n"); end >= 0; end = block.indexOf("\n\n", from)) {
            std::pair<QByteArray, QByteArray> event;
            for (const QByteArray &line : block.mid(from, end - from).split('\n')) {
                if (line.startsWith("id: "))
                    event.first = line.mid(4);
                else if (line.startsWith("data: "))
                    event.second = line.mid(6);
            }
            if (!event.first.isEmpty())
                events.append(event);
            from = end + 2;
        }
    }
    return events;
}

/// A stream that is read as it comes.
class EventReader
{
public:
    EventReader(ApiFixture &api, const HttpCall &call) : m_reply(api.begin(call)) { }
    ~EventReader() { m_reply->abort(); }

    QList<std::pair<QByteArray, QByteArray>> events()
    {
        m_text += m_reply->readAll();
        return eventsIn(m_text);
    }
    bool has(const QByteArray &text)
    {
        m_text += m_reply->readAll();
        return m_text.contains(text);
    }
    bool hasEnded() const { return m_reply->isFinished(); }
    void leave() { m_reply->abort(); }

private:
    std::unique_ptr<QNetworkReply> m_reply;
    QByteArray m_text;
};

} // namespace

class TestMcpHttp : public QObject
{
    Q_OBJECT

    std::unique_ptr<ApiFixture> m_api;

    HttpAnswer send(const QByteArray &body, const QByteArray &session = {}, Fields more = {},
                    const QString &key = u"-"_s)
    {
        if (!session.isEmpty())
            more.append({"Mcp-Session-Id", session});
        return m_api->send(
            {.method = "POST", .target = u"/mcp"_s, .body = body, .headers = more, .key = key});
    }
    QByteArray begin(const QByteArray &version = "2025-11-25", const QString &query = {},
                     const QString &key = u"-"_s)
    {
        const HttpAnswer answer = m_api->send(
            {.method = "POST",
             .target = u"/mcp"_s + query,
             .body = rpc(1, "initialize", "{\"protocolVersion\":\"" + version + "\"}"),
             .key = key});
        return answer.status == 200 ? answer.header("Mcp-Session-Id") : QByteArray();
    }
    HttpCall callOf(int id, const QByteArray &tool, const QByteArray &session,
                    const QByteArray &meta = "{}") const
    {
        return {.method = "POST",
                .target = u"/mcp"_s,
                .body = rpc(id, "tools/call", "{\"name\":\"" + tool + "\",\"_meta\":" + meta + '}'),
                .headers = {{"Mcp-Session-Id", session},
                            {"Accept", "application/json, text/event-stream"}}};
    }
    HttpCall streamOf(const QByteArray &session, const QByteArray &lastEvent = {}) const
    {
        HttpCall call{.target = u"/mcp"_s,
                      .headers = {{"Mcp-Session-Id", session}, {"Accept", "text/event-stream"}}};
        if (!lastEvent.isEmpty())
            call.headers.append({"Last-Event-ID", lastEvent});
        return call;
    }

private Q_SLOTS:
    void init()
    {
        m_api = ApiFixture::start();
        QVERIFY(m_api);
    }
    void cleanup() { m_api.reset(); }

    void answersInJson()
    {
        QVERIFY(m_api->publish(u"saying"_s, "print('hello')\n"));
        const QByteArray session = begin();
        QVERIFY(isUuid(QString::fromLatin1(session)));
        QCOMPARE(
            send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}", session).status,
            202);
        const HttpAnswer tools = send(rpc(2, "tools/list"), session);
        QCOMPARE(tools.status, 200);
        QCOMPARE(tools.object()["result"_L1]["tools"_L1][0]["name"_L1].toString(), u"saying"_s);
        // A client that takes no events gets the result of a call as JSON, too.
        const HttpAnswer result = send(rpc(3, "tools/call", "{\"name\":\"saying\"}"), session,
                                       {{"Accept", "application/json"}});
        QCOMPARE(result.object()["result"_L1]["content"_L1][0]["text"_L1].toString(), u"hello"_s);
    }

    void answersCallsByEvents()
    {
        QVERIFY(
            m_api->publish(u"drawing"_s,
                           "import os\nprint('drawing', flush=True)\n"
                           "open(os.environ['SANDBOX_FILES_DIR'] + 'a.txt', 'w').write('a')\n"));
        const QByteArray session = begin();
        const HttpAnswer answer = m_api->send(
            callOf(7, "drawing", session, "{\"progressToken\":5}"));
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.header("Content-Type"), "text/event-stream"_ba);
        const auto events = eventsIn(answer.body);
        QVERIFY(events.size() >= 3);
        QVERIFY(events.first().second.isEmpty()); // an id to come back with
        QVERIFY(events[1].second.contains("notifications/progress"));
        const QJsonObject last = QJsonDocument::fromJson(events.last().second).object();
        QCOMPARE(last["id"_L1].toInt(), 7);
        const QJsonArray content = last["result"_L1]["content"_L1].toArray();
        // The link can be followed outside the protocol.
        const QString url = content.last()["_meta"_L1]["skillbox/url"_L1].toString();
        QCOMPARE(m_api->get(url).body, "a"_ba);
        const QString archive = last["result"_L1]["_meta"_L1]["skillbox/files_url"_L1].toString();
        QCOMPARE(m_api->send({.target = archive, .key = {}}).status, 200);
    }

    void oldClientsGetNoEmptyEvents()
    {
        QVERIFY(m_api->publish(u"saying"_s, "print('hello')\n"));
        const QByteArray session = begin("2025-06-18");
        for (const auto &[id, data] : eventsIn(m_api->send(callOf(2, "saying", session)).body))
            QVERIFY(!data.isEmpty());
    }

    void refusesWhatIsNoneOfItsRequests_data()
    {
        QTest::addColumn<QByteArray>("body");
        QTest::addColumn<Fields>("fields");
        QTest::addColumn<bool>("withSession");
        QTest::addColumn<int>("status");
        const QByteArray ping = rpc(2, "ping");
        QTest::newRow("no session") << ping << Fields() << false << 400;
        QTest::newRow("unknown session")
            << ping << Fields{{"Mcp-Session-Id", newUuid().toLatin1()}} << false << 404;
        QTest::newRow("no JSON") << "{"_ba << Fields() << true << 400;
        QTest::newRow("no message") << "{}"_ba << Fields() << true << 400;
        QTest::newRow("another type")
            << ping << Fields{{"Content-Type", "text/plain"}} << true << 415;
        QTest::newRow("nothing is accepted")
            << ping << Fields{{"Accept", "image/png"}} << true << 406;
        QTest::newRow("unknown version")
            << ping << Fields{{"MCP-Protocol-Version", "1999-01-01"}} << true << 400;
        QTest::newRow("known version")
            << ping << Fields{{"MCP-Protocol-Version", "2025-03-26"}} << true << 200;
        QTest::newRow("batch of a version without") << '[' + ping + ']' << Fields() << true << 400;
        QTest::newRow("foreign page")
            << ping << Fields{{"Origin", "https://evil.example"}} << true << 403;
    }
    void refusesWhatIsNoneOfItsRequests()
    {
        QFETCH(QByteArray, body);
        QFETCH(Fields, fields);
        QFETCH(bool, withSession);
        const HttpAnswer answer = send(body, withSession ? begin() : QByteArray(), fields);
        QTEST(answer.status, "status");
    }

    void answersBatchesOfTheirVersion()
    {
        QVERIFY(m_api->publish(u"saying"_s, "print('hello')\n"));
        const QByteArray session = begin("2025-03-26");
        const HttpAnswer answer = send('[' + rpc(2, "ping") + ",7," + rpc(3, "nothing") + ']',
                                       session, {{"Accept", "application/json"}});
        QCOMPARE(answer.status, 200);
        QCOMPARE(answer.array().size(), 3);
        const QByteArray calls = '[' + rpc(4, "tools/call", "{\"name\":\"saying\"}") + ','
            + rpc(5, "tools/call", "{\"name\":\"saying\"}") + ']';
        const auto events = eventsIn(send(calls, session).body);
        QCOMPARE(events.size(), 2);
        QCOMPARE(send("[" + rpc(6, "initialize") + "]", session).status, 400);
    }

    void refusesAnIdThatIsUnderWay()
    {
        QVERIFY(m_api->publish(u"endless"_s, "import time\ntime.sleep(600)\n"));
        const QByteArray session = begin();
        EventReader call(*m_api, callOf(9, "endless", session));
        QTRY_VERIFY_WITH_TIMEOUT(!call.events().isEmpty(), patienceMs);
        QCOMPARE(send(rpc(9, "ping"), session).status, 400);
        QCOMPARE(m_api
                     ->send({.method = "DELETE",
                             .target = u"/mcp"_s,
                             .headers = {{"Mcp-Session-Id", session}}})
                     .status,
                 204);
        QTRY_VERIFY_WITH_TIMEOUT(call.hasEnded(), patienceMs);
    }

    void goesOnWhereAConnectionBroke()
    {
        QVERIFY(m_api->publish(u"short"_s,
                               "import time\nprint('begun', flush=True)\ntime.sleep(1.5)\n"
                               "print('done')\n"));
        const QByteArray session = begin();
        QByteArray lastEvent;
        {
            EventReader call(*m_api, callOf(3, "short", session, "{\"progressToken\":1}"));
            QTRY_VERIFY_WITH_TIMEOUT(call.events().size() >= 2, patienceMs);
            lastEvent = call.events().at(1).first;
        }
        // The run goes on: to leave is not to cancel.
        EventReader resumed(*m_api, streamOf(session, lastEvent));
        QTRY_VERIFY_WITH_TIMEOUT(resumed.has("\"id\":3"), patienceMs);
        QVERIFY(resumed.has("begun"));
        QTRY_VERIFY_WITH_TIMEOUT(resumed.hasEnded(), patienceMs);
        // And again, once it is over.
        const HttpAnswer again = m_api->send(streamOf(session, lastEvent));
        QVERIFY2(again.body.contains("\"id\":3"), again.body);
    }

    void cancelsFromAnotherRequest()
    {
        QVERIFY(m_api->publish(u"endless"_s, "import time\ntime.sleep(600)\n"));
        const QByteArray session = begin();
        EventReader call(*m_api, callOf(4, "endless", session));
        QTRY_VERIFY_WITH_TIMEOUT(m_api->engine().executions().load().running == 1, patienceMs);
        QCOMPARE(send("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\","
                      "\"params\":{\"requestId\":4}}",
                      session)
                     .status,
                 202);
        QTRY_VERIFY_WITH_TIMEOUT(call.hasEnded(), patienceMs);
        QVERIFY(!call.has("\"id\":4"));
        QTRY_COMPARE_WITH_TIMEOUT(m_api->engine().executions().load().running, 0, patienceMs);
    }

    void tellsListenersOfNewSkills()
    {
        const QByteArray session = begin();
        {
            EventReader first(*m_api, streamOf(session));
            QTRY_VERIFY_WITH_TIMEOUT(!first.events().isEmpty(), patienceMs);
            EventReader second(*m_api, streamOf(session)); // takes over
            QTRY_VERIFY_WITH_TIMEOUT(first.hasEnded(), patienceMs);
            QVERIFY(m_api->publish(u"fresh"_s, "print(1)\n"));
            QTRY_VERIFY_WITH_TIMEOUT(second.has("notifications/tools/list_changed"), patienceMs);
        }
        // What happens while nobody listens is told to the next who does.
        QVERIFY(m_api->publish(u"fresher"_s, "print(1)\n"));
        QCOMPARE(send(rpc(5, "ping"), session).status, 200);
        EventReader third(*m_api, streamOf(session));
        QTRY_VERIFY_WITH_TIMEOUT(third.has("notifications/tools/list_changed"), patienceMs);
    }

    void belongsToItsKey()
    {
        const QByteArray session = begin();
        QCOMPARE(send(rpc(2, "ping"), session, {}, m_api->key(Role::Admin)).status, 404);
        QCOMPARE(send(rpc(2, "ping"), session, {}, {}).status, 401);
        QCOMPARE(send(rpc(2, "ping"), session).status, 200);
    }

    void asksForTheRoleOfRunners()
    {
        QVERIFY(m_api->publish(u"saying"_s, "print('hello')\n"));
        const QString reader = m_api->key(Role::Reader);
        const QByteArray session = begin("2025-11-25", {}, reader);
        QCOMPARE(send(rpc(2, "tools/list"), session, {}, reader).status, 200);
        const HttpAnswer refused = send(rpc(3, "tools/call", "{\"name\":\"saying\"}"), session,
                                        {{"Accept", "application/json"}}, reader);
        QCOMPARE(refused.object()["error"_L1]["code"_L1].toInt(), int(RpcError::Forbidden));
    }

    void takesItsSelectionFromTheQuery()
    {
        QVERIFY(m_api->publish(u"report-week"_s, "print(1)\n"));
        QVERIFY(m_api->publish(u"report-old"_s, "print(1)\n"));
        QVERIFY(m_api->publish(u"other"_s, "print(1)\n"));
        const QByteArray session = begin("2025-11-25",
                                         u"?include=report-*&exclude=*-old&session=notebook"_s);
        const QJsonArray tools =
            send(rpc(2, "tools/list"), session).object()["result"_L1]["tools"_L1].toArray();
        QCOMPARE(tools.size(), 1);
        QCOMPARE(tools[0]["name"_L1].toString(), u"report-week"_s);
        QVERIFY(begin("2025-11-25", u"?session=a%20b"_s).isEmpty());
        QVERIFY(begin("2025-11-25", u"?include="_s).isEmpty());
    }

    void forgetsSessionsThatNobodyUses()
    {
        StreamableHttp mcp(m_api->engine(),
                           {.idleSessionsAreKept = std::chrono::milliseconds(1),
                            .timing = {.watch = std::chrono::milliseconds(5)}});
        Router router;
        router.add("POST", u"/mcp"_s, {.gate = {}},
                   HttpHandler([&mcp](const HttpRequest &request, const HttpReply &reply) {
                       mcp.post(request, reply, {localTenant(), {u"k"_s}, {}});
                   }));
        HttpServerConfig config;
        config.listen = {u"127.0.0.1:0"_s};
        config.spoolDirectory = m_api->path({});
        auto server = HttpServer::start(config, router);
        QVERIFY(server);
        const HttpAnswer answer = m_api->send(
            {.method = "POST",
             .target = (*server)->addresses().first() + u"/mcp"_s,
             .body = rpc(1, "initialize", "{\"protocolVersion\":\"2025-11-25\"}")});
        QCOMPARE(answer.status, 200);
        QTRY_COMPARE_WITH_TIMEOUT(mcp.sessionCount(), 0, patienceMs);
        server->reset();
    }

    void makesRoomForNewSessions()
    {
        StreamableHttp mcp(m_api->engine(), {.maxSessions = 2});
        Router router;
        router.add("POST", u"/mcp"_s, {.gate = {}},
                   HttpHandler([&mcp](const HttpRequest &request, const HttpReply &reply) {
                       mcp.post(request, reply, {localTenant(), {u"k"_s}, {}});
                   }));
        HttpServerConfig config;
        config.listen = {u"127.0.0.1:0"_s};
        config.spoolDirectory = m_api->path({});
        auto server = HttpServer::start(config, router);
        QVERIFY(server);
        for (int i = 0; i < 5; ++i) {
            QTest::qWait(2); // idle since at least a millisecond
            QCOMPARE(m_api
                         ->send(
                             {.method = "POST",
                              .target = (*server)->addresses().first() + u"/mcp"_s,
                              .body = rpc(1, "initialize", "{\"protocolVersion\":\"2025-11-25\"}")})
                         .status,
                     200);
        }
        QCOMPARE(mcp.sessionCount(), 2);
        server->reset();
    }

    void endsListenersOnTheWayOut()
    {
        const QByteArray session = begin();
        EventReader listener(*m_api, streamOf(session));
        QTRY_VERIFY_WITH_TIMEOUT(!listener.events().isEmpty(), patienceMs);
        m_api->api().setDraining();
        QTRY_VERIFY_WITH_TIMEOUT(listener.hasEnded(), patienceMs);
        QCOMPARE(m_api->send(streamOf(session)).status, 503);
    }
};

QTEST_GUILESS_MAIN(TestMcpHttp)

#include "test_mcp_http.moc"
