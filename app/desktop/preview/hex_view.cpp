#include "app/desktop/preview/hex_view.h"

#include <QApplication>
#include <QClipboard>
#include <QFontDatabase>
#include <QMouseEvent>
#include <QPainter>
#include <QScrollBar>

#include <limits>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int hexMargin = 24;
constexpr int hexTop = 8;

} // namespace

HexView::HexView(QWidget *parent) : QAbstractScrollArea(parent)
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    viewport()->setCursor(Qt::IBeamCursor);
    measure();
}

void HexView::measure()
{
    const QFontMetrics metrics(font());
    m_charWidth = qMax(1, metrics.horizontalAdvance(u'0'));
    m_rowHeight = metrics.height() + 2;
}

void HexView::setFile(const SharedFile &file)
{
    m_file = file;
    m_cursor = m_anchor = 0;
    const qint64 size = file ? file->size() : 0;
    m_offsetDigits = qMax<int>(8, static_cast<int>(QString::number(size, 16).size()));
    verticalScrollBar()->setValue(0);
    updateBar();
    viewport()->update();
}

qint64 HexView::rows() const
{
    return m_file ? (m_file->size() + perRow - 1) / perRow : 0;
}

int HexView::rowsShown() const
{
    return qMax(1, (viewport()->height() - 2 * hexTop) / m_rowHeight);
}

/// A scroll bar counts in int, and 2^31 rows are 32 GB: beyond, a step is several rows.
qint64 HexView::firstRow() const
{
    const qint64 last = qMax<qint64>(0, rows() - rowsShown());
    const qint64 scale = last / std::numeric_limits<int>::max() + 1;
    return qMin(last, verticalScrollBar()->value() * scale);
}

void HexView::updateBar()
{
    const qint64 last = qMax<qint64>(0, rows() - rowsShown());
    const qint64 scale = last / std::numeric_limits<int>::max() + 1;
    verticalScrollBar()->setPageStep(rowsShown());
    verticalScrollBar()->setRange(0, static_cast<int>(last / scale));
    horizontalScrollBar()->setPageStep(viewport()->width());
    horizontalScrollBar()->setRange(
        0,
        qMax(0, textX(perRow) + hexMargin + horizontalScrollBar()->value() - viewport()->width()));
}

int HexView::hexX(int column) const
{
    const int start = hexMargin + (m_offsetDigits + 2) * m_charWidth;
    return start + (3 * column + (column >= perRow / 2 ? 1 : 0)) * m_charWidth
        - horizontalScrollBar()->value();
}

int HexView::textX(int column) const
{
    return hexX(perRow) + (1 + column) * m_charWidth;
}

void HexView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.fillRect(viewport()->rect(), m_theme.color(ColorRole::Surface));
    if (!m_file)
        return;
    const qint64 first = firstRow();
    const int shown = rowsShown() + 1;
    const QByteArray bytes = m_file->read(first * perRow, qint64(shown) * perRow);
    const int ascent = QFontMetrics(font()).ascent();
    const QColor text = m_theme.color(ColorRole::Text);
    const QColor muted = m_theme.color(ColorRole::Muted);
    const qint64 from = selectionStart();
    const qint64 to = from + selectionLength();
    for (int row = 0; row < shown; ++row) {
        const qsizetype start = qsizetype(row) * perRow;
        if (start >= bytes.size())
            break;
        const int top = hexTop + row * m_rowHeight;
        const int baseline = top + ascent + 1;
        painter.setPen(muted);
        painter.drawText(hexMargin - horizontalScrollBar()->value(), baseline,
                         u"%1"_s.arg((first + row) * perRow, m_offsetDigits, 16, QChar(u'0')));
        for (int column = 0; column < perRow && start + column < bytes.size(); ++column) {
            const auto byte = static_cast<unsigned char>(bytes.at(start + column));
            const qint64 offset = (first + row) * perRow + column;
            const bool chosen = offset >= from && offset < to;
            if (chosen) {
                const QColor back = m_theme.color(ColorRole::Selection);
                painter.fillRect(hexX(column), top, 2 * m_charWidth, m_rowHeight, back);
                painter.fillRect(textX(column), top, m_charWidth, m_rowHeight, back);
            }
            const bool printable = byte >= 0x20 && byte < 0x7f;
            painter.setPen(chosen          ? m_theme.color(ColorRole::OnSelection)
                               : byte == 0 ? m_theme.color(ColorRole::Disabled)
                                           : text);
            painter.drawText(hexX(column), baseline, u"%1"_s.arg(byte, 2, 16, QChar(u'0')));
            if (!chosen)
                painter.setPen(printable ? text : m_theme.color(ColorRole::Disabled));
            painter.drawText(textX(column), baseline,
                             printable ? QString(QLatin1Char(bytes.at(start + column))) : u"·"_s);
        }
    }
    if (hasFocus()) {
        painter.setPen(m_theme.color(ColorRole::Focus));
        painter.drawRect(viewport()->rect().adjusted(0, 0, -1, -1));
    }
}

