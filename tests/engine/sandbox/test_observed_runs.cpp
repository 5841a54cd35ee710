// Observed runs: the sandbox counts what it refuses, answers as in any other run, and nobody but
// the run itself pays for it.

#include "engine/sandbox/native/native_runtime.h"

#include <QFile>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace skillbox;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

class Text final : public OutputSink
{
public:
    void write(LogStreamKind, QByteArrayView bytes) override { text.append(bytes); }
    QByteArray text;
};

qint64 countOf(const Outcome &outcome, const QString &call, const QString &detail = {})
{
    for (const RefusedCall &refused : outcome.refused) {
        if (refused.call == call && refused.detail == detail)
            return refused.count;
    }
    return 0;
}

/// Prints what each of many calls answers; all of them are refused, with arguments or without.
constexpr auto askEverything = R"(
import ctypes, errno, socket
libc = ctypes.CDLL(None, use_errno=True)
def ask(name, *arguments):
    ctypes.set_errno(0)
    libc.syscall(*[ctypes.c_long(a) for a in arguments])
    print(name, errno.errorcode.get(ctypes.get_errno(), 'no error'))
for family in (2, 10, 16, 17, 40, 44, 4000000000):
    for kind in (1, 2, 3, 9):
        try:
            socket.socket(family % 2**31, kind)
            print(family, kind, 'no error')
        except OSError as error:
            print(family, kind, errno.errorcode[error.errno])
import platform
numbers = {'x86_64': {'ptrace': 101, 'mount': 165, 'bpf': 321, 'io_uring_setup': 425, 'clone3': 435,
                      'openat2': 437, 'keyctl': 250, 'unshare': 272, 'personality': 135,
                      'ioctl': 16, 'prctl': 157, 'unheard of': 900}}.get(platform.machine(), {})
for name, number in numbers.items():
    ask(name, number, 0x5412, 0x5412, 0x5412, 0, 0, 0)
)";

} // namespace

class TestObservedRuns : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init();
    void countsByCallAndDetail();
    void seesNamesBeingLookedUp_data();
    void seesNamesBeingLookedUp();
    void answersAsWithoutObservation();
    void countsNothingUnlessAsked();
    void letsOrdinaryWorkPass_data();
    void letsOrdinaryWorkPass();
    void tellsOfARunThatHadToBeKilled();
    void boundsWhatAScriptCanMakeItCount();
    void aFloodHoldsUpOnlyItself();

private:
    SandboxJob job(const QByteArray &script, Language language = Language::Python);
    Outcome run(const SandboxJob &job);

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<SandboxRuntime> m_runtime;
    QByteArray m_text;
};

void TestObservedRuns::init()
{
    m_folder = std::make_unique<QTemporaryDir>();
    // As the skill cache makes them: as root a run has a uid of its own.
    QFile::setPermissions(m_folder->path(), QFile::Permissions(0x7755));
    m_runtime = NativeRuntime::create(
        {qEnvironmentVariable("SKILLBOX_TEST_LAUNCHER", QStringLiteral(SKILLBOX_LAUNCHER))});
}

SandboxJob TestObservedRuns::job(const QByteArray &script, Language language)
{
    const QString name = u"main-"_s + newUuid();
    QFile file(m_folder->filePath(name));
    if (!file.open(QIODevice::WriteOnly) || file.write(script) != script.size())
        qFatal("cannot write the script");
    file.close();
    SandboxJob job;
    job.language = language;
    job.skillDirectory = m_folder->path();
    job.entrypoint = name;
    job.inputJson = "{}";
    job.policy.limits.wallClock = 60s;
    job.policy.limits.milliCpu = 2000;
    job.observation = Observation::RefusedCalls;
    return job;
}

Outcome TestObservedRuns::run(const SandboxJob &job)
{
    Text text;
    auto outcome = m_runtime->run(job, text, {});
    m_text = text.text;
    if (!outcome)
        qFatal("%s", qPrintable(outcome.error().message));
    return std::move(*outcome);
}

