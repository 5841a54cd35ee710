#include "tests/engine/execution/engine_fixture.h"

#include <QElapsedTimer>
#include <QJsonDocument>

#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace skillbox;

class SessionShellTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m = std::make_unique<EngineFixture>(QStringLiteral(SKILLBOX_LAUNCHER)); }
    void cleanup() { m.reset(); }

    void keepsTheStreamsAndTheExitCodeApart();
    void hasTheLanguagesOnItsPath();
    void commandsShareTheSessionsFiles();
    void runsWhereItIsTold_data();
    void runsWhereItIsTold();
    void refusesBadQuestions_data();
    void refusesBadQuestions();
    void endsAtItsTimeoutAndKeepsTheFiles();
    void cutsWhatACommandSays();
    void reportsASignalAsAShellDoes();
    void isAuditedAndNoExecution();
    void closingStopsACommand();

private:
    Result<ShellResult> execute(const QString &command, const QString &workdir = {},
                                std::chrono::milliseconds timeout = {})
    {
        return m->engine->shell().execute(localTenant(), u"s"_s, command, workdir, timeout,
                                          {u"tester"_s});
    }
    std::unique_ptr<EngineFixture> m;
};

void SessionShellTest::keepsTheStreamsAndTheExitCodeApart()
{
    const auto result = execute(u"echo out 'ü $x'; echo err >&2; printf '\\xff'; exit 3"_s);
    VERIFY_OK(result);
    QCOMPARE(result->standardOutput, u"out ü $x\n\ufffd"_s);
    QCOMPARE(result->standardError, u"err\n"_s);
    QCOMPARE(result->exitCode, 3);
    QVERIFY(!result->timedOut);
    QVERIFY(result->message.isEmpty());
}

void SessionShellTest::hasTheLanguagesOnItsPath()
{
    const auto result = execute(u"python3 -c 'print(6 * 7)' && node -p '6 * 7'"_s);
    VERIFY_OK(result);
    QCOMPARE(result->standardOutput, u"42\n42\n"_s);
    QCOMPARE(result->standardError, QString());
}

void SessionShellTest::commandsShareTheSessionsFiles()
{
    m->writeSession(u"s"_s, u"a"_s, "1");
    VERIFY_OK(execute(u"cat a; echo 2 >b; mkdir c; echo '#!/bin/sh' >c/tool; chmod +x c/tool"_s));
    const auto result = execute(u"cat b; test -x c/tool; echo $?; rm a"_s);
    VERIFY_OK(result);
    QCOMPARE(result->standardOutput, u"2\n0\n"_s);
    QCOMPARE(m->session(u"s"_s).keys(), (QStringList{u"b"_s, u"c/tool"_s}));
}

void SessionShellTest::runsWhereItIsTold_data()
{
    QTest::addColumn<QString>("workdir");
    QTest::addColumn<QString>("expected");
    QTest::newRow("none") << u""_s << u"/sandbox/session"_s;
    QTest::newRow("root") << u"/sandbox/session"_s << u"/sandbox/session"_s;
    QTest::newRow("relative") << u"deep/er"_s << u"/sandbox/session/deep/er"_s;
    QTest::newRow("absolute") << u"/sandbox/session/deep"_s << u"/sandbox/session/deep"_s;
    QTest::newRow("looks like an option") << u"-x"_s << u"/sandbox/session/-x"_s;
}

void SessionShellTest::runsWhereItIsTold()
{
    QFETCH(QString, workdir);
    QFETCH(QString, expected);
    m->writeSession(u"s"_s, u"deep/er/a"_s, "1");
    m->writeSession(u"s"_s, u"-x/a"_s, "1");
    const auto result = execute(u"pwd"_s, workdir);
    VERIFY_OK(result);
    QCOMPARE(result->standardOutput, expected + u'\n');
}

