#include "app/cli/progress_line.h"

#include "app/cli/format.h"
#include "app/cli/text.h"

#include <array>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr std::array<char16_t, 10> frames{u'⠋', u'⠙', u'⠹', u'⠸', u'⠼',
                                          u'⠴', u'⠦', u'⠧', u'⠇', u'⠏'};
constexpr auto patience = 300ms; ///< nothing is shown for what is over sooner
constexpr auto pace = 100ms;

} // namespace

ProgressLine::ProgressLine(Terminal &terminal) : m_terminal(terminal)
{
    if (!terminal.isTerminal())
        return;
    m_thread = std::jthread([this](std::stop_token stop) {
        std::unique_lock lock(m_mutex);
        auto next = m_start + patience;
        // The predicate never holds: only time or the stop request ends the wait.
        while (!stop.stop_requested()) {
            m_wake.wait_until(lock, stop, next, [] { return false; });
            if (stop.stop_requested())
                break;
            draw();
            next += pace;
        }
        erase();
    });
}

ProgressLine::~ProgressLine()
{
    stop();
}

void ProgressLine::setLabel(const QString &label)
{
    const std::lock_guard lock(m_mutex);
    m_label = label;
}

void ProgressLine::write(const QString &text)
{
    if (text.isEmpty())
        return;
    const std::lock_guard lock(m_mutex);
    erase();
    m_terminal.write(text);
    m_atLineStart = text.endsWith(u'\n');
}

void ProgressLine::writeLine(const QString &text)
{
    const std::lock_guard lock(m_mutex);
    erase();
    m_terminal.write((m_atLineStart ? QString() : u"\n"_s) + text + u'\n');
    m_atLineStart = true;
}

void ProgressLine::stop()
{
    if (m_thread.joinable()) {
        m_thread.request_stop();
        m_thread.join();
    }
    const std::lock_guard lock(m_mutex);
    if (!m_atLineStart) {
        m_terminal.writeLine();
        m_atLineStart = true;
    }
}

void ProgressLine::draw()
{
    if (!m_atLineStart || m_label.isEmpty())
        return;
    const auto elapsed = std::chrono::duration_cast<std::chrono::seconds>(
        std::chrono::steady_clock::now() - m_start);
    QString text = QChar(frames[m_frame]) + u' ' + m_label;
    if (elapsed.count() > 0)
        text += u' ' + humanDuration(elapsed).replace(u".00"_s, QString());
    m_frame = (m_frame + 1) % frames.size();
    m_terminal.write(u"\r\x1b[K"_s
                     + m_terminal.painted(Paint::Dim, elided(text, m_terminal.width() - 1)));
    m_drawn = true;
}

void ProgressLine::erase()
{
    if (m_drawn)
        m_terminal.write(u"\r\x1b[K"_s);
    m_drawn = false;
}

} // namespace skillbox
