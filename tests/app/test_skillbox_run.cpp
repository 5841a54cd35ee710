#include "tests/app/program.h"

#include <QJsonArray>
#include <QJsonObject>
#include <QRegularExpression>
#include <QtTest>

#include <signal.h>

using namespace Qt::StringLiterals;

namespace skillbox::test {

/// Writes its input back, prints a line, and does what the input asks for.
const QByteArray echoSkill = R"(import json, os, sys, time
data = json.loads(os.environ["SANDBOX_INPUT"])
print("hello from the skill", flush=True)
for name, content in data.get("files", {}).items():
    path = os.path.join(os.environ["SANDBOX_FILES_DIR"], name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w") as file:
        file.write(content)
with open(os.environ["SANDBOX_OUTPUT"], "w") as file:
    json.dump({"input": data, "who": os.environ.get("WHO")}, file)
if "complain" in data:
    print(data["complain"], file=sys.stderr, flush=True)
time.sleep(data.get("sleep", 0))
sys.exit(data.get("exit", 0))
)";

class TestSkillboxRun : public QObject
{
    Q_OBJECT

    std::unique_ptr<Sandbox> m_sandbox;

    Finished run(const QString &input, const QStringList &more = {})
    {
        return m_sandbox->run(QStringList{u"run"_s, u"./echo"_s, u"--input"_s, input} + more);
    }

    void compareWithGolden(const QString &name, const QString &text)
    {
        const QString difference = differenceFromGolden(name, normalised(text));
        QVERIFY2(difference.isEmpty(), qPrintable(difference));
    }

