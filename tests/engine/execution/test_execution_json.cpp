#include "engine/execution/execution_json.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

ExecutionRecord finished()
{
    ExecutionRecord record;
    record.id = {u"6a2f41a3-c54c-4a8e-8b4f-2f4e0c9d1a11"_s};
    record.tenant = localTenant();
    record.skillName = u"word-counter"_s;
    record.skillVersion = u"1.0.0"_s;
    record.status = ExecutionStatus::Success;
    record.input = *JsonText::parse(R"({"n":1.0})");
    record.durationMs = 42;
    record.createdAt = QDateTime(QDate(2026, 1, 2), QTime(3, 4, 5, 6), Qt::UTC);
    record.finishedAt = record.createdAt.addMSecs(50);
    return record;
}

} // namespace

class ExecutionJsonTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void leavesOutWhatThereIsNot();
    void hasEveryFieldInOrder();
    void passesNumbersThroughUnchanged();
    void showsErrorAndReasonOfAFailedRun();
    void escapesLogs();
    void recordAddsWhoWhatAndWhen();
    void runningRecordHasNoEnd();
    void outputNullIsAnOutput();
};

void ExecutionJsonTest::leavesOutWhatThereIsNot()
{
    QCOMPARE(resultJson(finished()),
             R"({"execution_id":"6a2f41a3-c54c-4a8e-8b4f-2f4e0c9d1a11","status":"success",)"
             R"("duration_ms":42,"error":null})"_ba);
}

void ExecutionJsonTest::hasEveryFieldInOrder()
{
    ExecutionRecord record = finished();
    record.output = *JsonText::parse(R"({"words":3})");
    record.artifacts.resize(2);
    record.artifacts[0].path = u"a/chart.png"_s;
    record.artifacts[1].path = u"ü.txt"_s;
    record.logs = u"hello\n"_s;
    record.exitCode = 0;
    record.skillDigest = u"sha256:ab"_s;
    record.sandbox = QJsonObject{{u"backend"_s, u"native"_s}};
    QCOMPARE(resultJson(record),
             R"({"execution_id":"6a2f41a3-c54c-4a8e-8b4f-2f4e0c9d1a11","status":"success",)"
             R"("output":{"words":3},"files_list":["a/chart.png","ü.txt"],"logs":"hello\n",)"
             R"("duration_ms":42,"error":null,"exit_code":0,"skill_digest":"sha256:ab",)"
             R"("sandbox":{"backend":"native"}})"_ba);
}

void ExecutionJsonTest::passesNumbersThroughUnchanged()
{
    ExecutionRecord record = finished();
    record.output = *JsonText::parse("[1.0,1e300,123456789012345678901234567890,\"\\u0000\"]");
    const QByteArray expected = R"("output":[1.0,1e300,123456789012345678901234567890,"\u0000"],)";
    QVERIFY(resultJson(record).contains(expected));
}

void ExecutionJsonTest::showsErrorAndReasonOfAFailedRun()
{
    ExecutionRecord record = finished();
    record.status = ExecutionStatus::Failed;
    record.error = u"command exited with code 7"_s;
    record.reason = u"exit_code"_s;
    record.exitCode = 7;
    const QByteArray expected =
        R"("error":"command exited with code 7","reason":"exit_code","exit_code":7})";
    QVERIFY(resultJson(record).endsWith(expected));
}

void ExecutionJsonTest::escapesLogs()
{
    ExecutionRecord record = finished();
    record.logs = u"\"q\" \\ \n\t\x1b[1m </script> 😀"_s;
    const QByteArray json = resultJson(record);
    const QByteArray expected = R"("logs":"\"q\" \\ \n\t\u001B[1m </script> 😀")";
    QVERIFY2(json.contains(expected), json.constData());
    QCOMPARE(QJsonDocument::fromJson(json)[u"logs"_s].toString(), record.logs);
    QVERIFY(!json.contains('\n'));
}

void ExecutionJsonTest::recordAddsWhoWhatAndWhen()
{
    QCOMPARE(executionJson(finished()),
             R"({"execution_id":"6a2f41a3-c54c-4a8e-8b4f-2f4e0c9d1a11","status":"success",)"
             R"("duration_ms":42,"error":null,"skill_name":"word-counter",)"
             R"("skill_version":"1.0.0","tenant_id":"local","input":{"n":1.0},)"
             R"("created_at":"2026-01-02T03:04:05.006Z",)"
             R"("finished_at":"2026-01-02T03:04:05.056Z"})"_ba);
}

void ExecutionJsonTest::runningRecordHasNoEnd()
{
    ExecutionRecord record = finished();
    record.status = ExecutionStatus::Running;
    record.finishedAt = {};
    const QByteArray json = executionJson(record);
    QVERIFY(json.contains("\"status\":\"running\""));
    QVERIFY(!json.contains("finished_at"));
    QVERIFY(json.contains("\"error\":null"));
}

void ExecutionJsonTest::outputNullIsAnOutput()
{
    ExecutionRecord record = finished();
    record.output = *JsonText::parse("null");
    QVERIFY(resultJson(record).contains("\"output\":null,"));
}

QTEST_GUILESS_MAIN(ExecutionJsonTest)
#include "test_execution_json.moc"
