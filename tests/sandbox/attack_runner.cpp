#include "tests/sandbox/attack_runner.h"

#include "engine/sandbox/native/native_runtime.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QSysInfo>
#include <QVersionNumber>

#include <condition_variable>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <grp.h>
#include <linux/keyctl.h>
#include <mutex>
#include <netinet/in.h>
#include <sys/ipc.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <thread>
#include <unistd.h>

using namespace skillbox;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace {

/// Keeps both streams and tells when a line that was waited for has come.
class Log final : public OutputSink
{
public:
    void write(LogStreamKind stream, QByteArrayView bytes) override
    {
        const std::lock_guard lock(m_mutex);
        QByteArray &target = stream == LogStreamKind::Stdout ? m_out : m_err;
        if (target.size() < 100'000)
            target.append(bytes);
        m_changed.notify_all();
    }
    /// A line that starts with one of the words; empty if `ended` comes first.
    QByteArray waitForLine(const QByteArray &word)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait(lock, [&] { return m_ended || m_out.contains(word); });
        return m_out;
    }
    void end()
    {
        const std::lock_guard lock(m_mutex);
        m_ended = true;
        m_changed.notify_all();
    }
    QByteArray out()
    {
        const std::lock_guard lock(m_mutex);
        return m_out;
    }
    QByteArray err()
    {
        const std::lock_guard lock(m_mutex);
        return m_err;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    QByteArray m_out, m_err;
    bool m_ended = false;
};

QString pathFor(const char *variable, const char *built)
{
    // The copy for an ordinary user is elsewhere; see run_as.sh.
    const QString moved = qEnvironmentVariable(variable);
    return moved.isEmpty() ? QString::fromUtf8(built) : moved;
}

QByteArray newToken()
{
    // Its first digits are a key of System V shared memory, too.
    return newUuid().remove(u'-').toLatin1();
}

QString describe(const Outcome &outcome)
{
    switch (outcome.kind) {
    case OutcomeKind::Exited: return u"exited with %1"_s.arg(outcome.exitCode);
    case OutcomeKind::Signaled: return u"ended by signal %1"_s.arg(outcome.signal);
    case OutcomeKind::TimedOut: return u"timed out"_s;
    case OutcomeKind::Cancelled: return u"cancelled"_s;
    case OutcomeKind::OutputTooLarge: return u"killed for its log"_s;
    case OutcomeKind::OutOfMemory: return u"out of memory"_s;
    case OutcomeKind::SetupFailed: break;
    }
    return outcome.message;
}

Verdict judge(const Result<Outcome> &outcome, const Attack &attack, Log &log)
{
    if (!outcome)
        return {Verdict::Odd, outcome.error().message};
    if (attack.contained.contains(outcome->kind))
        return {Verdict::Contained, describe(*outcome)};
    for (const QByteArray &line : log.out().split('\n')) {
        if (line.startsWith("BROKEN: "))
            return {Verdict::Broken, QString::fromUtf8(line)};
        if (line.startsWith("CONTAINED: ") && outcome->kind == OutcomeKind::Exited
            && outcome->exitCode == 0)
            return {Verdict::Contained, QString::fromUtf8(line)};
    }
    return {Verdict::Odd,
            u"%1; stdout: %2; stderr: %3"_s.arg(describe(*outcome),
                                                QString::fromUtf8(log.out().left(2000)),
                                                QString::fromUtf8(log.err().left(2000)))};
}

/// Processes of the host with this word in their command line.
QList<pid_t> processesNaming(const QByteArray &word)
{
    QList<pid_t> found;
    for (const QString &name : QDir(u"/proc"_s).entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        bool isPid = false;
        const pid_t pid = name.toInt(&isPid);
        QFile file(u"/proc/"_s + name + u"/cmdline"_s);
        if (isPid && file.open(QIODevice::ReadOnly) && file.readAll().contains(word))
            found.append(pid);
    }
    return found;
}

void removeResidue(const QByteArray &token)
{
    // Only a weakened run can have left these.
    QFile::remove(u"/tmp/"_s + QString::fromLatin1(token));
    QFile::remove(u"/dev/shm/"_s + QString::fromLatin1(token));
    const int segment = shmget(static_cast<key_t>(token.left(6).toInt(nullptr, 16)), 0, 0);
    if (segment >= 0)
        shmctl(segment, IPC_RMID, nullptr);
}

bool socketWorks(const QString &numbers)
{
    const QStringList parts = numbers.split(u'/');
    const UniqueFd probe(
        socket(parts[0].toInt(), parts[1].toInt() | SOCK_CLOEXEC, parts[2].toInt()));
    return probe || errno == EPERM; // what only a privilege is missing for is there
}

bool routeExists(const QByteArray &address)
{
    const UniqueFd probe(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    sockaddr_in target{};
    target.sin_family = AF_INET;
    target.sin_port = htons(80);
    unsigned parts[4] = {};
    std::sscanf(address.constData(), "%u.%u.%u.%u", &parts[0], &parts[1], &parts[2], &parts[3]);
    target.sin_addr.s_addr = htonl(parts[0] << 24 | parts[1] << 16 | parts[2] << 8 | parts[3]);
    return connect(probe.get(), reinterpret_cast<sockaddr *>(&target), sizeof target) == 0;
}

/// Calls that a kernel may be built or booted without, tried here with harmless arguments.
bool callExists(const QString &name)
{
    static const QHash<QString, long> newer = {
        {u"fanotify_init"_s, SYS_fanotify_init},
        {u"io_uring_setup"_s, 425},
        {u"io_uring_enter"_s, 426},
        {u"io_uring_register"_s, 427},
        {u"kcmp"_s, SYS_kcmp},
        {u"memfd_secret"_s, 447},
        {u"userfaultfd"_s, SYS_userfaultfd},
        {u"quotactl"_s, SYS_quotactl},
        {u"quotactl_fd"_s, 443},
        {u"process_mrelease"_s, 448},
        {u"fchmodat2"_s, 452},
        {u"statmount"_s, 457},
        {u"listmount"_s, 458},
        {u"lsm_get_self_attr"_s, 459},
#ifdef __x86_64__
        {u"ioperm"_s, SYS_ioperm},
        {u"iopl"_s, SYS_iopl},
        {u"modify_ldt"_s, SYS_modify_ldt},
#endif
    };
#ifndef __x86_64__
    static const QSet<QString> onlyThere = {u"chmod"_s,  u"creat"_s, u"open"_s,      u"mknod"_s,
                                            u"ioperm"_s, u"iopl"_s,  u"modify_ldt"_s};
    if (onlyThere.contains(name))
        return false;
#endif
    if (name == "bpf"_L1) {
        // Distributions forbid it to all but the first user namespace's root.
        QFile disabled(u"/proc/sys/kernel/unprivileged_bpf_disabled"_s);
        return !disabled.open(QIODevice::ReadOnly) || disabled.readAll().trimmed() == "0";
    }
    const auto number = newer.constFind(name);
    if (number == newer.cend())
        return true;
    // Bad in every argument, so that whatever is there refuses it.
    return !(syscall(*number, -1L, -1L, -1L, -1L, -1L, -1L) == -1 && errno == ENOSYS);
}

bool hostHas(const QString &what)
{
    if (what.startsWith(u"socket:"_s))
        return socketWorks(what.mid(7));
    if (what.startsWith(u"route:"_s))
        return routeExists(what.mid(6).toLatin1());
    if (what.startsWith(u"call:"_s))
        return callExists(what.mid(5));
    if (what.startsWith(u"kernel:"_s)) {
        return QVersionNumber::fromString(QSysInfo::kernelVersion())
            >= QVersionNumber::fromString(what.mid(7));
    }
    if (what == u"limit:nice"_s || what == u"limit:rtprio"_s) {
        rlimit limit{};
        getrlimit(what == u"limit:nice"_s ? RLIMIT_NICE : RLIMIT_RTPRIO, &limit);
        return limit.rlim_cur > 0; // as allowThisProcessEverything() could or could not raise it
    }
    if (what.startsWith(u"machine:"_s))
        return QSysInfo::currentCpuArchitecture() == what.mid(8);
    struct stat info;
    return lstat(QFile::encodeName(what).constData(), &info) == 0;
}

} // namespace

QString launcherPath()
{
    return pathFor("SKILLBOX_TEST_LAUNCHER", SKILLBOX_LAUNCHER);
}

void allowThisProcessEverything()
{
    const std::pair<__rlimit_resource, rlim_t> generous[] = {
        {RLIMIT_NICE, 40},
        {RLIMIT_RTPRIO, 10},
        {RLIMIT_CORE, RLIM_INFINITY},
        {RLIMIT_MEMLOCK, RLIM_INFINITY},
        {RLIMIT_MSGQUEUE, RLIM_INFINITY},
    };
    for (const auto &[resource, value] : generous) {
        const rlimit both{value, value};
        setrlimit(resource, &both); // an ordinary user may not, and has less to lose
    }
    // Groups that a run must not keep; 42 is shadow.
    const gid_t groups[] = {0, 42};
    setgroups(std::size(groups), groups);
    // A session keyring that every run inherits, as one that a login makes.
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, nullptr);
    umask(0); // what a run must not take over
}

AttackRunner::AttackRunner() : m_runtime(NativeRuntime::create({launcherPath()}))
{
    // As root a run has another uid, and weakened runs may write to their scripts: a copy.
    QFile::setPermissions(m_folder.path(), QFile::Permissions(0x7755));
    const QDir source(pathFor("SKILLBOX_TEST_ATTACKS", SKILLBOX_ATTACKS));
    QDir(m_folder.path()).mkdir(u"attacks"_s);
    QFile::setPermissions(m_folder.filePath(u"attacks"_s), QFile::Permissions(0x7755));
    for (const QString &name : source.entryList(QDir::Files)) {
        const QString copy = m_folder.filePath(u"attacks/"_s + name);
        if (!QFile::copy(source.filePath(name), copy))
            qFatal("cannot copy %s", qPrintable(name));
        QFile::setPermissions(copy, QFile::Permissions(0x6644));
    }
    for (const auto &[name, mode] :
         {std::pair(u"for_owner_only"_s, 0x6600), std::pair(u"for_group_only"_s, 0x0040)}) {
        QFile secret(m_folder.filePath(u"attacks/"_s + name));
        if (!secret.open(QIODevice::WriteOnly))
            qFatal("cannot write %s", qPrintable(name));
        secret.write("secret of the host");
        secret.setPermissions(QFile::Permissions(mode));
    }
    makeSession();
    Log log;
    Attack probe;
    probe.script = u"across_random.py"_s;
    const auto outcome = m_runtime->run(jobFor(probe, newToken()), log, {});
    m_hasCgroup = outcome
        && outcome->report.value(u"controls"_s)
               .toObject()
               .value(u"memory"_s)
               .toString()
               .contains(u"cgroup"_s);
}

AttackRunner::~AttackRunner() = default;

/// What a session must not carry into a run, beside what it must.
void AttackRunner::makeSession() const
{
    const QString folder = m_folder.filePath(u"session"_s);
    QDir().mkpath(folder + u"/folder"_s);
    for (const QString &name : {u""_s, u"/folder"_s})
        QFile::setPermissions(folder + name, QFile::Permissions(0x7755));
    for (const auto &[name, mode] :
         {std::pair(u"/note"_s, 0644), std::pair(u"/folder/tool"_s, 06755)}) {
        QFile file(folder + name);
        // Writing takes set-user-id bits away, so it comes first.
        if (!file.open(QIODevice::WriteOnly) || file.write("of the session") < 0 || !file.flush()
            || fchmod(file.handle(), static_cast<mode_t>(mode)) != 0)
            qFatal("cannot write %s", qPrintable(name));
    }
    if (!QFile::link(u"/etc/passwd"_s, folder + u"/passwords"_s)
        || mkfifo(QFile::encodeName(folder + u"/pipe"_s).constData(), 0666) != 0)
        qFatal("cannot make the session");
}

SandboxJob AttackRunner::jobFor(const Attack &attack, const QByteArray &token) const
{
    SandboxJob job;
    job.language = *languageOfScript(attack.script);
    job.skillDirectory = m_folder.filePath(u"attacks"_s);
    job.entrypoint = attack.script;
    job.arguments = attack.arguments;
    job.inputJson = m_bait.inputJson(token);
    if (attack.withSession)
        job.sessionDirectory = m_folder.filePath(u"session"_s);
    job.policy.limits.wallClock = 60s;
    job.policy.limits.milliCpu = 2000;
    if (attack.limits)
        attack.limits(job.policy.limits);
    if (attack.job)
        attack.job(job);
    return job;
}

Verdict AttackRunner::run(const Attack &attack, Observation observation)
{
    return runOn(*m_runtime, attack, false, observation);
}

Verdict AttackRunner::runWeakened(const Attack &attack)
{
    const auto runtime = NativeRuntime::create({weakenedLauncherPath(m_folder, attack.controls)});
    return runOn(*runtime, attack, true);
}

QString weakenedLauncherPath(const QTemporaryDir &folder, const QStringList &controls)
{
    // A name of its own, because the launcher looks for the list beside itself.
    const QString path = folder.filePath(u"launcher-"_s + QString::fromLatin1(newToken()));
    const QByteArray built = QFile::encodeName(
        pathFor("SKILLBOX_TEST_WEAKENED", SKILLBOX_WEAKENED));
    if (link(built.constData(), QFile::encodeName(path).constData()) != 0
        && !QFile::copy(QFile::decodeName(built), path))
        qFatal("cannot copy %s", built.constData());
    QFile list(path + u".weaken"_s);
    if (!list.open(QIODevice::WriteOnly))
        qFatal("cannot write %s", qPrintable(list.fileName()));
    list.write(controls.join(u'\n').toLatin1());
    return path;
}

Verdict AttackRunner::runOn(SandboxRuntime &runtime, const Attack &attack, bool weakenJob,
                            Observation observation)
{
    const QByteArray token = newToken();
    SandboxJob job = jobFor(attack, token);
    if (observation != Observation::None)
        job.observation = observation;
    if (weakenJob && attack.weakenJob)
        attack.weakenJob(job);
    Verdict verdict;
    if (attack.shape == Attack::Shape::TwoRuns) {
        verdict = runBoth(runtime, job, attack);
        removeResidue(token);
        return verdict;
    }
    verdict = runOnce(runtime, job, attack);
    if (attack.shape == Attack::Shape::Daemon) {
        for (pid_t pid : processesNaming(token)) {
            ::kill(pid, SIGKILL);
            verdict = {Verdict::Broken, u"BROKEN: process %1 outlived its run"_s.arg(pid)};
        }
    }
    return verdict;
}

Verdict AttackRunner::runOnce(SandboxRuntime &runtime, SandboxJob job, const Attack &attack)
{
    Log log;
    const Result<Outcome> outcome = runtime.run(job, log, {});
    return judge(outcome, attack, log);
}

Verdict AttackRunner::runBoth(SandboxRuntime &runtime, const SandboxJob &job, const Attack &attack)
{
    SandboxJob planting = job;
    planting.arguments.append(u"plant"_s);
    SandboxJob finding = job;
    finding.arguments.append(u"find"_s);

    Log planted;
    std::stop_source stop;
    std::thread planter([&] {
        [[maybe_unused]] const auto outcome = runtime.run(planting, planted, stop.get_token());
        planted.end();
    });
    Verdict verdict{Verdict::Odd, u"nothing was planted: "_s};
    if (planted.waitForLine("PLANTED ").contains("PLANTED "))
        verdict = runOnce(runtime, finding, attack);
    stop.request_stop();
    planter.join();
    if (verdict.kind == Verdict::Odd)
        verdict.text += QString::fromUtf8(planted.out() + planted.err());
    return verdict;
}

QString AttackRunner::reasonNotToRun(const Attack &attack) const
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    if (attack.script == "privilege_kill_init.py"_L1)
        return u"a sanitizer gives the launcher handlers of signals, so its init takes them"_s;
    if (attack.script == "resource_memory_in_common.py"_L1 && !m_hasCgroup)
        return u"a sanitizer's shadow memory counts as the init's own"_s;
#endif
    if (attack.machine == Attack::Machine::Root && geteuid() != 0)
        return u"only root has what this attack is after; run the test as root too"_s;
    if (attack.machine == Attack::Machine::Cgroup && !m_hasCgroup)
        return u"NOT BOUNDED HERE: only a control group holds this, and this user can have none"_s;
    return {};
}

