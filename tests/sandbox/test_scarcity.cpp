// When the machine has nothing left to give, a run fails with a reason; when it has again, the next
// run works, and nothing is left of the failed ones.

#include "engine/sandbox/native/native_runtime.h"
#include "tests/sandbox/attack_runner.h"
#include "tests/sandbox/leftovers.h"

#include <QDir>
#include <QFile>
#include <QTest>

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace skillbox;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

class Log final : public OutputSink
{
public:
    void write(LogStreamKind, QByteArrayView bytes) override { text.append(bytes); }
    QByteArray text;
};

/// A limit of a process, put back at the end.
class LimitFor
{
public:
    LimitFor(pid_t process, __rlimit_resource resource, rlim_t soft)
        : m_process(process)
        , m_resource(resource)
    {
        prlimit(process, resource, nullptr, &m_before);
        const rlimit now{std::min(soft, m_before.rlim_max), m_before.rlim_max};
        m_applied = prlimit(process, resource, &now, nullptr) == 0;
    }
    ~LimitFor() { prlimit(m_process, m_resource, &m_before, nullptr); }
    LimitFor(const LimitFor &) = delete;
    LimitFor &operator=(const LimitFor &) = delete;
    bool isApplied() const { return m_applied; }

private:
    pid_t m_process;
    __rlimit_resource m_resource;
    rlimit m_before{};
    bool m_applied = false;
};

/// Takes every descriptor that this process may still open, but for a few.
class AllDescriptorsBut
{
public:
    explicit AllDescriptorsBut(size_t spare)
    {
        for (int copy; (copy = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)) >= 0;)
            m_taken.push_back(UniqueFd(copy));
        m_taken.resize(m_taken.size() - std::min(spare, m_taken.size()));
    }

private:
    std::vector<UniqueFd> m_taken;
};

/// One more than the highest open descriptor.
rlim_t descriptorsInUse(pid_t process)
{
    int highest = 0;
    for (const QString &name :
         QDir(u"/proc/%1/fd"_s.arg(process))
             .entryList(QDir::AllEntries | QDir::System | QDir::NoDotAndDotDot))
        highest = std::max(highest, name.toInt());
    return static_cast<rlim_t>(highest) + 1;
}

} // namespace

class TestScarcity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void cleanup();
    void raisesItsDescriptorLimit();
    void engineOutOfDescriptors();
    void launcherOutOfDescriptors();
    void noProcessForTheLauncher();
    void noProcessForASandbox();
    void noMemoryForTheSetup();
    void preparesAfterTheDeathOfItsLauncher();

private:
    SandboxJob job(const QByteArray &script);
    bool works();
    pid_t launcher() const;

    QTemporaryDir m_folder;
    std::unique_ptr<SandboxRuntime> m_runtime;
    Log m_log;
};

void TestScarcity::initTestCase()
{
    adoptOrphans();
    QFile::setPermissions(m_folder.path(), QFile::Permissions(0x7755));
}

void TestScarcity::init()
{
    m_runtime = NativeRuntime::create({launcherPath()});
}

