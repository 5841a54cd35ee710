#include "app/desktop/console/log_view.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QDateTime>
#include <QFontDatabase>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <QTimerEvent>

#include <algorithm>
#include <array>
#include <cmath>
#include <compare>
#include <limits>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int logMargin = 8;
constexpr int streamMarkWidth = 3;
constexpr int timeColumns = 13; // "12:34:56.789 "
constexpr int linesPerBlock = 1024;
constexpr int dragScrollMs = 40;

/// The first 16 colours of a terminal on a light and on a dark ground, all readable on it; what
/// programs mean by them is fixed, so they are no roles of the theme.
constexpr std::array<QRgb, 16> onLight{0xff3b4252, 0xffb3261e, 0xff17703f, 0xff8a5a00,
                                       0xff1d5bb5, 0xff8e3a9d, 0xff0b6e78, 0xff5b6572,
                                       0xff6b7480, 0xffc62828, 0xff1b7f47, 0xff9a6400,
                                       0xff2563c9, 0xffa13db3, 0xff0d7d88, 0xff1a1f26};
constexpr std::array<QRgb, 16> onDark{0xff8a94a3, 0xffff8a80, 0xff7ddc9f, 0xfff0c26b,
                                      0xff8ab4f8, 0xffd7a2ea, 0xff7fd6de, 0xffd5dbe3,
                                      0xffa3adba, 0xffffa69e, 0xff9be8b6, 0xfff7d488,
                                      0xffabcaff, 0xffe5bdf3, 0xffa0e6ec, 0xffffffff};

QColor paletteColor(int entry, bool dark)
{
    if (entry < 16)
        return QColor((dark ? onDark : onLight)[static_cast<size_t>(entry)]);
    if (entry >= 232) {
        const int level = 8 + 10 * (entry - 232);
        return QColor(level, level, level);
    }
    const auto channel = [](int step) { return step == 0 ? 0 : 55 + 40 * step; };
    const int cube = entry - 16;
    return QColor(channel(cube / 36), channel(cube / 6 % 6), channel(cube % 6));
}

} // namespace

LogView::LogView(QWidget *parent) : QAbstractScrollArea(parent), m_search(m_buffer)
{
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setAccessibleName(tr("Log"));
    viewport()->setCursor(Qt::IBeamCursor);
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this](int value) {
        if (!m_adjusting)
            setFollowing(value >= verticalScrollBar()->maximum());
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

QColor LogView::colorOf(quint32 color, bool foreground) const
{
    if (color == 0)
        return m_theme.color(foreground ? ColorRole::Text : ColorRole::Surface);
    if (color & TextLook::rgbFlag)
        return QColor(QRgb(0xff000000u | (color & 0xffffffu)));
    return paletteColor(static_cast<int>(color) - 1, m_theme.isDark());
}

void LogView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.setFont(font());
    painter.fillRect(viewport()->rect(), m_theme.color(ColorRole::Surface));
    const qint64 first = verticalScrollBar()->value();
    const qint64 last = qMin(rowCount(), first + rowsInSight() + 2);
    if (first >= last)
        return;
    Row row = rowAt(first);
    qreal top = 1;
    for (qint64 i = first; i < last && row.line < m_buffer.lineCount(); ++i) {
        drawRow(painter, row, top);
        top += m_cell.height;
        if (++row.part >= rowsOf(row.line))
            row = {row.line + 1, 0};
    }
}

