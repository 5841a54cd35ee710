#pragma once

#include <QtGlobal>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>

namespace skillbox {

/// What a run uses, everything in it together.
struct RunUsage {
    qint64 memoryBytes = 0;              ///< now
    qint64 peakMemoryBytes = 0;          ///< so far
    std::chrono::microseconds cpuTime{}; ///< so far
};

/// Through which somebody looks at what a run uses while it lasts. Costs nothing while nobody does:
/// the run is asked when, and only when, somebody reads. Thread-safe.
class UsageMeter
{
public:
    /// Asks the run and waits for its answer, at most this long. What it said less than
    /// `freshFor` ago is told again, so that many who read ask no more than one. Nothing: it does
    /// not run (yet, or any more), its runtime cannot tell, or it did not answer in time.
    std::optional<RunUsage> read(std::chrono::milliseconds patience);
    static constexpr std::chrono::milliseconds freshFor{500};

    /// For the runtime, while it carries the run out: `ask` is called on the thread of one who
    /// reads, and must only wake whoever then calls answer().
    class Attachment
    {
    public:
        /// A null meter: nobody will ask.
        Attachment(UsageMeter *meter, std::function<void()> ask);
        ~Attachment();
        Attachment(const Attachment &) = delete;
        Attachment &operator=(const Attachment &) = delete;

    private:
        UsageMeter *m_meter;
    };
    /// Whether somebody waits for an answer that was not asked for yet; the caller asks for it now.
    bool takeQuestion();
    void answer(const RunUsage &usage);

private:
    using Clock = std::chrono::steady_clock;
    std::mutex m_mutex; ///< guards everything below
    std::condition_variable m_answered;
    std::function<void()> m_ask;
    std::optional<RunUsage> m_usage;
    Clock::time_point m_usageAt;
    bool m_asked = false;  ///< by a reader, of the runtime
    bool m_waited = false; ///< takeQuestion() has not seen it
};

} // namespace skillbox
