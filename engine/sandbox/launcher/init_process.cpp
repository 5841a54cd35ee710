#include "engine/sandbox/launcher/init_process.h"

#include "engine/sandbox/launcher/call_observer.h"
#include "engine/sandbox/launcher/seccomp_filter.h"
#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/launcher/status_report.h"
#include "engine/sandbox/launcher/weaken.h"
#include "engine/sandbox/protocol/packet.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
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

/// In the script's process: takes the observed filter and hands the listener to the init. From then
/// on a refused call would wait for an observer that does not listen yet, so only sending is left.
void askToBeObserved(MemoryKeeper keeper, int socket)
{
    const int listener = applyObservedSeccomp(keeper);
    const char byte = 'l';
    if (!protocol::sendPacket(socket, {&byte, 1}, {&listener, 1}))
        throw SetupError{"handing over the listener"};
    if (weakened("listener"))
        fcntl(listener, F_DUPFD, STDERR_FILENO + 1); // without close-on-exec
    close(listener);
    close(socket);
}

int receiveListener(int socket)
{
    const protocol::Packet packet = protocol::receivePacket(socket);
    if (packet.descriptors.size() != 1)
        throw SetupError{"observing the script", EPROTO};
    close(socket);
    return packet.descriptors.front();
}

void blockChildSignal(int how)
{
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    require(sigprocmask(how, &children, nullptr), "watching the script's process");
}

int waitFor(pid_t script)
{
    int status = 0;
    while (waitpid(-1, &status, 0) != script) { }
    return status;
}

uint64_t processorTime(int of)
{
    rusage usage{};
    getrusage(of, &usage);
    const auto microseconds = [](const timeval &time) {
        return static_cast<uint64_t>(time.tv_sec) * 1'000'000 + static_cast<uint64_t>(time.tv_usec);
    };
    return microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
}

uint64_t peakOfChildren()
{
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

} // namespace

void runInit(const protocol::Job &job, MemoryKeeper keeper, int statusSocket, int stdoutPipe,
             int stderrPipe)
{
    const bool isObserved = job.observed && !weakened("seccomp");
    int handover[2] = {-1, -1};
    if (isObserved) {
        require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, handover), "making a socket");
        blockChildSignal(SIG_BLOCK);
    }
    const pid_t script = fork();
    if (script == 0) {
        try {
            if (isObserved) {
                blockChildSignal(SIG_UNBLOCK);
                close(handover[0]);
                askToBeObserved(keeper, handover[1]);
            }
        } catch (const SetupError &error) {
            reportFailure(statusSocket, error.stage, error.errorNumber);
            _exit(127);
        }
        executeScript(job, statusSocket, stdoutPipe, stderrPipe);
    }
    if (script < 0) {
        reportFailure(statusSocket, "starting the script's process", errno);
        _exit(1);
    }
    // Else the engine would wait for the end of the log for as long as we live.
    close(stdoutPipe);
    close(stderrPipe);

    protocol::RunMessage message;
    message.kind = protocol::RunMessage::Exited;
    message.hasWaitStatus = true;
    if (isObserved) {
        close(handover[1]);
        CallObserver observer(receiveListener(handover[0]), statusSocket);
        confineObserver();
        message.waitStatus = static_cast<uint32_t>(observer.waitFor(script));
        message.refused = observer.refused();
        message.cpuMicroseconds = processorTime(RUSAGE_SELF); // what it cost to answer
    } else {
        message.waitStatus = static_cast<uint32_t>(waitFor(script));
    }
    message.cpuMicroseconds += processorTime(RUSAGE_CHILDREN);
    message.peakMemoryBytes = peakOfChildren();
    protocol::sendPacket(statusSocket, protocol::encode(message));
    _exit(0);
}

} // namespace skillbox::launcher