QString AttackRunner::reasonNotToWeaken(const Attack &attack) const
{
    if (const QString reason = reasonNotToRun(attack); !reason.isEmpty())
        return reason;
    if (attack.machine == Attack::Machine::RootToFail && geteuid() != 0)
        return u"an ordinary user has nothing that this control takes away"_s;
    if (!attack.hostHas.isEmpty()
        && std::none_of(attack.hostHas.begin(), attack.hostHas.end(), hostHas))
        return u"this host has none of: "_s + attack.hostHas.join(u' ');
    return {};
}

QByteArray AttackRunner::outputOf(const QString &script)
{
    Log log;
    Attack attack;
    attack.script = script;
    const Result<Outcome> outcome = m_runtime->run(jobFor(attack, newToken()), log, {});
    return outcome && outcome->kind == OutcomeKind::Exited ? log.out() : QByteArray();
}

QString AttackRunner::describeMachine()
{
    Log log;
    Attack attack;
    attack.script = u"across_random.py"_s;
    const Result<Outcome> outcome = m_runtime->run(jobFor(attack, newToken()), log, {});
    return u"%1 %2, uid %3: %4"_s.arg(
        QSysInfo::kernelType(), QSysInfo::kernelVersion(), QString::number(geteuid()),
        outcome ? QString::fromUtf8(QJsonDocument(outcome->report).toJson(QJsonDocument::Compact))
                : outcome.error().message);
}
