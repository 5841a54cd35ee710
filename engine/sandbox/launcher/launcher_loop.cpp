#include "engine/sandbox/launcher/launcher_loop.h"

#include "engine/sandbox/launcher/landlock_rules.h"
#include "engine/sandbox/launcher/life_lock.h"
#include "engine/sandbox/launcher/memory_watch.h"
#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/launcher/weaken.h"
#include "engine/sandbox/protocol/packet.h"

#include <csignal>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>

namespace skillbox::launcher {
namespace {

/// A sandbox that is not complete by then never will be.
constexpr auto setupDeadline = std::chrono::seconds(30);
/// How often the memory of runs without a control group is looked at.
constexpr auto watchInterval = std::chrono::milliseconds(50);
/// Fewest and most processes kept waiting for a job once there were runs.
constexpr size_t minReady = 4;
constexpr size_t maxReady = 16;
/// They are made when it disturbs least: some time after the last run has ended, or when those that
/// run are long past their start, which is when they would share a core with us.
constexpr auto quietAfterFinish = std::chrono::milliseconds(3);
constexpr auto quietAfterStart = std::chrono::milliseconds(50);
/// Bits of an epoll tag that say which descriptor of a run it was.
constexpr unsigned sourceBits = 2;

void closeAll(const std::vector<int> &descriptors)
{
    for (int descriptor : descriptors)
        close(descriptor);
}

/// Says the last word on a run's socket, which is closed next. What the engine has sent (it wants
/// to know, or to kill) must not stay unread: that would reset its end (unix(7)), and our word with
/// it.
void tellLast(int socket, const protocol::RunMessage &last)
{
    shutdown(socket, SHUT_RD); // no more comes after this
    for (;;) {
        const protocol::Packet packet = protocol::receivePacket(socket, MSG_DONTWAIT);
        closeAll(packet.descriptors);
        if (packet.state != protocol::Packet::State::Data)
            break;
    }
    protocol::sendPacket(socket, protocol::encode(last));
}

void tellFailure(int socket, const SetupError &error)
{
    protocol::RunMessage failure;
    failure.kind = protocol::RunMessage::Failed;
    failure.stage = error.stage;
    failure.errorNumber = static_cast<uint32_t>(error.errorNumber);
    tellLast(socket, failure);
}

std::string mebibytes(uint64_t bytes)
{
    return std::to_string(bytes >> 20) + " MiB";
}

} // namespace

LauncherLoop::LauncherLoop(int controlSocket)
    : m_control(controlSocket)
    , m_epoll(epoll_create1(EPOLL_CLOEXEC))
    , m_cgroups(findCgroupTree(m_noCgroupReason))
{
    watch(m_control, Source::Control, 0);
}

LauncherLoop::~LauncherLoop()
{
    m_runs.clear(); // kills and waits, then removes the control groups
    m_ready.clear();
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
    while (!m_ended) {
        epoll_event events[64];
        const auto refillAt = nextRefill();
        const int count = epoll_wait(m_epoll, events, 64,
                                     millisecondsUntil(std::min(nextDuty(), refillAt)));
        if (count < 0 && errno != EINTR)
            return 1;
        if (count == 0 && Clock::now() >= refillAt)
            m_canRefill = refill();
        for (int i = 0; i < count && !m_ended; ++i) {
            if (static_cast<Source>(events[i].data.u64 & ((1U << sourceBits) - 1))
                    == Source::Control
                && (events[i].events & (EPOLLHUP | EPOLLERR)))
                m_ended = true; // the engine is gone, and with it the reason for every run
            else
                handle(events[i].data.u64);
        }
        enforceDeadlines();
        watchMemory();
    }
    return 0;
}

void LauncherLoop::handle(uint64_t tag)
{
    const auto source = static_cast<Source>(tag & ((1U << sourceBits) - 1));
    if (source == Source::Control) {
        acceptRun();
        return;
    }
    const auto found = m_runs.find(tag >> sourceBits);
    if (found == m_runs.end())
        return; // finished by an earlier event of the same round
    Run &run = found->second;
    switch (source) {
    case Source::RunSocket: readWord(run); break;
    case Source::Status: readStatus(run); break;
    case Source::Process: finish(found->first); break;
    case Source::Control: break;
    }
}

void LauncherLoop::readWord(Run &run)
{
    const protocol::Packet packet = protocol::receivePacket(run.socket, MSG_DONTWAIT);
    closeAll(packet.descriptors);
    if (packet.state == protocol::Packet::State::Data && packet.bytes.size() == 1
        && packet.bytes.front() == protocol::EngineWord::Usage) {
        tellUsage(run);
        return;
    }
    // Another byte or the end: either way the engine wants it dead. Listen no more.
    run.cancelled = true;
    epoll_ctl(m_epoll, EPOLL_CTL_DEL, run.socket, nullptr);
    run.sandbox.process->kill();
}

void LauncherLoop::tellUsage(Run &run)
{
    protocol::RunMessage message;
    message.kind = protocol::RunMessage::Used;
    if (run.sandbox.cgroup) {
        const CgroupUsage usage = run.sandbox.cgroup->usage();
        message.memoryBytes = usage.memoryBytes;
        message.peakMemoryBytes = std::max(usage.peakMemoryBytes, usage.memoryBytes);
        message.cpuMicroseconds = usage.cpuMicroseconds;
    } else {
        const pid_t init = run.sandbox.process->pid();
        message.memoryBytes = residentMemoryOf(init, run.request.memoryBytes);
        message.peakMemoryBytes = std::max(run.watchedPeak, message.memoryBytes);
        message.cpuMicroseconds = processorTimeOf(init);
    }
    protocol::sendPacket(run.socket, protocol::encode(message));
}

void LauncherLoop::acceptRun()
{
    const protocol::Packet packet = protocol::receivePacket(m_control, MSG_DONTWAIT);
    if (packet.state != protocol::Packet::State::Data
        || packet.descriptors.size() != protocol::RunDescriptorCount) {
        if (packet.isCut && !packet.descriptors.empty())
            tellFailure(packet.descriptors[protocol::RunSocket], {"receiving the job", EMFILE});
        closeAll(packet.descriptors);
        return;
    }
    const int socket = packet.descriptors[protocol::RunSocket];
    Run run;
    run.socket = socket;
    run.asked = Clock::now();
    run.deadline = run.asked + setupDeadline;
    try {
        if (!protocol::decode(packet.bytes, run.request))
            throw SetupError{"reading the request", EPROTO};
        startRun(std::move(run), packet.descriptors);
    } catch (const SetupError &error) {
        tellFailure(socket, error);
        close(socket);
    }
    // The sandbox has its own copies; ours would keep the log open after its end.
    close(packet.descriptors[protocol::JobMemory]);
    close(packet.descriptors[protocol::StdoutPipe]);
    close(packet.descriptors[protocol::StderrPipe]);
}

void LauncherLoop::startRun(Run run, const std::vector<int> &descriptors)
{
    for (int attempt = 0;; ++attempt) {
        run.sandbox = takeSandbox();
        requireControls(run);
        if (run.sandbox.cgroup)
            run.sandbox.cgroup->setLimits(run.request);
        if (run.sandbox.process->handOver(
                run.sandbox.cgroup ? MemoryKeeper::Cgroup : MemoryKeeper::Watch,
                descriptors[protocol::JobMemory], descriptors[protocol::StdoutPipe],
                descriptors[protocol::StderrPipe]))
            break;
        if (attempt > static_cast<int>(maxReady)) // more than can have died while they waited
            throw SetupError{"handing the job to a sandbox", EPIPE};
    }
    const uint64_t id = m_nextId++;
    watch(run.socket, Source::RunSocket, id);
    watch(run.sandbox.process->statusSocket(), Source::Status, id);
    watch(run.sandbox.process->pidfd(), Source::Process, id);
    m_runs.emplace(id, std::move(run));
    m_busiest = std::max(m_busiest, m_runs.size());
    m_lastStart = Clock::now();
    m_canRefill = true; // what made it fail may have passed
}

void LauncherLoop::requireControls(const Run &run) const
{
    const auto missing = [](const std::string &control) {
        return SetupError{"applying the required control " + control, EOPNOTSUPP};
    };
    const uint64_t required = run.request.required;
    if ((required & protocol::RequireCgroup) && !run.sandbox.cgroup)
        throw missing("control_group (" + m_noCgroupReason + ")");
    if ((required & protocol::RequireCgroup) && !m_cgroups->holdsCpu())
        throw missing("control_group (the cpu controller is not delegated to us)");
    if ((required & protocol::RequireLandlock) && landlockAbi() < 1)
        throw missing("landlock");
    if ((required & protocol::RequireTimeNamespace) && !run.sandbox.process->hasTimeNamespace())
        throw missing("time_namespace");
}

LauncherLoop::Sandbox LauncherLoop::takeSandbox()
{
    if (m_ready.empty())
        return makeSandbox();
    Sandbox sandbox = std::move(m_ready.front());
    m_ready.pop_front();
    return sandbox;
}

LauncherLoop::Sandbox LauncherLoop::makeSandbox()
{
    if (m_lifeLock < 0)
        m_lifeLock = makeLifeLock();
    Sandbox sandbox;
    if (m_cgroups)
        sandbox.cgroup = m_cgroups->make();
    sandbox.process = std::make_unique<SandboxProcess>(m_lifeLock, sandbox.cgroup.get());
    return sandbox;
}

size_t LauncherLoop::wantedReady() const
{
    // A program that lives for one run needs one.
    return m_nextId <= 2 ? 1 : std::clamp(m_busiest * 2, minReady, maxReady);
}

LauncherLoop::Clock::time_point LauncherLoop::nextRefill() const
{
    if (!m_canRefill || m_ready.size() >= wantedReady())
        return Clock::time_point::max();
    return m_runs.empty() ? m_lastFinish + quietAfterFinish : m_lastStart + quietAfterStart;
}

bool LauncherLoop::refill()
{
    try {
        m_ready.push_back(makeSandbox()); // one: then look whether there is something else to do
        return true;
    } catch (const SetupError &) {
        return false; // the next run tries for itself and tells its engine why it fails
    }
}

bool LauncherLoop::readStatus(Run &run)
{
    const int statusSocket = run.sandbox.process->statusSocket();
    const protocol::Packet packet = protocol::receivePacket(statusSocket, MSG_DONTWAIT);
    if (packet.state != protocol::Packet::State::Data) {
        if (packet.state == protocol::Packet::State::End)
            epoll_ctl(m_epoll, EPOLL_CTL_DEL, statusSocket, nullptr);
        return false;
    }
    protocol::RunMessage message;
    if (protocol::decode(packet.bytes, message)) {
        if (message.kind == protocol::RunMessage::Started)
            forwardStarted(run, std::move(message), packet.descriptors);
        else if (message.kind == protocol::RunMessage::Observed)
            run.refused = std::move(message.refused);
        else if (message.kind != protocol::RunMessage::Used && !run.ending)
            run.ending = std::move(message); // the first word counts: a failed exec ends with 127
    }
    closeAll(packet.descriptors);
    return true;
}

void LauncherLoop::forwardStarted(Run &run, protocol::RunMessage message,
                                  const std::vector<int> &descriptors)
{
    const auto now = Clock::now();
    run.started = true;
    run.deadline = weakened("wall_clock")
        ? Clock::time_point::max()
        : now + std::chrono::milliseconds(run.request.wallClockMs);
    const auto &early = run.sandbox.process->controls();
    message.controls.insert(message.controls.begin(), early.begin(), early.end());
    const std::string keeper = run.sandbox.cgroup ? m_cgroups->kind() : "watched";
    message.controls.push_back({"memory", mebibytes(run.request.memoryBytes) + ", " + keeper});
    message.controls.push_back(
        {"processes",
         std::to_string(run.request.processes)
             + (run.sandbox.cgroup ? ", " + keeper : std::string(", rlimit"))});
    message.controls.push_back({"cpu",
                                run.sandbox.cgroup && m_cgroups->holdsCpu()
                                    ? std::to_string(run.request.milliCpu) + "m, " + keeper
                                    : std::string("absent")});
    if (!run.sandbox.cgroup)
        message.controls.push_back({"no_cgroup", m_noCgroupReason});
    message.setupMicroseconds = static_cast<uint64_t>(
        std::chrono::duration_cast<std::chrono::microseconds>(now - run.asked).count());
    protocol::sendPacket(run.socket, protocol::encode(message), descriptors);
}

void LauncherLoop::finish(uint64_t id)
{
    Run run = std::move(m_runs.at(id));
    m_runs.erase(id);
    m_lastFinish = Clock::now();
    // The init's last words may still wait behind its death.
    while (readStatus(run)) { }
    run.sandbox.process.reset();

    protocol::RunMessage message;
    if (run.ending) {
        message = std::move(*run.ending);
    } else {
        message.kind = protocol::RunMessage::Exited; // killed: by us, by its memory limit, …
        message.hasWaitStatus = false;
    }
    if (message.refused.empty())
        message.refused = std::move(run.refused);
    message.timedOut = run.timedOut;
    message.outOfMemory = run.overMemory;
    message.peakMemoryBytes = std::max(message.peakMemoryBytes, run.watchedPeak);
    if (run.sandbox.cgroup) {
        const CgroupUsage usage = run.sandbox.cgroup->usage();
        message.outOfMemory = usage.outOfMemory;
        message.peakMemoryBytes = std::max(message.peakMemoryBytes, usage.peakMemoryBytes);
        message.cpuMicroseconds = std::max(message.cpuMicroseconds, usage.cpuMicroseconds);
        run.sandbox.cgroup.reset(); // before the engine hears of the end: nothing is left then
    }
    if (!run.started && !run.cancelled && message.kind == protocol::RunMessage::Exited)
        explainDeathInSetup(run, message);
    tellLast(run.socket, message);
    close(run.socket);
}

void LauncherLoop::explainDeathInSetup(const Run &run, protocol::RunMessage &message)
{
    message.kind = protocol::RunMessage::Failed;
    if (message.outOfMemory) {
        message.stage = "fitting the sandbox into " + mebibytes(run.request.memoryBytes);
        message.errorNumber = ENOMEM;
    } else if (run.timedOut) {
        message.stage = "making the sandbox in " + std::to_string(setupDeadline.count()) + " s";
        message.errorNumber = ETIMEDOUT;
    } else { // somebody on the host killed it
        message.stage = "making the sandbox";
        message.errorNumber = EINTR;
    }
}

void LauncherLoop::enforceDeadlines()
{
    const auto now = Clock::now();
    for (auto &[id, run] : m_runs) {
        if (!run.timedOut && now >= run.deadline) {
            run.timedOut = true;
            run.sandbox.process->kill();
        }
    }
}

void LauncherLoop::watchMemory()
{
    if (m_cgroups || weakened("memory_watch"))
        return;
    for (auto &[id, run] : m_runs) {
        const uint64_t resident = residentMemoryOf(run.sandbox.process->pid(),
                                                   run.request.memoryBytes);
        run.watchedPeak = std::max(run.watchedPeak, resident);
        if (resident > run.request.memoryBytes) {
            run.overMemory = true;
            run.sandbox.process->kill();
        }
    }
}

LauncherLoop::Clock::time_point LauncherLoop::nextDuty() const
{
    auto earliest = Clock::time_point::max();
    for (const auto &[id, run] : m_runs) {
        if (!run.timedOut)
            earliest = std::min(earliest, run.deadline);
    }
    if (!m_cgroups && !m_runs.empty())
        earliest = std::min(earliest, Clock::now() + watchInterval);
    return earliest;
}

int LauncherLoop::millisecondsUntil(Clock::time_point moment)
{
    if (moment == Clock::time_point::max())
        return -1;
    const auto rest = std::chrono::ceil<std::chrono::milliseconds>(moment - Clock::now());
    return static_cast<int>(std::clamp<int64_t>(rest.count(), 0, 3'600'000));
}

} // namespace skillbox::launcher