void SessionShellTest::refusesBadQuestions_data()
{
    QTest::addColumn<QString>("command");
    QTest::addColumn<QString>("workdir");
    QTest::newRow("nothing") << u"  "_s << u""_s;
    QTest::newRow("NUL") << u"echo"_s + QChar(u'\0') << u""_s;
    QTest::newRow("too long") << QString((1 << 20) + 1, u'#') << u""_s;
    QTest::newRow("elsewhere") << u"pwd"_s << u"/etc"_s;
    QTest::newRow("beside") << u"pwd"_s << u"/sandbox/session2"_s;
    QTest::newRow("parent") << u"pwd"_s << u"a/../../out"_s;
}

void SessionShellTest::refusesBadQuestions()
{
    QFETCH(QString, command);
    QFETCH(QString, workdir);
    const auto refused = execute(command, workdir);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::BadRequest);
    const auto missing = execute(u"pwd"_s, u"not/there"_s);
    VERIFY_OK(missing);
    QCOMPARE(missing->exitCode, 1);
    QVERIFY(missing->standardError.contains(u"not/there"_s));
}

void SessionShellTest::endsAtItsTimeoutAndKeepsTheFiles()
{
    QElapsedTimer timer;
    timer.start();
    const auto result = execute(u"echo half >a; echo begun; sleep 1000"_s, {}, 500ms);
    VERIFY_OK(result);
    QVERIFY(result->timedOut);
    QCOMPARE(result->exitCode, 124);
    QCOMPARE(result->standardOutput, u"begun\n"_s);
    QCOMPARE(result->message, u"execution timed out after 500ms"_s);
    QVERIFY(timer.elapsed() < 20'000);
    QCOMPARE(m->session(u"s"_s).value(u"a"_s), "half\n"_ba);
}

void SessionShellTest::cutsWhatACommandSays()
{
    const auto result = execute(u"head -c 3000000 /dev/zero | tr '\\0' x; echo end >&2"_s);
    VERIFY_OK(result);
    QCOMPARE(result->exitCode, 0);
    QVERIFY(result->standardOutput.size() < (1 << 20) + 100);
    QVERIFY(result->standardOutput.endsWith(u"… 1951424 bytes dropped\n"_s));
    QCOMPARE(result->standardError, u"end\n"_s);
}

void SessionShellTest::reportsASignalAsAShellDoes()
{
    const auto result = execute(u"kill -TERM $$"_s);
    VERIFY_OK(result);
    QCOMPARE(result->exitCode, 143);
    QCOMPARE(result->message, u"command was ended by signal 15 (SIGTERM)"_s);
}

void SessionShellTest::isAuditedAndNoExecution()
{
    VERIFY_OK(execute(u"echo my-secret; exit 2"_s));
    QVERIFY(m->engine->executions().list(localTenant(), {}).value().isEmpty());
    const auto audit = m->engine->metadata().listAudit(localTenant(), {});
    VERIFY_OK(audit);
    QCOMPARE(audit->size(), 1);
    QCOMPARE(audit->first().action, u"session.execute"_s);
    QCOMPARE(audit->first().actor, u"tester"_s);
    QCOMPARE(audit->first().target, u"s"_s);
    QCOMPARE(audit->first().details[u"exit_code"_s].toInt(), 2);
    QVERIFY(!QJsonDocument(audit->first().details).toJson().contains("my-secret"));
}

void SessionShellTest::closingStopsACommand()
{
    Result<ShellResult> result;
    QElapsedTimer timer;
    timer.start();
    {
        std::jthread command([&] { result = execute(u"echo begun >a; sleep 1000"_s, {}, 60s); });
        QTest::qWait(300); // whether it has begun or not: it must end either way
        m->engine->shell().close();
    }
    QVERIFY(timer.elapsed() < 30'000);
    QVERIFY(!result || result->exitCode != 0);
    QCOMPARE(execute(u"true"_s).error().code, ErrorCode::Busy);
}

QTEST_GUILESS_MAIN(SessionShellTest)
#include "test_session_shell.moc"
