#pragma once

#include "engine/engine.h"

#include <QObject>
#include <QPointer>
#include <QThreadPool>

#include <functional>
#include <memory>
#include <optional>
#include <type_traits>

namespace skillbox {

/// Opens the engine and runs work on it beside the GUI thread. Work waits for the engine to be
/// open; answers come back on the GUI thread, in no particular order, and not at all when their
/// receiver is gone. Lives on the GUI thread; its destructor waits for work under way.
class EngineThread : public QObject
{
    Q_OBJECT

public:
    enum class State { Opening, Open, Failed };

    explicit EngineThread(QObject *parent = nullptr);
    ~EngineThread() override;

    /// Opens the store. Emits stateChanged(). After a failure it may be called again.
    void open(const EngineConfig &config);
    /// It cannot even be tried, for example because the settings are wrong.
    void setFailed(const Error &error);
    State state() const { return m_state; }
    /// Why it is Failed.
    const Error &error() const { return m_error; }
    const EngineConfig &config() const { return m_config; }

    /// Runs `work(Engine &)`, which returns a Result, on a worker, and then `done(that result)` on
    /// the GUI thread. With a failed engine `done` gets its error.
    template<typename Work, typename Done>
    void ask(QObject *receiver, Work work, Done done)
    {
        using Answer = std::invoke_result_t<Work, Engine &>;
        const QPointer<QObject> guard(receiver);
        schedule([this, guard, work = std::move(work), done = std::move(done)](Engine *engine) mutable {
            auto answer = std::make_shared<std::optional<Answer>>();
            if (engine)
                answer->emplace(work(*engine));
            QMetaObject::invokeMethod(
                this,
                [this, guard, answer, done = std::move(done)]() mutable {
                    if (!guard)
                        return;
                    if (*answer)
                        done(std::move(**answer));
                    else
                        done(Answer(tl::unexpected<Error>(m_error)));
                },
                Qt::QueuedConnection);
        });
    }

Q_SIGNALS:
    void stateChanged();

private:
    using Task = std::function<void(Engine *engine)>;
    void schedule(Task task);
    void start(Task task);
    void finishOpening(Result<std::unique_ptr<Engine>> opened);

    State m_state = State::Opening;
    Error m_error;
    EngineConfig m_config;
    std::unique_ptr<Engine> m_engine;
    QList<Task> m_waiting;
    QThreadPool m_pool;
};

} // namespace skillbox
