#include "app/desktop/session/run_feed.h"

#include "engine/base/clock.h"

#include <utility>

namespace skillbox {

/// Takes the feed out of its inbox before it goes, so that no event is sent to a dead object.
class RunFeed::Attachment
{
public:
    Attachment(std::shared_ptr<Inbox> inbox, RunFeed *feed) : m_inbox(std::move(inbox))
    {
        m_inbox->feed = feed;
    }
    ~Attachment()
    {
        std::unique_ptr<ExecutionSubscription> subscription;
        {
            const std::lock_guard lock(m_inbox->mutex);
            m_inbox->feed = nullptr;
            m_inbox->log.clear();
            subscription = std::move(m_inbox->subscription);
        }
        // Ends here, without the lock: it waits for an event that is under way.
    }
    Attachment(const Attachment &) = delete;
    Attachment &operator=(const Attachment &) = delete;

private:
    std::shared_ptr<Inbox> m_inbox;
};

RunFeed::RunFeed(QObject *parent)
    : QObject(parent)
    , m_inbox(std::make_shared<Inbox>())
    , m_attachment(std::make_unique<Attachment>(m_inbox, this))
{
}

RunFeed::~RunFeed() = default;

ExecutionObserver RunFeed::Inlet::observer() const
{
    return [inbox = m_inbox](const ExecutionEvent &event) {
        const std::lock_guard lock(inbox->mutex);
        if (!inbox->feed || event.kind == ExecutionEvent::Kind::Left)
            return;
        if (event.kind == ExecutionEvent::Kind::Log) {
            inbox->log.append(
                {event.stream, event.text, inbox->timesKnown ? nowUtc() : QDateTime()});
        } else {
            inbox->status = event.status;
            inbox->over = inbox->over || event.kind == ExecutionEvent::Kind::Finished;
        }
        if (std::exchange(inbox->woken, true))
            return;
        // Posted under the lock: the feed is there until its attachment has had the lock.
        RunFeed *feed = inbox->feed;
        QMetaObject::invokeMethod(
            feed, [feed] { feed->drain(); }, Qt::QueuedConnection);
    };
}

void RunFeed::Inlet::keep(std::unique_ptr<ExecutionSubscription> subscription) const
{
    const std::lock_guard lock(m_inbox->mutex);
    if (m_inbox->feed)
        m_inbox->subscription.swap(subscription);
    // What is left in `subscription` ends after the lock: parameters outlive local variables.
}

void RunFeed::Inlet::forgetTimes() const
{
    const std::lock_guard lock(m_inbox->mutex);
    m_inbox->timesKnown = false;
}

void RunFeed::drain()
{
    std::optional<ExecutionStatus> status;
    bool over = false;
    {
        const std::lock_guard lock(m_inbox->mutex);
        m_inbox->woken = false;
        m_log += std::exchange(m_inbox->log, {});
        status = std::exchange(m_inbox->status, {});
        over = m_inbox->over;
    }
    if (!m_log.isEmpty())
        Q_EMIT logAvailable();
    if (status && *status != m_status) {
        m_status = *status;
        Q_EMIT statusChanged();
    }
    if (over && !std::exchange(m_finished, true))
        Q_EMIT finished();
}

QList<LogPiece> RunFeed::takeLog()
{
    return std::exchange(m_log, {});
}

} // namespace skillbox
