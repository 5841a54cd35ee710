#pragma once

#include <QByteArray>

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace skillbox {

class HttpThread;

/// The bytes of an answer in pieces between whoever writes them, on any thread, and the connection,
/// which takes them as fast as the client reads.
class StreamBuffer
{
public:
    explicit StreamBuffer(std::shared_ptr<HttpThread> thread) : m_thread(std::move(thread)) { }

    /// `wake` is called on the server's thread when there is something new to take.
    void setWake(std::function<void()> wake);

    // For the writer; thread-safe.
    bool write(QByteArray bytes);
    void close();
    bool isOpen() const;
    void onClosed(std::function<void()> callback);
    void setHeartbeat(QByteArray bytes, std::chrono::milliseconds interval);

    // For the connection, on the server's thread.
    /// Up to about `maxBytes`; empty: nothing waits.
    QByteArray take(qint64 maxBytes);
    /// The writer is done, and everything was taken.
    bool isDrained() const;
    /// More waits than a stream may hold: the client is too slow.
    bool hasOverflowed() const;
    /// What to send when nothing was sent for the interval; empty: nothing.
    std::pair<QByteArray, std::chrono::milliseconds> heartbeat() const;
    /// The connection is done with it: nothing can be written any more.
    void finish();

private:
    void scheduleWake(std::unique_lock<std::mutex> &lock);

    std::shared_ptr<HttpThread> m_thread;
    mutable std::mutex m_mutex;
    std::deque<QByteArray> m_pending;
    qsizetype m_frontTaken = 0; ///< of the first of them
    qint64 m_pendingBytes = 0;
    bool m_closed = false; ///< by the writer
    bool m_overflowed = false;
    bool m_finished = false; ///< by the connection
    bool m_wakeScheduled = false;
    std::shared_ptr<std::function<void()>> m_wake;
    std::vector<std::function<void()>> m_onClosed;
    QByteArray m_heartbeat;
    std::chrono::milliseconds m_heartbeatInterval{};
};

} // namespace skillbox