void TestObservedRuns::countsByCallAndDetail()
{
    const Outcome outcome = run(job("import socket\n"
                                    "def tried(*a):\n"
                                    "    try: socket.socket(*a)\n"
                                    "    except OSError: pass\n"
                                    "for _ in range(3): tried(socket.AF_INET, socket.SOCK_STREAM)\n"
                                    "tried(socket.AF_INET6, socket.SOCK_DGRAM)\n"));
    QCOMPARE(outcome.kind, OutcomeKind::Exited);
    QCOMPARE(outcome.exitCode, 0);
    QCOMPARE(countOf(outcome, u"socket"_s, u"AF_INET stream"_s), 3);
    QCOMPARE(countOf(outcome, u"socket"_s, u"AF_INET6 datagram"_s), 1);
    const QJsonArray told = outcome.report.value(u"refused"_s).toArray();
    QCOMPARE(told.size(), outcome.refused.size());
    const auto stream = std::find_if(told.begin(), told.end(), [](const QJsonValue &value) {
        return value[u"detail"].toString() == u"AF_INET stream"_s;
    });
    QVERIFY(stream != told.end());
    QCOMPARE((*stream)[u"error"].toString(), u"EAFNOSUPPORT"_s);
    QCOMPARE((*stream)[u"count"].toInt(), 3);
    QVERIFY(outcome.report.value(u"controls"_s)[u"seccomp"].toString().endsWith(u", observed"_s));
}

void TestObservedRuns::seesNamesBeingLookedUp_data()
{
    QTest::addColumn<Language>("language");
    QTest::addColumn<QByteArray>("script");
    QTest::newRow("python") << Language::Python
                            << QByteArray("import urllib.request\n"
                                          "try: urllib.request.urlopen('https://example.org/')\n"
                                          "except OSError: print('no')\n");
    QTest::newRow("node") << Language::Node
                          << QByteArray("require('https').get('https://example.org/')\n"
                                        "  .on('error', () => console.log('no'));\n");
}

void TestObservedRuns::seesNamesBeingLookedUp()
{
    QFETCH(Language, language);
    QFETCH(QByteArray, script);
    const Outcome outcome = run(job(script, language));
    QCOMPARE(m_text, "no\n");
    QVERIFY(countOf(outcome, u"socket"_s, u"AF_INET datagram"_s) > 0);
}

void TestObservedRuns::answersAsWithoutObservation()
{
    SandboxJob asked = job(askEverything);
    run(asked);
    const QByteArray observed = m_text;
    asked.observation = Observation::None;
    run(asked);
    QVERIFY(observed.count('\n') >= 28);
    QVERIFY(!observed.contains("no error"));
    QCOMPARE(observed, m_text);
}

void TestObservedRuns::countsNothingUnlessAsked()
{
    SandboxJob plain = job("import socket\ntry: socket.socket()\nexcept OSError: pass\n");
    plain.observation = Observation::None;
    const Outcome outcome = run(plain);
    QVERIFY(outcome.refused.isEmpty());
    QVERIFY(!outcome.report.contains(u"refused"_s));
}

void TestObservedRuns::letsOrdinaryWorkPass_data()
{
    QTest::addColumn<Language>("language");
    QTest::addColumn<QByteArray>("script");
    QTest::newRow("bash") << Language::Bash << QByteArray("(sleep 0; echo a) | cat; exit 7\n");
    QTest::newRow("python") << Language::Python
                            << QByteArray("import subprocess, threading, sys\n"
                                          "t = threading.Thread(target=lambda: None)\n"
                                          "t.start(); t.join()\n"
                                          "subprocess.run(['/bin/echo', 'a'], check=True)\n"
                                          "sys.exit(7)\n");
    QTest::newRow("node") << Language::Node
                          << QByteArray("require('fs').readFile('/sandbox/input.json', () => {\n"
                                        "  console.log('a'); process.exit(7); });\n");
    QTest::newRow("orphans") << Language::Bash
                             << QByteArray("for i in 1 2 3; do (sleep 0 & ) ; done\n"
                                           "sleep 600 & echo a; exit 7\n");
}

