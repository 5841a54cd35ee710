#include "engine/execution/event_feed.h"

#include "engine/execution/execution_log.h"

#include <algorithm>

using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// How soon something new of a run in another process is seen.
constexpr auto refreshInterval = 100ms;
/// Events for one follower before it is the next one's turn.
constexpr int eventsPerTurn = 256;

} // namespace

class EventFeed::Follower
{
public:
    Follower(std::shared_ptr<RunEvents> events, qint64 next, ExecutionObserver observer,
             Refresh refresh)
        : m_events(std::move(events))
        , m_refresh(std::move(refresh))
        , m_next(next)
        , m_observer(std::move(observer))
    {
    }

    bool isForeign() const { return static_cast<bool>(m_refresh); }
    void refresh()
    {
        if (m_refresh && !m_events->ended())
            m_refresh(*m_events);
    }

    /// Passes on what there is, up to a turn's worth; whether there is more.
    bool deliver()
    {
        for (int told = 0; told < eventsPerTurn; ++told) {
            const auto event = m_events->at(m_next);
            if (!event || !tell(*event))
                return false;
            ++m_next;
            if (event->kind == ExecutionEvent::Kind::Finished) {
                close();
                return false;
            }
        }
        return true;
    }

    /// The last word on a run of another process.
    void bidFarewell()
    {
        if (!isForeign() || isClosed())
            return;
        ExecutionEvent left;
        left.kind = ExecutionEvent::Kind::Left;
        (void)tell(left);
        close();
    }

    bool isClosed() const
    {
        const std::lock_guard lock(m_mutex);
        return m_closed;
    }

    /// No call comes any more once this has returned.
    void leave()
    {
        ExecutionObserver gone; // goes without the lock: it may hold anything
        {
            std::unique_lock lock(m_mutex);
            m_closed = true;
            if (m_calling == std::this_thread::get_id())
                return; // from within the call: deliver() lets go of it
            m_returned.wait(lock, [this] { return m_calling == std::thread::id(); });
            gone = std::move(m_observer);
            m_observer = {};
        }
    }

private:
    void close()
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
    }

    bool tell(const ExecutionEvent &event)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (m_closed)
                return false;
            m_calling = std::this_thread::get_id();
        }
        bool threw = false;
        try {
            m_observer(event);
        } catch (...) {
            threw = true;
            qCWarning(executionLog, "a subscriber threw and is not told any more");
        }
        {
            const std::lock_guard lock(m_mutex);
            m_calling = {};
            m_closed = m_closed || threw;
        }
        m_returned.notify_all();
        return !threw;
    }

    const std::shared_ptr<RunEvents> m_events;
    const Refresh m_refresh;
    qint64 m_next;              ///< for the feed's thread only
    mutable std::mutex m_mutex; ///< guards everything below
    std::condition_variable m_returned;
    std::thread::id m_calling; ///< the thread that is inside of the observer
    bool m_closed = false;
    ExecutionObserver m_observer;
};

/// May outlive the feed.
class EventFeed::Subscription final : public ExecutionSubscription
{
public:
    explicit Subscription(std::shared_ptr<Follower> follower) : m_follower(std::move(follower)) { }
    ~Subscription() override { m_follower->leave(); }

private:
    const std::shared_ptr<Follower> m_follower;
};

EventFeed::~EventFeed() = default;

std::unique_ptr<ExecutionSubscription> EventFeed::follow(std::shared_ptr<RunEvents> events,
                                                         qint64 afterSeq,
                                                         ExecutionObserver observer,
                                                         Refresh refresh)
{
    const qint64 known = events->count();
    const qint64 last = events->ended() ? known - 1 : known;
    const qint64 next = qBound<qint64>(0, afterSeq, qMax<qint64>(0, last)) + 1;
    auto follower = std::make_shared<Follower>(std::move(events), next, std::move(observer),
                                               std::move(refresh));
    {
        const std::lock_guard lock(m_mutex);
        if (!m_thread.joinable())
            m_thread = std::jthread([this](std::stop_token closing) { work(closing); });
        m_followers.push_back(follower);
        m_count = static_cast<int>(m_followers.size());
        m_dirty = true;
    }
    m_changed.notify_one();
    return std::make_unique<Subscription>(std::move(follower));
}

void EventFeed::wake()
{
    if (m_count == 0)
        return;
    {
        const std::lock_guard lock(m_mutex);
        m_dirty = true;
    }
    m_changed.notify_one();
}

void EventFeed::wakeToRefresh()
{
    if (m_count == 0)
        return;
    {
        const std::lock_guard lock(m_mutex);
        m_dirty = true;
        m_refreshNow = true;
    }
    m_changed.notify_one();
}

void EventFeed::leaveForeign()
{
    {
        const std::lock_guard lock(m_mutex);
        m_leaving = true;
        m_dirty = true;
    }
    m_changed.notify_one();
}

void EventFeed::work(const std::stop_token &closing)
{
    std::unique_lock lock(m_mutex);
    auto nextRefresh = std::chrono::steady_clock::now();
    while (!closing.stop_requested()) {
        m_dirty = false;
        const bool asked = std::exchange(m_refreshNow, false);
        const bool leaving = m_leaving;
        const auto followers = m_followers;
        const bool foreign = std::any_of(followers.begin(), followers.end(),
                                         [](const auto &one) { return one->isForeign(); });
        lock.unlock();
        const auto now = std::chrono::steady_clock::now();
        const bool refresh = foreign && (asked || leaving || now >= nextRefresh);
        const bool more = round(followers, refresh, leaving);
        if (refresh)
            nextRefresh = now + refreshInterval;
        lock.lock();
        std::erase_if(m_followers, [](const auto &one) { return one->isClosed(); });
        m_count = static_cast<int>(m_followers.size());
        const auto news = [&] { return m_dirty || more; };
        if (foreign)
            m_changed.wait_until(lock, closing, nextRefresh, news);
        else
            m_changed.wait(lock, closing, news);
    }
}

bool EventFeed::round(const std::vector<std::shared_ptr<Follower>> &followers, bool refresh,
                      bool leave)
{
    bool more = false;
    for (const auto &follower : followers) {
        if (refresh)
            follower->refresh();
        const bool hasMore = follower->deliver();
        if (leave && !hasMore)
            follower->bidFarewell();
        more = more || hasMore;
    }
    return more;
}

} // namespace skillbox
