#pragma once

#include "app/cli/terminal.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace skillbox {

/// One changing line on standard error while something takes long: spinner, label, elapsed time.
/// Shown on a terminal only, and only after 300 ms. Thread-safe: any thread may write through it,
/// and what is written stays above the line.
class ProgressLine
{
public:
    explicit ProgressLine(Terminal &terminal);
    ~ProgressLine();
    ProgressLine(const ProgressLine &) = delete;
    ProgressLine &operator=(const ProgressLine &) = delete;

    void setLabel(const QString &label);
    /// Text that stays; the spinner waits until it has ended its line.
    void write(const QString &text);
    /// A line of its own, also after text that did not end with a line feed.
    void writeLine(const QString &text);
    /// Removes the line for good and ends an open text line; writes go straight through after it.
    void stop();

private:
    void draw();  // m_mutex is held
    void erase(); // m_mutex is held

    Terminal &m_terminal;
    const std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    QString m_label;
    size_t m_frame = 0;
    bool m_drawn = false;
    bool m_atLineStart = true;
    std::jthread m_thread; // last: it uses all of the above
};

} // namespace skillbox
