#include "engine/access/access_service.h"
#include "server/observability/json_log.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryFile>
#include <QTest>

#include <thread>
#include <vector>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

RequestSummary someRequest()
{
    RequestSummary request;
    request.method = "GET";
    request.path = u"/v1/executions/11111111-2222-4333-8444-555555555555/files/private name"_s;
    request.routePattern = u"/v1/executions/{id}/files/{path...}"_s;
    request.status = 200;
    request.requestBytes = 7;
    request.responseBytes = 1234;
    request.duration = std::chrono::microseconds(1500);
    request.requestId = u"req-1"_s;
    request.trace.traceId = "0af7651916cd43dd8448eb211c80319c";
    request.trace.spanId = "b7ad6b7169203331";
    request.peer = u"127.0.0.1"_s;
    request.identity = Caller{.tenant = {u"acme"_s}, .key = {u"key-1"_s}, .name = u"name"_s};
    return request;
}

} // namespace

class ServerLogTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();

    void aRequestIsOneLineOfJson();
    void aRunIsOneLineOfJson();
    void namesNoPathThatAClientMadeUp();
    void levelsLeaveOutWhatIsBelow();
    void textIsOneVisibleLine();
    void linesOfSeveralThreadsDoNotMix();
    void namesOfLevelsAndFormats();

private:
    ServerLog log(LogFormat format, LogLevel level = LogLevel::Info)
    {
        return ServerLog({.format = format, .level = level, .descriptor = m_file->handle()});
    }
    QByteArrayList lines()
    {
        m_file->seek(0);
        QByteArrayList all = m_file->readAll().split('\n');
        if (all.takeLast() != QByteArray()) // each line has its end
            return {"a part of a line"};
        return all;
    }
    std::unique_ptr<QTemporaryFile> m_file;
};

void ServerLogTest::init()
{
    m_file = std::make_unique<QTemporaryFile>();
    QVERIFY(m_file->open());
}

void ServerLogTest::aRequestIsOneLineOfJson()
{
    log(LogFormat::Json).request(someRequest());
    QCOMPARE(lines().size(), 1);
    const QJsonObject line = QJsonDocument::fromJson(lines().first()).object();
    QVERIFY(QDateTime::fromString(line.value("time"_L1).toString(), Qt::ISODateWithMs).isValid());
    QCOMPARE(line.value("level"_L1).toString(), u"info"_s);
    QCOMPARE(line.value("event"_L1).toString(), u"request"_s);
    QCOMPARE(line.value("method"_L1).toString(), u"GET"_s);
    QCOMPARE(line.value("route"_L1).toString(), u"/v1/executions/{id}/files/{path...}"_s);
    QCOMPARE(line.value("status"_L1).toInt(), 200);
    QCOMPARE(line.value("duration_ms"_L1).toDouble(), 1.5);
    QCOMPARE(line.value("request_bytes"_L1).toInt(), 7);
    QCOMPARE(line.value("response_bytes"_L1).toInt(), 1234);
    QCOMPARE(line.value("tenant"_L1).toString(), u"acme"_s);
    QCOMPARE(line.value("actor"_L1).toString(), u"key-1"_s);
    QCOMPARE(line.value("request_id"_L1).toString(), u"req-1"_s);
    QCOMPARE(line.value("trace_id"_L1).toString(), u"0af7651916cd43dd8448eb211c80319c"_s);
    QCOMPARE(line.value("execution_id"_L1).toString(), u"11111111-2222-4333-8444-555555555555"_s);
}

void ServerLogTest::aRunIsOneLineOfJson()
{
    RunLogEntry run;
    run.id = {u"11111111-2222-4333-8444-555555555555"_s};
    run.tenant = {u"acme"_s};
    run.skill = u"a \"quoted\" name"_s;
    run.status = ExecutionStatus::Failed;
    run.reason = u"exit_code"_s;
    run.exitCode = 3;
    run.duration = std::chrono::milliseconds(42);
    run.requestId = u"req-1"_s;
    log(LogFormat::Json).run(run);
    const QJsonObject line = QJsonDocument::fromJson(lines().first()).object();
    QCOMPARE(line.value("event"_L1).toString(), u"execution"_s);
    QCOMPARE(line.value("skill"_L1).toString(), run.skill);
    QCOMPARE(line.value("status"_L1).toString(), u"failed"_s);
    QCOMPARE(line.value("exit_code"_L1).toInt(), 3);
    QCOMPARE(line.value("duration_ms"_L1).toInt(), 42);
    QCOMPARE(line.value("request_id"_L1).toString(), u"req-1"_s);
}

void ServerLogTest::namesNoPathThatAClientMadeUp()
{
    RequestSummary request = someRequest();
    log(LogFormat::Json).request(request);
    log(LogFormat::Text).request(request);
    request.routePattern.clear();
    request.path = u"/private name"_s;
    log(LogFormat::Json).request(request);
    log(LogFormat::Text).request(request);
    const QByteArrayList all = lines();
    QCOMPARE(all.size(), 4);
    for (const QByteArray &line : all)
        QVERIFY2(!line.contains("private"), line.constData());
}

void ServerLogTest::levelsLeaveOutWhatIsBelow()
{
    ServerLog quiet = log(LogFormat::Json, LogLevel::Error);
    quiet.request(someRequest());
    quiet.message(LogLevel::Warning, u"source"_s, u"not this"_s);
    QCOMPARE(lines().size(), 0);
    RequestSummary broken = someRequest();
    broken.status = 503;
    quiet.request(broken);
    QCOMPARE(QJsonDocument::fromJson(lines().value(0)).object().value("level"_L1).toString(),
             u"error"_s);
}

void ServerLogTest::textIsOneVisibleLine()
{
    log(LogFormat::Text)
        .message(LogLevel::Warning, u"skillbox.api"_s, u"two\nlines and \x1b[31mred"_s);
    const QByteArrayList all = lines();
    QCOMPARE(all.size(), 1);
    QVERIFY(!all.first().contains('\x1b'));
    QVERIFY2(all.first().contains("WARNING"), all.first().constData());
    QVERIFY2(all.first().endsWith("source=skillbox.api"), all.first().constData());
}

void ServerLogTest::linesOfSeveralThreadsDoNotMix()
{
    ServerLog shared = log(LogFormat::Json);
    constexpr int perThread = 200;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                for (int n = 0; n < perThread; ++n)
                    shared.request(someRequest());
            });
        }
    }
    const QByteArrayList all = lines();
    QCOMPARE(all.size(), 4 * perThread);
    for (const QByteArray &line : all)
        QVERIFY2(QJsonDocument::fromJson(line).isObject(), line.constData());
}

void ServerLogTest::namesOfLevelsAndFormats()
{
    QCOMPARE(logLevelFromName(u"INFO"), std::optional(LogLevel::Info));
    QCOMPARE(logLevelFromName(u"warn"), std::optional(LogLevel::Warning));
    QVERIFY(!logLevelFromName(u"loud"));
    QCOMPARE(logFormatFromName(u"text"), std::optional(LogFormat::Text));
    QVERIFY(!logFormatFromName(u"xml"));
}

QTEST_GUILESS_MAIN(ServerLogTest)
#include "test_server_log.moc"
