#include "app/desktop/console/log_view.h"

#include <QFontDatabase>
#include <QScrollBar>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int linesPerBlock = 1024;

} // namespace

LogView::LogView(QWidget *parent) : QAbstractScrollArea(parent), m_search(m_buffer)
{
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Log"));
    viewport()->setCursor(Qt::IBeamCursor);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        if (m_adjusting)
            return; // what a program writes on and on is not read aloud
        setFollowing(value >= verticalScrollBar()->maximum());
        speak(this);
    });
    connect(&m_search, &LogSearch::changed, this, [this] {
        if (m_match >= static_cast<int>(m_search.matches().size()))
            m_match = -1;
        viewport()->update();
    });
    measure();
}

void LogView::append(LogStreamKind stream, QByteArrayView utf8, qint64 at)
{
    const int from = m_buffer.firstOpenLine();
    m_buffer.append(stream, utf8, at);
    countRows(from);
    measure();
    m_search.goOn();
    viewport()->update();
}

void LogView::clear()
{
    m_buffer.clear();
    m_anchor = m_cursor = {};
    m_match = -1;
    m_rowsBefore.clear();
    m_counted = 0;
    m_lastRows = 0;
    m_following = true;
    m_search.restart();
    measure();
    viewport()->update();
    Q_EMIT followingChanged(true);
}

int LogView::rowsOf(int line) const
{
    if (!m_wrapping)
        return 1;
    const int room = columnsInSight();
    return qMax(1, (m_buffer.columns(line) + room - 1) / room);
}

/// Brings the counts up to date where lines from `fromLine` on are new or changed.
void LogView::countRows(int fromLine)
{
    if (!m_wrapping)
        return;
    if (fromLine < m_counted) {
        // Whole blocks before it stay; its own is counted again.
        const int block = fromLine / linesPerBlock;
        m_rowsBefore.resize(static_cast<size_t>(block) + (block > 0 ? 1 : 0));
        m_counted = block * linesPerBlock;
        m_lastRows = 0;
    }
    for (; m_counted < m_buffer.lineCount(); ++m_counted) {
        if (m_counted > 0 && m_counted % linesPerBlock == 0
            && static_cast<int>(m_rowsBefore.size()) <= m_counted / linesPerBlock) {
            if (m_rowsBefore.empty())
                m_rowsBefore.push_back(0);
            m_rowsBefore.push_back(m_rowsBefore.back() + m_lastRows);
            m_lastRows = 0;
        }
        m_lastRows += rowsOf(m_counted);
    }
}

qint64 LogView::rowCount() const
{
    if (!m_wrapping)
        return m_buffer.lineCount();
    return (m_rowsBefore.empty() ? 0 : m_rowsBefore.back()) + m_lastRows;
}

qint64 LogView::firstRowOf(int line) const
{
    if (!m_wrapping)
        return line;
    const int block = line / linesPerBlock;
    qint64 row = static_cast<size_t>(block) < m_rowsBefore.size()
        ? m_rowsBefore[static_cast<size_t>(block)]
        : 0;
    for (int i = block * linesPerBlock; i < line; ++i)
        row += rowsOf(i);
    return row;
}

LogView::Row LogView::rowAt(qint64 row) const
{
    if (!m_wrapping)
        return {static_cast<int>(row), 0};
    const auto after = std::upper_bound(m_rowsBefore.begin(), m_rowsBefore.end(), row);
    const auto block = qMax<std::ptrdiff_t>(0, after - m_rowsBefore.begin() - 1);
    qint64 left = row - (m_rowsBefore.empty() ? 0 : m_rowsBefore[static_cast<size_t>(block)]);
    int line = static_cast<int>(block) * linesPerBlock;
    while (line < m_buffer.lineCount() && left >= rowsOf(line))
        left -= rowsOf(line++);
    return {line, static_cast<int>(left)};
}

