#include "tests/server/api/api_fixture.h"
#include "tests/support/postgres_server.h"

#include <QNetworkReply>
#include <QTest>

#include <thread>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

namespace {

struct Event {
    QByteArray type;
    QByteArray id;
    QJsonObject data;
};

/// What a browser's EventSource would see.
QList<Event> eventsOf(const QByteArray &stream)
{
    QList<Event> events;
    for (const QByteArray &block : QByteArray(stream).replace("\n\n", "\f").split('\f')) {
        Event event;
        for (const QByteArray &line : block.split('\n')) {
            if (line.startsWith("event: "))
                event.type = line.sliced(7);
            else if (line.startsWith("id: "))
                event.id = line.sliced(4);
            else if (line.startsWith("data: "))
                event.data = QJsonDocument::fromJson(line.sliced(6)).object();
        }
        if (!event.type.isEmpty())
            events.append(event);
    }
    return events;
}

} // namespace

class ExecutionStreamsApiTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void cleanupTestCase() { m_api.reset(); }

    void eventsTellARunFromItsStartToItsResult();
    void eventsComeWhileItRuns();
    void aQuietRunIsHeardToBeAlive();
    void lastEventIdGoesOn();
    void eventsOfAnOldRunEnd();
    void aClientThatLeavesDisturbsNothing();
    void logsFollowARun();
    void logsOfAFinishedRunFollowToTheirEnd();
    void thirtyFollowersSeeTheSame();
    void aLongResultLeavesOutItsOutput();
    void aServerThatEndsSaysWhatIsTrue();

private:
    QString start(const QByteArray &skill)
    {
        const HttpAnswer answer = m_api->post(u"/v1/executions"_s, "{\"skill\":\"" + skill + "\"}",
                                              {{"Prefer", "respond-async"}});
        return answer.object().value("execution_id"_L1).toString();
    }
    std::unique_ptr<ApiFixture> m_api;
};

void ExecutionStreamsApiTest::initTestCase()
{
    m_api = ApiFixture::start();
    QVERIFY(m_api);
    QVERIFY(m_api->publish(u"lines"_s,
                           "import sys, time, json\n"
                           "print('one', flush=True)\ntime.sleep(0.3)\n"
                           "print('two', file=sys.stderr, flush=True)\n"
                           "json.dump([1], open('/sandbox/out/output.json', 'w'))\n"));
    QVERIFY(m_api->publish(u"endless"_s,
                           "import time\nwhile True:\n  print('tick', flush=True)\n"
                           "  time.sleep(0.05)\n"));
    QVERIFY(m_api->publish(u"long-output"_s,
                           "import json\n"
                           "json.dump('x' * (3 << 20), open('/sandbox/out/output.json', 'w'))\n"));
}

void ExecutionStreamsApiTest::eventsTellARunFromItsStartToItsResult()
{
    const QString id = start("lines");
    const HttpAnswer answer = m_api->get(u"/v1/executions/%1/events"_s.arg(id));
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.header("Content-Type").left(17), "text/event-stream");
    const QList<Event> events = eventsOf(answer.body);
    QVERIFY(events.size() >= 4);
    QByteArrayList types;
    qint64 last = 0;
    QMap<QString, QString> output; // a line may come in pieces
    for (const Event &event : events) {
        types.append(event.type);
        if (event.type == "log") {
            output[event.data.value("stream"_L1).toString()] += event.data.value("text"_L1)
                                                                    .toString();
            QCOMPARE(event.data.value("seq"_L1).toInteger(), event.id.toLongLong());
        }
        if (!event.id.isEmpty()) {
            QVERIFY(event.id.toLongLong() > last);
            last = event.id.toLongLong();
        }
    }
    QCOMPARE(output.value(u"stdout"_s), u"one\n"_s);
    QCOMPARE(output.value(u"stderr"_s), u"two\n"_s);
    QCOMPARE(types.count("result"), 1);
    QCOMPARE(types.last(), "result");
    QVERIFY(types.indexOf("state") < types.indexOf("log"));
    QCOMPARE(events.last().data.value("execution_id"_L1).toString(), id);
    QCOMPARE(events.last().data.value("status"_L1).toString(), u"success"_s);
    QCOMPARE(events.last().data.value("output"_L1).toArray(), QJsonArray{1});
}

