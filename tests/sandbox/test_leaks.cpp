// Whatever becomes of runs, the launcher and the engine: nothing of a run stays behind.

#include "engine/sandbox/native/native_runtime.h"
#include "tests/sandbox/attack_runner.h"
#include "tests/sandbox/leftovers.h"

#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QProcess>
#include <QTest>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <poll.h>
#include <semaphore>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace skillbox;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

class Ignore final : public OutputSink
{
public:
    void write(LogStreamKind, QByteArrayView) override { }
};

/// Tells once when a script has written something.
class Started final : public OutputSink
{
public:
    void write(LogStreamKind, QByteArrayView) override
    {
        if (!m_told.exchange(true))
            m_semaphore.release();
    }
    bool wait() { return m_semaphore.try_acquire_for(30s); }

private:
    std::atomic<bool> m_told = false;
    std::binary_semaphore m_semaphore{0};
};

int scaled(int count)
{
    bool isNumber = false;
    const double scale = qEnvironmentVariable("SKILLBOX_LEAK_SCALE").toDouble(&isNumber);
    return isNumber && scale > 0 ? std::max(1, static_cast<int>(count * scale)) : count;
}

} // namespace

class TestLeaks : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void manyRunsInARow();
    void manyRunsAtOnce();
    void cancelledAtAnyMoment();
    void launcherKilledInTheMiddle();
    void launcherKilledAtAnyMoment();
    void wouldLeakWithoutTheDeathSignal();
    void engineKilledInTheMiddle();
    void engineKilledAtAnyMoment();

private:
    SandboxJob job(const QString &script) const;
    void note();
    void startEngine(QProcess &engine) const;

    QTemporaryDir m_folder;
    std::unique_ptr<SandboxRuntime> m_runtime;
    QSet<pid_t> m_seen; ///< every process below us that the test has noticed
    int m_mounts = 0;
    int m_descriptors = 0;
};

