#include "app/desktop/text/code_gutter.h"

#include "app/desktop/text/code_view.h"

#include <QCoreApplication>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>

#include <algorithm>

namespace skillbox {
namespace {

constexpr int markWidth = 16;
constexpr int foldWidth = 14;
constexpr int fewestDigits = 3;

} // namespace

CodeGutter::CodeGutter(CodeView &view) : QWidget(&view), m_view(view)
{
    setCursor(Qt::ArrowCursor);
}

int CodeGutter::neededWidth() const
{
    int digits = 1;
    for (int lines = m_view.blockCount(); lines >= 10; lines /= 10)
        ++digits;
    const int number = m_view.fontMetrics().horizontalAdvance(u'9')
        * std::max(digits, fewestDigits);
    return markWidth + number + foldWidth;
}

QSize CodeGutter::sizeHint() const
{
    return {neededWidth(), 0};
}

void CodeGutter::paintEvent(QPaintEvent *event)
{
    QPainter painter(this);
    const Theme &theme = m_view.theme();
    painter.fillRect(event->rect(), theme.color(ColorRole::Surface));
    painter.setRenderHint(QPainter::Antialiasing);
    const int current = m_view.textCursor().blockNumber();
    const qreal shift = m_view.contentOffset().y();
    const int numberRight = width() - foldWidth;
    QTextBlock block = m_view.firstVisibleBlock();
    auto mark = std::lower_bound(
        m_view.m_marks.cbegin(), m_view.m_marks.cend(), block.position(),
        [](const TextMark &one, int position) { return one.start < position; });
    for (; block.isValid(); block = block.next()) {
        const int end = block.position() + block.length();
        std::optional<MarkKind> worst;
        for (; mark != m_view.m_marks.cend() && mark->start < end; ++mark) {
            if (!worst || mark->kind > *worst)
                worst = mark->kind;
        }
        if (!block.isVisible())
            continue;
        const QRectF box = m_view.blockBoundingGeometry(block).translated(0, shift);
        if (box.top() > event->rect().bottom())
            break;
        const int line = block.blockNumber();
        const int lineHeight = m_view.fontMetrics().height();
        painter.setFont(m_view.font());
        painter.setPen(
            theme.color(line == current ? ColorRole::Text : ColorRole::Muted));
        painter.drawText(QRectF(0, box.top(), numberRight, lineHeight),
                         Qt::AlignRight | Qt::AlignVCenter, QString::number(line + 1));
        const QPointF centre(markWidth / 2.0 + 1, box.top() + lineHeight / 2.0);
        painter.setPen(Qt::NoPen);
        if (line == m_view.m_lampLine) {
            // A lamp: bulb and socket.
            painter.setBrush(theme.color(ColorRole::Warning));
            painter.drawEllipse(centre - QPointF(0, 1.5), 4.5, 4.5);
            painter.drawRoundedRect(QRectF(centre.x() - 2, centre.y() + 3, 4, 3), 1, 1);
        } else if (worst) {
            painter.setBrush(m_view.markColor(*worst));
            if (*worst == MarkKind::Warning) {
                // A shape of its own, so that colour is not the only difference.
                painter.drawPolygon(QPolygonF{centre + QPointF(0, -4.5), centre + QPointF(5, 4),
                                              centre + QPointF(-5, 4)});
            } else {
                painter.drawEllipse(centre, 4, 4);
            }
        }
        if (m_view.foldAt(line)) {
            const QPointF at(numberRight + foldWidth / 2.0, box.top() + lineHeight / 2.0);
            QPainterPath arrow;
            if (m_view.isFolded(line)) {
                arrow.moveTo(at + QPointF(-2, -4));
                arrow.lineTo(at + QPointF(2, 0));
                arrow.lineTo(at + QPointF(-2, 4));
            } else {
                arrow.moveTo(at + QPointF(-4, -2));
                arrow.lineTo(at + QPointF(0, 2));
                arrow.lineTo(at + QPointF(4, -2));
            }
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(theme.color(m_view.isFolded(line) ? ColorRole::Accent
                                                                  : ColorRole::BorderStrong),
                                1.3));
            painter.drawPath(arrow);
        }
    }
}

int CodeGutter::lineAt(int y) const
{
    QTextBlock block = m_view.firstVisibleBlock();
    const qreal shift = m_view.contentOffset().y();
    for (; block.isValid(); block = block.next()) {
        if (block.isVisible()
            && m_view.blockBoundingGeometry(block).translated(0, shift).bottom() > y) {
            return block.blockNumber();
        }
    }
    return -1;
}

void CodeGutter::mousePressEvent(QMouseEvent *event)
{
    const int line = lineAt(event->pos().y());
    if (line < 0)
        return;
    if (event->pos().x() >= width() - foldWidth)
        m_view.toggleFold(line);
    else if (event->pos().x() < markWidth)
        Q_EMIT m_view.markClicked(line);
    else
        m_view.goTo(line + 1, 1);
}

void CodeGutter::wheelEvent(QWheelEvent *event)
{
    QCoreApplication::sendEvent(m_view.viewport(), event);
}

} // namespace skillbox
