#pragma once

#include <chrono>
#include <mutex>
#include <optional>

namespace skillbox {

/// Since when something in the network cannot be reached. Whoever comes late in an outage should
/// not wait as long as the first: all would, one after the other, and for nothing. A failure that
/// was not seen again for a while was not of the next outage: those who reach it over connections
/// that they have do not say so. Thread-safe.
class Outage
{
public:
    using Clock = std::chrono::steady_clock;

    static constexpr std::chrono::minutes forgotten{1};

    void note(bool reached, Clock::time_point now = Clock::now())
    {
        const std::lock_guard lock(m_mutex);
        if (reached)
            m_since.reset();
        else if (!isOn(now))
            m_since = now;
        m_failed = now;
    }
    /// Until when to try again, if an outage is borne for `patience`.
    Clock::time_point deadline(std::chrono::milliseconds patience,
                               Clock::time_point now = Clock::now()) const
    {
        const std::lock_guard lock(m_mutex);
        return (isOn(now) ? *m_since : now) + patience;
    }

private:
    bool isOn(Clock::time_point now) const { return m_since && now - m_failed < forgotten; }

    mutable std::mutex m_mutex;
    std::optional<Clock::time_point> m_since;
    Clock::time_point m_failed; ///< last
};

} // namespace skillbox
