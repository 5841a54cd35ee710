#pragma once

#include "engine/base/unique_fd.h"

#include <QSocketNotifier>

#include <functional>
#include <memory>

namespace skillbox {

/// While it lives, the first SIGTERM or SIGINT calls `onStop` from the event loop, and the second
/// ends the process at once as that signal would have. Handlers rather than a blocked mask: what we
/// start inherits masks. One in a process.
class StopSignals
{
public:
    explicit StopSignals(std::function<void(int signal)> onStop);
    ~StopSignals();
    StopSignals(const StopSignals &) = delete;
    StopSignals &operator=(const StopSignals &) = delete;

private:
    UniqueFd m_readEnd;
    UniqueFd m_writeEnd;
    std::unique_ptr<QSocketNotifier> m_notifier;
};

} // namespace skillbox
