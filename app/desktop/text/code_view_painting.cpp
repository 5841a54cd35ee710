#include "app/desktop/text/code_view.h"

#include <QPainter>
#include <QPainterPath>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

QColor CodeView::markColor(MarkKind kind) const
{
    switch (kind) {
    case MarkKind::Error: return m_theme.color(ColorRole::Error);
    case MarkKind::Warning: return m_theme.color(ColorRole::Warning);
    case MarkKind::Info: break;
    }
    return m_theme.color(ColorRole::Info);
}

QList<QRectF> CodeView::rectsOf(const QTextBlock &block, int start, int end) const
{
    QList<QRectF> rects;
    const QTextLayout *layout = block.layout();
    const QPointF origin = blockBoundingGeometry(block).translated(contentOffset()).topLeft();
    for (int i = 0; i < layout->lineCount(); ++i) {
        const QTextLine line = layout->lineAt(i);
        const int from = std::max(start, line.textStart());
        const int to = std::min(end, line.textStart() + line.textLength());
        if (from > to || (from == to && start != end))
            continue;
        const qreal left = line.cursorToX(from);
        const qreal right = line.cursorToX(to);
        rects.append(QRectF(origin.x() + left, origin.y() + line.y(), right - left,
                            line.height()));
    }
    return rects;
}

void CodeView::paintEvent(QPaintEvent *event)
{
    {
        QPainter painter(viewport());
        paintBehind(painter, event->rect());
    }
    QPlainTextEdit::paintEvent(event);
    QPainter painter(viewport());
    paintMarks(painter, event->rect());
}

void CodeView::paintBehind(QPainter &painter, const QRect &area)
{
    if (m_theme.id().isEmpty())
        return;
    if (!isReadOnly() && !textCursor().hasSelection()) {
        const QTextBlock block = textCursor().block();
        QRectF line = blockBoundingGeometry(block).translated(contentOffset());
        line.setLeft(0);
        line.setRight(viewport()->width());
        QColor color = m_theme.color(ColorRole::Hover);
        color.setAlphaF(0.55F);
        painter.fillRect(line, color);
    }
    painter.setRenderHint(QPainter::Antialiasing);
    for (const int position : std::as_const(m_brackets)) {
        const QTextBlock block = document()->findBlock(position);
        if (!block.isValid() || !block.isVisible())
            continue;
        const int at = position - block.position();
        painter.setPen(m_theme.color(ColorRole::Accent));
        painter.setBrush(m_theme.color(ColorRole::InfoSurface));
        for (const QRectF &box : rectsOf(block, at, at + 1))
            painter.drawRoundedRect(box.adjusted(0, 1, 0, -1), 2, 2);
    }
    if (!m_matches)
        return;
    painter.setPen(m_theme.color(ColorRole::Warning));
    painter.setBrush(m_theme.color(ColorRole::WarningSurface));
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        if (!block.isVisible())
            continue;
        if (blockBoundingGeometry(block).translated(contentOffset()).top() > area.bottom())
            break;
        const QList<QPair<int, int>> found = m_matches(block);
        for (const auto &[start, length] : found) {
            for (const QRectF &box : rectsOf(block, start, start + length))
                painter.drawRoundedRect(box.adjusted(-0.5, 0.5, 0.5, -0.5), 2, 2);
        }
    }
}

void CodeView::paintMarks(QPainter &painter, const QRect &area)
{
    painter.setRenderHint(QPainter::Antialiasing);
    for (QTextBlock block = firstVisibleBlock(); block.isValid(); block = block.next()) {
        if (!block.isVisible())
            continue;
        const QRectF box = blockBoundingGeometry(block).translated(contentOffset());
        if (box.top() > area.bottom())
            break;
        if (isFolded(block.blockNumber())) {
            const QList<QRectF> text = rectsOf(block, 0, block.length() - 1);
            const qreal x = text.isEmpty() ? box.left() : text.constLast().right() + 6;
            const QRectF hint(x, box.top() + 3, 22, box.height() - 6);
            painter.setPen(m_theme.color(ColorRole::BorderStrong));
            painter.setBrush(m_theme.color(ColorRole::Sunken));
            painter.drawRoundedRect(hint, 3, 3);
            painter.drawText(hint, Qt::AlignCenter, u"…"_s);
        }
        const int begin = block.position();
        const int end = begin + block.length();
        for (const TextMark &mark : std::as_const(m_marks)) {
            if (mark.start >= end)
                break;
            const int markEnd = std::max(mark.start + mark.length, mark.start + 1);
            if (markEnd <= begin)
                continue;
            const int from = std::max(mark.start, begin) - begin;
            const int to = std::min(markEnd, end) - begin;
            painter.setPen(QPen(markColor(mark.kind), 1.2));
            painter.setBrush(Qt::NoBrush);
            for (QRectF place : rectsOf(block, from, to)) {
                if (place.width() < 6)
                    place.setWidth(6);
                QPainterPath wave;
                const qreal y = place.bottom() - 1.5;
                wave.moveTo(place.left(), y);
                bool up = true;
                for (qreal x = place.left(); x < place.right() && x < area.right() + 8; x += 3) {
                    wave.lineTo(x + 3, up ? y - 2 : y);
                    up = !up;
                }
                painter.drawPath(wave);
            }
        }
    }
}

} // namespace skillbox