void ExecutionStreamsApiTest::eventsComeWhileItRuns()
{
    const QString id = start("endless");
    const std::unique_ptr<QNetworkReply> reply(
        m_api->begin({.target = u"/v1/executions/%1/events"_s.arg(id)}));
    QByteArray seen;
    QTRY_VERIFY_WITH_TIMEOUT((seen += reply->readAll()).count("\"tick") >= 3, 10'000);
    QVERIFY(!reply->isFinished());
    m_api->send({.method = "POST", .target = u"/v1/executions/%1/cancel"_s.arg(id)});
    QTRY_VERIFY_WITH_TIMEOUT(reply->isFinished(), 10'000);
    seen += reply->readAll();
    QCOMPARE(eventsOf(seen).last().data.value("status"_L1).toString(), u"cancelled"_s);
}

void ExecutionStreamsApiTest::aQuietRunIsHeardToBeAlive()
{
    ServerSettings settings;
    settings.heartbeat = std::chrono::milliseconds(50);
    const auto api = ApiFixture::start(settings);
    QVERIFY(api);
    QVERIFY(api->publish(u"quiet"_s, "import time\ntime.sleep(60)\n"));
    const QString id = api->post(u"/v1/executions"_s, R"({"skill":"quiet"})",
                                 {{"Prefer", "respond-async"}})
                           .object()
                           .value("execution_id"_L1)
                           .toString();
    const std::unique_ptr<QNetworkReply> events(
        api->begin({.target = u"/v1/executions/%1/events"_s.arg(id)}));
    QByteArray seen;
    QTRY_VERIFY_WITH_TIMEOUT((seen += events->readAll()).count(": still here\n\n") >= 3, 10'000);
    QVERIFY2(!seen.contains("event: result"), seen);
    // It ends as if there had been none.
    QCOMPARE(api->post(u"/v1/executions/%1/cancel"_s.arg(id), {}).status, 202);
    QTRY_VERIFY_WITH_TIMEOUT(events->isFinished(), 10'000);
    seen += events->readAll();
    QCOMPARE(eventsOf(seen).last().type, "result");
    QCOMPARE(eventsOf(seen).last().data.value("status"_L1).toString(), u"cancelled"_s);
}

void ExecutionStreamsApiTest::lastEventIdGoesOn()
{
    const QString id = start("lines");
    const QString target = u"/v1/executions/%1/events"_s.arg(id);
    const QList<Event> all = eventsOf(m_api->get(target).body);
    QByteArray second;
    for (const Event &event : all) {
        if (event.type == "log" && second.isEmpty())
            second = event.id;
    }
    QVERIFY(!second.isEmpty());
    const QList<Event> rest = eventsOf(
        m_api->send({.target = target, .headers = {{"Last-Event-ID", second}}}).body);
    QVERIFY(!rest.isEmpty());
    QVERIFY(rest.first().id.toLongLong() > second.toLongLong());
    QCOMPARE(rest.last().type, "result");
    // Whoever has seen the end gets an end again, not a stream that never says anything.
    const HttpAnswer after = m_api->send(
        {.target = target, .headers = {{"Last-Event-ID", all.last().id}}});
    QCOMPARE(after.status, 200);
    for (const QByteArray &nonsense : {QByteArray("abc"), QByteArray("-1"), QByteArray("999999")}) {
        const HttpAnswer answer = m_api->send(
            {.target = target, .headers = {{"Last-Event-ID", nonsense}}});
        QCOMPARE(answer.status, 200);
        QVERIFY2(answer.body.contains("event: result"), nonsense.constData());
    }
}

void ExecutionStreamsApiTest::eventsOfAnOldRunEnd()
{
    // One that this process has no events of.
    ExecutionRecord record;
    record.id = {newUuid()};
    record.tenant = localTenant();
    record.skillName = u"old"_s;
    record.input = *JsonText::parse("{}");
    record.createdAt = QDateTime::currentDateTimeUtc();
    QVERIFY(m_api->engine().metadata().insertExecution(record));
    record.status = ExecutionStatus::Success;
    record.logs = u"from long ago\n"_s;
    record.finishedAt = record.createdAt;
    QVERIFY(m_api->engine().metadata().finishExecution(record));
    const HttpAnswer answer = m_api->get(u"/v1/executions/%1/events"_s.arg(record.id.value));
    const QList<Event> events = eventsOf(answer.body);
    QCOMPARE(events.size(), 2);
    QCOMPARE(events.first().data.value("text"_L1).toString(), record.logs);
    QCOMPARE(events.last().type, "result");
}

void ExecutionStreamsApiTest::aClientThatLeavesDisturbsNothing()
{
    const QString id = start("endless");
    for (const QString &tail : {u"events"_s, u"logs?follow=1"_s}) {
        const std::unique_ptr<QNetworkReply> reply(
            m_api->begin({.target = u"/v1/executions/%1/%2"_s.arg(id, tail)}));
        QByteArray seen;
        QTRY_VERIFY_WITH_TIMEOUT((seen += reply->readAll()).contains("tick"), 10'000);
        reply->abort();
    }
    QCOMPARE(m_api->get(u"/v1/executions/"_s + id).object().value("status"_L1).toString(),
             u"running"_s);
    m_api->send({.method = "POST", .target = u"/v1/executions/%1/cancel"_s.arg(id)});
    const HttpAnswer rest = m_api->get(u"/v1/executions/%1/events"_s.arg(id));
    QCOMPARE(eventsOf(rest.body).last().data.value("status"_L1).toString(), u"cancelled"_s);
}

void ExecutionStreamsApiTest::logsFollowARun()
{
    const QString id = start("lines");
    const HttpAnswer answer = m_api->get(u"/v1/executions/%1/logs?follow=1"_s.arg(id));
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.header("Content-Type"), "text/plain; charset=utf-8");
    QCOMPARE(answer.body, "one\ntwo\n");
}

void ExecutionStreamsApiTest::logsOfAFinishedRunFollowToTheirEnd()
{
    const QString id = start("lines");
    QCOMPARE(eventsOf(m_api->get(u"/v1/executions/%1/events"_s.arg(id)).body).last().type,
             "result");
    QCOMPARE(m_api->get(u"/v1/executions/%1/logs?follow=1"_s.arg(id)).body, "one\ntwo\n");
}

void ExecutionStreamsApiTest::thirtyFollowersSeeTheSame()
{
    const QString id = start("lines");
    // A client holds at most six connections to one host; each follower is one of its own.
    QList<QTcpSocket *> sockets;
    QObject owner;
    const QByteArray key = m_api->key(Role::Reader).toUtf8();
    for (int i = 0; i < 30; ++i) {
        auto *socket = new QTcpSocket(&owner);
        socket->connectToHost(u"127.0.0.1"_s, m_api->port());
        socket->write("GET /v1/executions/" + id.toLatin1()
                      + "/logs?follow=1 HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer " + key
                      + "\r\n\r\n");
        sockets.append(socket);
    }
    for (QTcpSocket *socket : sockets) {
        QTRY_COMPARE_WITH_TIMEOUT(socket->state(), QAbstractSocket::UnconnectedState, 20'000);
        const QByteArray answer = socket->readAll();
        QVERIFY2(answer.endsWith("\r\n\r\none\ntwo\n"), answer.constData());
    }
}

void ExecutionStreamsApiTest::aLongResultLeavesOutItsOutput()
{
    const QString id = start("long-output");
    const HttpAnswer answer = m_api->get(u"/v1/executions/%1/events"_s.arg(id));
    const QList<Event> events = eventsOf(answer.body);
    QCOMPARE(events.last().type, "result");
    QCOMPARE(events.last().data.value("status"_L1).toString(), u"success"_s);
    QVERIFY(!events.last().data.contains("output"_L1));
    QVERIFY(m_api->get(u"/v1/executions/"_s + id).body.size() > 3 << 20);
}

/// Of two runs in a queue that servers share, one has a place when the only server is to end.
void ExecutionStreamsApiTest::aServerThatEndsSaysWhatIsTrue()
{
    PostgresServer postgres;
    switch (postgres.start()) {
    case PostgresServer::Start::Running: break;
    case PostgresServer::Start::NotInstalled:
        QSKIP("Postgres is not installed: package postgresql");
    case PostgresServer::Start::Failed: QFAIL(qPrintable(postgres.complaint()));
    }
    EngineConfig config;
    config.databaseDsn = postgres.dsn();
    config.limits.maxConcurrent = 1;
    const auto api = ApiFixture::start({}, config);
    QVERIFY(api);
    QVERIFY(api->publish(u"held"_s, "import time\ntime.sleep(600)\n"));
    const auto postHeld = [&](const QByteArray &key) {
        return std::unique_ptr<QNetworkReply>(api->begin(
            {.method = "POST",
             .target = u"/v1/executions"_s,
             .body = R"({"skill":"held"})",
             .headers = {{"Content-Type", "application/json"}, {"Idempotency-Key", key}}}));
    };
    api->engine().executions().shareQueue();
    const auto first = postHeld("first");
    QTRY_COMPARE_WITH_TIMEOUT(api->engine().executions().load().running, 1, 30'000);
    const auto second = postHeld("second");
    QTRY_COMPARE_WITH_TIMEOUT(api->get(u"/v1/executions"_s).array().size(), 2, 30'000);
    const QString waiting = api->get(u"/v1/executions?status=queued"_s)
                                .array()
                                .first()
                                .toObject()
                                .value("execution_id"_L1)
                                .toString();
    const std::unique_ptr<QNetworkReply> events(
        api->begin({.target = u"/v1/executions/%1/events"_s.arg(waiting)}));
    QTRY_VERIFY_WITH_TIMEOUT(events->bytesAvailable() > 0, 30'000);

    std::jthread drain([&] { api->engine().executions().drain(std::chrono::minutes(10)); });
    QTRY_VERIFY_WITH_TIMEOUT(api->post(u"/v1/executions"_s, R"({"skill":"held"})").status == 429,
                             30'000);
    const QString running = api->get(u"/v1/executions?status=running"_s)
                                .array()
                                .first()
                                .toObject()
                                .value("execution_id"_L1)
                                .toString();
    QCOMPARE(api->post(u"/v1/executions/%1/cancel"_s.arg(running), {}).status, 202);
    QTRY_VERIFY_WITH_TIMEOUT(first->isFinished() && second->isFinished() && events->isFinished(),
                             60'000);
    const auto statusOf = [](QNetworkReply &reply) {
        return reply.attribute(QNetworkRequest::HttpStatusCodeAttribute).toInt();
    };
    QCOMPARE(statusOf(*first), 200);
    QCOMPARE(QJsonDocument::fromJson(first->readAll())[u"status"_s].toString(), u"cancelled"_s);
    // Not begun: it stays in the queue, and the client learns where to ask.
    QCOMPARE(statusOf(*second), 202);
    QCOMPARE(second->rawHeader("Location"), QByteArray("/v1/executions/" + waiting.toLatin1()));
    QVERIFY(!second->hasRawHeader("Preference-Applied"));
    const QJsonDocument answer = QJsonDocument::fromJson(second->readAll());
    QCOMPARE(answer[u"execution_id"_s].toString(), waiting);
    QCOMPARE(answer[u"status"_s].toString(), u"queued"_s);
    const QList<Event> told = eventsOf(events->readAll());
    QCOMPARE(told.size(), 1);
    QCOMPARE(told.first().data.value("status"_L1).toString(), u"queued"_s);
    const HttpAnswer record = api->get(u"/v1/executions/"_s + waiting);
    QCOMPARE(record.object().value("status"_L1).toString(), u"queued"_s);
}

QTEST_GUILESS_MAIN(ExecutionStreamsApiTest)
#include "test_execution_streams_api.moc"
