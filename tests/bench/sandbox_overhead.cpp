// What a sandbox costs above a bare start of the same program: our runtime beside bubblewrap with a
// policy like ours. All contenders take turns in every round, so that a busy machine is busy for
// all. Then the same in rows of runs without a pause, where whatever a contender does ahead or
// behind its runs is on its account.
//
// Usage: bench_sandbox_overhead LAUNCHER [ROUNDS]

#include "engine/sandbox/native/host_view.h"
#include "engine/sandbox/native/launcher_client.h"
#include "engine/sandbox/native/native_runtime.h"
#include "engine/sandbox/native/run_monitor.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <seccomp.h>

#include <QDir>
#include <QFile>
#include <QStandardPaths>
#include <QTemporaryDir>

#include <fcntl.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <vector>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

using Clock = std::chrono::steady_clock;
constexpr int warmUpRounds = 5;
/// Before each measured run, so that what one contender does behind its run falls on no other.
constexpr auto settling = std::chrono::milliseconds(15);
constexpr int rowLength = 20;
/// Where bubblewrap finds its seccomp program; any free number does.
constexpr int seccompDescriptor = 10;

struct NoSink final : OutputSink {
    void write(LogStreamKind, QByteArrayView) override { }
};

[[noreturn]] void stop(const std::string &why)
{
    std::fprintf(stderr, "Error: %s\n", why.c_str());
    std::exit(1);
}

/// Starts a program with an environment of its own and waits for it. `passDescriptor` becomes
/// seccompDescriptor in it.
void spawnAndWait(const std::vector<std::string> &command, int passDescriptor = -1)
{
    std::vector<char *> argv;
    for (const std::string &word : command)
        argv.push_back(const_cast<char *>(word.c_str()));
    argv.push_back(nullptr);
    char path[] = "PATH=/usr/bin:/bin";
    char language[] = "LANG=C.UTF-8";
    char *environment[] = {path, language, nullptr};

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    if (passDescriptor >= 0)
        posix_spawn_file_actions_adddup2(&actions, passDescriptor, seccompDescriptor);
    pid_t child = 0;
    const int error = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environment);
    posix_spawn_file_actions_destroy(&actions);
    if (error != 0)
        stop("cannot start " + command[0]);
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        stop(command[0] + " ended with wait status " + std::to_string(status));
}

/// A deny list of the calls that a sandbox must not offer, as a program for bubblewrap. Shorter
/// than our allow-list, so bubblewrap has the advantage.
int seccompProgram()
{
    const scmp_filter_ctx context = seccomp_init(SCMP_ACT_ALLOW);
    for (const char *call : {"mount",
                             "umount2",
                             "pivot_root",
                             "ptrace",
                             "bpf",
                             "keyctl",
                             "add_key",
                             "request_key",
                             "unshare",
                             "setns",
                             "perf_event_open",
                             "userfaultfd",
                             "io_uring_setup",
                             "io_uring_enter",
                             "io_uring_register",
                             "kexec_load",
                             "init_module",
                             "finit_module",
                             "delete_module",
                             "open_by_handle_at",
                             "process_vm_readv",
                             "process_vm_writev",
                             "kcmp",
                             "personality",
                             "syslog",
                             "memfd_secret",
                             "pidfd_getfd"}) {
        const int number = seccomp_syscall_resolve_name(call);
        if (number != __NR_SCMP_ERROR)
            seccomp_rule_add(context, SCMP_ACT_ERRNO(EPERM), number, 0);
    }
    const int program = memfd_create("seccomp", MFD_CLOEXEC);
    if (program < 0 || seccomp_export_bpf(context, program) != 0)
        stop("cannot make a seccomp program");
    seccomp_release(context);
    return program;
}

std::vector<std::string> bubblewrap(const std::string &program, const std::string &skill,
                                    bool withSeccomp)
{
    std::vector<std::string> command{program,
                                     "--unshare-all",
                                     "--unshare-user",
                                     "--uid",
                                     "65534",
                                     "--gid",
                                     "65534",
                                     "--die-with-parent",
                                     "--new-session",
                                     "--cap-drop",
                                     "ALL",
                                     "--hostname",
                                     "sandbox",
                                     "--ro-bind",
                                     "/usr",
                                     "/usr",
                                     "--symlink",
                                     "usr/bin",
                                     "/bin",
                                     "--symlink",
                                     "usr/lib",
                                     "/lib",
                                     "--symlink",
                                     "usr/lib64",
                                     "/lib64",
                                     "--proc",
                                     "/proc",
                                     "--dev",
                                     "/dev",
                                     "--tmpfs",
                                     "/tmp",
                                     "--ro-bind",
                                     skill,
                                     "/sandbox/scripts",
                                     "--tmpfs",
                                     "/sandbox/out",
                                     "--remount-ro",
                                     "/",
                                     "--chdir",
                                     "/sandbox",
                                     "--clearenv",
                                     "--setenv",
                                     "PATH",
                                     "/usr/bin:/bin",
                                     "--setenv",
                                     "LANG",
                                     "C.UTF-8"};
    if (withSeccomp) {
        command.push_back("--seccomp");
        command.push_back(std::to_string(seccompDescriptor));
    }
    return command;
}

