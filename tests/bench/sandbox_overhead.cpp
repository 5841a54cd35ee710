// What a sandbox costs above a bare start of the same program: our runtime beside bubblewrap with a
// policy like ours. All contenders take turns in every round, so that a busy machine is busy for
// all.
//
// Usage: bench_sandbox_overhead LAUNCHER [ROUNDS]

#include "engine/sandbox/native/native_runtime.h"
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
#include <vector>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

using Clock = std::chrono::steady_clock;
constexpr int warmUpRounds = 5;
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

    double quantile(double q) const
    {
        std::vector<double> sorted = milliseconds;
        std::sort(sorted.begin(), sorted.end());
        return sorted[static_cast<size_t>(q * static_cast<double>(sorted.size() - 1))];
    }
    double median() const { return quantile(0.5); }
};

void measure(std::vector<Contender> &contenders, int rounds)
{
    for (int round = -warmUpRounds; round < rounds; ++round) {
        for (size_t i = 0; i < contenders.size(); ++i) {
            // Another one begins each round: who comes first pays for what others left in caches.
            Contender &contender =
                contenders[(i + static_cast<size_t>(round + warmUpRounds)) % contenders.size()];
            const auto start = Clock::now();
            contender.run();
            const std::chrono::duration<double, std::milli> taken = Clock::now() - start;
            if (round >= 0)
                contender.milliseconds.push_back(taken.count());
        }
    }
}

void print(const char *title, const std::vector<Contender> &contenders)
{
    std::printf("\n%s\n  %-24s %9s %9s %9s %12s\n", title, "", "median", "p10", "p90",
                "above bare");
    const double bare = contenders.front().median();
    const Contender *yardstick = nullptr;
    for (const Contender &contender : contenders) {
        std::printf("  %-24s %6.2f ms %6.2f ms %6.2f ms", contender.name.c_str(),
                    contender.median(), contender.quantile(0.1), contender.quantile(0.9));
        if (&contender != &contenders.front())
            std::printf(" %9.2f ms", contender.median() - bare);
        std::printf("\n");
        if (contender.name == "bubblewrap + seccomp")
            yardstick = &contender;
    }
    if (yardstick) {
        const double ratio = (contenders.back().median() - bare) / (yardstick->median() - bare);
        std::printf("  %s costs %.0f %% of what bubblewrap + seccomp costs (goal: at most 100 %%, "
                    "aim 60 %%)\n",
                    contenders.back().name.c_str(), ratio * 100);
    }
}

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

    const std::vector<Program> programs{
        {"bash, a script of one `:`",
         Language::Bash,
         u"main.sh"_s,
         ":\n"_ba,
         {"/usr/bin/bash", "--noprofile", "--norc"}},
        {"python3, a script of one `pass`",
         Language::Python,
         u"main.py"_s,
         "pass\n"_ba,
         {"/usr/bin/python3", "-s", "-E", "-u"}},
    };
    std::printf("%d rounds after %d to warm up, contenders taking turns\n", rounds, warmUpRounds);
    if (bwrap.empty())
        std::printf("bwrap is not installed: no yardstick\n");

    for (const Program &program : programs) {
        QTemporaryDir folder;
        folder.setAutoRemove(true);
        QFile::setPermissions(folder.path(), QFile::Permissions(0x7755));
        QFile script(folder.filePath(program.script));
        if (!script.open(QIODevice::WriteOnly) || script.write(program.text) < 0)
            stop("cannot write a script below " + folder.path().toStdString());
        script.close();
        script.setPermissions(QFile::Permissions(0x6644));
        const std::string hostScript = script.fileName().toStdString();
        const std::string boxScript = "/sandbox/scripts/" + program.script.toStdString();

        SandboxJob job;
        job.language = program.language;
        job.skillDirectory = folder.path();
        job.entrypoint = program.script;
        job.inputJson = "{}";
        job.policy.limits.milliCpu = 4000; // what the others may use, too

        std::vector<Contender> contenders;
        std::vector<std::string> bare = program.command;
        bare.push_back(hostScript);
        contenders.push_back({"bare posix_spawn", [bare] { spawnAndWait(bare); }});
        for (const bool withSeccomp : {false, true}) {
            if (bwrap.empty())
                continue;
            std::vector<std::string> command = bubblewrap(bwrap, folder.path().toStdString(),
                                                          withSeccomp);
            command.insert(command.end(), program.command.begin(), program.command.end());
            command.push_back(boxScript);
            contenders.push_back({withSeccomp ? "bubblewrap + seccomp" : "bubblewrap",
                                  [command, withSeccomp, seccomp] {
                                      ::lseek(seccomp, 0, SEEK_SET);
                                      spawnAndWait(command, withSeccomp ? seccomp : -1);
                                  }});
        }
        contenders.push_back(
            {"skillbox", [&runtime, &job] {
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
