#pragma once

#include "engine/sandbox/protocol/messages.h"

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace skillbox::launcher {

/// Serves run requests until the control socket ends; then everything it started is dead.
/// Single-threaded on purpose: it forks, and death signals follow the parent's thread.
class LauncherLoop
{
public:
    explicit LauncherLoop(int controlSocket);
    int exec();

private:
    using Clock = std::chrono::steady_clock;
    struct Run {
        int socket = -1;       ///< to the engine
        int statusSocket = -1; ///< from the sandbox's init
        int pidfd = -1;
        uint64_t wallClockMs = 0;
        Clock::time_point asked;
        Clock::time_point deadline;
        bool timedOut = false;
        std::vector<protocol::AppliedControl> controls;
        std::optional<protocol::RunMessage> ending; ///< Exited or Failed, told when all is dead
    };
    enum class Source : uint64_t { Control, RunSocket, Status, Process };

    void acceptRun();
    void startRun(Run &run, const protocol::Job &job, int stdoutPipe, int stderrPipe);
    void readStatus(Run &run);
    void finish(uint64_t id);
    void enforceDeadlines();
    int millisecondsToDeadline() const;
    void watch(int descriptor, Source source, uint64_t id);
    static void kill(const Run &run);

    int m_control;
    int m_epoll;
    uint64_t m_nextId = 1;
    std::map<uint64_t, Run> m_runs;
};

} // namespace skillbox::launcher
