#include "app/desktop/text/diff_canvas.h"

#include <QApplication>
#include <QClipboard>
#include <QFontDatabase>
#include <QKeyEvent>
#include <QScrollBar>

#include <cmath>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int textMargin = 6;
/// Longer lines are drawn only so far: nobody reads on, and drawing costs by length.
constexpr int mostDrawnUnits = 20'000;

} // namespace

DiffCanvas::DiffCanvas(QWidget *parent)
    : QAbstractScrollArea(parent)
    , m_diff(std::make_shared<DiffRows>())
{
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    viewport()->setCursor(Qt::IBeamCursor);
    setAccessibleName(tr("Differences"));
    connect(verticalScrollBar(), &QScrollBar::valueChanged, this, [this] { speak(this); });
    measure();
}

void DiffCanvas::setRows(std::shared_ptr<const DiffRows> diff)
{
    m_diff = std::move(diff);
    m_block = -1;
    m_widest = 0;
    for (const QStringList *lines : {&m_diff->left, &m_diff->right}) {
        for (const QString &line : *lines) {
            m_widest = qMax(m_widest, CellLine::columnsOf(QStringView(line).left(mostDrawnUnits)));
        }
    }
    arrange();
    verticalScrollBar()->setValue(0);
    horizontalScrollBar()->setValue(0);
}

void DiffCanvas::setArrangement(Arrangement arrangement)
{
    m_arrangement = arrangement;
    arrange();
    if (m_block >= 0)
        goToBlock(m_block);
}

void DiffCanvas::arrange()
{
    m_anchor = -1;
    m_cursor = -1;
    m_shown.clear();
    m_shown.reserve(m_diff->rows.size());
    const int count = static_cast<int>(m_diff->rows.size());
    for (int row = 0; row < count;) {
        const auto kindOf = [this](int at) { return m_diff->rows[static_cast<size_t>(at)].kind; };
        if (m_arrangement == Arrangement::SideBySide || kindOf(row) == DiffRow::Kind::Same) {
            m_shown.push_back({row++});
            continue;
        }
        // As in a patch: what goes before what comes.
        int end = row;
        while (end < count && kindOf(end) != DiffRow::Kind::Same)
            ++end;
        for (int at = row; at < end; ++at) {
            if (m_diff->rows[static_cast<size_t>(at)].left >= 0)
                m_shown.push_back({at, true, false});
        }
        for (int at = row; at < end; ++at) {
            if (m_diff->rows[static_cast<size_t>(at)].right >= 0)
                m_shown.push_back({at, false, true});
        }
        row = end;
    }
    measure();
    viewport()->update();
}

int DiffCanvas::visibleLines() const
{
    return qMax(1, static_cast<int>(viewport()->height() / m_cell.height));
}

qreal DiffCanvas::gutterWidth() const
{
    const auto most = qMax(m_diff->left.size(), m_diff->right.size());
    const int digits = qMax(3, static_cast<int>(QString::number(most).size()));
    const int columns = m_arrangement == Arrangement::SideBySide ? digits + 3 : 2 * digits + 4;
    return columns * m_cell.width + textMargin;
}

void DiffCanvas::measure()
{
    m_cell = CellSize::of(font());
    verticalScrollBar()->setRange(0, qMax(0, static_cast<int>(m_shown.size()) - visibleLines()));
    verticalScrollBar()->setPageStep(visibleLines());
    const int sides = m_arrangement == Arrangement::SideBySide ? 2 : 1;
    const qreal room = viewport()->width() / sides - gutterWidth() - 2 * textMargin;
    const int columns = qMax(1, static_cast<int>(room / m_cell.width));
    horizontalScrollBar()->setRange(0, qMax(0, m_widest - columns));
    horizontalScrollBar()->setPageStep(columns);
}

void DiffCanvas::goToBlock(int block)
{
    if (block < 0 || block >= static_cast<int>(m_diff->blocks.size()))
        return;
    m_block = block;
    const int line = firstShownOf(m_diff->blocks[static_cast<size_t>(block)]);
    verticalScrollBar()->setValue(line - visibleLines() / 3);
    viewport()->update();
    Q_EMIT currentBlockChanged(block);
}

