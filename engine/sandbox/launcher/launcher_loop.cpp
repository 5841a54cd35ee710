#include "engine/sandbox/launcher/launcher_loop.h"

#include "engine/sandbox/launcher/sandbox_process.h"
#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/protocol/packet.h"

#include <csignal>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>

namespace skillbox::launcher {
namespace {

/// A sandbox that is not complete by then never will be.
constexpr auto setupDeadline = std::chrono::seconds(30);
/// Bits of an epoll tag that say which descriptor of a run it was.
constexpr unsigned sourceBits = 2;

void closeAll(const std::vector<int> &descriptors)
{
    for (int descriptor : descriptors)
        close(descriptor);
}

/// A job's memory, mapped; the engine sealed it, so that it cannot shrink under us.
class JobMemory
{
public:
    explicit JobMemory(int descriptor)
    {
        struct stat info;
        if (fstat(descriptor, &info) != 0 || info.st_size <= 0)
            return;
        const int seals = fcntl(descriptor, F_GET_SEALS);
        if (seals < 0 || !(seals & F_SEAL_SHRINK))
            return;
        m_size = static_cast<size_t>(info.st_size);
        m_data = mmap(nullptr, m_size, PROT_READ, MAP_SHARED, descriptor, 0);
    }
    ~JobMemory()
    {
        if (m_data != MAP_FAILED)
            munmap(m_data, m_size);
    }
    JobMemory(const JobMemory &) = delete;
    JobMemory &operator=(const JobMemory &) = delete;
    std::string_view bytes() const
    {
        return m_data == MAP_FAILED ? std::string_view()
                                    : std::string_view(static_cast<const char *>(m_data), m_size);
    }

private:
    void *m_data = MAP_FAILED;
    size_t m_size = 0;
};

} // namespace

LauncherLoop::LauncherLoop(int controlSocket)
    : m_control(controlSocket)
    , m_epoll(epoll_create1(EPOLL_CLOEXEC))
{
    watch(m_control, Source::Control, 0);
}

void LauncherLoop::watch(int descriptor, Source source, uint64_t id)
{
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = id << sourceBits | static_cast<uint64_t>(source);
    epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event);
}

int LauncherLoop::exec()
{
    for (;;) {
        epoll_event events[64];
        const int count = epoll_wait(m_epoll, events, 64, millisecondsToDeadline());
        if (count < 0 && errno != EINTR)
            return 1;
        for (int i = 0; i < count; ++i) {
            const uint64_t id = events[i].data.u64 >> sourceBits;
            const auto source
                = static_cast<Source>(events[i].data.u64 & ((1U << sourceBits) - 1));
            if (source == Source::Control) {
                if (events[i].events & (EPOLLHUP | EPOLLERR))
                    return 0; // the engine is gone; every init dies with us, and its sandbox with it
                acceptRun();
                continue;
            }
            const auto found = m_runs.find(id);
            if (found == m_runs.end())
                continue; // finished by an earlier event of this round
            switch (source) {
            case Source::RunSocket:
                // A byte or the end: either way the engine wants it dead. Listen no more. The byte
                // is read, because closing a socket with unread bytes resets the peer's (unix(7)),
                // which would lose our last message.
                protocol::receivePacket(found->second.socket, MSG_DONTWAIT);
                epoll_ctl(m_epoll, EPOLL_CTL_DEL, found->second.socket, nullptr);
                kill(found->second);
                break;
            case Source::Status: readStatus(found->second); break;
            case Source::Process: finish(id); break;
            case Source::Control: break;
            }
        }
        enforceDeadlines();
    }
}