struct Contender {
    std::string name;
    std::function<void()> run;
    std::vector<double> milliseconds = {};
    std::vector<double> inARow = {}; ///< milliseconds per run, one number for each row

    double quantile(double q) const { return quantileOf(milliseconds, q); }
    double median() const { return quantile(0.5); }
    double medianInARow() const { return quantileOf(inARow, 0.5); }

private:
    static double quantileOf(std::vector<double> sorted, double q)
    {
        std::sort(sorted.begin(), sorted.end());
        return sorted[static_cast<size_t>(q * static_cast<double>(sorted.size() - 1))];
    }
};

double millisecondsOf(const std::function<void()> &work)
{
    const auto start = Clock::now();
    work();
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void measure(std::vector<Contender> &contenders, int rounds)
{
    for (int round = -warmUpRounds; round < rounds; ++round) {
        for (size_t i = 0; i < contenders.size(); ++i) {
            // Another one begins each round: who comes first pays for what others left in caches.
            Contender &contender =
                contenders[(i + static_cast<size_t>(round + warmUpRounds)) % contenders.size()];
            std::this_thread::sleep_for(settling);
            const double taken = millisecondsOf(contender.run);
            if (round >= 0)
                contender.milliseconds.push_back(taken);
        }
    }
    for (int row = 0; row < std::max(3, rounds / rowLength); ++row) {
        for (Contender &contender : contenders) {
            std::this_thread::sleep_for(settling);
            contender.inARow.push_back(millisecondsOf([&contender] {
                                           for (int i = 0; i < rowLength; ++i)
                                               contender.run();
                                       })
                                       / rowLength);
        }
    }
}

void print(const char *title, const std::vector<Contender> &contenders)
{
    std::printf("\n%s\n  %-24s %9s %9s %9s %12s %14s\n", title, "", "median", "p10", "p90",
                "above bare", "in a row");
    const double bare = contenders.front().median();
    const Contender *yardstick = nullptr;
    for (const Contender &contender : contenders) {
        std::printf("  %-24s %6.2f ms %6.2f ms %6.2f ms", contender.name.c_str(),
                    contender.median(), contender.quantile(0.1), contender.quantile(0.9));
        if (&contender != &contenders.front())
            std::printf(" %9.2f ms", contender.median() - bare);
        else
            std::printf("%13s", "");
        std::printf(" %8.2f ms/run\n", contender.medianInARow());
        if (contender.name == "bubblewrap + seccomp")
            yardstick = &contender;
    }
    if (yardstick) {
        const Contender &ours = contenders.back();
        const double bareInARow = contenders.front().medianInARow();
        std::printf(
            "  above bare, %s costs %.0f %% of what bubblewrap + seccomp costs (goal: at most "
            "100 %%, aim 60 %%); in a row %.0f %%\n",
            ours.name.c_str(), (ours.median() - bare) / (yardstick->median() - bare) * 100,
            (ours.medianInARow() - bareInARow) / (yardstick->medianInARow() - bareInARow) * 100);
    }
}

/// What a runtime does for a script, for a program that needs no interpreter.
class TrueRunner
{
public:
    explicit TrueRunner(const QString &launcher) : m_launcher(launcher)
    {
        m_job.root = hostView({});
        m_job.argv = {"/usr/bin/true"};
        m_job.environment = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8"};
        m_job.workingDirectory = "/sandbox";
        m_job.inputJson = "{}";
        m_job.cpuSeconds = 60;
        m_job.memoryBytes = m_request.memoryBytes = 256 << 20;
        m_job.processes = m_request.processes = 128;
        m_job.openFiles = 1024;
        m_job.tmpBytes = m_job.outputBytes = 256 << 20;
        m_job.inodes = 10'000;
        m_request.milliCpu = 4000;
        m_request.wallClockMs = 60'000;
    }
    void run()
    {
        NoSink sink;
        Result<LaunchedRun> launched = m_launcher.launch(m_request, m_job);
        if (!launched)
            stop(launched.error().message.toStdString());
        const Result<MonitoredRun> run = monitorRun(std::move(*launched), m_limits, sink, {});
        if (!run || run->outcome.kind != OutcomeKind::Exited || run->outcome.exitCode != 0)
            stop("the sandboxed program failed");
    }

private:
    LauncherClient m_launcher;
    protocol::RunRequest m_request;
    protocol::Job m_job;
    SandboxLimits m_limits;
};

struct Program {
    const char *title;
    Language language;
    QString script;
    QByteArray text;
    std::vector<std::string> command; ///< the script's path follows
};

} // namespace

