#pragma once

#include "engine/sandbox/launcher/cgroup.h"
#include "engine/sandbox/launcher/sandbox_process.h"
#include "engine/sandbox/protocol/messages.h"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace skillbox::launcher {

/// Serves run requests until the control socket ends; then everything it started is dead.
/// Single-threaded on purpose: it forks, and death signals follow the parent's thread.
class LauncherLoop
{
public:
    explicit LauncherLoop(int controlSocket);
    ~LauncherLoop();
    int exec();

private:
    using Clock = std::chrono::steady_clock;
    /// A process that waits for a job, in its control group where there are any.
    struct Sandbox {
        // The order matters: the process is dead before its group is removed.
        std::unique_ptr<RunCgroup> cgroup;
        std::unique_ptr<SandboxProcess> process;
    };
    struct Run {
        int socket = -1; ///< to the engine
        protocol::RunRequest request;
        Sandbox sandbox;
        Clock::time_point asked;
        Clock::time_point deadline;
        bool started = false;
        bool cancelled = false; ///< the engine wants it dead
        bool timedOut = false;
        bool overMemory = false;                     ///< the watch killed it
        uint64_t watchedPeak = 0;                    ///< bytes, by the watch
        std::vector<protocol::RefusedCalls> refused; ///< so far, of an observed run
        std::optional<protocol::RunMessage> ending;  ///< Exited or Failed, told when all is dead
    };
    enum class Source : uint64_t { Control, RunSocket, Status, Process };

    void handle(uint64_t tag);
    void acceptRun();
    void startRun(Run run, const std::vector<int> &descriptors);
    void requireControls(const Run &run) const; ///< throws SetupError
    Sandbox takeSandbox();
    Sandbox makeSandbox();
    bool refill();
    size_t wantedReady() const;
    Clock::time_point nextRefill() const;
    void readWord(Run &run);
    static void tellUsage(Run &run);
    bool readStatus(Run &run); ///< false: there is nothing to read
    void forwardStarted(Run &run, protocol::RunMessage message,
                        const std::vector<int> &descriptors);
    void finish(uint64_t id);
    static void explainDeathInSetup(const Run &run, protocol::RunMessage &message);
    void enforceDeadlines();
    void watchMemory();
    static int millisecondsUntil(Clock::time_point moment);
    Clock::time_point nextDuty() const;
    void watch(int descriptor, Source source, uint64_t id);

    int m_control;
    int m_lifeLock = -1; ///< taken with the first sandbox
    int m_epoll;
    bool m_ended = false;
    bool m_canRefill = true;
    uint64_t m_nextId = 1;
    size_t m_busiest = 0; ///< most runs at once so far
    Clock::time_point m_lastStart{};
    Clock::time_point m_lastFinish{};
    std::string m_noCgroupReason;
    std::unique_ptr<CgroupTree> m_cgroups;
    std::deque<Sandbox> m_ready;
    std::map<uint64_t, Run> m_runs;
};

} // namespace skillbox::launcher
