#include "tests/server/api/api_fixture.h"

#include <QNetworkReply>
#include <QTemporaryFile>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

/// What a request leaves behind besides its answer: log lines, a trace, a run that outlives it.
class ApiLogTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void requestAndRunShareTheirIds();
    void theRequestSaysWhichRunItMade();
    void neverHoldsASecretOrAnInput();
    void theTraceReachesTheSkill();
    void aRunOutlivesTheServer();

private:
    QList<QJsonObject> logged(const QString &event)
    {
        QList<QJsonObject> found;
        QFile file(m_file->fileName());
        if (!file.open(QIODevice::ReadOnly))
            return found;
        for (const QByteArray &line : file.readAll().split('\n')) {
            const QJsonObject object = QJsonDocument::fromJson(line).object();
            if (object.value("event"_L1) == event)
                found.append(object);
        }
        return found;
    }
    // The API is last: it goes before what it logs to.
    std::unique_ptr<QTemporaryFile> m_file;
    std::unique_ptr<ServerLog> m_log;
    std::unique_ptr<ApiFixture> m_api;
};

void ApiLogTest::init()
{
    m_api.reset();
    m_file = std::make_unique<QTemporaryFile>();
    QVERIFY(m_file->open());
    m_log = std::make_unique<ServerLog>(ServerLog::Config{.descriptor = m_file->handle()});
    m_api = ApiFixture::start({}, {}, m_log.get());
    QVERIFY(m_api);
}

void ApiLogTest::requestAndRunShareTheirIds()
{
    QVERIFY(m_api->publish(u"logged"_s, "pass\n"));
    const HttpAnswer answer = m_api->post(
        u"/v1/executions"_s, R"({"skill":"logged"})",
        {{"X-Request-ID", "req-42"},
         {"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.header("X-Request-ID"), "req-42");
    QTRY_COMPARE(logged(u"request"_s).size(), 1);
    QTRY_COMPARE(logged(u"execution"_s).size(), 1); // on a thread of its own
    const QJsonObject request = logged(u"request"_s).first();
    const QJsonObject run = logged(u"execution"_s).value(0);
    QCOMPARE(request.value("request_id"_L1).toString(), u"req-42"_s);
    QCOMPARE(request.value("route"_L1).toString(), u"/v1/executions"_s);
    QCOMPARE(request.value("trace_id"_L1).toString(), u"0af7651916cd43dd8448eb211c80319c"_s);
    QCOMPARE(run.value("request_id"_L1).toString(), u"req-42"_s);
    QCOMPARE(run.value("trace_id"_L1), request.value("trace_id"_L1));
    QCOMPARE(run.value("actor"_L1), request.value("actor"_L1));
    QCOMPARE(request.value("execution_id"_L1), answer.object().value("execution_id"_L1));
    QCOMPARE(run.value("execution_id"_L1), answer.object().value("execution_id"_L1));
    QCOMPARE(run.value("skill"_L1).toString(), u"logged"_s);
    QCOMPARE(run.value("status"_L1).toString(), u"success"_s);
}

void ApiLogTest::theRequestSaysWhichRunItMade()
{
    QVERIFY(m_api->publish(u"logged"_s, "pass\n"));
    const QList<std::pair<QByteArray, QByteArray>> async{{"Prefer", "respond-async"},
                                                         {"Idempotency-Key", "one"}};
    const QByteArray body = R"({"skill":"logged"})";
    const HttpAnswer first = m_api->post(u"/v1/executions"_s, body, async);
    QCOMPARE(first.status, 202);
    QCOMPARE(m_api->post(u"/v1/executions"_s, body, async).body, first.body); // a replay
    QCOMPARE(m_api->post(u"/v1/executions"_s, "{").status, 400);
    QTRY_COMPARE(logged(u"request"_s).size(), 3);
    const QList<QJsonObject> lines = logged(u"request"_s);
    const QJsonValue id = first.object().value("execution_id"_L1);
    QCOMPARE(lines[0].value("execution_id"_L1), id);
    QCOMPARE(lines[1].value("execution_id"_L1), id);
    QVERIFY(lines[2].value("execution_id"_L1).toString().isEmpty());
}

void ApiLogTest::neverHoldsASecretOrAnInput()
{
    QVERIFY(m_api->publish(u"logged"_s, "print('hidden-output')\n"));
    const QString key = m_api->key(Role::Runner);
    m_api->send({.method = "POST",
                 .target = u"/v1/executions?token=hidden-query"_s,
                 .body = R"({"skill":"logged","input":"hidden-input","env":{"A":"hidden-env"}})",
                 .headers = {{"X-Hidden", "hidden-header"}},
                 .key = key});
    m_api->send({.target = u"/v1/sessions/hidden-session/files/hidden-file"_s, .key = key});
    m_api->send({.target = u"/hidden-path"_s, .key = u"hidden-key"_s});
    QTRY_COMPARE(logged(u"request"_s).size(), 3);
    QTRY_COMPARE(logged(u"execution"_s).size(), 1);
    QFile file(m_file->fileName());
    QVERIFY(file.open(QIODevice::ReadOnly));
    const QByteArray all = file.readAll();
    QVERIFY2(!all.contains("hidden"), all.constData());
    QVERIFY2(!all.contains(key.toUtf8()), all.constData());
}

void ApiLogTest::theTraceReachesTheSkill()
{
    QVERIFY(m_api->publish(u"traced"_s, "import os\nprint(os.environ['TRACEPARENT'])\n"));
    const HttpAnswer answer = m_api->post(
        u"/v1/executions"_s, R"({"skill":"traced"})",
        {{"traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}});
    const QString returned = QString::fromLatin1(answer.header("traceparent"));
    QVERIFY2(returned.startsWith("00-0af7651916cd43dd8448eb211c80319c-"_L1), qPrintable(returned));
    QVERIFY(!returned.contains("b7ad6b7169203331"_L1)); // the caller's span is the caller's
    QCOMPARE(answer.object().value("logs"_L1).toString(), returned + u'\n');
}

void ApiLogTest::aRunOutlivesTheServer()
{
    QVERIFY(m_api->publish(u"slow"_s, "import time\ntime.sleep(0.5)\nprint('done')\n"));
    const std::unique_ptr<QNetworkReply> waiting(m_api->begin(
        {.method = "POST", .target = u"/v1/executions"_s, .body = R"({"skill":"slow"})"}));
    auto &executions = m_api->engine().executions();
    ExecutionId id;
    QTRY_VERIFY_WITH_TIMEOUT(
        !(id = executions.list(localTenant(), {.status = ExecutionStatus::Running})->value(0).id)
             .isEmpty(),
        10'000);
    const std::unique_ptr<QNetworkReply> follower(
        m_api->begin({.target = u"/v1/executions/%1/events"_s.arg(id.value)}));
    QByteArray seen;
    QTRY_VERIFY_WITH_TIMEOUT((seen += follower->readAll()).contains("running"), 10'000);
    m_api->stopServer();
    const auto record = executions.wait(localTenant(), id);
    QVERIFY(record);
    QCOMPARE(record->status, ExecutionStatus::Success);
    QCOMPARE(record->logs, u"done\n"_s);
    QCOMPARE(logged(u"execution"_s).size(), 0); // the log may have gone with the server
}

QTEST_GUILESS_MAIN(ApiLogTest)
#include "test_api_log.moc"
