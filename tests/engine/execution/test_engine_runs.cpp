#include "engine/engine.h"
#include "engine/execution/execution_json.h"
#include "tests/support/skill_folder.h"

#include <QElapsedTimer>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <atomic>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace skillbox;

namespace {

/// A script's name that no other program on the machine has, so that its processes can be counted
/// while other tests run theirs.
QString uniqueScript()
{
    return u"main-%1.py"_s.arg(newUuid());
}

/// Host processes that run the script; a sandbox hides the host, not itself from the host.
int processesOf(const QString &script)
{
    int count = 0;
    const QStringList processes = QDir(u"/proc"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot);
    for (const QString &process : processes) {
        QFile file(u"/proc/%1/cmdline"_s.arg(process));
        if (file.open(QIODevice::ReadOnly)
            && file.readAll().contains("/sandbox/scripts/" + script.toUtf8()))
            ++count;
    }
    return count;
}

} // namespace

/// The whole engine with the real sandbox.
class EngineRunsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();

    void runsEachLanguage_data();
    void runsEachLanguage();
    void runsAPublishedSkill();
    void givesBackOutputLogsAndFiles();
    void keepsWhatAFailedRunLeft();
    void aScriptEndedByASignalSaysWhich();
    void endsARunAtItsTimeoutAndKeepsWhatItWrote();
    void cancelKillsTheWholeTree();
    void keepsTheOrderOfBothStreams();
    void cutsALongLogAndSaysSo();
    void endsARunThatFloodsItsLog();
    void largeInputsComeAsAFile();
    void tenAtOnceKeepTheirOwnEnvironmentAndOutput();
    void observersFindTheRecordStored();
    void leavesOutLinksAndSaysSo();
    void aKilledEngineLeavesALostRunAndNoProcess();

private:
    QString skill(const QByteArray &script, const QByteArray &header = {})
    {
        m_script = uniqueScript();
        test::SkillFolder folder{.name = u"skill-%1"_s.arg(++m_skills),
                                 .header = "entrypoint: " + m_script.toUtf8() + '\n' + header};
        folder.script.clear();
        folder.files.insert(m_script, script);
        return folder.write(m_directory->filePath(u"skills"_s));
    }
    static ExecutionRequest requestFor(const QString &folder)
    {
        ExecutionRequest request;
        request.tenant = localTenant();
        request.directory = folder;
        return request;
    }
    ExecutionRecord run(const ExecutionRequest &request, ExecutionObserver observer = {})
    {
        auto &executions = m_engine->executions();
        const auto id = executions.submit(request, std::move(observer));
        if (!id) {
            QTest::qFail(qPrintable(id.error().message), __FILE__, __LINE__);
            return {};
        }
        auto record = executions.wait(localTenant(), *id);
        if (!record) {
            QTest::qFail(qPrintable(record.error().message), __FILE__, __LINE__);
            return {};
        }
        return *record;
    }
    ExecutionRecord run(const QByteArray &script) { return run(requestFor(skill(script))); }
    QByteArray contentOf(const ArtifactRecord &artifact)
    {
        const auto device = m_engine->executions().openArtifact(artifact);
        return device ? (*device)->readAll() : device.error().message.toUtf8();
    }
    bool open()
    {
        EngineConfig config;
        config.dataDirectory = m_directory->filePath(u"data"_s);
        config.launcherPath = QStringLiteral(SKILLBOX_LAUNCHER);
        auto engine = Engine::create(config);
        if (!engine)
            QTest::qFail(qPrintable(engine.error().message), __FILE__, __LINE__);
        m_engine = std::move(engine).value_or(nullptr);
        return m_engine != nullptr;
    }

    std::unique_ptr<QTemporaryDir> m_directory;
    std::unique_ptr<Engine> m_engine;
    QString m_script;
    int m_skills = 0;
};

void EngineRunsTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    m_skills = 0;
    QVERIFY(open());
}

void EngineRunsTest::cleanup()
{
    m_engine.reset();
    m_directory.reset();
}

