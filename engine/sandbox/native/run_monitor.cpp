#include "engine/sandbox/native/run_monitor.h"

#include "engine/sandbox/native/refused_calls.h"
#include "engine/sandbox/native/setup_advice.h"
#include "engine/sandbox/protocol/packet.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

#include <array>
#include <csignal>
#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

void sendWord(int socket, char word)
{
    protocol::sendPacket(socket, {&word, 1});
}

class RunMonitor
{
public:
    RunMonitor(LaunchedRun run, const SandboxLimits &limits, OutputSink &sink, UsageMeter *usage)
        : m_run(std::move(run))
        , m_limits(limits)
        , m_sink(sink)
        , m_usage(usage)
        , m_wakeUp(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK))
    {
    }

    Result<MonitoredRun> follow(std::stop_token cancellation);

private:
    void readLog(UniqueFd &pipe, LogStreamKind kind);
    void readMessage();
    void wake() const;
    void wakeUp(const std::stop_token &cancellation);
    void kill(OutcomeKind why);
    Result<MonitoredRun> conclude();

    LaunchedRun m_run;
    const SandboxLimits &m_limits;
    OutputSink &m_sink;
    UsageMeter *m_usage;
    UniqueFd m_wakeUp;
    std::optional<OutcomeKind> m_killedFor;
    std::optional<protocol::RunMessage> m_ending;
    MonitoredRun m_result;
    qint64 m_logBytes = 0;
    bool m_launcherDied = false;
    bool m_lostDescriptors = false;
    // As large as a pipe holds by default, so that one read empties it.
    std::array<char, 65536> m_buffer;
};

Result<MonitoredRun> RunMonitor::follow(std::stop_token cancellation)
{
    const std::stop_callback cancelled(cancellation, [this] { wake(); });
    const UsageMeter::Attachment asked(m_usage, [this] { wake(); });
    // The log ends when the last process is dead; the launcher's last word comes about then too.
    while (!m_launcherDied && (!m_ending || m_run.stdoutPipe || m_run.stderrPipe)) {
        // A flood is not read on while its end is on the way: what writes it is held by a full
        // pipe.
        const bool isFlood = m_killedFor == OutcomeKind::OutputTooLarge && !m_ending;
        // poll(2) ignores negative descriptors.
        std::array<pollfd, 4> waiting{{{m_ending ? -1 : m_run.socket.get(), POLLIN, 0},
                                       {isFlood ? -1 : m_run.stdoutPipe.get(), POLLIN, 0},
                                       {isFlood ? -1 : m_run.stderrPipe.get(), POLLIN, 0},
                                       {m_wakeUp.get(), POLLIN, 0}}};
        if (poll(waiting.data(), waiting.size(), -1) < 0)
            continue; // EINTR
        if (waiting[1].revents)
            readLog(m_run.stdoutPipe, LogStreamKind::Stdout);
        if (waiting[2].revents)
            readLog(m_run.stderrPipe, LogStreamKind::Stderr);
        if (waiting[3].revents)
            wakeUp(cancellation);
        if (waiting[0].revents)
            readMessage();
    }
    return conclude();
}

void RunMonitor::wake() const
{
    const uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(m_wakeUp.get(), &one, sizeof one);
}

void RunMonitor::wakeUp(const std::stop_token &cancellation)
{
    uint64_t count = 0;
    [[maybe_unused]] const ssize_t size = ::read(m_wakeUp.get(), &count, sizeof count);
    if (cancellation.stop_requested())
        kill(OutcomeKind::Cancelled);
    else if (m_usage && m_usage->takeQuestion() && !m_ending)
        sendWord(m_run.socket.get(), protocol::EngineWord::Usage);
}

void RunMonitor::readLog(UniqueFd &pipe, LogStreamKind kind)
{
    const ssize_t size = ::read(pipe.get(), m_buffer.data(), m_buffer.size());
    if (size > 0) {
        m_logBytes += size;
        m_sink.write(kind, QByteArrayView(m_buffer.data(), size));
        if (m_logBytes > m_limits.logKillBytes)
            kill(OutcomeKind::OutputTooLarge);
    } else if (size == 0 || (errno != EAGAIN && errno != EINTR)) {
        pipe.reset();
    }
}

