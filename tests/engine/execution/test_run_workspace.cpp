#include "tests/engine/execution/engine_fixture.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;
using namespace skillbox;

/// What a run is given beside its skill, and what it leaves, in the real sandbox.
class RunWorkspaceTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m = std::make_unique<EngineFixture>(QStringLiteral(SKILLBOX_LAUNCHER)); }
    void cleanup() { m.reset(); }

    void inputFilesAreThereToRead();
    void aMissingInputFileRunsNothing_data();
    void aMissingInputFileRunsNothing();
    void tooManyInputFilesAreRefused();
    void runsOfASessionLeaveFilesToEachOther();
    void aSessionIsHidden();
    void sessionsKeepWhatAFailedRunLeft();
    void largeSessionsComeAndGo();
    void aSessionNameMustBeOne();
    void passesTheTraceOn_data();
    void passesTheTraceOn();
    void refusesInputThatDoesNotMatch();
    void aBrokenSchemaIsAWarning();
    void auditsEachRun();
    void artifactsAreFilesAndOutliveThem();

private:
    std::unique_ptr<EngineFixture> m;
};

void RunWorkspaceTest::inputFilesAreThereToRead()
{
    ExecutionRequest request = m->request("import os\n"
                                          "d = os.environ['SANDBOX_INPUT_DIR']\n"
                                          "for n in sorted(os.listdir(d)):\n"
                                          "    print(n, open(d + n).read())\n"
                                          "try:\n"
                                          "    open(d + 'a.csv', 'w')\n"
                                          "except OSError:\n"
                                          "    print('read-only')\n");
    request.inputFiles = {m->upload(u"a.csv"_s, "1").id, m->upload(u"x/a.csv"_s, "2").id,
                          m->upload(u"Maße ü.txt"_s, "3").id};
    const ExecutionRecord record = m->run(request);
    QCOMPARE(record.logs, u"Maße ü.txt 3\na-2.csv 2\na.csv 1\nread-only\n"_s);
    QCOMPARE(record.status, ExecutionStatus::Success);
}

void RunWorkspaceTest::aMissingInputFileRunsNothing_data()
{
    QTest::addColumn<QString>("id");
    QTest::newRow("unknown") << newUuid();
    QTest::newRow("no id") << u"../../etc/passwd"_s;
    QTest::newRow("empty") << u""_s;
}

void RunWorkspaceTest::aMissingInputFileRunsNothing()
{
    QFETCH(QString, id);
    ExecutionRequest request = m->request("print(1)\n");
    request.inputFiles = {m->upload(u"a"_s, "1").id, {id}};
    const auto refused = m->engine->executions().submit(request);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::NotFound);
    QVERIFY(m->engine->executions().list(localTenant(), {}).value().isEmpty());
    // Another tenant's file is as good as none.
    VERIFY_OK(m->engine->metadata().addTenant({u"other"_s}, QDateTime::currentDateTimeUtc()));
    request.inputFiles.removeLast();
    request.tenant = {u"other"_s};
    QCOMPARE(m->engine->executions().submit(request).error().code, ErrorCode::NotFound);
}

void RunWorkspaceTest::tooManyInputFilesAreRefused()
{
    ExecutionRequest request = m->request("import os\nprint(len(os.listdir('/sandbox/input')))\n");
    const FileId id = m->upload(u"a.txt"_s, "1").id;
    request.inputFiles = QList<FileId>(257, id);
    QCOMPARE(m->engine->executions().submit(request).error().code, ErrorCode::BadRequest);
    request.inputFiles = QList<FileId>(256, id);
    const ExecutionRecord record = m->run(request);
    QVERIFY2(record.error.isEmpty(), qPrintable(record.error));
    QCOMPARE(record.logs, u"256\n"_s);
}