int DiffCanvas::firstShownOf(int row) const
{
    for (size_t i = 0; i < m_shown.size(); ++i) {
        if (m_shown[i].row >= row)
            return static_cast<int>(i);
    }
    return 0;
}

void DiffCanvas::applyTheme(const Theme &theme)
{
    m_theme = theme;
    setFont(theme.codeFont());
    measure();
    viewport()->update();
}

void DiffCanvas::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    painter.setFont(font());
    const QRectF area(viewport()->rect());
    painter.fillRect(area, m_theme.color(ColorRole::Surface));
    const int first = verticalScrollBar()->value();
    const int last = qMin(static_cast<int>(m_shown.size()), first + visibleLines() + 2);
    for (int i = first; i < last; ++i) {
        const Shown &shown = m_shown[static_cast<size_t>(i)];
        const QRectF line(0, (i - first) * m_cell.height, area.width(), m_cell.height);
        if (m_arrangement == Arrangement::Unified) {
            drawUnified(painter, shown, line);
        } else {
            const qreal half = std::floor(area.width() / 2);
            drawSide(painter, shown, Side::Left, QRectF(0, line.y(), half, line.height()));
            drawSide(painter, shown, Side::Right,
                     QRectF(half, line.y(), area.width() - half, line.height()));
        }
        for (const Side side : {Side::Left, Side::Right}) {
            if (!isSelected(i, side))
                continue;
            QColor tint = m_theme.color(ColorRole::Accent);
            tint.setAlpha(46);
            QRectF marked = line;
            if (m_arrangement == Arrangement::SideBySide) {
                marked.setWidth(area.width() / 2);
                if (side == Side::Right)
                    marked.moveRight(area.right());
            }
            painter.fillRect(marked, tint);
        }
    }
    if (m_arrangement == Arrangement::SideBySide) {
        painter.setPen(m_theme.color(ColorRole::Border));
        const qreal middle = std::floor(area.width() / 2) - 0.5;
        painter.drawLine(QPointF(middle, 0), QPointF(middle, area.height()));
    }
    // The difference one went to.
    if (m_block >= 0) {
        const int line = firstShownOf(m_diff->blocks[static_cast<size_t>(m_block)]) - first;
        painter.fillRect(QRectF(0, line * m_cell.height, 3, m_cell.height),
                         m_theme.color(ColorRole::Accent));
    }
}

void DiffCanvas::drawSide(QPainter &painter, const Shown &shown, Side side, const QRectF &area)
{
    const DiffRow &row = m_diff->rows[static_cast<size_t>(shown.row)];
    const bool isLeft = side == Side::Left;
    const int line = isLeft ? row.left : row.right;
    if (line < 0) {
        painter.fillRect(area, m_theme.color(ColorRole::Sunken));
        return;
    }
    const bool differs = row.kind != DiffRow::Kind::Same;
    const ColorRole strong = isLeft ? ColorRole::Error : ColorRole::Success;
    if (differs) {
        painter.fillRect(
            area, m_theme.color(isLeft ? ColorRole::ErrorSurface : ColorRole::SuccessSurface));
    }
    const qreal gutter = gutterWidth();
    painter.setPen(m_theme.color(ColorRole::Muted));
    const QRectF number(area.x(), area.y(), gutter - 2.5 * m_cell.width, area.height());
    painter.drawText(number, Qt::AlignRight | Qt::AlignVCenter, QString::number(line + 1));
    if (differs) {
        painter.setPen(m_theme.color(strong));
        painter.drawText(QPointF(area.x() + gutter - 2 * m_cell.width, area.y() + m_cell.ascent),
                         isLeft ? u"−"_s : u"+"_s);
    }
    QColor mark = m_theme.color(strong);
    mark.setAlpha(70);
    drawText(painter, isLeft ? m_diff->left.at(line) : m_diff->right.at(line),
             isLeft ? row.leftSpans : row.rightSpans, mark, area.adjusted(gutter, 0, 0, 0));
}