void EngineRunsTest::runsEachLanguage_data()
{
    QTest::addColumn<QString>("script");
    QTest::addColumn<QByteArray>("code");
    QTest::newRow("python")
        << u"main.py"_s
        << "import os, json\n"
           "text = json.loads(os.environ['SANDBOX_INPUT'])['text']\n"
           "print('hello', text)\n"
           "json.dump({'n': len(text)}, open(os.environ['SANDBOX_OUTPUT'], 'w'))\n"_ba;
    QTest::newRow("node") << u"main.js"_s
                          << "const fs = require('fs');\n"
                             "const text = JSON.parse(process.env.SANDBOX_INPUT).text;\n"
                             "console.log('hello', text);\n"
                             "fs.writeFileSync(process.env.SANDBOX_OUTPUT, "
                             "JSON.stringify({n: text.length}));\n"_ba;
    QTest::newRow("bash") << u"main.sh"_s
                          << "text=${SANDBOX_INPUT#*:\\\"}; text=${text%\\\"*}\n"
                             "echo hello \"$text\"\n"
                             "echo \"{\\\"n\\\": ${#text}}\" >\"$SANDBOX_OUTPUT\"\n"_ba;
}

void EngineRunsTest::runsEachLanguage()
{
    QFETCH(QString, script);
    QFETCH(QByteArray, code);
    test::SkillFolder folder;
    folder.script.clear();
    folder.files.insert(script, code);
    ExecutionRequest request = requestFor(folder.write(m_directory->filePath(u"skills"_s)));
    request.input = *JsonText::parse(R"({"text":"world"})");
    const ExecutionRecord record = run(request);
    QVERIFY2(record.error.isEmpty(), qPrintable(record.error + u'\n' + record.logs));
    QCOMPARE(record.status, ExecutionStatus::Success);
    QCOMPARE(record.logs, u"hello world\n"_s);
    QCOMPARE(record.output.bytes(), R"({"n":5})"_ba);
    QCOMPARE(record.entrypoint, script);
    QVERIFY(!record.sandbox.isEmpty());
    QVERIFY(record.sandbox[u"usage"_s][u"cpu_us"_s].toInteger() > 0);
}

void EngineRunsTest::runsAPublishedSkill()
{
    const QString folder = skill("print('published')\n");
    const auto published = m_engine->registry().publishDirectory(localTenant(), folder, Origin{u"me"_s});
    QVERIFY2(published, published ? "" : qPrintable(published.error().message));
    ExecutionRequest request = requestFor({});
    request.skill = published->record.name;
    const ExecutionRecord record = run(request);
    QCOMPARE(record.status, ExecutionStatus::Success);
    QCOMPARE(record.logs, u"published\n"_s);
    QCOMPARE(record.skillDigest, published->record.digest);
    QCOMPARE(record.skillVersion, published->record.version);
}

void EngineRunsTest::givesBackOutputLogsAndFiles()
{
    const ExecutionRecord record = run("import os\n"
                                       "files = os.environ['SANDBOX_FILES_DIR']\n"
                                       "os.makedirs(files + 'deep/er')\n"
                                       "open(files + 'deep/er/a.csv', 'w').write('1,2')\n"
                                       "open(files + 'ü.bin', 'wb').write(bytes(range(256)))\n"
                                       "open(files + 'locked', 'w').write('x')\n"
                                       "os.chmod(files + 'locked', 0)\n"
                                       "open(os.environ['SANDBOX_OUTPUT'], 'w').write('[1.0]')\n"
                                       "print('done')\n");
    QCOMPARE(record.status, ExecutionStatus::Success);
    QCOMPARE(record.output.bytes(), "[1.0]"_ba);
    QCOMPARE(record.logs, u"done\n"_s);
    QCOMPARE(record.artifacts.size(), 3);
    QCOMPARE(record.artifacts[0].path, u"deep/er/a.csv"_s);
    QCOMPARE(record.artifacts[0].contentType, u"text/csv; charset=utf-8"_s);
    QCOMPARE(contentOf(record.artifacts[0]), "1,2"_ba);
    QCOMPARE(record.artifacts[1].path, u"locked"_s);
    QCOMPARE(contentOf(record.artifacts[1]), "x"_ba);
    QCOMPARE(record.artifacts[2].sizeBytes, 256);
    const QByteArray json = resultJson(record);
    QVERIFY2(json.contains(R"("files_list":["deep/er/a.csv","locked","ü.bin"])"), json.constData());
}