void HexView::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    updateBar();
}

void HexView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::FontChange) {
        measure();
        updateBar();
    }
    QAbstractScrollArea::changeEvent(event);
}

qint64 HexView::selectionLength() const
{
    return m_file && m_file->size() > 0 ? qAbs(m_cursor - m_anchor) + 1 : 0;
}

void HexView::select(qint64 offset, qint64 length)
{
    setPosition(offset);
    moveTo(offset + qMax<qint64>(1, length) - 1, true);
}

void HexView::setPosition(qint64 offset)
{
    moveTo(offset, false);
}

void HexView::moveTo(qint64 offset, bool extend)
{
    if (!m_file || m_file->size() == 0)
        return;
    m_cursor = qBound<qint64>(0, offset, m_file->size() - 1);
    if (!extend)
        m_anchor = m_cursor;
    const qint64 row = m_cursor / perRow;
    const qint64 last = qMax<qint64>(0, rows() - rowsShown());
    const qint64 scale = last / std::numeric_limits<int>::max() + 1;
    if (row < firstRow())
        verticalScrollBar()->setValue(static_cast<int>(row / scale));
    else if (row >= firstRow() + rowsShown())
        verticalScrollBar()->setValue(static_cast<int>((row - rowsShown() + scale) / scale));
    viewport()->update();
    speak(this);
    Q_EMIT positionChanged(m_cursor);
}

void HexView::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy)) {
        QApplication::clipboard()->setText(selectedHex());
        return;
    }
    const bool extend = event->modifiers().testFlag(Qt::ShiftModifier);
    const bool far = event->modifiers().testFlag(Qt::ControlModifier);
    switch (event->key()) {
    case Qt::Key_Left: moveTo(m_cursor - 1, extend); return;
    case Qt::Key_Right: moveTo(m_cursor + 1, extend); return;
    case Qt::Key_Up: moveTo(m_cursor < perRow ? m_cursor : m_cursor - perRow, extend); return;
    case Qt::Key_Down: moveTo(m_cursor + perRow, extend); return;
    case Qt::Key_PageUp: moveTo(m_cursor - qint64(rowsShown()) * perRow, extend); return;
    case Qt::Key_PageDown: moveTo(m_cursor + qint64(rowsShown()) * perRow, extend); return;
    case Qt::Key_Home: moveTo(far ? 0 : m_cursor / perRow * perRow, extend); return;
    case Qt::Key_End:
        moveTo(far && m_file ? m_file->size() - 1 : m_cursor / perRow * perRow + perRow - 1,
               extend);
        return;
    default: QAbstractScrollArea::keyPressEvent(event);
    }
}

qint64 HexView::offsetAt(const QPoint &place) const
{
    const qint64 row = firstRow() + qMax(0, place.y() - hexTop) / m_rowHeight;
    int column = 0;
    if (place.x() >= textX(0) - m_charWidth / 2) {
        column = (place.x() - textX(0)) / m_charWidth;
    } else {
        while (column + 1 < perRow && place.x() >= hexX(column + 1))
            ++column;
    }
    return row * perRow + qBound(0, column, perRow - 1);
}

void HexView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() == Qt::LeftButton)
        moveTo(offsetAt(event->position().toPoint()),
               event->modifiers().testFlag(Qt::ShiftModifier));
}

void HexView::mouseMoveEvent(QMouseEvent *event)
{
    if (event->buttons().testFlag(Qt::LeftButton))
        moveTo(offsetAt(event->position().toPoint()), true);
}

QString HexView::spokenLine() const
{
    if (!m_file || m_file->size() == 0)
        return {};
    const qint64 start = m_cursor / perRow * perRow;
    const QByteArray row = m_file->read(start, perRow);
    const qint64 at = m_cursor - start;
    if (at >= row.size())
        return {}; // the file became shorter
    return tr("Offset %1: %2. Row: %3")
        .arg(m_cursor, m_offsetDigits, 16, QChar(u'0'))
        .arg(static_cast<unsigned char>(row.at(at)), 2, 16, QChar(u'0'))
        .arg(QString::fromLatin1(row.toHex(' ')));
}

QString HexView::selectedHex() const
{
    if (!m_file)
        return {};
    return QString::fromLatin1(
        m_file->read(selectionStart(), qMin(selectionLength(), mostCopied)).toHex(' '));
}

void HexView::applyTheme(const Theme &theme)
{
    m_theme = theme;
    setFont(theme.codeFont());
    viewport()->update();
}

} // namespace skillbox
