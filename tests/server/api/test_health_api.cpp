#include "tests/server/api/api_fixture.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;
using namespace skillbox::test;

class HealthApiTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase()
    {
        m_api = ApiFixture::start();
        QVERIFY(m_api);
    }
    void cleanupTestCase() { m_api.reset(); }

    void answersProbesWithoutAKey_data();
    void answersProbesWithoutAKey();
    void readinessNamesEachCheck();
    void isNotReadyOnTheWayOut();
    void versionSaysWhatRuns();
    void metricsCountRequestsAndRuns();
    void metricsAskForTheirOwnKey();

private:
    std::unique_ptr<ApiFixture> m_api;
};

void HealthApiTest::answersProbesWithoutAKey_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QByteArray>("body");
    for (const char *path : {"/health", "/healthz", "/livez"})
        QTest::newRow(path) << QString::fromLatin1(path) << QByteArray("{\"status\":\"ok\"}");
    const QByteArray ready = "{\"status\":\"ready\",\"checks\":"
                             "{\"database\":\"ok\",\"blobs\":\"ok\",\"sandbox\":\"ok\"}}";
    for (const char *path : {"/ready", "/readyz"})
        QTest::newRow(path) << QString::fromLatin1(path) << ready;
}

void HealthApiTest::answersProbesWithoutAKey()
{
    QFETCH(QString, path);
    QFETCH(QByteArray, body);
    const HttpAnswer answer = m_api->send({.target = path, .key = {}});
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.body, body);
    QCOMPARE(answer.header("Content-Type"), "application/json; charset=utf-8");
    const HttpAnswer other = m_api->send({.method = "POST", .target = path, .key = {}});
    QCOMPARE(other.status, 405);
    QCOMPARE(other.error(), u"method_not_allowed"_s);
}

void HealthApiTest::readinessNamesEachCheck()
{
    // A launcher that is not there: no sandbox can be made.
    EngineConfig config;
    config.launcherPath = u"/nowhere/skillbox-sandbox"_s;
    const auto broken = ApiFixture::start({}, config);
    QVERIFY(broken);
    const HttpAnswer answer = broken->send({.target = u"/ready"_s, .key = {}});
    QCOMPARE(answer.status, 503);
    QCOMPARE(answer.error(), u"not_ready"_s);
    const QJsonObject checks = answer.object().value("checks"_L1).toObject();
    QCOMPARE(checks.value("database"_L1).toString(), u"ok"_s);
    QCOMPARE(checks.value("blobs"_L1).toString(), u"ok"_s);
    QVERIFY(checks.value("sandbox"_L1).toString() != u"ok"_s);
    QVERIFY2(!answer.body.contains("/nowhere"), answer.body.constData());
}

void HealthApiTest::isNotReadyOnTheWayOut()
{
    const auto api = ApiFixture::start();
    QVERIFY(api);
    api->api().setDraining();
    QCOMPARE(api->send({.target = u"/ready"_s, .key = {}}).status, 503);
    QCOMPARE(api->send({.target = u"/health"_s, .key = {}}).status, 200);
}

void HealthApiTest::versionSaysWhatRuns()
{
    const HttpAnswer answer = m_api->send({.target = u"/version"_s, .key = {}});
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.object().value("name"_L1).toString(), u"skillbox"_s);
    QVERIFY(!answer.object().value("version"_L1).toString().isEmpty());
    const QJsonObject sandbox = answer.object().value("sandbox"_L1).toObject();
    QCOMPARE(sandbox.value("runtime"_L1).toString(), m_api->engine().sandbox().name());
    QVERIFY(
        (QStringList{u"strong"_s, u"degraded"_s}).contains(sandbox.value("level"_L1).toString()));
}

void HealthApiTest::metricsCountRequestsAndRuns()
{
    const auto api = ApiFixture::start();
    QVERIFY(api);
    QVERIFY(api->publish(u"counted"_s, "raise SystemExit(3)\n"));
    QCOMPARE(api->post(u"/v1/executions"_s, R"({"skill":"counted"})").status, 200);
    QCOMPARE(api->get(u"/no/such/path"_s).status, 404);
    HttpAnswer answer;
    // A run is counted beside its answer, which may be here first.
    QTRY_VERIFY((answer = api->send({.target = u"/metrics"_s, .key = {}}))
                    .body.contains("skillbox_executions_total{"));
    QCOMPARE(answer.status, 200);
    QCOMPARE(answer.header("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
    const QByteArrayList lines = answer.body.split('\n');
    const QList<QByteArray> wanted = {
        "skillbox_http_requests_total{method=\"POST\",route=\"/v1/executions\",status=\"200\"} 1",
        "skillbox_http_requests_total{method=\"GET\",route=\"none\",status=\"404\"} 1",
        "skillbox_executions_total{reason=\"exit_code\",status=\"failed\"} 1",
        "skillbox_execution_duration_seconds_count 1",
        "skillbox_sandbox_start_seconds_count 1",
        "skillbox_executions_running 0",
        "skillbox_executions_queued 0",
    };
    for (const QByteArray &line : wanted)
        QVERIFY2(lines.contains(line), (line + "\nis not in\n" + answer.body).constData());
    for (const char *name : {"process_resident_memory_bytes ", "process_cpu_seconds_total ",
                             "process_open_fds ", "skillbox_http_connections "}) {
        const auto found = std::find_if(lines.begin(), lines.end(), [name](const QByteArray &line) {
            return line.startsWith(name);
        });
        QVERIFY2(found != lines.end(), name);
        QVERIFY2(found->sliced(found->indexOf(' ')).toDouble() > 0, found->constData());
    }
}

void HealthApiTest::metricsAskForTheirOwnKey()
{
    ServerSettings settings;
    settings.metricsKey = "measure-me";
    const auto api = ApiFixture::start(settings);
    QVERIFY(api);
    QCOMPARE(api->send({.target = u"/metrics"_s, .key = {}}).status, 401);
    QCOMPARE(api->send({.target = u"/metrics"_s}).status, 401); // an admin's key is another key
    QCOMPARE(api->send({.target = u"/metrics"_s, .key = u"measure-me"_s}).status, 200);
}

QTEST_GUILESS_MAIN(HealthApiTest)
#include "test_health_api.moc"