    /// A run that is in the middle of sleeping: the skill has said its line.
    std::unique_ptr<QProcess> startSleeping()
    {
        auto process = m_sandbox->start(
            {u"run"_s, u"./echo"_s, u"--input"_s, u"{\"sleep\":50}"_s, u"--follow"_s});
        process->setReadChannel(QProcess::StandardError);
        while (!process->readAllStandardError().contains("hello")) {
            if (!process->waitForReadyRead(20'000) && process->state() != QProcess::Running)
                qFatal("the skill did not start: %s", process->readAll().constData());
        }
        return process;
    }

private Q_SLOTS:
    void init()
    {
        m_sandbox = std::make_unique<Sandbox>();
        m_sandbox->writeSkill(u"echo"_s, u"main.py"_s, echoSkill);
    }

    void showsASuccess()
    {
        const Finished finished = run(u"{\"n\":1.0}"_s);
        QCOMPARE(finished.code, 0);
        QCOMPARE(finished.err, QString());
        compareWithGolden(u"run_success.txt"_s, finished.out);
    }

    void showsAFailureAndWhatToDoNext()
    {
        const Finished finished = run(u"{\"exit\":3,\"complain\":\"no such column\"}"_s);
        QCOMPARE(finished.code, 2);
        compareWithGolden(u"run_failed.txt"_s, finished.out);
    }

    void showsTheEndOfALongLog()
    {
        m_sandbox->writeSkill(u"long"_s, u"main.sh"_s,
                              "for i in $(seq 100); do echo line $i; done; exit 1\n");
        const Finished finished = m_sandbox->run({u"run"_s, u"./long"_s});
        QCOMPARE(finished.code, 2);
        compareWithGolden(u"run_long_log.txt"_s, finished.out);
    }

    void printsTheResultObjectAsOneLine()
    {
        const Finished finished = run(u"{\"n\":1.0,\"big\":12345678901234567890}"_s,
                                      {u"-o"_s, u"json"_s});
        QCOMPARE(finished.code, 0);
        QCOMPARE(finished.err, QString());
        QCOMPARE(finished.out.count(u'\n'), 1);
        compareWithGolden(u"run_success.json"_s, finished.out);
    }

    void endsWithTheCodeOfTheOutcome_data()
    {
        QTest::addColumn<QString>("input");
        QTest::addColumn<QStringList>("options");
        QTest::addColumn<int>("code");
        QTest::newRow("success") << u"{}"_s << QStringList() << 0;
        QTest::newRow("failed") << u"{\"exit\":1}"_s << QStringList() << 2;
        QTest::newRow("failed with a code of ours") << u"{\"exit\":124}"_s << QStringList() << 2;
        QTest::newRow("timed out")
            << u"{\"sleep\":30}"_s << QStringList{u"--timeout"_s, u"300ms"_s} << 124;
        QTest::newRow("input is not JSON") << u"{"_s << QStringList() << 1;
        QTest::newRow("bad duration") << u"{}"_s << QStringList{u"--timeout"_s, u"soon"_s} << 1;
        QTest::newRow("bad assignment") << u"{}"_s << QStringList{u"--env"_s, u"NOVALUE"_s} << 1;
        QTest::newRow("version of a folder")
            << u"{}"_s << QStringList{u"--version"_s, u"1.0.0"_s} << 1;
        QTest::newRow("no such script")
            << u"{}"_s << QStringList{u"--entrypoint"_s, u"none.py"_s} << 1;
        QTest::newRow("variable that is not allowed")
            << u"{}"_s << QStringList{u"--env"_s, u"LD_PRELOAD=x"_s} << 2;
        QTest::newRow("file in the way of the folder")
            << u"{}"_s << QStringList{u"--download"_s, u"echo/main.py"_s} << 1;
    }
    void endsWithTheCodeOfTheOutcome()
    {
        QFETCH(QString, input);
        QFETCH(QStringList, options);
        QFETCH(int, code);
        const Finished finished = run(input, options);
        QVERIFY2(finished.code == code, qPrintable(finished.all()));
        if (code == 1) {
            QCOMPARE(finished.out, QString());
            QVERIFY2(finished.err.startsWith(u"Error: "_s), qPrintable(finished.err));
        }
    }

    void tellsATimeout()
    {
        const Finished finished = run(u"{\"sleep\":30}"_s,
                                      {u"--timeout"_s, u"300ms"_s, u"-o"_s, u"json"_s});
        QCOMPARE(finished.code, 124);
        QCOMPARE(finished.json()[u"status"_s], QJsonValue(u"timeout"_s));
        QCOMPARE(finished.json()[u"error"_s], QJsonValue(u"execution timed out after 300ms"_s));
        // What was written before the end is kept.
        QCOMPARE(finished.json()[u"output"_s][u"input"_s][u"sleep"_s], QJsonValue(30));
        QCOMPARE(finished.json()[u"logs"_s], QJsonValue(u"hello from the skill\n"_s));
    }

    void takesInputFromStandardInputAndFiles()
    {
        const QStringList command{u"run"_s, u"./echo"_s, u"-o"_s, u"json"_s, u"-i"_s};
        QCOMPARE(m_sandbox->run(command + QStringList{u"-"_s}, "{\"a\": 1}")
                     .json()[u"output"_s][u"input"_s],
                 QJsonValue(QJsonObject{{u"a"_s, 1}}));
        m_sandbox->write(u"in put.json"_s, "{\"b\": 2}");
        QCOMPARE(m_sandbox->run(command + QStringList{u"@in put.json"_s})
                     .json()[u"output"_s][u"input"_s],
                 QJsonValue(QJsonObject{{u"b"_s, 2}}));
        const Finished missing = m_sandbox->run(command + QStringList{u"@none.json"_s});
        QCOMPARE(missing.code, 1);
        QCOMPARE(missing.err, u"Error: there is no input file 'none.json'\n"_s);
        const Finished empty = m_sandbox->run(command + QStringList{u"-"_s});
        QCOMPARE(empty.code, 1);
        QCOMPARE(
            empty.err,
            u"Error: the input from standard input is empty where a JSON value is expected\n"_s);
    }

    void followsTheLogOnStandardError()
    {
        const Finished finished = run(u"{\"complain\":\"careful\"}"_s,
                                      {u"--follow"_s, u"-o"_s, u"json"_s});
        QCOMPARE(finished.code, 0);
        QCOMPARE(finished.err, u"hello from the skill\ncareful\n"_s);
        QCOMPARE(finished.json()[u"status"_s], QJsonValue(u"success"_s));
    }

    void choosesBetweenFolderAndPublishedSkill()
    {
        // A folder's bare name, as long as nothing of that name is published.
        QCOMPARE(m_sandbox->run({u"run"_s, u"echo"_s}).code, 0);
        QCOMPARE(m_sandbox->run({u"skill"_s, u"push"_s, u"./echo"_s}).code, 0);
        const Finished published = m_sandbox->run({u"run"_s, u"echo"_s});
        QCOMPARE(published.code, 0);
        QCOMPARE(
            published.err,
            u"Note: running the published skill echo; for the folder of that name write ./echo\n"_s);
        m_sandbox->write(u"echo/main.py"_s, "import sys; sys.exit(9)\n");
        QCOMPARE(m_sandbox->run({u"run"_s, u"echo"_s}).code, 0);
        QCOMPARE(m_sandbox->run({u"run"_s, u"./echo"_s}).code, 2);
        const Finished missing = m_sandbox->run({u"run"_s, u"./none"_s});
        QCOMPARE(missing.code, 1);
        QCOMPARE(missing.err, u"Error: there is no folder './none'\n"_s);
    }

    void aFolderNeverStandsInForAPublishedSkill()
    {
        m_sandbox->writeSkill(u"twin"_s, u"main.py"_s, "print('published')\n");
        QCOMPARE(m_sandbox->run({u"skill"_s, u"push"_s, u"./twin"_s}).code, 0);
        const Finished version = m_sandbox->run(
            {u"run"_s, u"twin"_s, u"--version"_s, u"1.0.0"_s, u"-o"_s, u"json"_s});
        QVERIFY2(version.code == 0, qPrintable(version.err));
        // Not although there is a folder, either, when the skill may not be used.
        QCOMPARE(m_sandbox->run({u"skill"_s, u"yank"_s, u"twin"_s, u"1.0.0"_s}).code, 0);
        const Finished yanked = m_sandbox->run({u"run"_s, u"twin"_s});
        QCOMPARE(yanked.code, 1);
        QVERIFY2(yanked.err.contains(u"yanked"_s), qPrintable(yanked.err));
    }

    void savesFilesBelowTheFolderOnly()
    {
        const Finished finished = run(u"{\"files\":{\"a.txt\":\"one\",\"sub/b.txt\":\"two\"}}"_s,
                                      {u"--download"_s, u"out/deep"_s});
        QCOMPARE(finished.code, 0);
        QCOMPARE(m_sandbox->read(u"out/deep/a.txt"_s), QByteArray("one"));
        QCOMPARE(m_sandbox->read(u"out/deep/sub/b.txt"_s), QByteArray("two"));
        compareWithGolden(u"run_download.txt"_s, finished.out);

        // A link inside the folder must not lead the files out of it.
        QVERIFY(QDir().mkpath(m_sandbox->path(u"elsewhere"_s)));
        QVERIFY(QDir().mkpath(m_sandbox->path(u"linked"_s)));
        QVERIFY(QFile::link(m_sandbox->path(u"elsewhere"_s), m_sandbox->path(u"linked/sub"_s)));
        const Finished refused = run(u"{\"files\":{\"sub/b.txt\":\"two\"}}"_s,
                                     {u"--download"_s, u"linked"_s});
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.contains(u"cannot save below 'sub'"_s), qPrintable(refused.err));
        QVERIFY(QDir(m_sandbox->path(u"elsewhere"_s)).isEmpty());
    }

    void replacesOnlyWhatIsNotLost()
    {
        const auto saveA = [this](const QString &content, const QStringList &more = {}) {
            return run(u"{\"files\":{\"a.txt\":\"%1\",\"z.txt\":\"z\"}}"_s.arg(content),
                       QStringList{u"--download"_s, u"out"_s} + more);
        };
        QCOMPARE(saveA(u"first"_s).code, 0);
        // The store still has the first one.
        QCOMPARE(saveA(u"second"_s).code, 0);
        QCOMPARE(m_sandbox->read(u"out/a.txt"_s), QByteArray("second"));

        m_sandbox->write(u"out/a.txt"_s, "written by hand");
        QVERIFY(QFile::remove(m_sandbox->path(u"out/z.txt"_s)));
        const Finished refused = saveA(u"third"_s);
        QCOMPARE(refused.code, 1);
        QVERIFY2(refused.err.contains(u"out/a.txt"_s)
                     && refused.err.contains(u"skillbox exec download"_s),
                 qPrintable(refused.err));
        QCOMPARE(m_sandbox->read(u"out/a.txt"_s), QByteArray("written by hand"));
        QVERIFY(!QFile::exists(m_sandbox->path(u"out/z.txt"_s)));

        QCOMPARE(saveA(u"fourth"_s, {u"--overwrite"_s}).code, 0);
        QCOMPARE(m_sandbox->read(u"out/a.txt"_s), QByteArray("fourth"));
        QCOMPARE(QDir(m_sandbox->path(u"out"_s))
                     .entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 (QStringList{u"a.txt"_s, u"z.txt"_s}));
    }

    void aSignalCancelsTheRun_data()
    {
        QTest::addColumn<int>("signal");
        QTest::newRow("SIGINT") << SIGINT;
        QTest::newRow("SIGTERM") << SIGTERM;
        QTest::newRow("SIGHUP") << SIGHUP;
    }
    void aSignalCancelsTheRun()
    {
        QFETCH(int, signal);
        const auto process = startSleeping();
        QCOMPARE(::kill(static_cast<pid_t>(process->processId()), signal), 0);
        const Finished finished = Sandbox::finish(*process);
        QCOMPARE(finished.code, 130);
        QVERIFY2(finished.out.contains(u"was cancelled after"_s), qPrintable(finished.all()));
        QCOMPARE(m_sandbox->run({u"exec"_s, u"show"_s, u"last"_s, u"-o"_s, u"json"_s})
                     .json()[u"status"_s],
                 QJsonValue(u"cancelled"_s));
    }

    void aReaderThatGoesAwayIsNoError()
    {
        QProcess shell;
        shell.setProcessEnvironment(m_sandbox->environment());
        shell.setWorkingDirectory(m_sandbox->path({}));
        shell.start(u"bash"_s,
                    {u"-c"_s,
                     u"'%1' run ./echo | true; echo ${PIPESTATUS[0]}"_s.arg(
                         QStringLiteral(SKILLBOX_PROGRAM))});
        const Finished finished = Sandbox::finish(shell);
        QCOMPARE(finished.err, QString());
        QCOMPARE(finished.out, u"0\n"_s);
    }

    void tenAtOnceKeepTheirOwn()
    {
        std::vector<std::unique_ptr<QProcess>> processes;
        for (int i = 0; i < 10; ++i) {
            processes.push_back(m_sandbox->start(
                {u"run"_s, u"./echo"_s, u"-o"_s, u"json"_s, u"--env"_s, u"WHO=number %1"_s.arg(i),
                 u"--input"_s, u"{\"n\":%1,\"sleep\":0.3}"_s.arg(i)}));
        }
        QSet<QString> ids;
        for (int i = 0; i < 10; ++i) {
            const Finished finished = Sandbox::finish(*processes[static_cast<size_t>(i)]);
            QVERIFY2(finished.code == 0, qPrintable(finished.all()));
            const QJsonValue output = finished.json()[u"output"_s];
            QCOMPARE(output[u"who"_s], QJsonValue(u"number %1"_s.arg(i)));
            QCOMPARE(output[u"input"_s][u"n"_s], QJsonValue(i));
            ids.insert(finished.json()[u"execution_id"_s].toString());
        }
        QCOMPARE(ids.size(), 10);
        QCOMPARE(m_sandbox->run({u"exec"_s, u"list"_s, u"-o"_s, u"json"_s}).json().toArray().size(),
                 10);
    }
};

} // namespace skillbox::test

QTEST_GUILESS_MAIN(skillbox::test::TestSkillboxRun)
#include "test_skillbox_run.moc"
