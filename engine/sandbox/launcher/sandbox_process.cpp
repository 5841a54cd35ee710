#include "engine/sandbox/launcher/sandbox_process.h"

#include "engine/sandbox/launcher/id_map.h"
#include "engine/sandbox/launcher/sandbox_child.h"
#include "engine/sandbox/launcher/setup_error.h"

#include <fcntl.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <csignal>
#include <unistd.h>

namespace skillbox::launcher {
namespace {

constexpr uint64_t namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET
    | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

/// Keeps only the three descriptors a sandbox needs, at fixed numbers, close-on-exec; whatever else
/// the launcher has open (other runs' sockets) is gone.
ChildDescriptors keepOnly(const ChildDescriptors &wanted)
{
    // First out of the way of the final numbers, then onto them.
    const int from[] = {wanted.statusSocket, wanted.stdoutPipe, wanted.stderrPipe};
    int high[3];
    for (int i = 0; i < 3; ++i)
        high[i] = static_cast<int>(require(fcntl(from[i], F_DUPFD_CLOEXEC, 64), "keeping descriptors"));
    for (int i = 0; i < 3; ++i)
        require(dup3(high[i], 3 + i, O_CLOEXEC), "keeping descriptors");
    require(close_range(6, ~0U, 0), "closing descriptors");
    return {3, 4, 5};
}

pid_t cloneInto(uint64_t flags, int *pidfd)
{
    clone_args arguments{};
    arguments.flags = flags | CLONE_PIDFD;
    arguments.pidfd = reinterpret_cast<uint64_t>(pidfd);
    arguments.exit_signal = SIGCHLD;
    return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
}

} // namespace

SandboxProcess startSandbox(const protocol::Job &job, int stdoutPipe, int stderrPipe)
{
    int sockets[2];
    require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), "making a socket");

    SandboxProcess process;
    const char *timeNamespace = "own";
    process.pid = cloneInto(namespaces | CLONE_NEWTIME, &process.pidfd);
    if (process.pid < 0 && errno == EINVAL) { // a kernel without CONFIG_TIME_NS
        timeNamespace = "absent";
        process.pid = cloneInto(namespaces, &process.pidfd);
    }
    if (process.pid == 0) {
        try {
            runSandboxChild(job, keepOnly({sockets[1], stdoutPipe, stderrPipe}));
        } catch (const SetupError &) {
            _exit(1);
        }
    }
    const int cloneError = errno;
    close(sockets[1]);
    if (process.pid < 0) {
        close(sockets[0]);
        throw SetupError{"creating namespaces", cloneError};
    }
    process.statusSocket = sockets[0];
    try {
        const std::string mapping = mapIds(process.pid);
        process.controls = {
            {"namespaces", "user mount pid net ipc uts cgroup"},
            {"time_namespace", timeNamespace},
            {"host_uid", mapping},
        };
        require(send(process.statusSocket, "g", 1, MSG_NOSIGNAL), "starting the sandbox");
    } catch (const SetupError &) {
        syscall(SYS_pidfd_send_signal, process.pidfd, SIGKILL, nullptr, 0);
        waitpid(process.pid, nullptr, 0);
        close(process.pidfd);
        close(process.statusSocket);
        throw;
    }
    return process;
}

} // namespace skillbox::launcher