void LauncherLoop::acceptRun()
{
    const protocol::Packet packet = protocol::receivePacket(m_control, MSG_DONTWAIT);
    if (packet.state != protocol::Packet::State::Data
        || packet.descriptors.size() != protocol::RunDescriptorCount) {
        closeAll(packet.descriptors);
        return;
    }
    Run run;
    run.socket = packet.descriptors[protocol::RunSocket];
    run.asked = Clock::now();
    run.deadline = run.asked + setupDeadline;
    try {
        const JobMemory memory(packet.descriptors[protocol::JobMemory]);
        protocol::Job job;
        if (!protocol::decode(memory.bytes(), job))
            throw SetupError{"reading the job", EPROTO};
        run.wallClockMs = job.wallClockMs;
        startRun(run, job, packet.descriptors[protocol::StdoutPipe],
                 packet.descriptors[protocol::StderrPipe]);
    } catch (const SetupError &error) {
        protocol::RunMessage failure;
        failure.stage = error.stage;
        failure.errorNumber = static_cast<uint32_t>(error.errorNumber);
        protocol::sendPacket(run.socket, protocol::encode(failure));
        close(run.socket);
    }
    // The sandbox has its own copies; ours would keep the log open after its end.
    close(packet.descriptors[protocol::JobMemory]);
    close(packet.descriptors[protocol::StdoutPipe]);
    close(packet.descriptors[protocol::StderrPipe]);
}

void LauncherLoop::startRun(Run &run, const protocol::Job &job, int stdoutPipe, int stderrPipe)
{
    SandboxProcess process = startSandbox(job, stdoutPipe, stderrPipe);
    run.statusSocket = process.statusSocket;
    run.pidfd = process.pidfd;
    run.controls = std::move(process.controls);
    const uint64_t id = m_nextId++;
    watch(run.socket, Source::RunSocket, id);
    watch(run.statusSocket, Source::Status, id);
    watch(run.pidfd, Source::Process, id);
    m_runs.emplace(id, std::move(run));
}

void LauncherLoop::readStatus(Run &run)
{
    protocol::Packet packet = protocol::receivePacket(run.statusSocket, MSG_DONTWAIT);
    protocol::RunMessage message;
    if (packet.state != protocol::Packet::State::Data) {
        if (packet.state == protocol::Packet::State::End)
            epoll_ctl(m_epoll, EPOLL_CTL_DEL, run.statusSocket, nullptr);
        return;
    }
    if (protocol::decode(packet.bytes, message)) {
        if (message.kind == protocol::RunMessage::Started) {
            const auto now = Clock::now();
            run.deadline = now + std::chrono::milliseconds(run.wallClockMs);
            message.controls.insert(message.controls.begin(), run.controls.begin(),
                                    run.controls.end());
            message.setupMicroseconds = static_cast<uint64_t>(
                std::chrono::duration_cast<std::chrono::microseconds>(now - run.asked).count());
            protocol::sendPacket(run.socket, protocol::encode(message), packet.descriptors);
        } else if (!run.ending) {
            run.ending = std::move(message); // the first word counts: a failed exec ends with 127
        }
    }
    closeAll(packet.descriptors);
}

void LauncherLoop::finish(uint64_t id)
{
    Run run = std::move(m_runs.at(id));
    m_runs.erase(id);
    // The init's last words may still wait behind its death.
    for (int i = 0; i < 4; ++i)
        readStatus(run);
    siginfo_t info{};
    waitid(P_PIDFD, static_cast<id_t>(run.pidfd), &info, WEXITED);

    protocol::RunMessage message;
    if (run.ending) {
        message = std::move(*run.ending);
    } else {
        message.kind = protocol::RunMessage::Exited; // killed: by us, by its memory limit, …
        message.hasWaitStatus = false;
    }
    message.timedOut = run.timedOut;
    protocol::sendPacket(run.socket, protocol::encode(message));
    close(run.socket);
    close(run.statusSocket);
    close(run.pidfd);
}

void LauncherLoop::kill(const Run &run)
{
    // The init of a pid namespace takes every member with it (pid_namespaces(7)).
    syscall(SYS_pidfd_send_signal, run.pidfd, SIGKILL, nullptr, 0);
}

void LauncherLoop::enforceDeadlines()
{
    const auto now = Clock::now();
    for (auto &[id, run] : m_runs) {
        if (!run.timedOut && now >= run.deadline) {
            run.timedOut = true;
            kill(run);
        }
    }
}

int LauncherLoop::millisecondsToDeadline() const
{
    auto earliest = Clock::time_point::max();
    for (const auto &[id, run] : m_runs) {
        if (!run.timedOut)
            earliest = std::min(earliest, run.deadline);
    }
    if (earliest == Clock::time_point::max())
        return -1;
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(earliest - Clock::now());
    return static_cast<int>(std::clamp<int64_t>(rest.count(), 0, 3'600'000));
}

} // namespace skillbox::launcher
