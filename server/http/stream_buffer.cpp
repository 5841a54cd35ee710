#include "server/http/stream_buffer.h"

#include "server/http/http_response.h"
#include "server/http/http_thread.h"

#include <algorithm>

namespace skillbox {

void StreamBuffer::setWake(std::function<void()> wake)
{
    const std::lock_guard lock(m_mutex);
    m_wake = std::make_shared<std::function<void()>>(std::move(wake));
}

bool StreamBuffer::write(QByteArray bytes)
{
    std::unique_lock lock(m_mutex);
    if (m_closed || m_overflowed || m_finished)
        return false;
    if (bytes.isEmpty())
        return true;
    if (m_pendingBytes + bytes.size() > HttpStream::maxBuffered) {
        m_overflowed = true;
        m_pending.clear();
        m_frontTaken = 0;
        m_pendingBytes = 0;
        scheduleWake(lock);
        return false;
    }
    m_pendingBytes += bytes.size();
    m_pending.push_back(std::move(bytes));
    scheduleWake(lock);
    return true;
}

void StreamBuffer::close()
{
    std::unique_lock lock(m_mutex);
    if (m_closed || m_finished)
        return;
    m_closed = true;
    scheduleWake(lock);
}

bool StreamBuffer::isOpen() const
{
    const std::lock_guard lock(m_mutex);
    return !m_closed && !m_overflowed && !m_finished;
}

void StreamBuffer::onClosed(std::function<void()> callback)
{
    {
        const std::lock_guard lock(m_mutex);
        if (!m_finished) {
            m_onClosed.push_back(std::move(callback));
            return;
        }
    }
    if (!m_thread->run(callback))
        callback(); // there is no such thread any more, and nothing left to disturb
}

void StreamBuffer::setHeartbeat(QByteArray bytes, std::chrono::milliseconds interval)
{
    const std::lock_guard lock(m_mutex);
    m_heartbeat = std::move(bytes);
    m_heartbeatInterval = interval;
}

QByteArray StreamBuffer::take(qint64 maxBytes)
{
    const std::lock_guard lock(m_mutex);
    m_wakeScheduled = false; // what is written from now on is news again
    QByteArray bytes;
    while (!m_pending.empty() && bytes.size() < maxBytes) {
        const QByteArray &front = m_pending.front();
        const qsizetype size = std::min(qsizetype(maxBytes) - bytes.size(),
                                        front.size() - m_frontTaken);
        bytes += QByteArrayView(front).sliced(m_frontTaken, size);
        m_frontTaken += size;
        if (m_frontTaken == front.size()) {
            m_pending.pop_front();
            m_frontTaken = 0;
        }
    }
    m_pendingBytes -= bytes.size();
    return bytes;
}

bool StreamBuffer::isDrained() const
{
    const std::lock_guard lock(m_mutex);
    return m_closed && m_pending.empty();
}

bool StreamBuffer::hasOverflowed() const
{
    const std::lock_guard lock(m_mutex);
    return m_overflowed;
}

std::pair<QByteArray, std::chrono::milliseconds> StreamBuffer::heartbeat() const
{
    const std::lock_guard lock(m_mutex);
    return {m_heartbeat, m_heartbeatInterval};
}

void StreamBuffer::finish()
{
    std::vector<std::function<void()>> callbacks;
    {
        const std::lock_guard lock(m_mutex);
        if (m_finished)
            return;
        m_finished = true;
        m_pending.clear();
        m_pendingBytes = 0;
        m_wake.reset();
        callbacks.swap(m_onClosed);
    }
    for (const auto &callback : callbacks)
        callback();
}

void StreamBuffer::scheduleWake(std::unique_lock<std::mutex> &lock)
{
    if (m_wakeScheduled || !m_wake)
        return;
    m_wakeScheduled = true;
    lock.unlock();
    // The lambda does not hold this object, whose owner the wake function looks for itself.
    m_thread->run([wake = m_wake] { (*wake)(); });
    lock.lock();
}

} // namespace skillbox
