#pragma once

#include <QCoreApplication>
#include <QMetaObject>
#include <QPointer>
#include <QThreadPool>

#include <memory>
#include <stop_token>

namespace skillbox {

/// Runs `work(stop)` beside the GUI thread and `done(its result)` on it, unless the receiver is
/// gone or a stop was asked for. Work that takes long looks at its token now and then.
template<typename Work, typename Done>
void runInBackground(QObject *receiver, std::stop_token stop, Work work, Done done)
{
    QThreadPool::globalInstance()->start([guard = QPointer<QObject>(receiver),
                                          stop = std::move(stop), work = std::move(work),
                                          done = std::move(done)]() mutable {
        using Answer = std::invoke_result_t<Work, const std::stop_token &>;
        if (stop.stop_requested())
            return;
        // Shared, because a queued call copies its function.
        auto answer = std::make_shared<Answer>(work(stop));
        if (stop.stop_requested())
            return;
        QMetaObject::invokeMethod(
            QCoreApplication::instance(),
            [guard, stop, answer, done = std::move(done)]() mutable {
                if (guard && !stop.stop_requested())
                    done(std::move(*answer));
            },
            Qt::QueuedConnection);
    });
}

/// One piece of such work at a time: a new one, or the end of this object, gives up the one before.
/// GUI thread.
class BackgroundTask
{
public:
    BackgroundTask() = default;
    ~BackgroundTask() { cancel(); }
    BackgroundTask(const BackgroundTask &) = delete;
    BackgroundTask &operator=(const BackgroundTask &) = delete;

    template<typename Work, typename Done>
    void start(QObject *receiver, Work work, Done done)
    {
        cancel();
        m_stop = std::stop_source();
        runInBackground(receiver, m_stop.get_token(), std::move(work), std::move(done));
    }
    void cancel() { m_stop.request_stop(); }

private:
    std::stop_source m_stop{std::nostopstate};
};

} // namespace skillbox