void RunWorkspaceTest::runsOfASessionLeaveFilesToEachOther()
{
    m->writeSession(u"work"_s, u"count"_s, "1");
    ExecutionRequest request = m->request("import os\n"
                                          "d = os.environ['SANDBOX_SESSION_DIR']\n"
                                          "n = int(open(d + 'count').read())\n"
                                          "open(d + 'count', 'w').write(str(n * 2))\n"
                                          "os.makedirs(d + 'deep', exist_ok=True)\n"
                                          "open(d + 'deep/%d' % n, 'w')\n"
                                          "print(n)\n");
    request.session = u"work"_s;
    for (const QString &expected : {u"1\n"_s, u"2\n"_s, u"4\n"_s}) {
        const ExecutionRecord record = m->run(request);
        QVERIFY2(record.error.isEmpty(), qPrintable(record.error + record.logs));
        QCOMPARE(record.logs, expected);
        QCOMPARE(record.session, u"work"_s);
    }
    QCOMPARE(m->session(u"work"_s),
             (QMap<QString, QByteArray>{
                 {u"count"_s, "8"}, {u"deep/1"_s, ""}, {u"deep/2"_s, ""}, {u"deep/4"_s, ""}}));
    QCOMPARE(m->engine->executions().list(localTenant(), {.session = u"work"_s})->size(), 3);
    const QDir scratch(m->directory.filePath(u"data/scratch"_s));
    QVERIFY(scratch.exists());
    QVERIFY(scratch.isEmpty(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot));
}

void RunWorkspaceTest::aSessionIsHidden()
{
    m->writeSession(u"work"_s, u"secret"_s, "1");
    const QByteArray script = "import os\n"
                              "print('SANDBOX_SESSION_DIR' in os.environ,\n"
                              "      os.path.exists('/sandbox/session/secret'))\n";
    QCOMPARE(m->run(m->request(script)).logs, u"False False\n"_s);
    ExecutionRequest other = m->request(script);
    other.session = u"other"_s;
    QCOMPARE(m->run(other).logs, u"True False\n"_s);
}

void RunWorkspaceTest::sessionsKeepWhatAFailedRunLeft()
{
    ExecutionRequest request = m->request("import os, sys\n"
                                          "os.chdir(os.environ['SANDBOX_SESSION_DIR'])\n"
                                          "open('half', 'w').write('x')\n"
                                          "os.symlink('/etc/passwd', 'link')\n"
                                          "sys.exit(3)\n");
    request.session = u"work"_s;
    const ExecutionRecord record = m->run(request);
    QCOMPARE(record.exitCode, std::optional(3));
    QCOMPARE(m->session(u"work"_s), (QMap<QString, QByteArray>{{u"half"_s, "x"}}));
    QCOMPARE(record.logs, u"skillbox: warning: \"link\" is left out: it is a symbolic link\n"_s);
}

void RunWorkspaceTest::largeSessionsComeAndGo()
{
    m->writeSession(u"work"_s, u"large"_s, QByteArray(64 << 20, 'x'));
    ExecutionRequest request = m->request("import os\n"
                                          "d = os.environ['SANDBOX_SESSION_DIR']\n"
                                          "print(os.path.getsize(d + 'large'))\n"
                                          "os.rename(d + 'large', d + 'moved')\n");
    request.session = u"work"_s;
    const ExecutionRecord record = m->run(request);
    QVERIFY2(record.error.isEmpty(), qPrintable(record.error + record.logs));
    QCOMPARE(record.logs, u"67108864\n"_s);
    QCOMPARE(m->engine->sessions().files(localTenant(), u"work"_s)->first().path, u"moved"_s);
    QCOMPARE(m->engine->sessions().files(localTenant(), u"work"_s)->first().sizeBytes, 64 << 20);
}

void RunWorkspaceTest::aSessionNameMustBeOne()
{
    ExecutionRequest request = m->request("print(1)\n");
    for (const QString &name : {u"../x"_s, u".."_s, u"a/b"_s, QString(129, u'a')}) {
        request.session = name;
        QCOMPARE(m->engine->executions().submit(request).error().code, ErrorCode::BadRequest);
    }
}

