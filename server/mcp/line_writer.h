#pragma once

#include <QByteArray>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace skillbox {

/// Writes lines to a descriptor from a thread of its own, so that a client which does not read
/// holds up nobody. Thread-safe.
class LineWriter
{
public:
    enum class Need {
        Must, ///< an answer
        May,  ///< a notification: left out where much waits already
    };
    explicit LineWriter(int descriptor);
    /// Writes what waits, unless the reader is gone or has taken nothing for seconds.
    ~LineWriter();
    LineWriter(const LineWriter &) = delete;
    LineWriter &operator=(const LineWriter &) = delete;

    void write(QByteArray line, Need need);
    /// Nobody reads any more.
    bool hasFailed() const;

private:
    void work(const std::stop_token &stop);

    const int m_descriptor;
    mutable std::mutex m_mutex; ///< guards what follows
    std::condition_variable_any m_wake;
    std::deque<QByteArray> m_lines;
    qsizetype m_waiting = 0; ///< bytes
    bool m_failed = false;
    std::jthread m_thread; // the last member: goes first
};

} // namespace skillbox
