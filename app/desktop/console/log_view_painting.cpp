#include "app/desktop/console/log_view.h"

#include <QDateTime>
#include <QPainter>
#include <QScrollBar>

#include <array>

using namespace Qt::StringLiterals;

// The log view's looks: one row after the other, each in layers.

namespace skillbox {
namespace {

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

/// One row of the log as it lies on the screen.
struct LogView::RowPlace {
    const CellLine &line;
    int number;      ///< of the line in the buffer
    int firstColumn; ///< of it at `left`
    qsizetype from;  ///< units of it that are in sight
    qsizetype to;
    qreal left;
    qreal top;
    qreal cellWidth;

    qreal x(qsizetype unit) const { return left + (line.columnOf(unit) - firstColumn) * cellWidth; }
};

void LogView::drawRow(QPainter &painter, const Row &row, qreal top)
{
    const CellLine line(m_buffer.text(row.line));
    const int room = columnsInSight();
    const int firstColumn = m_wrapping ? row.part * room : horizontalScrollBar()->value();
    const int lastColumn = firstColumn + room + (m_wrapping ? 0 : 2);
    const RowPlace place{line,
                         row.line,
                         firstColumn,
                         line.indexAt(firstColumn),
                         qMin(line.text().size(), line.indexAt(lastColumn)),
                         textLeft(),
                         top,
                         m_cell.width};
    if (m_buffer.stream(row.line) == LogStreamKind::Stderr) {
        painter.fillRect(QRectF(0, top, streamMarkWidth, m_cell.height),
                         m_theme.color(ColorRole::Warning));
    }
    if (m_times && row.part == 0 && m_buffer.time(row.line) != LogBuffer::unknownTime) {
        painter.setPen(m_theme.color(ColorRole::Muted));
        painter.drawText(
            QPointF(streamMarkWidth + logMargin, top + m_cell.ascent),
            QDateTime::fromMSecsSinceEpoch(m_buffer.time(row.line)).toString(u"HH:mm:ss.zzz"_s));
    }
    painter.save();
    painter.setClipRect(
        QRectF(place.left - 2, top, viewport()->width() - place.left + 2, m_cell.height));
    const std::vector<LookSpan> looks = m_buffer.looks(row.line);
    drawGrounds(painter, place, looks);
    drawText(painter, place, looks);
    painter.restore();
}

/// What lies behind the text: its own colours, matches, the selection, in this order.
void LogView::drawGrounds(QPainter &painter, const RowPlace &place,
                          const std::vector<LookSpan> &looks)
{
    const auto fill = [&](qsizetype start, qsizetype end, const QColor &color) {
        start = qMax(start, place.from);
        end = qMin(end, place.to);
        if (start < end) {
            painter.fillRect(QRectF(place.x(start), place.top, place.x(end) - place.x(start),
                                    m_cell.height),
                             color);
        }
    };
    for (const LookSpan &span : looks) {
        const quint32 ground = span.look.inverse ? span.look.foreground : span.look.background;
        if (ground != 0 || span.look.inverse)
            fill(span.start, span.start + span.length, colorOf(ground, span.look.inverse));
    }
    const std::vector<LogMatch> &matches = m_search.matches();
    for (int i = m_search.firstFrom(place.number); i < static_cast<int>(matches.size())
         && matches[static_cast<size_t>(i)].line == place.number;
         ++i) {
        const LogMatch &match = matches[static_cast<size_t>(i)];
        fill(match.start, match.start + match.length,
             m_theme.color(i == m_match ? ColorRole::Warning : ColorRole::WarningSurface));
    }
    const Place low = qMin(m_anchor, m_cursor);
    const Place high = qMax(m_anchor, m_cursor);
    if (place.number < low.line || place.number > high.line || low == high)
        return;
    const qsizetype start = place.number == low.line ? low.unit : 0;
    const qsizetype end = place.number == high.line ? high.unit : place.line.text().size();
    const QColor ground = m_theme.color(ColorRole::Selection);
    fill(start, end, ground);
    if (place.number < high.line && end == place.to) { // the line's end is selected, too
        painter.fillRect(QRectF(place.x(place.to), place.top, m_cell.width, m_cell.height), ground);
    }
}

void LogView::drawText(QPainter &painter, const RowPlace &place, const std::vector<LookSpan> &looks)
{
    const auto draw = [&](qsizetype start, qsizetype end, const TextLook &look) {
        start = qMax(start, place.from);
        end = qMin(end, place.to);
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
        place.line.draw(painter, place.x(start), place.top + m_cell.ascent, m_cell, start, end);
        if (special)
            painter.setFont(font());
    };
    qsizetype drawn = 0;
    for (const LookSpan &span : looks) {
        draw(drawn, span.start, {});
        draw(span.start, span.start + span.length, span.look);
        drawn = span.start + span.length;
    }
    draw(drawn, place.line.text().size(), {});
}

} // namespace skillbox