void RunMonitor::readMessage()
{
    protocol::Packet packet = protocol::receivePacket(m_run.socket.get(), MSG_DONTWAIT);
    if (packet.state == protocol::Packet::State::Error && (errno == EAGAIN || errno == EINTR))
        return;
    protocol::RunMessage message;
    if (packet.state != protocol::Packet::State::Data || !protocol::decode(packet.bytes, message)) {
        m_launcherDied = true;
    } else if (packet.isCut) {
        m_lostDescriptors = true; // and with them what the run leaves
        kill(OutcomeKind::Cancelled);
    } else if (message.kind == protocol::RunMessage::Started) {
        m_result.outcome.setupTime = std::chrono::microseconds(message.setupMicroseconds);
        m_result.controls = std::move(message.controls);
        for (UniqueFd *folder :
             {&m_result.outcome.outDirectory, &m_result.outcome.sessionDirectory}) {
            if (!packet.descriptors.empty()) {
                folder->reset(packet.descriptors.front());
                packet.descriptors.erase(packet.descriptors.begin());
            }
        }
    } else if (message.kind == protocol::RunMessage::Used) {
        if (m_usage) {
            m_usage->answer({static_cast<qint64>(message.memoryBytes),
                             static_cast<qint64>(message.peakMemoryBytes),
                             std::chrono::microseconds(message.cpuMicroseconds)});
        }
    } else {
        m_ending = std::move(message);
    }
    for (int descriptor : packet.descriptors)
        ::close(descriptor);
}

void RunMonitor::kill(OutcomeKind why)
{
    if (m_killedFor)
        return;
    m_killedFor = why;
    sendWord(m_run.socket.get(), protocol::EngineWord::Kill);
}

Result<MonitoredRun> RunMonitor::conclude()
{
    Outcome &outcome = m_result.outcome;
    if (m_lostDescriptors) {
        return fail(ErrorCode::Internal,
                    u"The sandbox could not be started: %1."_s.arg(
                        QString::fromLocal8Bit(std::strerror(EMFILE))));
    }
    if (!m_ending) {
        return fail(ErrorCode::Internal,
                    u"The sandbox launcher ended unexpectedly; the run was stopped."_s);
    }
    const protocol::RunMessage &ending = *m_ending;
    outcome.cpuTime = std::chrono::microseconds(ending.cpuMicroseconds);
    outcome.peakMemoryBytes = static_cast<qint64>(ending.peakMemoryBytes);
    outcome.refused = refusedCalls(ending.refused);
    if (ending.kind == protocol::RunMessage::Failed) {
        const SetupAdvice advice = adviseOnSetupFailure(QString::fromStdString(ending.stage),
                                                        static_cast<int>(ending.errorNumber));
        outcome.kind = OutcomeKind::SetupFailed;
        outcome.message = u"The sandbox could not be made: %1."_s.arg(advice.message);
        m_result.advice = advice.fix;
    } else if (ending.hasWaitStatus) {
        // The script ended by itself, though a kill may have been on its way.
        const int status = static_cast<int>(ending.waitStatus);
        if (WIFSIGNALED(status)) {
            outcome.kind = OutcomeKind::Signaled;
            outcome.signal = WTERMSIG(status);
        } else {
            outcome.kind = OutcomeKind::Exited;
            outcome.exitCode = WEXITSTATUS(status);
        }
    } else if (m_killedFor) {
        outcome.kind = *m_killedFor;
    } else if (ending.timedOut) {
        outcome.kind = OutcomeKind::TimedOut;
    } else {
        outcome.kind = OutcomeKind::Signaled; // somebody on the host killed it
        outcome.signal = SIGKILL;
    }
    if (ending.outOfMemory && outcome.kind != OutcomeKind::SetupFailed)
        outcome.kind = OutcomeKind::OutOfMemory;
    return std::move(m_result);
}

} // namespace

Result<MonitoredRun> monitorRun(LaunchedRun run, const SandboxLimits &limits, OutputSink &sink,
                                UsageMeter *usage, std::stop_token cancellation)
{
    return RunMonitor(std::move(run), limits, sink, usage).follow(std::move(cancellation));
}

} // namespace skillbox