void TestScarcity::cleanup()
{
    m_runtime.reset();
    QTRY_VERIFY2_WITH_TIMEOUT(livingDescendants(getpid()).isEmpty(), "processes are left", 20'000);
}

SandboxJob TestScarcity::job(const QByteArray &script)
{
    QFile file(m_folder.filePath(u"main.sh"_s));
    if (!file.open(QIODevice::WriteOnly) || file.write(script) < 0)
        qFatal("cannot write the script");
    SandboxJob job;
    job.language = Language::Bash;
    job.skillDirectory = m_folder.path();
    job.entrypoint = u"main.sh"_s;
    job.inputJson = "{}";
    job.policy.limits.wallClock = 20s;
    return job;
}

/// A run that must succeed.
bool TestScarcity::works()
{
    m_log = {};
    const auto outcome = m_runtime->run(job("echo fine"), m_log, {});
    if (!outcome)
        qWarning("%s", qPrintable(outcome.error().message));
    else if (outcome->kind != OutcomeKind::Exited)
        qWarning("%s", qPrintable(outcome->message));
    return outcome && outcome->kind == OutcomeKind::Exited && m_log.text == "fine\n";
}

pid_t TestScarcity::launcher() const
{
    const QSet<pid_t> below = livingDescendants(getpid());
    return below.isEmpty() ? -1 : *std::min_element(below.begin(), below.end());
}

void TestScarcity::raisesItsDescriptorLimit()
{
    rlimit before{};
    getrlimit(RLIMIT_NOFILE, &before);
    const rlimit low{256, before.rlim_max};
    QCOMPARE(setrlimit(RLIMIT_NOFILE, &low), 0);
    m_runtime = NativeRuntime::create({launcherPath()});
    rlimit after{};
    getrlimit(RLIMIT_NOFILE, &after);
    QCOMPARE(after.rlim_cur, std::min<rlim_t>(65536, before.rlim_max));
    // A run gets what its policy says all the same.
    SandboxJob asks = job("ulimit -Sn; ulimit -Hn");
    asks.policy.limits.openFiles = 77;
    m_log = {};
    QVERIFY(m_runtime->run(asks, m_log, {}));
    QCOMPARE(m_log.text, "77\n77\n");
    setrlimit(RLIMIT_NOFILE, &before);
}

void TestScarcity::engineOutOfDescriptors()
{
    QVERIFY(works());
    const int open = descriptorCount();
    int failures = 0;
    // Each step of a start that opens something is the one that fails once.
    for (size_t spare = 0; spare < 14; ++spare) {
        const SandboxJob trivial = job("echo fine");
        m_log = {};
        Result<Outcome> outcome = Outcome{};
        {
            const LimitFor few(getpid(), RLIMIT_NOFILE, 256);
            const AllDescriptorsBut taken(spare);
            outcome = m_runtime->run(trivial, m_log, {});
        }
        if (outcome) {
            QCOMPARE(outcome->kind, OutcomeKind::Exited);
            QVERIFY(outcome->outDirectory);
        } else {
            ++failures;
            QVERIFY2(outcome.error().message.contains(u"Too many open files"_s),
                     qPrintable(outcome.error().message));
        }
        outcome = Outcome{};
        QCOMPARE(descriptorCount(), open);
        QVERIFY(works());
    }
    QVERIFY2(failures >= 7, qPrintable(QString::number(failures)));
    QVERIFY2(failures < 14, "it never had enough");
}

void TestScarcity::launcherOutOfDescriptors()
{
    QVERIFY(works());
    int failures = 0;
    for (rlim_t spare = 0; spare < 12; ++spare) {
        m_runtime = NativeRuntime::create({launcherPath()});
        QVERIFY(works());
        m_log = {};
        Result<Outcome> outcome = Outcome{};
        {
            const LimitFor few(launcher(), RLIMIT_NOFILE, descriptorsInUse(launcher()) + spare);
            QVERIFY(few.isApplied());
            outcome = m_runtime->run(job("echo fine"), m_log, {});
        }
        if (!outcome) {
            ++failures; // not even the run's socket arrived
        } else if (outcome->kind == OutcomeKind::SetupFailed) {
            ++failures;
            QVERIFY2(outcome->message.contains(u"no more files may be open"_s),
                     qPrintable(outcome->message));
        } else {
            QCOMPARE(outcome->kind, OutcomeKind::Exited);
        }
        // Those that were made meanwhile to wait for a job have taken the limit over.
        bool worksAgain = false;
        for (int i = 0; i < 20 && !worksAgain; ++i)
            worksAgain = works();
        QVERIFY(worksAgain);
    }
    QVERIFY2(failures > 0, "there was always enough");
}

void TestScarcity::noProcessForTheLauncher()
{
    if (geteuid() == 0)
        QSKIP("root is not bound by RLIMIT_NPROC; run the test as a user too");
    {
        const LimitFor none(getpid(), RLIMIT_NPROC, 0);
        m_log = {};
        const auto outcome = m_runtime->run(job("echo fine"), m_log, {});
        QVERIFY(!outcome);
        QVERIFY2(outcome.error().message.contains(u"no process"_s),
                 qPrintable(outcome.error().message));
    }
    QVERIFY(works());
}

void TestScarcity::noProcessForASandbox()
{
    if (geteuid() == 0)
        QSKIP("root is not bound by RLIMIT_NPROC; run the test as a user too");
    m_runtime->prepare();
    m_log = {};
    // Those that wait already are used up first.
    Result<Outcome> outcome = Outcome{};
    {
        const LimitFor none(launcher(), RLIMIT_NPROC, 0);
        QVERIFY(none.isApplied());
        for (int i = 0; i < 20; ++i) {
            outcome = m_runtime->run(job("echo fine"), m_log, {});
            if (!outcome || outcome->kind != OutcomeKind::Exited)
                break;
        }
    }
    QVERIFY2(outcome, qPrintable(outcome ? QString() : outcome.error().message));
    QCOMPARE(outcome->kind, OutcomeKind::SetupFailed);
    QVERIFY2(outcome->message.contains(u"no process"_s)
                 || outcome->message.contains(u"starting the script's process"_s),
             qPrintable(outcome->message));
    QVERIFY(works());
}

void TestScarcity::noMemoryForTheSetup()
{
    QVERIFY(QDir(m_folder.path()).mkpath(u"session"_s));
    for (int i = 0; i < 64; ++i) {
        QFile file(m_folder.filePath(u"session/%1"_s.arg(i)));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(QByteArray(1 << 20, 'x'));
    }
    SandboxJob tooSmall = job("echo fine");
    tooSmall.sessionDirectory = m_folder.filePath(u"session"_s);
    tooSmall.policy.limits.memoryBytes = 16 << 20;
    m_log = {};
    const auto outcome = m_runtime->run(tooSmall, m_log, {});
    QVERIFY2(outcome, qPrintable(outcome ? QString() : outcome.error().message));
    if (outcome->report.value(u"controls"_s).toObject().contains(u"no_cgroup"_s)) {
        QCOMPARE(outcome->kind, OutcomeKind::Exited); // files in memory are on nobody's account
    } else {
        QCOMPARE(outcome->kind, OutcomeKind::SetupFailed);
        QVERIFY2(outcome->message.contains(u"16 MiB"_s) || outcome->message.contains(u"copying"_s),
                 qPrintable(outcome->message));
        QCOMPARE(m_log.text, QByteArray());
    }
    QVERIFY(works());
}

void TestScarcity::preparesAfterTheDeathOfItsLauncher()
{
    m_runtime->prepare();
    const pid_t first = launcher();
    QVERIFY(first > 0);
    const UniqueFd death(static_cast<int>(syscall(SYS_pidfd_open, first, 0)));
    ::kill(first, SIGKILL);
    pollfd dead{death.get(), POLLIN, 0};
    QCOMPARE(poll(&dead, 1, 30'000), 1);
    // What it had ready dies with it, but not at the same moment.
    QTRY_VERIFY_WITH_TIMEOUT(livingDescendants(getpid()).isEmpty(), 30'000);
    m_runtime->prepare();
    const pid_t second = launcher();
    QVERIFY(second > 0);
    QVERIFY(second != first);
    QVERIFY(works());
    QCOMPARE(launcher(), second);
}

QTEST_GUILESS_MAIN(TestScarcity)
#include "test_scarcity.moc"
