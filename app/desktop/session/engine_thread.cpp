#include "app/desktop/session/engine_thread.h"

#include <utility>

namespace skillbox {

namespace {
/// Enough for slow calls (packing, reading archives) not to hold up a list.
constexpr int workers = 4;
} // namespace

EngineThread::EngineThread(QObject *parent) : QObject(parent)
{
    m_pool.setMaxThreadCount(workers);
    // QtSql connections belong to their thread; threads that stay keep theirs.
    m_pool.setExpiryTimeout(-1);
}

EngineThread::~EngineThread()
{
    m_waiting.clear();
    m_pool.waitForDone();
}

void EngineThread::open(const EngineConfig &config)
{
    m_config = config;
    m_state = State::Opening;
    Q_EMIT stateChanged();
    m_pool.start([this, config] {
        // Shared, because the result cannot be copied and a queued call copies its function.
        auto opened = std::make_shared<Result<std::unique_ptr<Engine>>>(Engine::create(config));
        QMetaObject::invokeMethod(
            this, [this, opened] { finishOpening(std::move(*opened)); }, Qt::QueuedConnection);
    });
}

void EngineThread::setFailed(const Error &error)
{
    finishOpening(tl::unexpected<Error>(error));
}

void EngineThread::finishOpening(Result<std::unique_ptr<Engine>> opened)
{
    if (opened) {
        m_engine = std::move(*opened);
        m_state = State::Open;
    } else {
        m_error = opened.error();
        m_state = State::Failed;
    }
    const QList<Task> waiting = std::exchange(m_waiting, {});
    for (const Task &task : waiting)
        start(task);
    Q_EMIT stateChanged();
}

void EngineThread::schedule(Task task)
{
    if (m_state == State::Opening)
        m_waiting.append(std::move(task));
    else
        start(std::move(task));
}

void EngineThread::start(Task task)
{
    m_pool.start([task = std::move(task), engine = m_engine.get()] { task(engine); });
}

} // namespace skillbox
