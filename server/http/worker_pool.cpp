#include "server/http/worker_pool.h"

#include "server/http/http_log.h"

namespace skillbox {

WorkerPool::WorkerPool(int threads, int maxQueued) : m_maxQueued(size_t(maxQueued))
{
    for (int i = 0; i < threads; ++i)
        m_threads.emplace_back([this](std::stop_token stop) { work(std::move(stop)); });
}

WorkerPool::~WorkerPool()
{
    std::deque<std::function<void()>> dropped; // their replies go outside the lock
    {
        const std::lock_guard lock(m_mutex);
        dropped.swap(m_queue);
    }
    for (std::jthread &thread : m_threads)
        thread.request_stop();
}

bool WorkerPool::submit(std::function<void()> task)
{
    {
        const std::lock_guard lock(m_mutex);
        if (m_queue.size() >= m_maxQueued)
            return false;
        m_queue.push_back(std::move(task));
    }
    m_wake.notify_one();
    return true;
}

void WorkerPool::work(std::stop_token stop)
{
    while (true) {
        std::function<void()> task;
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return !m_queue.empty(); }))
                return;
            task = std::move(m_queue.front());
            m_queue.pop_front();
        }
        try {
            task();
        } catch (const std::exception &error) {
            qCWarning(httpLog, "a handler threw: %s", error.what());
        } catch (...) {
            qCWarning(httpLog, "a handler threw something unknown");
        }
    }
}

} // namespace skillbox