int main(int argc, char **argv)
{
    if (argc < 2)
        stop("usage: bench_sandbox_overhead LAUNCHER [ROUNDS]");
    const int rounds = argc > 2 ? std::max(1, std::atoi(argv[2])) : 60;

    const std::unique_ptr<SandboxRuntime> runtime = NativeRuntime::create(
        {.launcherPath = QString::fromLocal8Bit(argv[1])});
    const std::string bwrap = QStandardPaths::findExecutable(u"bwrap"_s).toStdString();
    const int seccomp = seccompProgram();

    TrueRunner trueRunner(QString::fromLocal8Bit(argv[1]));
    const std::vector<Program> programs{
        {"/usr/bin/true", {}, {}, {}, {"/usr/bin/true"}},
        {"bash, a script of one `:`",
         Language::Bash,
         u"main.sh"_s,
         ":\n"_ba,
         {"/usr/bin/bash", "--noprofile", "--norc"}},
        {"python3, a script of one `pass`",
         Language::Python,
         u"main.py"_s,
         "pass\n"_ba,
         {"/usr/bin/python3", "-s", "-E", "-B", "-u"}},
    };
    std::printf("%d rounds after %d to warm up, contenders taking turns\n", rounds, warmUpRounds);
    if (bwrap.empty())
        std::printf("bwrap is not installed: no yardstick\n");

    for (const Program &program : programs) {
        const bool isScript = !program.script.isEmpty();
        QTemporaryDir folder;
        QFile::setPermissions(folder.path(), QFile::Permissions(0x7755));
        const QString path = folder.filePath(program.script);
        if (isScript) {
            QFile script(path);
            if (!script.open(QIODevice::WriteOnly) || script.write(program.text) < 0)
                stop("cannot write a script below " + folder.path().toStdString());
            script.setPermissions(QFile::Permissions(0x6644));
        }

        SandboxJob job;
        job.language = program.language;
        job.skillDirectory = folder.path();
        job.entrypoint = program.script;
        job.inputJson = "{}";
        job.policy.limits.milliCpu = 4000; // what the others may use, too

        std::vector<Contender> contenders;
        std::vector<std::string> bare = program.command;
        if (isScript)
            bare.push_back(path.toStdString());
        contenders.push_back({"bare posix_spawn", [bare] { spawnAndWait(bare); }});
        for (const bool withSeccomp : {false, true}) {
            if (bwrap.empty())
                continue;
            std::vector<std::string> command = bubblewrap(bwrap, folder.path().toStdString(),
                                                          withSeccomp);
            command.insert(command.end(), program.command.begin(), program.command.end());
            if (isScript)
                command.push_back("/sandbox/scripts/" + program.script.toStdString());
            contenders.push_back({withSeccomp ? "bubblewrap + seccomp" : "bubblewrap",
                                  [command, withSeccomp, seccomp] {
                                      ::lseek(seccomp, 0, SEEK_SET);
                                      spawnAndWait(command, withSeccomp ? seccomp : -1);
                                  }});
        }
        contenders.push_back(
            {"skillbox", [&runtime, &job, &trueRunner, isScript] {
                 if (!isScript)
                     return trueRunner.run();
                 NoSink sink;
                 job.id = {newUuid()};
                 const Result<Outcome> outcome = runtime->run(job, sink, {});
                 if (!outcome)
                     stop(outcome.error().message.toStdString() + " "
                          + outcome.error().detail.toStdString());
                 if (outcome->kind != OutcomeKind::Exited || outcome->exitCode != 0)
                     stop("the sandboxed script failed: " + outcome->message.toStdString());
             }});
        measure(contenders, rounds);
        print(program.title, contenders);
    }
    ::close(seccomp);
    return 0;
}