int LogView::columnsInSight() const
{
    return qMax(10,
                static_cast<int>((viewport()->width() - textLeft() - logMargin) / m_cell.width));
}

int LogView::rowsInSight() const
{
    return qMax(1, static_cast<int>((viewport()->height() - 2) / m_cell.height));
}

qreal LogView::textLeft() const
{
    return streamMarkWidth + logMargin + (m_times ? timeColumns * m_cell.width : 0);
}

void LogView::measure()
{
    m_cell = CellSize::of(font());
    m_adjusting = true;
    QScrollBar *down = verticalScrollBar();
    const qint64 most = qMin<qint64>(rowCount() - rowsInSight(), std::numeric_limits<int>::max());
    down->setRange(0, qMax(0, static_cast<int>(most)));
    down->setPageStep(rowsInSight());
    if (m_following)
        down->setValue(down->maximum());
    m_adjusting = false;
    QScrollBar *across = horizontalScrollBar();
    across->setRange(0, m_wrapping ? 0 : qMax(0, m_buffer.mostColumns() - columnsInSight()));
    across->setPageStep(columnsInSight());
}

void LogView::setWrapping(bool wrapping)
{
    if (m_wrapping == wrapping)
        return;
    const int top = rowAt(verticalScrollBar()->value()).line;
    m_wrapping = wrapping;
    m_rowsBefore.clear();
    m_counted = 0;
    m_lastRows = 0;
    countRows(0);
    measure();
    if (!m_following)
        verticalScrollBar()->setValue(static_cast<int>(firstRowOf(top)));
    viewport()->update();
}

void LogView::setTimesShown(bool shown)
{
    m_times = shown;
    m_rowsBefore.clear();
    m_counted = 0;
    m_lastRows = 0;
    countRows(0);
    measure();
    viewport()->update();
}

void LogView::setFollowing(bool following)
{
    if (following) {
        m_adjusting = true;
        verticalScrollBar()->setValue(verticalScrollBar()->maximum());
        m_adjusting = false;
    }
    if (m_following == following)
        return;
    m_following = following;
    Q_EMIT followingChanged(following);
}

void LogView::showMatch(int match)
{
    if (match < 0 || match >= static_cast<int>(m_search.matches().size()))
        return;
    m_match = match;
    const LogMatch &found = m_search.matches()[static_cast<size_t>(match)];
    showPlace({found.line, found.start});
    viewport()->update();
    speak(this);
}

QString LogView::spokenLine() const
{
    const int lines = m_buffer.lineCount();
    if (lines == 0)
        return {};
    const bool atMatch = m_match >= 0 && m_match < static_cast<int>(m_search.matches().size());
    const int line = atMatch ? m_search.matches()[static_cast<size_t>(m_match)].line
        : m_following        ? lines - 1
                             : rowAt(verticalScrollBar()->value()).line;
    return m_buffer.text(std::clamp(line, 0, lines - 1));
}

void LogView::showPlace(const Place &place)
{
    const CellLine line(m_buffer.text(place.line));
    const int column = line.columnOf(place.unit);
    const qint64 row = firstRowOf(place.line) + (m_wrapping ? column / columnsInSight() : 0);
    QScrollBar *down = verticalScrollBar();
    if (row < down->value() || row >= down->value() + rowsInSight())
        down->setValue(static_cast<int>(row) - rowsInSight() / 2);
    QScrollBar *across = horizontalScrollBar();
    if (column < across->value() || column >= across->value() + columnsInSight())
        across->setValue(column - columnsInSight() / 2);
}

void LogView::applyTheme(const Theme &theme)
{
    m_theme = theme;
    setFont(theme.codeFont());
    viewport()->update();
}

void LogView::resizeEvent(QResizeEvent *)
{
    if (m_wrapping) {
        m_rowsBefore.clear();
        m_counted = 0;
        m_lastRows = 0;
        countRows(0);
    }
    measure();
}

void LogView::changeEvent(QEvent *event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        measure();
}

} // namespace skillbox
