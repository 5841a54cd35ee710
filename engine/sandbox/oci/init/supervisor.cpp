#include "engine/sandbox/oci/init/supervisor.h"

#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/oci/init/counters.h"

#include <poll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <optional>

namespace skillbox::container {
namespace {

using Clock = std::chrono::steady_clock;
using protocol::FrameKind;

sigset_t watchedSignals()
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    return signals;
}

class Supervisor
{
public:
    Supervisor(const ScriptProcess &script, const protocol::ContainerJob &job, FrameOutput &output)
        : m_script(script)
        , m_job(job)
        , m_output(output)
        , m_deadline(Clock::now() + std::chrono::milliseconds(job.wallClockMs))
    {
        const sigset_t signals = watchedSignals();
        m_signals = static_cast<int>(launcher::require(
            signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), "waiting for signals"));
    }

    protocol::RunMessage follow();

private:
    void wait();
    void readLog(int &pipe, FrameKind kind);
    void readSignals();
    void reap();
    void killAll();
    int millisecondsLeft() const;

    ScriptProcess m_script;
    const protocol::ContainerJob &m_job;
    FrameOutput &m_output;
    const Clock::time_point m_deadline;
    int m_signals = -1;
    bool m_killing = false;
    bool m_timedOut = false;
    bool m_allDead = false;
    std::optional<int> m_status;
    uint64_t m_logBytes = 0;
    std::array<char, 65536> m_buffer;
};

int Supervisor::millisecondsLeft() const
{
    if (m_killing)
        return 20; // then it is looked again whether something is left
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(m_deadline
                                                                            - Clock::now());
    return static_cast<int>(std::clamp<int64_t>(left.count() + 1, 0, 60'000));
}

void Supervisor::wait()
{
    // What cannot be passed on is not read: a full pipe holds whoever writes it.
    const bool mayRead = m_output.isIdle();
    std::array<pollfd, 4> waiting{{{m_signals, POLLIN, 0},
                                   {mayRead ? m_script.stdoutPipe : -1, POLLIN, 0},
                                   {mayRead ? m_script.stderrPipe : -1, POLLIN, 0},
                                   {mayRead ? -1 : m_output.descriptor(), POLLOUT, 0}}};
    if (poll(waiting.data(), waiting.size(), millisecondsLeft()) < 0)
        return; // EINTR
    if (waiting[1].revents)
        readLog(m_script.stdoutPipe, FrameKind::Stdout);
    if (waiting[2].revents)
        readLog(m_script.stderrPipe, FrameKind::Stderr);
    if (waiting[3].revents)
        m_output.writeSome();
    if (waiting[0].revents)
        readSignals();
}

void Supervisor::readLog(int &pipe, FrameKind kind)
{
    const ssize_t size = read(pipe, m_buffer.data(), m_buffer.size());
    if (size > 0) {
        m_logBytes += static_cast<uint64_t>(size);
        m_output.send(kind, {m_buffer.data(), static_cast<size_t>(size)});
        if (m_logBytes > m_job.logKillBytes)
            killAll();
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
        close(pipe);
        pipe = -1;
    }
}

void Supervisor::readSignals()
{
    signalfd_siginfo signal{};
    while (read(m_signals, &signal, sizeof signal) == sizeof signal) {
        // The script may send us what it likes; a sender outside has no number here.
        if (signal.ssi_signo == SIGTERM && signal.ssi_pid == 0)
            killAll();
    }
    reap();
}

void Supervisor::reap()
{
    for (;;) {
        int status = 0;
        const pid_t pid = waitpid(-1, &status, WNOHANG);
        if (pid == m_script.pid && !m_killing)
            m_status = status;
        if (pid < 0 && errno == ECHILD)
            m_allDead = true;
        if (pid <= 0)
            break;
    }
    if (m_status && !m_killing)
        killAll(); // what it left running
}

void Supervisor::killAll()
{
    m_killing = true;
    kill(-1, SIGKILL); // all but the first process of the namespace (kill(2))
}

protocol::RunMessage Supervisor::follow()
{
    while (!m_allDead) {
        wait();
        if (!m_killing && Clock::now() >= m_deadline) {
            m_timedOut = true;
            killAll();
        } else if (m_killing) {
            killAll();
            reap();
        }
    }
    // Nobody is left to write: what the pipes still hold is the rest of the log.
    while (m_script.stdoutPipe >= 0 || m_script.stderrPipe >= 0) {
        m_output.flush();
        if (m_script.stdoutPipe >= 0)
            readLog(m_script.stdoutPipe, FrameKind::Stdout);
        if (m_script.stderrPipe >= 0)
            readLog(m_script.stderrPipe, FrameKind::Stderr);
    }
    m_output.flush();

    protocol::RunMessage message;
    message.kind = protocol::RunMessage::Exited;
    message.hasWaitStatus = m_status.has_value();
    message.waitStatus = static_cast<uint32_t>(m_status.value_or(0));
    message.timedOut = m_timedOut;
    const Counters counters = readCounters();
    message.outOfMemory = counters.memoryKills > 0;
    rusage usage{};
    getrusage(RUSAGE_CHILDREN, &usage);
    const auto microseconds = [](const timeval &time) {
        return static_cast<uint64_t>(time.tv_sec) * 1'000'000 + static_cast<uint64_t>(time.tv_usec);
    };
    message.cpuMicroseconds = microseconds(usage.ru_utime) + microseconds(usage.ru_stime);
    message.peakMemoryBytes = counters.peakMemory > 0
        ? counters.peakMemory
        : static_cast<uint64_t>(usage.ru_maxrss) * 1024;
    return message;
}

} // namespace

void blockSignals()
{
    const sigset_t signals = watchedSignals();
    launcher::require(sigprocmask(SIG_BLOCK, &signals, nullptr), "blocking signals");
}

protocol::RunMessage superviseScript(const ScriptProcess &script, const protocol::ContainerJob &job,
                                     FrameOutput &output)
{
    return Supervisor(script, job, output).follow();
}

} // namespace skillbox::container
