#include "engine/sandbox/launcher/sandbox_process.h"

#include "engine/sandbox/launcher/id_map.h"
#include "engine/sandbox/launcher/sandbox_child.h"
#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/launcher/status_report.h"
#include "engine/sandbox/launcher/weaken.h"
#include "engine/sandbox/protocol/packet.h"

#include <csignal>
#include <fcntl.h>
#include <linux/sched.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace skillbox::launcher {
namespace {

constexpr uint64_t namespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET
    | CLONE_NEWIPC | CLONE_NEWUTS; // and that of control groups, which the child makes later

constexpr int keptStatusSocket = 3;
constexpr int keptLifeLock = 4;

/// Keeps only these two, as the descriptors above; whatever else the launcher has open (other runs'
/// sockets) is gone.
void keepOnly(int statusSocket, int lifeLock)
{
    const int highSocket = fcntl(statusSocket, F_DUPFD_CLOEXEC, keptLifeLock + 1);
    const int highLock = fcntl(lifeLock, F_DUPFD_CLOEXEC, keptLifeLock + 1);
    if (highSocket < 0 || highLock < 0 || dup3(highSocket, keptStatusSocket, O_CLOEXEC) < 0
        || dup3(highLock, keptLifeLock, O_CLOEXEC) < 0
        || close_range(keptLifeLock + 1, ~0U, 0) != 0) {
        reportFailure(highSocket < 0 ? statusSocket : highSocket, "closing the launcher's files",
                      errno);
        _exit(1);
    }
}

pid_t cloneInto(uint64_t flags, int cgroup, int *pidfd)
{
    clone_args arguments{};
    arguments.flags = flags | CLONE_PIDFD;
    arguments.pidfd = reinterpret_cast<uint64_t>(pidfd);
    arguments.exit_signal = SIGCHLD;
    if (cgroup >= 0) {
        arguments.flags |= CLONE_INTO_CGROUP;
        arguments.cgroup = static_cast<uint64_t>(cgroup);
    }
    return static_cast<pid_t>(syscall(SYS_clone3, &arguments, sizeof arguments));
}

} // namespace

SandboxProcess::SandboxProcess(int lifeLock, const RunCgroup *cgroup)
{
    const int target = cgroup ? cgroup->cloneTarget() : -1;
    int sockets[2];
    require(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), "making a socket");
    m_pid = cloneInto((namespaces | CLONE_NEWTIME) & ~weakenedNamespaces(), target, &m_pidfd);
    if (m_pid < 0 && errno == EINVAL) { // a kernel without CONFIG_TIME_NS
        m_hasTimeNamespace = false;
        m_pid = cloneInto(namespaces & ~weakenedNamespaces(), target, &m_pidfd);
    }
    if (m_pid == 0) {
        keepOnly(sockets[1], lifeLock);
        runSandboxChild(keptStatusSocket, keptLifeLock, cgroup);
    }
    const int cloneError = errno;
    close(sockets[1]);
    m_statusSocket = sockets[0];
    if (m_pid < 0) {
        close(m_statusSocket);
        throw SetupError{"creating namespaces", cloneError};
    }
    try {
        m_controls = {
            {"namespaces", "user mount pid net ipc uts cgroup"},
            {"time_namespace", m_hasTimeNamespace ? "own" : "absent"},
            {"host_uid", mapIds(m_pid)},
        };
    } catch (const SetupError &) {
        // It may be dead already: then its own last word says more.
        protocol::RunMessage last;
        const protocol::Packet packet = protocol::receivePacket(m_statusSocket, MSG_DONTWAIT);
        const bool hasTold = packet.state == protocol::Packet::State::Data
            && protocol::decode(packet.bytes, last);
        end();
        if (hasTold)
            throw SetupError{last.stage, static_cast<int>(last.errorNumber)};
        throw;
    }
}

SandboxProcess::~SandboxProcess()
{
    end();
}

void SandboxProcess::end()
{
    kill();
    siginfo_t info{};
    while (waitid(P_PIDFD, static_cast<id_t>(m_pidfd), &info, WEXITED) != 0 && errno == EINTR) { }
    close(m_pidfd);
    close(m_statusSocket);
}

void SandboxProcess::kill()
{
    // The init of a pid namespace takes every member with it (pid_namespaces(7)).
    syscall(SYS_pidfd_send_signal, m_pidfd, SIGKILL, nullptr, 0);
}

bool SandboxProcess::handOver(MemoryKeeper keeper, int jobMemory, int stdoutPipe, int stderrPipe)
{
    const char byte = static_cast<char>(keeper);
    const int passed[] = {jobMemory, stdoutPipe, stderrPipe};
    return protocol::sendPacket(m_statusSocket, {&byte, 1}, passed);
}

} // namespace skillbox::launcher