void DiffCanvas::drawUnified(QPainter &painter, const Shown &shown, const QRectF &area)
{
    const DiffRow &row = m_diff->rows[static_cast<size_t>(shown.row)];
    const bool gone = shown.left && !shown.right;
    const bool come = shown.right && !shown.left;
    const ColorRole strong = gone ? ColorRole::Error : ColorRole::Success;
    if (gone || come) {
        painter.fillRect(area,
                         m_theme.color(gone ? ColorRole::ErrorSurface : ColorRole::SuccessSurface));
    }
    const qreal gutter = gutterWidth();
    const qreal numberWidth = (gutter - 3 * m_cell.width) / 2;
    painter.setPen(m_theme.color(ColorRole::Muted));
    if (shown.left) {
        painter.drawText(QRectF(0, area.y(), numberWidth, area.height()),
                         Qt::AlignRight | Qt::AlignVCenter, QString::number(row.left + 1));
    }
    if (shown.right) {
        painter.drawText(QRectF(numberWidth, area.y(), numberWidth, area.height()),
                         Qt::AlignRight | Qt::AlignVCenter, QString::number(row.right + 1));
    }
    if (gone || come) {
        painter.setPen(m_theme.color(strong));
        painter.drawText(QPointF(gutter - 2 * m_cell.width, area.y() + m_cell.ascent),
                         gone ? u"−"_s : u"+"_s);
    }
    QColor mark = m_theme.color(strong);
    mark.setAlpha(70);
    drawText(painter, come ? m_diff->right.at(row.right) : m_diff->left.at(row.left),
             gone       ? row.leftSpans
                 : come ? row.rightSpans
                        : std::vector<DiffSpan>(),
             mark, area.adjusted(gutter, 0, 0, 0));
}

void DiffCanvas::drawText(QPainter &painter, const QString &text,
                          const std::vector<DiffSpan> &spans, const QColor &mark,
                          const QRectF &area)
{
    const CellLine line(text.left(mostDrawnUnits));
    const int scrolled = horizontalScrollBar()->value();
    const int columns = static_cast<int>(area.width() / m_cell.width) + 1;
    const qreal left = area.x() + textMargin;
    painter.save();
    painter.setClipRect(area);
    for (const DiffSpan &span : spans) {
        const qreal from = (line.columnOf(span.start) - scrolled) * m_cell.width;
        const qreal to = (line.columnOf(span.start + span.length) - scrolled) * m_cell.width;
        painter.fillRect(QRectF(left + from, area.y(), to - from, area.height()), mark);
    }
    painter.setPen(m_theme.color(ColorRole::Text));
    const qsizetype first = line.indexAt(scrolled);
    line.draw(painter, left + (line.columnOf(first) - scrolled) * m_cell.width,
              area.y() + m_cell.ascent, m_cell, first,
              qMin(line.text().size(), line.indexAt(scrolled + columns) + 1));
    painter.restore();
}

void DiffCanvas::resizeEvent(QResizeEvent *)
{
    measure();
}

void DiffCanvas::changeEvent(QEvent *event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::FontChange)
        measure();
}

int DiffCanvas::shownAt(const QPoint &at) const
{
    const int line = verticalScrollBar()->value()
        + static_cast<int>(std::floor(at.y() / m_cell.height));
    return qBound(-1, line, static_cast<int>(m_shown.size()) - 1);
}

DiffCanvas::Side DiffCanvas::sideAt(const QPoint &at) const
{
    return m_arrangement == Arrangement::SideBySide && at.x() > viewport()->width() / 2
        ? Side::Right
        : Side::Left;
}

bool DiffCanvas::isSelected(int shown, Side side) const
{
    return m_anchor >= 0 && side == m_selectedSide && shown >= qMin(m_anchor, m_cursor)
        && shown <= qMax(m_anchor, m_cursor);
}

void DiffCanvas::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    const int line = shownAt(event->pos());
    if (event->modifiers() & Qt::ShiftModifier && m_anchor >= 0) {
        m_cursor = line;
    } else {
        m_selectedSide = sideAt(event->pos());
        m_anchor = line;
        m_cursor = line;
    }
    viewport()->update();
}

