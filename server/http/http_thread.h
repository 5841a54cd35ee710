#pragma once

#include <QObject>

#include <functional>
#include <mutex>

namespace skillbox {

/// The way back to the thread of an HttpServer, which may be gone by then. Thread-safe.
class HttpThread
{
public:
    HttpThread() = default;
    Q_DISABLE_COPY_MOVE(HttpThread)

    /// Runs the task on the server's thread: at once when called there, else by its event loop.
    /// False: the server is gone, and the task is dropped.
    bool run(std::function<void()> task);
    /// No task begins after this. On the server's thread.
    void close();

private:
    std::mutex m_mutex;
    QObject m_receiver;
    bool m_open = true;
};

} // namespace skillbox
