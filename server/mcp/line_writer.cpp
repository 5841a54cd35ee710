#include "server/mcp/line_writer.h"

#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace skillbox {
namespace {

constexpr qsizetype maxWaitingNotes = 8 << 20;
/// On the way out, for a reader that takes nothing.
constexpr int lastPatienceMs = 2000;

/// False: nobody reads. Once `stop` was asked for, patience is bounded.
bool writeWhole(int descriptor, const QByteArray &bytes, const std::stop_token &stop)
{
    qsizetype written = 0;
    int waited = 0;
    while (written < bytes.size()) {
        pollfd ready{.fd = descriptor, .events = POLLOUT, .revents = 0};
        constexpr int stepMs = 200;
        const int polled = ::poll(&ready, 1, stepMs);
        if (polled < 0 && errno != EINTR)
            return false;
        if (polled <= 0) {
            waited = stop.stop_requested() ? waited + stepMs : 0;
            if (waited >= lastPatienceMs)
                return false;
            continue;
        }
        // A pipe that is ready takes PIPE_BUF bytes without blocking; more could block.
        const auto piece = static_cast<size_t>(qMin<qsizetype>(bytes.size() - written, 4096));
        const ssize_t count = ::write(descriptor, bytes.constData() + written, piece);
        if (count < 0 && errno != EINTR && errno != EAGAIN)
            return false;
        if (count > 0)
            written += count;
    }
    return true;
}

} // namespace

LineWriter::LineWriter(int descriptor)
    : m_descriptor(descriptor)
    , m_thread([this](const std::stop_token &stop) { work(stop); })
{
}

LineWriter::~LineWriter() = default;

void LineWriter::write(QByteArray line, Need need)
{
    const std::lock_guard lock(m_mutex);
    if (m_failed || (need == Need::May && m_waiting > maxWaitingNotes))
        return;
    line += '\n';
    m_waiting += line.size();
    m_lines.push_back(std::move(line));
    m_wake.notify_one();
}

bool LineWriter::hasFailed() const
{
    const std::lock_guard lock(m_mutex);
    return m_failed;
}

void LineWriter::work(const std::stop_token &stop)
{
    for (;;) {
        QByteArray line;
        {
            std::unique_lock lock(m_mutex);
            m_wake.wait(lock, stop, [this] { return !m_lines.empty(); });
            if (m_lines.empty())
                return; // asked to stop, and all is written
            line = std::move(m_lines.front());
            m_lines.pop_front();
            m_waiting -= line.size();
        }
        if (!writeWhole(m_descriptor, line, stop)) {
            const std::lock_guard lock(m_mutex);
            m_failed = true;
            m_lines.clear();
            return;
        }
    }
}

} // namespace skillbox
