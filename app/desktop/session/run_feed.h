#pragma once

#include "engine/execution/execution_service.h"

#include <QObject>

#include <memory>
#include <mutex>

namespace skillbox {

/// A piece of a run's log, as it came.
struct LogPiece {
    LogStreamKind stream = LogStreamKind::Stdout;
    QString text;
    QDateTime at; ///< invalid: not known
};

/// What a run tells while it lasts, for the GUI thread. The engine's threads put events in at any
/// speed; the GUI is woken once per batch and takes all there is, so a flood of log costs it one
/// event per frame and not one per line.
class RunFeed : public QObject
{
    Q_OBJECT
    struct Inbox;

public:
    /// Where the engine's threads put things in; may outlive the feed. Thread-safe.
    class Inlet
    {
    public:
        ExecutionObserver observer() const;
        /// Lets the subscription live as long as the feed.
        void keep(std::unique_ptr<ExecutionSubscription> subscription) const;
        /// Log pieces come without their times from now on.
        void forgetTimes() const;

    private:
        friend class RunFeed;
        explicit Inlet(std::shared_ptr<Inbox> inbox) : m_inbox(std::move(inbox)) { }
        std::shared_ptr<Inbox> m_inbox;
    };

    explicit RunFeed(QObject *parent = nullptr);
    ~RunFeed() override;

    /// What to hand to ExecutionService as observer; may outlive the feed.
    ExecutionObserver observer() { return inlet().observer(); }
    Inlet inlet() { return Inlet(m_inbox); }

    /// All log pieces since the last call.
    QList<LogPiece> takeLog();
    ExecutionStatus status() const { return m_status; }
    bool isFinished() const { return m_finished; }

Q_SIGNALS:
    void logAvailable();
    void statusChanged();
    /// The record is in the store.
    void finished();

private:
    struct Inbox {
        std::mutex mutex;
        RunFeed *feed = nullptr; ///< null: gone
        QList<LogPiece> log;
        std::optional<ExecutionStatus> status;
        std::unique_ptr<ExecutionSubscription> subscription;
        bool timesKnown = true;
        bool woken = false;
        bool over = false;
    };
    class Attachment;
    void drain();

    std::shared_ptr<Inbox> m_inbox;
    std::unique_ptr<Attachment> m_attachment;
    QList<LogPiece> m_log;
    ExecutionStatus m_status = ExecutionStatus::Queued;
    bool m_finished = false;
};

} // namespace skillbox
