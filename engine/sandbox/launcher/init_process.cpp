#include "engine/sandbox/launcher/init_process.h"

#include "engine/sandbox/launcher/status_report.h"
#include "engine/sandbox/launcher/weaken.h"
#include "engine/sandbox/protocol/packet.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

namespace skillbox::launcher {
namespace {

std::vector<char *> pointers(const std::vector<std::string> &texts)
{
    std::vector<char *> result;
    for (const std::string &text : texts)
        result.push_back(const_cast<char *>(text.c_str()));
    result.push_back(nullptr);
    return result;
}

[[noreturn]] void executeScript(const protocol::Job &job, int statusSocket, int stdoutPipe,
                                int stderrPipe)
{
    // The status socket and everything else is close-on-exec; the script gets 0, 1 and 2.
    if (dup2(stdoutPipe, STDOUT_FILENO) < 0 || dup2(stderrPipe, STDERR_FILENO) < 0
        || chdir(job.workingDirectory.c_str()) != 0) {
        reportFailure(statusSocket, "preparing the script's process", errno);
        _exit(127);
    }
    if (weakened("descriptors"))
        fcntl(statusSocket, F_DUPFD, STDERR_FILENO + 1); // without close-on-exec
    const std::vector<char *> arguments = pointers(job.argv);
    const std::vector<char *> environment = pointers(job.environment);
    execve(arguments[0], arguments.data(), environment.data());
    reportFailure(statusSocket, "executing " + job.argv[0], errno);
    _exit(127);
}

uint64_t microseconds(const timeval &time)
{
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000 + static_cast<uint64_t>(time.tv_usec);
}

} // namespace

void runInit(const protocol::Job &job, int statusSocket, int stdoutPipe, int stderrPipe)
{
    const pid_t script = fork();
    if (script == 0)
        executeScript(job, statusSocket, stdoutPipe, stderrPipe);
    if (script < 0) {
        reportFailure(statusSocket, "starting the script's process", errno);
        _exit(1);
    }
    // Else the engine would wait for the end of the log for as long as we live.
    close(stdoutPipe);
    close(stderrPipe);

    for (;;) {
        int status = 0;
        const pid_t ended = waitpid(-1, &status, 0);
        if (ended != script)
            continue;
        rusage usage{};
        getrusage(RUSAGE_CHILDREN, &usage);
        protocol::RunMessage message;
        message.kind = protocol::RunMessage::Exited;
        message.waitStatus = static_cast<uint32_t>(status);
        message.hasWaitStatus = true;
        message.cpuMicroseconds = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
        message.peakMemoryBytes = static_cast<uint64_t>(usage.ru_maxrss) * 1024;
        protocol::sendPacket(statusSocket, protocol::encode(message));
        _exit(0);
    }
}

} // namespace skillbox::launcher