void EngineRunsTest::keepsWhatAFailedRunLeft()
{
    const ExecutionRecord record = run("import os, sys\n"
                                       "open(os.environ['SANDBOX_OUTPUT'], 'w').write('\"why\"')\n"
                                       "open(os.environ['SANDBOX_FILES_DIR'] + 'f', 'w')\n"
                                       "print('bad', file=sys.stderr)\n"
                                       "sys.exit(3)\n");
    QCOMPARE(record.status, ExecutionStatus::Failed);
    QCOMPARE(record.reason, u"exit_code"_s);
    QCOMPARE(record.error, u"command exited with code 3"_s);
    QCOMPARE(record.exitCode, std::optional(3));
    QCOMPARE(record.output.bytes(), "\"why\""_ba);
    QCOMPARE(record.artifacts.size(), 1);
    QCOMPARE(record.logs, u"bad\n"_s);
}

void EngineRunsTest::aScriptEndedByASignalSaysWhich()
{
    const ExecutionRecord record = run("import os, signal\n"
                                       "os.kill(os.getpid(), signal.SIGTERM)\n"
                                       "signal.pause()\n");
    QCOMPARE(record.status, ExecutionStatus::Failed);
    QCOMPARE(record.reason, u"signal"_s);
    QCOMPARE(record.error, u"command was ended by signal 15 (SIGTERM)"_s);
}

void EngineRunsTest::endsARunAtItsTimeoutAndKeepsWhatItWrote()
{
    const QString folder = skill("import os, signal, time\n"
                                 "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                                 "open(os.environ['SANDBOX_OUTPUT'], 'w').write('1')\n"
                                 "open(os.environ['SANDBOX_FILES_DIR'] + 'f', 'w')\n"
                                 "print('half', flush=True)\n"
                                 "time.sleep(1000)\n",
                                 "timeout: 700ms\n");
    QElapsedTimer timer;
    timer.start();
    const ExecutionRecord record = run(requestFor(folder));
    QCOMPARE(record.status, ExecutionStatus::Timeout);
    QCOMPARE(record.reason, u"wall_clock"_s);
    QCOMPARE(record.error, u"execution timed out after 700ms"_s);
    QVERIFY2(record.durationMs >= 700 && timer.elapsed() < 10'000,
             qPrintable(QString::number(record.durationMs)));
    QCOMPARE(record.output.bytes(), "1"_ba);
    QCOMPARE(record.artifacts.size(), 1);
    QCOMPARE(record.logs, u"half\n"_s);
    QCOMPARE(processesOf(m_script), 0);
}

