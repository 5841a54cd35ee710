#include "app/desktop/console/log_buffer.h"

#include "app/desktop/text/cell_line.h"

#include <algorithm>

namespace skillbox {
namespace {

constexpr qsizetype logBlockBytes = 1 << 20;
/// More different looks than a log of a person's making has; later ones look like the first.
constexpr size_t mostLooks = 4096;

bool isAscii(QByteArrayView utf8)
{
    return std::all_of(utf8.begin(), utf8.end(), [](char byte) {
        return static_cast<unsigned char>(byte) < 0x80 && byte != '\t';
    });
}

/// The end of the longest beginning of at most `most` bytes that cuts no character in two.
qsizetype characterBoundary(QByteArrayView utf8, qsizetype most)
{
    if (utf8.size() <= most)
        return utf8.size();
    qsizetype end = most;
    while (end > 0 && (static_cast<unsigned char>(utf8.at(end)) & 0xc0) == 0x80)
        --end;
    return end > 0 ? end : most;
}

} // namespace

void LogBuffer::append(LogStreamKind stream, QByteArrayView utf8, qint64 at)
{
    if (utf8.isEmpty())
        return;
    if (m_bytes + utf8.size() > mostBytes) {
        m_dropped += utf8.size();
        return;
    }
    m_bytes += utf8.size();
    if (m_open && stream != m_stream)
        closeLine();
    m_stream = stream;
    m_time = at;
    m_readers[static_cast<int>(stream)].read(utf8, *this);
    if (m_open)
        m_mostColumns = qMax(m_mostColumns, static_cast<int>(m_lines.back().columns));
}

void LogBuffer::clear()
{
    *this = LogBuffer();
}

void LogBuffer::beginLine()
{
    Line line;
    line.isStderr = m_stream == LogStreamKind::Stderr;
    line.time = m_time;
    line.firstLook = static_cast<quint32>(m_lookMarks.size());
    if (m_blocks.isEmpty() || m_blocks.last().size() + 256 > logBlockBytes) {
        m_blocks.append(QByteArray());
        m_blocks.last().reserve(logBlockBytes + mostLineBytes);
    }
    line.block = static_cast<quint32>(m_blocks.size() - 1);
    line.offset = static_cast<quint32>(m_blocks.last().size());
    m_lines.push_back(line);
    m_open = true;
    m_returned = false;
    if (m_look[static_cast<int>(m_stream)] != 0)
        markLook();
}

void LogBuffer::closeLine()
{
    m_mostColumns = qMax(m_mostColumns, static_cast<int>(m_lines.back().columns));
    m_open = false;
    m_returned = false;
}

void LogBuffer::text(QByteArrayView utf8)
{
    while (!utf8.isEmpty()) {
        if (!m_open)
            beginLine();
        Line &line = m_lines.back();
        if (m_returned) {
            m_returned = false;
            m_blocks.last().truncate(line.offset);
            line.length = 0;
            line.columns = 0;
            m_lookMarks.resize(line.firstLook);
            if (m_look[static_cast<int>(m_stream)] != 0)
                markLook();
        }
        const qsizetype room = mostLineBytes - line.length;
        const qsizetype taken = characterBoundary(utf8, room);
        if (taken == 0 || room <= 0) {
            closeLine();
            continue;
        }
        store(utf8.first(taken));
        utf8 = utf8.sliced(taken);
        if (!utf8.isEmpty())
            closeLine();
    }
}

void LogBuffer::store(QByteArrayView utf8)
{
    Line &line = m_lines.back();
    m_blocks.last().append(utf8);
    line.length += static_cast<quint32>(utf8.size());
    // What a line took before is counted again only where tabs and wide characters may be.
    if (line.columns == line.length - static_cast<quint32>(utf8.size()) && isAscii(utf8)) {
        line.columns = line.length;
    } else {
        const QString whole = QString::fromUtf8(bytes(lineCount() - 1));
        line.columns = static_cast<quint32>(CellLine::columnsOf(whole));
    }
}

void LogBuffer::newLine()
{
    if (!m_open)
        beginLine();
    closeLine();
}

void LogBuffer::carriageReturn()
{
    m_returned = m_open;
}

void LogBuffer::look(const TextLook &look)
{
    const auto known = std::find(m_looks.begin(), m_looks.end(), look);
    auto number = static_cast<quint32>(known - m_looks.begin());
    if (known == m_looks.end()) {
        if (m_looks.size() < mostLooks)
            m_looks.push_back(look);
        else
            number = 0;
    }
    m_look[static_cast<int>(m_stream)] = number;
    if (m_open)
        markLook();
}

void LogBuffer::markLook()
{
    m_lookMarks.push_back({m_lines.back().length, m_look[static_cast<int>(m_stream)]});
}

int LogBuffer::firstOpenLine() const
{
    return m_open ? lineCount() - 1 : lineCount();
}

QByteArrayView LogBuffer::bytes(int line) const
{
    const Line &entry = at(line);
    return QByteArrayView(m_blocks.at(entry.block)).sliced(entry.offset, entry.length);
}

QString LogBuffer::text(int line) const
{
    return QString::fromUtf8(bytes(line));
}

LogStreamKind LogBuffer::stream(int line) const
{
    return at(line).isStderr ? LogStreamKind::Stderr : LogStreamKind::Stdout;
}

std::vector<LookSpan> LogBuffer::looks(int line) const
{
    const size_t first = at(line).firstLook;
    const size_t last = line + 1 < lineCount() ? at(line + 1).firstLook : m_lookMarks.size();
    std::vector<LookSpan> spans;
    const QByteArrayView text = bytes(line);
    quint32 decoded = 0; // bytes, and the units they are: marks come in order
    int unit = 0;
    const auto unitAt = [&](quint32 offset) {
        unit += static_cast<int>(QString::fromUtf8(text.sliced(decoded, offset - decoded)).size());
        decoded = offset;
        return unit;
    };
    for (size_t i = first; i < last; ++i) {
        const quint32 end = i + 1 < last ? m_lookMarks[i + 1].offset : at(line).length;
        if (m_lookMarks[i].look == 0 || m_lookMarks[i].offset >= end)
            continue;
        const int start = unitAt(m_lookMarks[i].offset);
        spans.push_back({start, unitAt(end) - start, m_looks[m_lookMarks[i].look]});
    }
    return spans;
}

} // namespace skillbox
