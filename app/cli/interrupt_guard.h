#pragma once

#include "engine/base/unique_fd.h"

#include <atomic>
#include <functional>
#include <thread>

namespace skillbox {

/// While it lives, the first SIGINT, SIGTERM or SIGHUP calls `onInterrupt` on a thread of its own;
/// the second ends the process at once with exit code 130. One at a time in a process. Handlers
/// rather than a blocked mask, because children start with handlers reset but masks inherited.
class InterruptGuard
{
public:
    explicit InterruptGuard(std::function<void()> onInterrupt);
    ~InterruptGuard();
    InterruptGuard(const InterruptGuard &) = delete;
    InterruptGuard &operator=(const InterruptGuard &) = delete;

    bool interrupted() const { return m_interrupted.load(); }

private:
    UniqueFd m_readEnd;
    UniqueFd m_writeEnd;
    std::atomic<bool> m_interrupted = false;
    std::thread m_thread;
};

/// A closed pipe is then an errno of write() and not our death. An empty handler, not SIG_IGN: what
/// is ignored stays ignored in every program we start.
void handleBrokenPipes();

} // namespace skillbox