void EngineRunsTest::cancelKillsTheWholeTree()
{
    const QString folder = skill("import os, time\n"
                                 "for i in range(3):\n"
                                 "    if os.fork() == 0:\n"
                                 "        os.setsid()\n"
                                 "        time.sleep(1000)\n"
                                 "print('ready', flush=True)\n"
                                 "time.sleep(1000)\n");
    std::atomic<bool> ready = false;
    const auto id = m_engine->executions().submit(requestFor(folder),
                                                  [&ready](const ExecutionEvent &event) {
                                                      ready = ready
                                                          || event.text.contains(u"ready"_s);
                                                  });
    QVERIFY(id);
    QTRY_VERIFY_WITH_TIMEOUT(ready, 10'000);
    QCOMPARE(processesOf(m_script), 4);
    QVERIFY(m_engine->executions().cancel(localTenant(), *id, {}));
    const auto record = m_engine->executions().wait(localTenant(), *id);
    QVERIFY(record);
    QCOMPARE(record->status, ExecutionStatus::Cancelled);
    QCOMPARE(record->logs, u"ready\n"_s);
    QCOMPARE(processesOf(m_script), 0);
}

void EngineRunsTest::keepsTheOrderOfBothStreams()
{
    // Two pipes have no common order for what is written to both within a moment, hence the pause.
    const ExecutionRecord record = run("import os, time\n"
                                       "for i in range(6):\n"
                                       "    os.write(1 + i % 2, b'line %d\\n' % i)\n"
                                       "    time.sleep(0.1)\n"
                                       "for i in range(6, 100):\n"
                                       "    os.write(1, b'line %d\\n' % i)\n");
    QString expected;
    for (int i = 0; i < 100; ++i)
        expected += u"line %1\n"_s.arg(i);
    QCOMPARE(record.logs, expected);
}

void EngineRunsTest::cutsALongLogAndSaysSo()
{
    const ExecutionRecord record = run("import os\n"
                                       "for i in range(48):\n"
                                       "    os.write(1, b'x' * 32768)\n");
    QCOMPARE(record.status, ExecutionStatus::Success);
    QCOMPARE(record.logs.size(), (1 << 20) + 1 + u"… 524288 bytes dropped\n"_s.size());
    QVERIFY(record.logs.endsWith(u"x\n… 524288 bytes dropped\n"_s));
}

void EngineRunsTest::endsARunThatFloodsItsLog()
{
    const ExecutionRecord record = run("import os\n"
                                       "while True:\n"
                                       "    os.write(1, b'x' * 65536)\n");
    QCOMPARE(record.status, ExecutionStatus::Failed);
    QCOMPARE(record.reason, u"output_too_large"_s);
    QCOMPARE(record.error, u"execution wrote more than 64Mi to its log"_s);
    QVERIFY(record.logs.size() < 2 << 20);
    QCOMPARE(processesOf(m_script), 0);
}

void EngineRunsTest::largeInputsComeAsAFile()
{
    ExecutionRequest request = requestFor(
        skill("import os, json\n"
              "value = json.load(open('/sandbox/input.json'))\n"
              "print('SANDBOX_INPUT' in os.environ, len(value['text']))\n"));
    request.input = *JsonText::parse("{\"text\":\"" + QByteArray(3'000'000, 'a') + "\"}");
    QCOMPARE(run(request).logs, u"False 3000000\n"_s);
}

void EngineRunsTest::tenAtOnceKeepTheirOwnEnvironmentAndOutput()
{
    const QString folder = skill("import os, time\n"
                                 "time.sleep(0.2)\n"
                                 "own = os.environ['OWN']\n"
                                 "print('own', own, os.environ['SANDBOX_INPUT'])\n"
                                 "open(os.environ['SANDBOX_OUTPUT'], 'w').write(own)\n"
                                 "open(os.environ['SANDBOX_FILES_DIR'] + own, 'w').write(own)\n");
    QList<ExecutionId> ids;
    for (int i = 0; i < 10; ++i) {
        ExecutionRequest request = requestFor(folder);
        request.environment = {{u"OWN"_s, QString::number(i)}};
        request.input = *JsonText::parse(QByteArray::number(i * i));
        const auto id = m_engine->executions().submit(request);
        QVERIFY(id);
        ids += *id;
    }
    for (int i = 0; i < 10; ++i) {
        const auto record = m_engine->executions().wait(localTenant(), ids[i]);
        QVERIFY(record);
        QCOMPARE(record->logs, u"own %1 %2\n"_s.arg(i).arg(i * i));
        QCOMPARE(record->output.bytes(), QByteArray::number(i));
        QCOMPARE(record->artifacts.size(), 1);
        QCOMPARE(record->artifacts[0].path, QString::number(i));
        QCOMPARE(contentOf(record->artifacts[0]), QByteArray::number(i));
    }
}

void EngineRunsTest::observersFindTheRecordStored()
{
    std::atomic<int> finals = 0;
    run(requestFor(skill("print(1)\n")), [&](const ExecutionEvent &event) {
        if (event.kind != ExecutionEvent::Kind::Finished)
            return;
        const auto records = m_engine->executions().list(localTenant(), {});
        if (records && records->size() == 1 && records->first().status == ExecutionStatus::Success)
            ++finals;
    });
    QCOMPARE(finals.load(), 1);
}

void EngineRunsTest::leavesOutLinksAndSaysSo()
{
    const ExecutionRecord record = run("import os\n"
                                       "os.chdir(os.environ['SANDBOX_FILES_DIR'])\n"
                                       "os.symlink('/etc/passwd', 'link')\n"
                                       "os.mkfifo('pipe')\n"
                                       "open('good', 'w').write('x')\n"
                                       "print('no newline', end='')\n");
    QCOMPARE(record.artifacts.size(), 1);
    QCOMPARE(record.artifacts[0].path, u"good"_s);
    QStringList lines = record.logs.split(u'\n', Qt::SkipEmptyParts);
    QCOMPARE(lines.takeFirst(), u"no newline"_s);
    lines.sort();
    QCOMPARE(lines,
             (QStringList{u"skillbox: warning: \"link\" is left out: it is a symbolic link"_s,
                          u"skillbox: warning: \"pipe\" is left out: it is a named pipe"_s}));
}

void EngineRunsTest::aKilledEngineLeavesALostRunAndNoProcess()
{
    m_script = uniqueScript();
    test::SkillFolder folder{.header = "entrypoint: " + m_script.toUtf8() + '\n'};
    folder.script.clear();
    folder.files.insert(m_script, "import time\nprint('ready', flush=True)\ntime.sleep(1000)\n");
    QProcess helper;
    helper.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    helper.start(QStringLiteral(SKILLBOX_RUN_HELPER),
                 {QStringLiteral(SKILLBOX_LAUNCHER), m_directory->filePath(u"data"_s),
                  folder.write(m_directory->filePath(u"skills"_s))});
    QByteArray said;
    const auto hasSaid = [&](const char *what) {
        said += helper.readAllStandardOutput();
        return said.contains(what);
    };
    QTRY_VERIFY_WITH_TIMEOUT(hasSaid("ready\n") && hasSaid("id "), 10'000);
    const ExecutionId id{
        QString::fromLatin1(said.sliced(said.indexOf("id ") + 3, newUuid().size()))};
    auto before = m_engine->executions().find(localTenant(), id);
    QVERIFY(before);
    QCOMPARE(before->status, ExecutionStatus::Running);
    QCOMPARE(m_engine->executions().logs(localTenant(), id).value_or(QString()), u"ready\n"_s);
    QCOMPARE(processesOf(m_script), 1);

    helper.kill();
    QVERIFY(helper.waitForFinished());
    QTRY_COMPARE_WITH_TIMEOUT(processesOf(m_script), 0, 5000);
    // The engine that lives on ends the wait; one that starts later finds it ended.
    const auto waited = m_engine->executions().wait(localTenant(), id);
    QVERIFY(waited);
    QCOMPARE(waited->status, ExecutionStatus::Failed);
    QCOMPARE(waited->reason, u"lost"_s);
    QVERIFY(!waited->error.isEmpty());
    QCOMPARE(waited->logs, u"ready\n"_s); // what it had said is not lost with it
    const QDir instances(m_directory->filePath(u"data/instances"_s));
    QCOMPARE(instances.entryList(QDir::Dirs | QDir::NoDotAndDotDot).size(), 1);
    m_engine.reset();
    QVERIFY(instances.isEmpty());
    QVERIFY(open());
    QCOMPARE(m_engine->executions().find(localTenant(), id)->reason, u"lost"_s);
}

QTEST_GUILESS_MAIN(EngineRunsTest)
#include "test_engine_runs.moc"
