#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace skillbox {

/// Threads for handlers that may block. They live as long as the pool, so that what a thread holds
/// (a connection to the database) is made once.
class WorkerPool
{
public:
    WorkerPool(int threads, int maxQueued);
    /// Drops what waits and waits for what runs.
    ~WorkerPool();

    /// False: the queue is full.
    bool submit(std::function<void()> task);

private:
    void work(std::stop_token stop);

    const size_t m_maxQueued;
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::deque<std::function<void()>> m_queue;
    std::vector<std::jthread> m_threads; // the last member: goes first
};

} // namespace skillbox
