#pragma once

#include "engine/sandbox/sandbox_runtime.h"

#include <QByteArrayList>

#include <condition_variable>
#include <functional>
#include <mutex>

namespace skillbox {

/// A runtime that does what the test says, for what the real one cannot do at a known moment: it
/// holds every run until all are let go or the run is stopped, and counts.
class HeldRuntime final : public SandboxRuntime
{
public:
    using Body = std::function<Result<Outcome>(const SandboxJob &, OutputSink &)>;

    Result<Outcome> run(const SandboxJob &job, OutputSink &sink,
                        std::stop_token cancellation) override
    {
        std::unique_lock lock(m_mutex);
        m_inputs += job.inputJson;
        m_most = qMax(m_most, ++m_running);
        sink.write(LogStreamKind::Stdout, "started " + job.inputJson + '\n');
        m_changed.notify_all();
        const bool released = m_changed.wait(lock, cancellation, [this] { return m_free; });
        --m_running;
        const Body body = m_body;
        lock.unlock();
        if (!released) {
            Outcome outcome;
            outcome.kind = OutcomeKind::Cancelled;
            return outcome;
        }
        return body ? body(job, sink) : Outcome();
    }
    Result<QList<ControlState>> probe() override { return QList<ControlState>(); }
    QString name() const override { return QStringLiteral("held"); }

    void release()
    {
        const std::lock_guard lock(m_mutex);
        m_free = true;
        m_changed.notify_all();
    }
    /// What a run does once it is let go.
    void setBody(Body body)
    {
        const std::lock_guard lock(m_mutex);
        m_body = std::move(body);
    }
    /// Waits until `count` runs have begun.
    bool waitForStarted(qsizetype count)
    {
        std::unique_lock lock(m_mutex);
        return m_changed.wait_for(lock, std::chrono::seconds(10),
                                  [&] { return m_inputs.size() >= count; });
    }
    /// Of the runs that have begun, in that order.
    QByteArrayList inputs()
    {
        const std::lock_guard lock(m_mutex);
        return m_inputs;
    }
    int mostAtOnce()
    {
        const std::lock_guard lock(m_mutex);
        return m_most;
    }

private:
    std::mutex m_mutex;
    std::condition_variable_any m_changed;
    bool m_free = false;
    Body m_body;
    QByteArrayList m_inputs;
    int m_running = 0;
    int m_most = 0;
};

} // namespace skillbox