void DiffCanvas::mouseMoveEvent(QMouseEvent *event)
{
    if (!(event->buttons() & Qt::LeftButton) || m_anchor < 0)
        return;
    m_cursor = qMax(0, shownAt(event->pos()));
    if (event->pos().y() < 0)
        verticalScrollBar()->triggerAction(QAbstractSlider::SliderSingleStepSub);
    else if (event->pos().y() > viewport()->height())
        verticalScrollBar()->triggerAction(QAbstractSlider::SliderSingleStepAdd);
    viewport()->update();
}

QString DiffCanvas::selectedText() const
{
    if (m_anchor < 0)
        return {};
    QStringList lines;
    for (int i = qMin(m_anchor, m_cursor); i <= qMax(m_anchor, m_cursor); ++i) {
        const Shown &shown = m_shown[static_cast<size_t>(i)];
        const DiffRow &row = m_diff->rows[static_cast<size_t>(shown.row)];
        const bool fromRight = m_arrangement == Arrangement::SideBySide
            ? m_selectedSide == Side::Right
            : !shown.left;
        const int line = fromRight ? row.right : row.left;
        if (line >= 0)
            lines.append(fromRight ? m_diff->right.at(line) : m_diff->left.at(line));
    }
    return lines.join(u'\n');
}

QString DiffCanvas::spokenLine() const
{
    const int at = m_cursor >= 0 ? m_cursor : verticalScrollBar()->value();
    if (at < 0 || static_cast<size_t>(at) >= m_shown.size())
        return {};
    const Shown &shown = m_shown[static_cast<size_t>(at)];
    const DiffRow &row = m_diff->rows[static_cast<size_t>(shown.row)];
    const QString left = row.left >= 0 ? m_diff->left.at(row.left) : QString();
    const QString right = row.right >= 0 ? m_diff->right.at(row.right) : QString();
    switch (row.kind) {
    case DiffRow::Kind::Same: return left;
    case DiffRow::Kind::Removed: return tr("Only at the left: %1").arg(left);
    case DiffRow::Kind::Added: return tr("Only at the right: %1").arg(right);
    case DiffRow::Kind::Changed: break;
    }
    return tr("Left: %1. Right: %2").arg(left, right);
}

void DiffCanvas::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Copy)) {
        if (m_anchor >= 0)
            QApplication::clipboard()->setText(selectedText());
        return;
    }
    if (event->matches(QKeySequence::SelectAll)) {
        m_anchor = m_shown.empty() ? -1 : 0;
        m_cursor = static_cast<int>(m_shown.size()) - 1;
        viewport()->update();
        return;
    }
    QScrollBar *bar = verticalScrollBar();
    switch (event->key()) {
    case Qt::Key_Up: bar->triggerAction(QAbstractSlider::SliderSingleStepSub); break;
    case Qt::Key_Down: bar->triggerAction(QAbstractSlider::SliderSingleStepAdd); break;
    case Qt::Key_PageUp: bar->triggerAction(QAbstractSlider::SliderPageStepSub); break;
    case Qt::Key_PageDown: bar->triggerAction(QAbstractSlider::SliderPageStepAdd); break;
    case Qt::Key_Home: bar->setValue(0); break;
    case Qt::Key_End: bar->setValue(bar->maximum()); break;
    case Qt::Key_Left:
        horizontalScrollBar()->triggerAction(QAbstractSlider::SliderSingleStepSub);
        break;
    case Qt::Key_Right:
        horizontalScrollBar()->triggerAction(QAbstractSlider::SliderSingleStepAdd);
        break;
    default: QAbstractScrollArea::keyPressEvent(event);
    }
}

void DiffCanvas::wheelEvent(QWheelEvent *event)
{
    // The bars count lines and columns: three of them a notch, as everywhere.
    QScrollBar *bar = qAbs(event->angleDelta().x()) > qAbs(event->angleDelta().y())
            || event->modifiers() & Qt::ShiftModifier
        ? horizontalScrollBar()
        : verticalScrollBar();
    const int delta = bar == verticalScrollBar() || event->angleDelta().x() == 0
        ? event->angleDelta().y()
        : event->angleDelta().x();
    bar->setValue(bar->value() - delta * QApplication::wheelScrollLines() / 120);
    event->accept();
}

} // namespace skillbox
