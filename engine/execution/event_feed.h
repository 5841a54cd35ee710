#pragma once

#include "engine/execution/run_events.h"

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace skillbox {

/// Tells subscribers what happens to runs, on one thread of its own, so that none of them holds up
/// a run. Thread-safe.
class EventFeed
{
public:
    /// Where the events of a run come from that this process does not carry out: appends what is
    /// new. Called on the feed's thread now and then, until the events have ended.
    using Refresh = std::function<void(RunEvents &)>;

    EventFeed() = default;
    ~EventFeed();
    EventFeed(const EventFeed &) = delete;
    EventFeed &operator=(const EventFeed &) = delete;

    /// A number beyond the last event is taken for the last but one, so that whoever comes back
    /// too late still gets the end.
    std::unique_ptr<ExecutionSubscription> follow(std::shared_ptr<RunEvents> events,
                                                  qint64 afterSeq, ExecutionObserver observer,
                                                  Refresh refresh = {});
    /// Events were appended somewhere. Cheap while nobody follows anything.
    void wake();
    /// The same, and there may be news of runs of other processes.
    void wakeToRefresh();
    /// From now on whoever follows a run of another process is told what is known of it, and then
    /// Left. Does not wait for that.
    void leaveForeign();

private:
    class Follower;
    class Subscription;
    void work(const std::stop_token &closing);
    bool round(const std::vector<std::shared_ptr<Follower>> &followers, bool refresh, bool leave);

    std::mutex m_mutex; ///< guards everything below
    std::condition_variable_any m_changed;
    std::vector<std::shared_ptr<Follower>> m_followers;
    bool m_dirty = false;
    bool m_refreshNow = false;
    bool m_leaving = false;
    std::atomic<int> m_count = 0;
    std::jthread m_thread; // last: joined before the rest goes
};

} // namespace skillbox