void LogView::drawRow(QPainter &painter, const Row &row, qreal top)
{
    const CellLine line(m_buffer.text(row.line));
    const int room = columnsInSight();
    const int firstColumn = m_wrapping ? row.part * room : horizontalScrollBar()->value();
    const int lastColumn = firstColumn + room + (m_wrapping ? 0 : 2);
    const qsizetype from = line.indexAt(firstColumn);
    const qsizetype to = qMin(line.text().size(), line.indexAt(lastColumn));
    const bool isStderr = m_buffer.stream(row.line) == LogStreamKind::Stderr;
    if (isStderr) {
        painter.fillRect(QRectF(0, top, streamMarkWidth, m_cell.height),
                         m_theme.color(ColorRole::Warning));
    }
    if (m_times && row.part == 0 && m_buffer.time(row.line) != LogBuffer::unknownTime) {
        painter.setPen(m_theme.color(ColorRole::Muted));
        painter.drawText(
            QPointF(streamMarkWidth + logMargin, top + m_cell.ascent),
            QDateTime::fromMSecsSinceEpoch(m_buffer.time(row.line)).toString(u"HH:mm:ss.zzz"_s));
    }
    const qreal left = textLeft();
    const auto xOf = [&](qsizetype unit) {
        return left + (line.columnOf(unit) - firstColumn) * m_cell.width;
    };
    painter.save();
    painter.setClipRect(QRectF(left - 2, top, viewport()->width() - left + 2, m_cell.height));
    const auto fill = [&](qsizetype start, qsizetype end, const QColor &color) {
        start = qMax(start, from);
        end = qMin(end, to);
        if (start < end)
            painter.fillRect(QRectF(xOf(start), top, xOf(end) - xOf(start), m_cell.height), color);
    };

    const std::vector<LookSpan> looks = m_buffer.looks(row.line);
    for (const LookSpan &span : looks) {
        const quint32 ground = span.look.inverse ? span.look.foreground : span.look.background;
        if (ground != 0 || span.look.inverse)
            fill(span.start, span.start + span.length, colorOf(ground, span.look.inverse));
    }
    const std::vector<LogMatch> &matches = m_search.matches();
    for (int i = m_search.firstFrom(row.line);
         i < static_cast<int>(matches.size()) && matches[static_cast<size_t>(i)].line == row.line;
         ++i) {
        const LogMatch &match = matches[static_cast<size_t>(i)];
        fill(match.start, match.start + match.length,
             m_theme.color(i == m_match ? ColorRole::Warning : ColorRole::WarningSurface));
    }
    const Place low = qMin(m_anchor, m_cursor);
    const Place high = qMax(m_anchor, m_cursor);
    if (row.line >= low.line && row.line <= high.line && low != high) {
        const qsizetype start = row.line == low.line ? low.unit : 0;
        const qsizetype end = row.line == high.line ? high.unit : line.text().size();
        QColor ground = m_theme.color(ColorRole::Selection);
        fill(start, end, ground);
        if (row.line < high.line && end == to) // the line's end is selected, too
            painter.fillRect(QRectF(xOf(to), top, m_cell.width, m_cell.height), ground);
    }

    const auto draw = [&](qsizetype start, qsizetype end, const TextLook &look) {
        start = qMax(start, from);
        end = qMin(end, to);
        if (start >= end)
            return;
        QColor pen = look.inverse ? colorOf(look.background, false)
                                  : colorOf(look.foreground, true);
        if (look.faint)
            pen.setAlphaF(0.7f);
        painter.setPen(pen);
        const bool special = look.bold || look.italic || look.underlined || look.struck;
        if (special) {
            QFont changed = font();
            changed.setBold(look.bold);
            changed.setItalic(look.italic);
            changed.setUnderline(look.underlined);
            changed.setStrikeOut(look.struck);
            painter.setFont(changed);
        }
        line.draw(painter, xOf(start), top + m_cell.ascent, m_cell, start, end);
        if (special)
            painter.setFont(font());
    };
    qsizetype drawn = 0;
    for (const LookSpan &span : looks) {
        draw(drawn, span.start, {});
        draw(span.start, span.start + span.length, span.look);
        drawn = span.start + span.length;
    }
    draw(drawn, line.text().size(), {});
    painter.restore();
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

LogView::Place LogView::placeAt(const QPoint &at) const
{
    if (m_buffer.lineCount() == 0)
        return {};
    const qint64 row = verticalScrollBar()->value()
        + static_cast<qint64>(std::floor((at.y() - 1) / m_cell.height));
    if (row < 0)
        return {};
    if (row >= rowCount()) {
        const int last = m_buffer.lineCount() - 1;
        return {last, m_buffer.text(last).size()};
    }
    const Row place = rowAt(row);
    const CellLine line(m_buffer.text(place.line));
    const int firstColumn = m_wrapping ? place.part * columnsInSight()
                                       : horizontalScrollBar()->value();
    const int column = qMax(0, static_cast<int>((at.x() - textLeft()) / m_cell.width + 0.5));
    return {place.line, line.indexAt(firstColumn + column)};
}

void LogView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    m_cursor = placeAt(event->pos());
    if (!(event->modifiers() & Qt::ShiftModifier))
        m_anchor = m_cursor;
    viewport()->update();
}

void LogView::mouseMoveEvent(QMouseEvent *event)
{
    if (!(event->buttons() & Qt::LeftButton))
        return;
    m_dragAt = event->pos();
    const bool outside = !viewport()->rect().contains(m_dragAt);
    if (outside && m_dragTimer == 0)
        m_dragTimer = startTimer(dragScrollMs);
    dragTo(m_dragAt);
}

void LogView::dragTo(const QPoint &at)
{
    m_cursor = placeAt(at);
    viewport()->update();
}