void TestObservedRuns::letsOrdinaryWorkPass()
{
    QFETCH(Language, language);
    QFETCH(QByteArray, script);
    const Outcome outcome = run(job(script, language));
    QCOMPARE(m_text, "a\n");
    QCOMPARE(outcome.kind, OutcomeKind::Exited);
    QCOMPARE(outcome.exitCode, 7);
    QVERIFY(outcome.cpuTime.count() > 0);
}

void TestObservedRuns::tellsOfARunThatHadToBeKilled()
{
    SandboxJob endless = job("import socket, time\n"
                             "for _ in range(5):\n"
                             "    try: socket.socket()\n"
                             "    except OSError: pass\n"
                             "print('tried', flush=True)\n"
                             "time.sleep(600)\n");
    endless.policy.limits.wallClock = 60s;
    class StopAtFirstLine final : public OutputSink
    {
    public:
        void write(LogStreamKind, QByteArrayView) override { stop.request_stop(); }
        std::stop_source stop;
    } sink;
    const auto outcome = m_runtime->run(endless, sink, sink.stop.get_token());
    QVERIFY(outcome.has_value());
    QCOMPARE(outcome->kind, OutcomeKind::Cancelled);
    // Told at the first, second and fourth; the fifth died with the init.
    const qint64 count = countOf(*outcome, u"socket"_s, u"AF_INET stream"_s);
    QVERIFY2(count >= 4 && count <= 5, qPrintable(QString::number(count)));
}

void TestObservedRuns::boundsWhatAScriptCanMakeItCount()
{
    const Outcome outcome = run(job("import ctypes\n"
                                    "libc = ctypes.CDLL(None)\n"
                                    "for number in range(2000, 12000):\n"
                                    "    libc.syscall(ctypes.c_long(number))\n"));
    QCOMPARE(outcome.exitCode, 0);
    QVERIFY(outcome.refused.size() <= 64);
    qint64 sum = 0;
    for (const RefusedCall &call : outcome.refused) {
        if (call.call.startsWith(u"number "_s) || call.call == u"others"_s)
            sum += call.count;
    }
    QVERIFY2(sum >= 10'000, qPrintable(QString::number(sum)));
    QVERIFY(countOf(outcome, u"others"_s) > 9'000);
}

void TestObservedRuns::aFloodHoldsUpOnlyItself()
{
    SandboxJob flood = job("import ctypes, os\n"
                           "libc = ctypes.CDLL(None)\n"
                           "for _ in range(8): os.fork() if _ < 4 else None\n"
                           "libc.syscall(ctypes.c_long(2000))\n"
                           "print('flooding', flush=True)\n"
                           "while True: libc.syscall(ctypes.c_long(2000))\n");
    class Started final : public OutputSink
    {
    public:
        void write(LogStreamKind, QByteArrayView) override { flag.test_and_set(); }
        std::atomic_flag flag;
    } sink;
    std::stop_source stop;
    Result<Outcome> ended = fail(ErrorCode::Internal, u"not run"_s);
    std::thread flooding([&] { ended = m_runtime->run(flood, sink, stop.get_token()); });
    const bool isFlooding = QTest::qWaitFor([&] { return sink.flag.test(); }, 60'000);
    const Outcome other = isFlooding ? run(job("print('done')\n")) : Outcome();
    stop.request_stop();
    flooding.join();
    QVERIFY(isFlooding);
    QCOMPARE(m_text, "done\n");
    QCOMPARE(other.exitCode, 0);
    QVERIFY(ended.has_value());
    QCOMPARE(ended->kind, OutcomeKind::Cancelled);
    QVERIFY(countOf(*ended, u"number 2000"_s) > 0);
}

QTEST_GUILESS_MAIN(TestObservedRuns)
#include "test_observed_runs.moc"
