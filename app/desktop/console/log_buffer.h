#pragma once

#include "app/desktop/console/ansi_reader.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <QString>

#include <deque>
#include <vector>

namespace skillbox {

/// A piece of a line that looks the same, in UTF-16 units.
struct LookSpan {
    int start = 0;
    int length = 0;
    TextLook look;
};

/// The lines of a log, in memory that grows by little more than its bytes: a million lines are some
/// 100 MB. A copy is cheap and stays as it is, so that a worker can write it to a file. Not
/// thread-safe.
class LogBuffer : private AnsiReader::Receiver
{
public:
    static constexpr qint64 unknownTime = -1;

    LogBuffer() = default;
    LogBuffer(const LogBuffer &) = default;
    LogBuffer &operator=(const LogBuffer &) = default;
    ~LogBuffer() override = default;

    /// `at` in ms since 1970, UTC. A line that the other stream had begun ends there. Past
    /// `mostBytes` text is counted and dropped.
    void append(LogStreamKind stream, QByteArrayView utf8, qint64 at = unknownTime);
    void clear();

    int lineCount() const { return static_cast<int>(m_lines.size()); }
    QString text(int line) const;
    /// Without decoding; valid until the buffer changes.
    QByteArrayView bytes(int line) const;
    std::vector<LookSpan> looks(int line) const;
    LogStreamKind stream(int line) const;
    qint64 time(int line) const { return at(line).time; }
    /// Cells of the longest line.
    int mostColumns() const { return m_mostColumns; }
    int columns(int line) const { return static_cast<int>(at(line).columns); }
    /// The first line that a later append() may still change; lineCount(): none.
    int firstOpenLine() const;
    qint64 droppedBytes() const { return m_dropped; }
    qint64 byteCount() const { return m_bytes; }

    static constexpr qint64 mostBytes = 1LL << 30;
    /// A longer line is broken: drawing and finding cost by the length of a line.
    static constexpr qsizetype mostLineBytes = 16 * 1024;

private:
    struct Line {
        quint32 block = 0;
        quint32 offset = 0;
        quint32 length = 0;
        quint32 columns = 0;
        quint32 firstLook = 0;
        bool isStderr = false;
        qint64 time = unknownTime;
    };
    struct Look {
        quint32 offset; ///< in the line, bytes
        quint32 look;   ///< in m_looks
    };

    void text(QByteArrayView utf8) override;
    void newLine() override;
    void carriageReturn() override;
    void look(const TextLook &look) override;
    const Line &at(int line) const { return m_lines[static_cast<size_t>(line)]; }
    void beginLine();
    void closeLine();
    void store(QByteArrayView utf8);
    void markLook();

    QList<QByteArray> m_blocks;
    std::deque<Line> m_lines; ///< grows without moving what is there
    std::deque<Look> m_lookMarks;
    std::vector<TextLook> m_looks{TextLook()};
    AnsiReader m_readers[2]; ///< by stream
    quint32 m_look[2] = {0, 0};
    LogStreamKind m_stream = LogStreamKind::Stdout;
    qint64 m_time = unknownTime;
    bool m_open = false;     ///< the last line is not ended
    bool m_returned = false; ///< what comes next replaces the open line
    int m_mostColumns = 0;
    qint64 m_bytes = 0;
    qint64 m_dropped = 0;
};

} // namespace skillbox