void TestLeaks::initTestCase()
{
    adoptOrphans();
    QFile::setPermissions(m_folder.path(), QFile::Permissions(0x7755));
    for (const auto &[name, text] :
         {std::pair("trivial.sh", ":"), std::pair("brief.sh", "echo; sleep 0.3"),
          std::pair("endless.sh", "sleep 600 & echo started; wait")}) {
        QFile file(m_folder.filePath(QString::fromLatin1(name)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
    }
}

void TestLeaks::init()
{
    m_seen.clear();
    m_mounts = mountCount();
    m_descriptors = descriptorCount();
    m_runtime = NativeRuntime::create({launcherPath()});
}

void TestLeaks::cleanup()
{
    note();
    m_runtime.reset();
    // What was below us is dead; what lost its parent came to us and is dead too.
    QTRY_VERIFY2_WITH_TIMEOUT(livingDescendants(getpid()).isEmpty(), "processes are left", 20'000);
    QTRY_COMPARE_WITH_TIMEOUT(controlGroupsOf(m_seen), QStringList(), 20'000);
    while (waitpid(-1, nullptr, WNOHANG) > 0) { }
    QCOMPARE(mountCount(), m_mounts);
    QCOMPARE(descriptorCount(), m_descriptors);
    for (const QString &name :
         QDir(u"/dev/shm"_s).entryList({u"skillbox*"_s}, QDir::AllEntries | QDir::System))
        QFAIL(qPrintable(u"/dev/shm/"_s + name));
}

void TestLeaks::note()
{
    m_seen += livingDescendants(getpid());
}

SandboxJob TestLeaks::job(const QString &script) const
{
    SandboxJob job;
    job.language = Language::Bash;
    job.skillDirectory = m_folder.path();
    job.entrypoint = script;
    job.inputJson = "{}";
    return job;
}

/// How a run ended that should have ended well.
static QString ended(const Outcome &outcome)
{
    return u"kind %1, exit code %2, signal %3, peak %4 bytes %5"_s.arg(int(outcome.kind))
        .arg(outcome.exitCode)
        .arg(outcome.signal)
        .arg(outcome.peakMemoryBytes)
        .arg(outcome.message);
}

void TestLeaks::manyRunsInARow()
{
    const int runs = scaled(1000);
    const SandboxJob trivial = job(u"trivial.sh"_s);
    Ignore sink;
    QElapsedTimer timer;
    timer.start();
    int descriptorsAfterFirst = 0;
    for (int i = 0; i < runs; ++i) {
        const auto outcome = m_runtime->run(trivial, sink, {});
        QVERIFY2(outcome, qPrintable(outcome ? QString() : outcome.error().message));
        QVERIFY2(outcome->kind == OutcomeKind::Exited && outcome->exitCode == 0,
                 qPrintable(u"run %1: %2"_s.arg(i).arg(ended(*outcome))));
        if (i == 0)
            descriptorsAfterFirst = descriptorCount();
    }
    qInfo("%d runs in a row: %.1f ms each", runs, double(timer.elapsed()) / runs);
    note();
    // While the launcher lives: one descriptor to it, itself, and the few that wait for a job.
    QCOMPARE(descriptorCount(), descriptorsAfterFirst - 1); // the first outcome's folder was open
    QVERIFY2(livingDescendants(getpid()).size() <= 1 + 16, "sandboxes pile up");
}

void TestLeaks::manyRunsAtOnce()
{
    const int runs = scaled(200);
    const SandboxJob brief = job(u"brief.sh"_s);
    std::atomic<int> good = 0;
    QElapsedTimer timer;
    timer.start();
    QStringList problems(runs);
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < runs; ++i) {
            threads.emplace_back([&, i] {
                Ignore sink;
                const auto outcome = m_runtime->run(brief, sink, {});
                if (outcome && outcome->kind == OutcomeKind::Exited && outcome->exitCode == 0)
                    ++good;
                else
                    problems[i] = outcome ? ended(*outcome) : outcome.error().message;
            });
        }
    }
    qInfo("%d runs at once: %lld ms in all", runs, static_cast<long long>(timer.elapsed()));
    problems.removeDuplicates();
    QVERIFY2(good == runs, qPrintable(problems.join(u'\n')));
}

void TestLeaks::cancelledAtAnyMoment()
{
    const SandboxJob endless = job(u"endless.sh"_s);
    for (int i = 0; i < scaled(40); ++i) {
        std::stop_source stop;
        Result<Outcome> outcome = Outcome{};
        std::thread runner([&] {
            Ignore sink;
            outcome = m_runtime->run(endless, sink, stop.get_token());
        });
        // Not a wait for something: the moments are what is tested.
        std::this_thread::sleep_for(std::chrono::microseconds(i * 700));
        stop.request_stop();
        runner.join();
        QVERIFY(outcome);
        QCOMPARE(outcome->kind, OutcomeKind::Cancelled);
    }
}

void TestLeaks::launcherKilledInTheMiddle()
{
    m_runtime->prepare();
    const QSet<pid_t> launcher = livingDescendants(getpid());
    QVERIFY(!launcher.isEmpty());
    const pid_t pid = *std::min_element(launcher.begin(), launcher.end());
    Started started;
    Result<Outcome> outcome = Outcome{};
    std::thread runner([&] { outcome = m_runtime->run(job(u"endless.sh"_s), started, {}); });
    const bool hasStarted = started.wait();
    note();
    ::kill(pid, SIGKILL);
    runner.join();
    QVERIFY(hasStarted);
    QVERIFY(!outcome);
    QTRY_VERIFY2_WITH_TIMEOUT(livingDescendants(getpid()).isEmpty(), "its runs outlived it",
                              20'000);
    // The next launcher removes the dead one's control groups.
    Ignore sink;
    QVERIFY(m_runtime->run(job(u"trivial.sh"_s), sink, {}));
    QTRY_COMPARE_WITH_TIMEOUT(controlGroupsOf({pid}), QStringList(), 20'000);
}

void TestLeaks::launcherKilledAtAnyMoment()
{
    SandboxJob endless = job(u"endless.sh"_s);
    endless.policy.limits.wallClock = 1s; // killed before it had the job, it is started anew
    for (int i = 0; i < scaled(30); ++i) {
        m_runtime = NativeRuntime::create({launcherPath()});
        m_runtime->prepare();
        const QSet<pid_t> below = livingDescendants(getpid());
        QVERIFY(!below.isEmpty());
        const pid_t pid = *std::min_element(below.begin(), below.end());
        Result<Outcome> outcome = Outcome{};
        std::thread runner([&] {
            Ignore sink;
            outcome = m_runtime->run(endless, sink, {});
        });
        std::this_thread::sleep_for(std::chrono::microseconds(i * 500)); // the moments are the test
        note();
        ::kill(pid, SIGKILL);
        runner.join();
        QVERIFY(!outcome || outcome->kind == OutcomeKind::TimedOut);
        note();
        m_runtime.reset();
        QTRY_VERIFY2_WITH_TIMEOUT(livingDescendants(getpid()).isEmpty(), "its runs outlived it",
                                  20'000);
    }
    m_runtime = NativeRuntime::create({launcherPath()});
    Ignore sink;
    QVERIFY(m_runtime->run(job(u"trivial.sh"_s), sink, {})); // sweeps
}

void TestLeaks::wouldLeakWithoutTheDeathSignal()
{
    m_runtime = NativeRuntime::create({weakenedLauncherPath(m_folder, {u"death_signal"_s})});
    m_runtime->prepare();
    const QSet<pid_t> launcher = livingDescendants(getpid());
    const pid_t pid = *std::min_element(launcher.begin(), launcher.end());
    Started started;
    std::thread runner([&] {
        [[maybe_unused]] const auto outcome = m_runtime->run(job(u"endless.sh"_s), started, {});
    });
    const bool hasStarted = started.wait();
    const UniqueFd launcherDeath(static_cast<int>(syscall(SYS_pidfd_open, pid, 0)));
    ::kill(pid, SIGKILL);
    pollfd death{launcherDeath.get(), POLLIN, 0};
    poll(&death, 1, 30'000);
    const QSet<pid_t> survivors = livingDescendants(getpid());
    for (pid_t survivor : survivors)
        ::kill(survivor, SIGKILL);
    runner.join();
    QVERIFY(hasStarted);
    QVERIFY2(!survivors.isEmpty(), "this test would not notice a leak");
    Ignore sink;
    QVERIFY(m_runtime->run(job(u"trivial.sh"_s), sink, {})); // sweeps
}

void TestLeaks::startEngine(QProcess &engine) const
{
    const QString moved = qEnvironmentVariable("SKILLBOX_TEST_ENGINE");
    engine.start(moved.isEmpty() ? QStringLiteral(SKILLBOX_RUN_ENGINE) : moved,
                 {launcherPath(), m_folder.path()});
}

void TestLeaks::engineKilledInTheMiddle()
{
    QProcess engine;
    startEngine(engine);
    QTRY_VERIFY_WITH_TIMEOUT(engine.canReadLine() || engine.state() == QProcess::NotRunning,
                             30'000);
    QCOMPARE(engine.readAllStandardOutput(), "started\n");
    note();
    QVERIFY(m_seen.size() >= 4); // engine, launcher, init, script
    engine.kill();
    QVERIFY(engine.waitForFinished());
}

void TestLeaks::engineKilledAtAnyMoment()
{
    for (int i = 0; i < scaled(20); ++i) {
        QProcess engine;
        startEngine(engine);
        QVERIFY(engine.waitForStarted());
        std::this_thread::sleep_for(std::chrono::milliseconds(i * 4)); // the moments are the test
        note();
        engine.kill();
        QVERIFY(engine.waitForFinished());
    }
}

QTEST_GUILESS_MAIN(TestLeaks)
#include "test_leaks.moc"
