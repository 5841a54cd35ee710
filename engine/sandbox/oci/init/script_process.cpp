#include "engine/sandbox/oci/init/script_process.h"

#include "engine/sandbox/launcher/landlock_rules.h"
#include "engine/sandbox/launcher/seccomp_filter.h"
#include "engine/sandbox/launcher/setup_error.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>

namespace skillbox::container {
namespace {

using launcher::require;
using launcher::SetupError;

struct Pipe {
    int readEnd;
    int writeEnd;
};

Pipe makePipe()
{
    int ends[2];
    require(pipe2(ends, O_CLOEXEC), "making a pipe");
    return {ends[0], ends[1]};
}

std::vector<char *> pointers(const std::vector<std::string> &texts)
{
    std::vector<char *> result;
    for (const std::string &text : texts)
        result.push_back(const_cast<char *>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

void tell(int statusPipe, const protocol::RunMessage &message)
{
    wire::Writer out;
    out.text(protocol::encode(message));
    // A few hundred bytes go into an empty pipe as a whole (pipe(7), PIPE_BUF).
    [[maybe_unused]] const ssize_t written = write(statusPipe, out.bytes().data(),
                                                   out.bytes().size());
}

/// The kernel ends the script first, and not the init that has to tell of it. Raising needs no
/// privilege (proc(5)).
void preferForOutOfMemory()
{
    // What is not dumpable may not even write its own files of /proc; the script is, anyway.
    prctl(PR_SET_DUMPABLE, 1);
    const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return; // not every runtime has it; then the kernel takes the largest
    [[maybe_unused]] const ssize_t written = write(file, "1000", 4);
    close(file);
}

/// Never above what there is. Lowering needs no privilege: a runtime that refuses it all the same
/// (gVisor) does not have what is limited.
void limit(__rlimit_resource resource, rlim_t wanted, const char *name)
{
    rlimit now{};
    const std::string stage = std::string("limiting ") + name;
    require(getrlimit(resource, &now), stage);
    const rlim_t value = std::min(wanted, now.rlim_max);
    const rlimit next{value, value};
    if (setrlimit(resource, &next) != 0 && errno != EPERM)
        throw SetupError{stage};
}

/// As in a native run, but for the number of processes: that is counted per user on the whole host,
/// and every container has the same one; it is for the control group.
void limitScript(const protocol::Job &job)
{
    limit(RLIMIT_CORE, 0, "core dumps");
    limit(RLIMIT_FSIZE, std::max({job.tmpBytes, job.outputBytes, job.sessionBytes}), "file size");
    limit(RLIMIT_NOFILE, job.openFiles, "open files");
    limit(RLIMIT_MEMLOCK, 0, "locked memory");
    limit(RLIMIT_MSGQUEUE, 0, "message queues");
    limit(RLIMIT_SIGPENDING, 1024, "pending signals");
    limit(RLIMIT_NICE, 0, "priority");
    limit(RLIMIT_RTPRIO, 0, "real-time priority");
    limit(RLIMIT_CPU, job.cpuSeconds, "processor time");
}

[[noreturn]] void becomeScript(const protocol::ContainerJob &job,
                               const std::vector<std::string> &argv,
                               const std::vector<std::string> &environment, int statusPipe,
                               int stdoutPipe, int stderrPipe)
{
    protocol::RunMessage message;
    try {
        sigset_t none;
        sigemptyset(&none);
        require(sigprocmask(SIG_SETMASK, &none, nullptr), "unblocking signals");
        signal(SIGPIPE, SIG_DFL);
        preferForOutOfMemory();
        const int null = static_cast<int>(
            require(open("/dev/null", O_RDONLY | O_CLOEXEC), "opening /dev/null"));
        require(dup2(null, STDIN_FILENO), "replacing the standard input");
        require(dup2(stdoutPipe, STDOUT_FILENO), "replacing the standard output");
        require(dup2(stderrPipe, STDERR_FILENO), "replacing the standard error");
        require(chdir(job.job.workingDirectory.c_str()), "entering " + job.job.workingDirectory);
        limitScript(job.job);
        message.kind = protocol::RunMessage::Started;
        message.controls.push_back(
            {"landlock", launcher::applyLandlock(!job.job.sessionSource.empty())});
        message.controls.push_back(
            {"seccomp", launcher::applySeccomp(launcher::MemoryKeeper::Cgroup)});
        tell(statusPipe, message);
        const std::vector<char *> arguments = pointers(argv);
        const std::vector<char *> variables = pointers(environment);
        execve(arguments[0], arguments.data(), variables.data());
        throw SetupError{"executing " + argv[0]};
    } catch (const SetupError &error) {
        message = {};
        message.kind = protocol::RunMessage::Failed;
        message.stage = error.stage;
        message.errorNumber = static_cast<uint32_t>(error.errorNumber);
        tell(statusPipe, message);
    }
    _exit(127);
}

/// Returns at the end of the pipe: the script has been executed, or has failed to be.
std::vector<protocol::AppliedControl> listen(int statusPipe)
{
    std::string bytes;
    char buffer[4096];
    for (;;) {
        const ssize_t size = read(statusPipe, buffer, sizeof buffer);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            break;
        bytes.append(buffer, static_cast<size_t>(size));
    }
    close(statusPipe);
    std::vector<protocol::AppliedControl> controls;
    bool started = false;
    wire::Reader in(bytes);
    while (!in.atEnd() && in.ok()) {
        protocol::RunMessage message;
        if (!protocol::decode(in.view(), message))
            break;
        if (message.kind == protocol::RunMessage::Failed)
            throw SetupError{message.stage, static_cast<int>(message.errorNumber)};
        controls = std::move(message.controls);
        started = true;
    }
    if (!started)
        throw SetupError{"starting the script's process", ECHILD};
    return controls;
}

bool isProgram(const std::string &path)
{
    struct stat info = {};
    return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)
        && access(path.c_str(), X_OK) == 0;
}

} // namespace

FoundInterpreter findInterpreter(const protocol::InterpreterWish &wish,
                                 const std::string &searchPath)
{
    for (const std::string &name : wish.names) {
        for (size_t begin = 0; begin <= searchPath.size();) {
            const size_t end = std::min(searchPath.find(':', begin), searchPath.size());
            std::string program = searchPath.substr(begin, end - begin);
            begin = end + 1;
            if (!program.starts_with('/'))
                continue; // relative to a working folder that is the skill's
            if (!program.ends_with('/'))
                program += '/';
            program += name;
            if (isProgram(program))
                return {wish.language, program, wish.arguments};
        }
    }
    return {wish.language, {}, {}};
}

ScriptProcess startScript(const protocol::ContainerJob &job, const FoundInterpreter &interpreter,
                          const std::string &searchPath)
{
    std::vector<std::string> argv{interpreter.program};
    argv.insert(argv.end(), interpreter.arguments.begin(), interpreter.arguments.end());
    argv.insert(argv.end(), job.job.argv.begin(), job.job.argv.end());
    std::vector<std::string> environment = job.job.environment;
    environment.push_back("PATH=" + searchPath);

    const Pipe status = makePipe();
    const Pipe out = makePipe();
    const Pipe err = makePipe();
    const pid_t pid = static_cast<pid_t>(require(fork(), "starting the script's process"));
    if (pid == 0)
        becomeScript(job, argv, environment, status.writeEnd, out.writeEnd, err.writeEnd);
    for (int end : {status.writeEnd, out.writeEnd, err.writeEnd})
        close(end);
    ScriptProcess script{pid, out.readEnd, err.readEnd, listen(status.readEnd)};
    fcntl(script.stdoutPipe, F_SETFL, O_NONBLOCK);
    fcntl(script.stderrPipe, F_SETFL, O_NONBLOCK);
    return script;
}

} // namespace skillbox::container