void LogView::timerEvent(QTimerEvent *event)
{
    if (event->timerId() != m_dragTimer)
        return;
    if (viewport()->rect().contains(m_dragAt)) {
        killTimer(m_dragTimer);
        m_dragTimer = 0;
        return;
    }
    QScrollBar *bar = verticalScrollBar();
    if (m_dragAt.y() < 0)
        bar->setValue(bar->value() - 1 + m_dragAt.y() / 10);
    else if (m_dragAt.y() > viewport()->height())
        bar->setValue(bar->value() + 1 + (m_dragAt.y() - viewport()->height()) / 10);
    dragTo(m_dragAt);
}

void LogView::mouseReleaseEvent(QMouseEvent *)
{
    if (m_dragTimer != 0)
        killTimer(m_dragTimer);
    m_dragTimer = 0;
    if (hasSelection() && QApplication::clipboard()->supportsSelection()) {
        const QString text = selectedText();
        QApplication::clipboard()->setText(text, QClipboard::Selection);
    }
}

void LogView::mouseDoubleClickEvent(QMouseEvent *event)
{
    const Place place = placeAt(event->pos());
    if (place.line >= m_buffer.lineCount())
        return;
    const QString text = m_buffer.text(place.line);
    const auto isWord = [&](qsizetype unit) {
        const QChar character = text.at(unit);
        return character.isLetterOrNumber() || u"_-./"_s.contains(character);
    };
    qsizetype start = qMin(place.unit, text.size());
    qsizetype end = start;
    while (start > 0 && isWord(start - 1))
        --start;
    while (end < text.size() && isWord(end))
        ++end;
    m_anchor = {place.line, start};
    m_cursor = {place.line, end};
    viewport()->update();
}

bool LogView::hasSelection() const
{
    return m_anchor != m_cursor;
}

QString LogView::selectedText() const
{
    const Place low = qMin(m_anchor, m_cursor);
    const Place high = qMax(m_anchor, m_cursor);
    QString text;
    for (int line = low.line; line <= high.line && line < m_buffer.lineCount(); ++line) {
        if (text.size() > mostCopied)
            break;
        const QString whole = m_buffer.text(line);
        const qsizetype start = line == low.line ? qMin(low.unit, whole.size()) : 0;
        const qsizetype end = line == high.line ? qMin(high.unit, whole.size()) : whole.size();
        text += QStringView(whole).sliced(start, end - start);
        if (line < high.line)
            text += u'\n';
    }
    return text;
}

void LogView::selectAll()
{
    m_anchor = {};
    const int last = m_buffer.lineCount() - 1;
    m_cursor = last < 0 ? Place() : Place{last, m_buffer.text(last).size()};
    viewport()->update();
}

void LogView::copy() const
{
    if (hasSelection())
        QApplication::clipboard()->setText(selectedText());
}

void LogView::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy))
        return copy();
    if (event->matches(QKeySequence::SelectAll))
        return selectAll();
    QScrollBar *down = verticalScrollBar();
    QScrollBar *across = horizontalScrollBar();
    switch (event->key()) {
    case Qt::Key_Up: down->triggerAction(QAbstractSlider::SliderSingleStepSub); break;
    case Qt::Key_Down: down->triggerAction(QAbstractSlider::SliderSingleStepAdd); break;
    case Qt::Key_PageUp: down->triggerAction(QAbstractSlider::SliderPageStepSub); break;
    case Qt::Key_PageDown: down->triggerAction(QAbstractSlider::SliderPageStepAdd); break;
    case Qt::Key_Left: across->triggerAction(QAbstractSlider::SliderSingleStepSub); break;
    case Qt::Key_Right: across->triggerAction(QAbstractSlider::SliderSingleStepAdd); break;
    case Qt::Key_Home: down->setValue(0); break;
    case Qt::Key_End: setFollowing(true); break;
    default: QAbstractScrollArea::keyPressEvent(event);
    }
}

void LogView::wheelEvent(QWheelEvent *event)
{
    // The bars count rows and columns: three of them a notch, as everywhere.
    const bool sideways = qAbs(event->angleDelta().x()) > qAbs(event->angleDelta().y())
        || event->modifiers() & Qt::ShiftModifier;
    QScrollBar *bar = sideways ? horizontalScrollBar() : verticalScrollBar();
    const int delta = sideways && event->angleDelta().x() != 0 ? event->angleDelta().x()
                                                               : event->angleDelta().y();
    bar->setValue(bar->value() - delta * QApplication::wheelScrollLines() / 120);
    event->accept();
}

void LogView::contextMenuEvent(QContextMenuEvent *event)
{
    QMenu menu(this);
    QAction *copyAction = menu.addAction(tr("Copy"), this, &LogView::copy);
    copyAction->setEnabled(hasSelection());
    menu.addAction(tr("Select all"), this, &LogView::selectAll);
    menu.exec(event->globalPos());
}

} // namespace skillbox