void RunWorkspaceTest::passesTheTraceOn_data()
{
    QTest::addColumn<QString>("trace");
    QTest::addColumn<QString>("seen");
    const QString good = u"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"_s;
    QTest::newRow("good") << good << good;
    QTest::newRow("none") << u""_s << u"None"_s;
    QTest::newRow("nonsense") << u"x\ny"_s << u"None"_s;
}

void RunWorkspaceTest::passesTheTraceOn()
{
    QFETCH(QString, trace);
    QFETCH(QString, seen);
    ExecutionRequest request = m->request("import os\nprint(os.environ.get('TRACEPARENT'))\n");
    request.traceparent = trace;
    QCOMPARE(m->run(request).logs, seen + u'\n');
}

void RunWorkspaceTest::refusesInputThatDoesNotMatch()
{
    const QMap<QString, QByteArray> files{
        {u"schemas/input.json"_s,
         R"({"type":"object","properties":{"n":{"type":"integer"}},"required":["n"]})"}};
    ExecutionRequest request = m->request("print(1)\n", files);
    const auto refused = m->engine->executions().submit(request);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::InvalidInput);
    QCOMPARE(QJsonDocument(refused.error().items).toJson(QJsonDocument::Compact),
             R"([{"message":"must have a member \"n\"","pointer":""}])"_ba);
    QVERIFY(m->engine->executions().list(localTenant(), {}).value().isEmpty());
    request.input = *JsonText::parse(R"({"n":1})");
    QCOMPARE(m->run(request).logs, u"1\n"_s);
}

void RunWorkspaceTest::aBrokenSchemaIsAWarning()
{
    const ExecutionRecord record = m->run(
        m->request("print(1)\n", {{u"schemas/input.json"_s, R"({"type":"text"})"}}));
    QCOMPARE(record.status, ExecutionStatus::Success);
    const QString expected =
        u"skillbox: warning: the input is not checked against schemas/input.json: /type"_s;
    QVERIFY2(record.logs.startsWith(expected), qPrintable(record.logs));
}

void RunWorkspaceTest::auditsEachRun()
{
    ExecutionRequest request = m->request("import sys\nsys.exit(4)\n");
    request.input = *JsonText::parse(R"({"secret":"x"})");
    const ExecutionRecord record = m->run(request);
    const auto audit = m->engine->metadata().listAudit(localTenant(), {});
    VERIFY_OK(audit);
    QCOMPARE(audit->size(), 1);
    const AuditRecord &entry = audit->first();
    QCOMPARE(entry.action, u"execution.finish"_s);
    QCOMPARE(entry.target, record.id.value);
    QCOMPARE(entry.actor, u"tester"_s);
    QCOMPARE(entry.address, u"127.0.0.1"_s);
    QCOMPARE(entry.requestId, u"request-7"_s);
    QCOMPARE(entry.details[u"reason"_s].toString(), u"exit_code"_s);
    QCOMPARE(entry.details[u"digest"_s].toString(), record.skillDigest);
    QCOMPARE(entry.details[u"duration_ms"_s].toInteger(), record.durationMs);
    QVERIFY(!QJsonDocument(entry.details).toJson().contains("secret"));
}

void RunWorkspaceTest::artifactsAreFilesAndOutliveThem()
{
    const ExecutionRecord record = m->run(
        m->request("import os\n"
                   "open(os.environ['SANDBOX_FILES_DIR'] + 'a.csv', 'w').write('1,2')\n"));
    QCOMPARE(record.artifacts.size(), 1);
    const auto files = m->engine->files().list(localTenant(), {.execution = record.id});
    VERIFY_OK(files);
    QCOMPARE(files->size(), 1);
    QCOMPARE(files->first().id, record.artifacts.first().file);
    // Without the file the run still has what it made.
    VERIFY_OK(m->engine->files().remove(localTenant(), files->first().id, {}));
    const auto artifact = m->engine->executions().openArtifact(record.artifacts.first());
    VERIFY_OK(artifact);
    QCOMPARE((*artifact)->readAll(), "1,2"_ba);
}

QTEST_GUILESS_MAIN(RunWorkspaceTest)
#include "test_run_workspace.moc"
