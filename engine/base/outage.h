#pragma once

#include <chrono>
#include <mutex>
#include <optional>

namespace skillbox {

/// Since when something in the network cannot be reached. Whoever comes late in an outage should
/// not wait as long as the first: all would, one after the other, and for nothing. Thread-safe.
class Outage
{
public:
    using Clock = std::chrono::steady_clock;

    void note(bool reached)
    {
        const std::lock_guard lock(m_mutex);
        if (reached)
            m_since.reset();
        else if (!m_since)
            m_since = Clock::now();
    }
    /// Until when to try again, if an outage is borne for `patience`.
    Clock::time_point deadline(std::chrono::milliseconds patience) const
    {
        const std::lock_guard lock(m_mutex);
        return m_since.value_or(Clock::now()) + patience;
    }

private:
    mutable std::mutex m_mutex;
    std::optional<Clock::time_point> m_since;
};

} // namespace skillbox
