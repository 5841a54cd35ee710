#include "app/desktop/console/log_view.h"

#include <QApplication>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>
#include <QTimerEvent>

#include <cmath>

using namespace Qt::StringLiterals;

// The log view's mouse, keys and selection.

namespace skillbox {
namespace {

constexpr int dragScrollMs = 40;

} // namespace

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
