#include "app/desktop/preview/grid_view.h"

#include "app/desktop/preview/csv_model.h"
#include "app/desktop/widgets/controls.h"

#include <QApplication>
#include <QClipboard>
#include <QHelpEvent>
#include <QLocale>
#include <QPainter>
#include <QScrollBar>
#include <QToolTip>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int cellPadding = 8;
constexpr int narrowestColumn = 56;
constexpr int widestColumn = 360;
constexpr int measuredRows = 100;

} // namespace

GridView::GridView(QWidget *parent)
    : QAbstractScrollArea(parent)
    , m_header(new QHeaderView(Qt::Horizontal, this))
{
    setFrameShape(QFrame::NoFrame);
    setFocusPolicy(Qt::StrongFocus);
    m_header->setSectionsClickable(true);
    m_header->setSortIndicatorShown(false);
    m_header->setSortIndicatorClearable(true);
    m_header->setHighlightSections(false);
    m_header->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_header->setTextElideMode(Qt::ElideRight);
    m_rowHeight = fontMetrics().height() + 8;
    connect(m_header, &QHeaderView::sectionResized, this, [this] {
        updateGeometries();
        viewport()->update();
    });
    connect(m_header, &QHeaderView::sectionMoved, this, [this] { viewport()->update(); });
    horizontalScrollBar()->setSingleStep(40);
}

void GridView::setModel(QAbstractItemModel *model)
{
    if (m_model)
        m_model->disconnect(this);
    m_model = model;
    m_header->setModel(model);
    const auto changed = [this] {
        updateGeometries();
        viewport()->update();
    };
    connect(model, &QAbstractItemModel::rowsInserted, this, changed);
    connect(model, &QAbstractItemModel::modelReset, this, [this, changed] {
        m_row = m_column = m_anchorRow = m_anchorColumn = 0;
        verticalScrollBar()->setValue(0);
        changed();
    });
    changed();
}

int GridView::gutterWidth() const
{
    const int last = m_model ? firstRow() + rowsShown() : 0;
    const int digits = std::max(4, static_cast<int>(QLocale().toString(last).size()));
    return digits * fontMetrics().horizontalAdvance(u'0') + 2 * cellPadding;
}

int GridView::firstRow() const
{
    return verticalScrollBar()->value();
}

int GridView::rowsShown() const
{
    return std::max(1, viewport()->height() / rowHeight());
}

void GridView::fitColumns()
{
    if (!m_model)
        return;
    const QFontMetrics metrics = fontMetrics();
    const int rows = std::min(measuredRows, m_model->rowCount());
    for (int column = 0; column < m_model->columnCount(); ++column) {
        int width = m_header->sectionSizeHint(column);
        for (int row = 0; row < rows && width < widestColumn; ++row) {
            const QString text = m_model->index(row, column).data().toString();
            width = std::max(width, metrics.horizontalAdvance(text.left(80)) + 2 * cellPadding + 4);
        }
        m_header->resizeSection(column, std::clamp(width, narrowestColumn, widestColumn));
    }
}

void GridView::updateGeometries()
{
    const int height = m_header->sizeHint().height();
    setViewportMargins(0, height, 0, 0);
    const int gutter = gutterWidth();
    m_header->setGeometry(viewport()->x() + gutter, viewport()->y() - height,
                          std::max(0, viewport()->width() - gutter), height);
    const int rows = m_model ? m_model->rowCount() : 0;
    verticalScrollBar()->setPageStep(rowsShown());
    verticalScrollBar()->setRange(0, std::max(0, rows - rowsShown()));
    const int seen = viewport()->width() - gutter;
    horizontalScrollBar()->setPageStep(std::max(1, seen));
    horizontalScrollBar()->setRange(0, std::max(0, m_header->length() - seen));
    m_header->setOffset(horizontalScrollBar()->value());
}

QRect GridView::selection() const
{
    return QRect(QPoint(std::min(m_column, m_anchorColumn), std::min(m_row, m_anchorRow)),
                 QPoint(std::max(m_column, m_anchorColumn), std::max(m_row, m_anchorRow)));
}

void GridView::paintEvent(QPaintEvent *)
{
    QPainter painter(viewport());
    const QRect all = viewport()->rect();
    painter.fillRect(all, m_theme.color(ColorRole::Surface));
    if (!m_model)
        return;
    const int first = firstRow();
    const int rows = std::min(m_model->rowCount() - first, rowsShown() + 2);
    const int gutter = gutterWidth();
    const QRect chosen = selection();
    const QFontMetrics metrics = fontMetrics();
    const QLocale locale;

    painter.save();
    painter.setClipRect(all.adjusted(gutter, 0, 0, 0));
    const int columns = m_header->count();
    const int from = std::max(0, m_header->visualIndexAt(0));
    for (int visual = from; visual < columns; ++visual) {
        const int column = m_header->logicalIndex(visual);
        const int x = gutter + m_header->sectionViewportPosition(column);
        const int width = m_header->sectionSize(column);
        if (x > all.right())
            break;
        for (int row = 0; row < rows; ++row) {
            const QRect cell(x, row * rowHeight(), width, rowHeight());
            const bool isChosen = chosen.contains(column, first + row);
            if (isChosen)
                painter.fillRect(cell, m_theme.color(ColorRole::Selection));
            const QString text = m_model->index(first + row, column).data().toString();
            if (text.isEmpty())
                continue;
            painter.setPen(m_theme.color(isChosen ? ColorRole::OnSelection : ColorRole::Text));
            const QRect inside = cell.adjusted(cellPadding, 0, -cellPadding, 0);
            painter.drawText(inside, Qt::AlignVCenter | Qt::AlignLeft | Qt::TextSingleLine,
                             metrics.elidedText(text, Qt::ElideRight, inside.width()));
        }
        painter.setPen(m_theme.color(ColorRole::Border));
        painter.drawLine(x + width - 1, 0, x + width - 1, rows * rowHeight());
        if (column == m_column && m_row >= first && m_row < first + rows && hasFocus()) {
            painter.setPen(m_theme.color(ColorRole::Focus));
            painter.drawRect(x, (m_row - first) * rowHeight(), width - 1, rowHeight() - 1);
        }
    }
    painter.restore();

    painter.fillRect(QRect(0, 0, gutter, all.height()), m_theme.color(ColorRole::Sunken));
    for (int row = 0; row < rows; ++row) {
        const int number = m_model->headerData(first + row, Qt::Vertical).toInt();
        painter.setPen(m_theme.color(ColorRole::Muted));
        painter.drawText(QRect(0, row * rowHeight(), gutter - cellPadding, rowHeight()),
                         Qt::AlignRight | Qt::AlignVCenter, locale.toString(number));
        painter.setPen(m_theme.color(ColorRole::Border));
        painter.drawLine(0, (row + 1) * rowHeight() - 1, all.width(), (row + 1) * rowHeight() - 1);
    }
}

void GridView::resizeEvent(QResizeEvent *event)
{
    QAbstractScrollArea::resizeEvent(event);
    updateGeometries();
}

void GridView::scrollContentsBy(int, int)
{
    updateGeometries();
    viewport()->update();
}

void GridView::changeEvent(QEvent *event)
{
    if (event->type() == QEvent::FontChange || event->type() == QEvent::StyleChange) {
        m_rowHeight = fontMetrics().height() + 8;
        updateGeometries();
    }
    QAbstractScrollArea::changeEvent(event);
}

QPoint GridView::cellAt(const QPoint &place) const
{
    const int row = firstRow() + place.y() / rowHeight();
    const int column = m_header->logicalIndexAt(place.x() - gutterWidth());
    return {column < 0 ? m_header->logicalIndex(m_header->count() - 1) : column, row};
}

void GridView::setCurrent(int row, int column)
{
    moveTo(row, column, false);
}

void GridView::moveTo(int row, int column, bool extend)
{
    if (!m_model || m_model->rowCount() == 0 || m_model->columnCount() == 0)
        return;
    m_row = std::clamp(row, 0, m_model->rowCount() - 1);
    m_column = std::clamp(column, 0, m_model->columnCount() - 1);
    if (!extend) {
        m_anchorRow = m_row;
        m_anchorColumn = m_column;
    }
    if (m_row < firstRow())
        verticalScrollBar()->setValue(m_row);
    else if (m_row >= firstRow() + rowsShown())
        verticalScrollBar()->setValue(m_row - rowsShown() + 1);
    const int left = m_header->sectionPosition(m_column);
    const int right = left + m_header->sectionSize(m_column);
    const int seen = viewport()->width() - gutterWidth();
    if (left < horizontalScrollBar()->value())
        horizontalScrollBar()->setValue(left);
    else if (right > horizontalScrollBar()->value() + seen)
        horizontalScrollBar()->setValue(std::min(left, right - seen));
    viewport()->update();
    speak(this);
    Q_EMIT currentChanged(m_row, m_column);
}

QString GridView::spokenLine() const
{
    if (!m_model || m_row >= m_model->rowCount() || m_column >= m_model->columnCount())
        return {};
    const QString name = m_model->headerData(m_column, Qt::Horizontal).toString();
    const QString cell = m_model->index(m_row, m_column).data().toString();
    return tr("Row %L1, %2: %3")
        .arg(m_model->headerData(m_row, Qt::Vertical).toInt())
        .arg(name, cell);
}

void GridView::keyPressEvent(QKeyEvent *event)
{
    if (!m_model)
        return;
    if (event->matches(QKeySequence::Copy)) {
        copy();
        return;
    }
    const bool extend = event->modifiers().testFlag(Qt::ShiftModifier);
    const bool far = event->modifiers().testFlag(Qt::ControlModifier);
    const int lastRow = m_model->rowCount() - 1;
    const int lastColumn = m_model->columnCount() - 1;
    if (event->matches(QKeySequence::SelectAll)) {
        m_anchorRow = m_anchorColumn = 0;
        moveTo(lastRow, lastColumn, true);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Up: moveTo(far ? 0 : m_row - 1, m_column, extend); return;
    case Qt::Key_Down: moveTo(far ? lastRow : m_row + 1, m_column, extend); return;
    case Qt::Key_Left: moveTo(m_row, far ? 0 : m_column - 1, extend); return;
    case Qt::Key_Right: moveTo(m_row, far ? lastColumn : m_column + 1, extend); return;
    case Qt::Key_PageUp: moveTo(m_row - rowsShown(), m_column, extend); return;
    case Qt::Key_PageDown:
        moveTo(static_cast<int>(std::min<qint64>(lastRow, qint64(m_row) + rowsShown())), m_column,
               extend);
        return;
    case Qt::Key_Home: moveTo(far ? 0 : m_row, 0, extend); return;
    case Qt::Key_End: moveTo(far ? lastRow : m_row, lastColumn, extend); return;
    default: QAbstractScrollArea::keyPressEvent(event);
    }
}

void GridView::mousePressEvent(QMouseEvent *event)
{
    if (event->button() != Qt::LeftButton)
        return;
    const QPoint cell = cellAt(event->position().toPoint());
    moveTo(cell.y(), cell.x(), event->modifiers().testFlag(Qt::ShiftModifier));
}

void GridView::mouseMoveEvent(QMouseEvent *event)
{
    if (!event->buttons().testFlag(Qt::LeftButton))
        return;
    const QPoint cell = cellAt(event->position().toPoint());
    moveTo(cell.y(), cell.x(), true);
}

bool GridView::viewportEvent(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && m_model) {
        const auto *help = static_cast<QHelpEvent *>(event);
        const QPoint cell = cellAt(help->pos());
        const QString text = m_model->index(cell.y(), cell.x()).data(Qt::ToolTipRole).toString();
        QToolTip::showText(help->globalPos(), plainToolTip(text), viewport());
        return true;
    }
    return QAbstractScrollArea::viewportEvent(event);
}

QString GridView::selectedText() const
{
    QString text;
    if (!m_model || m_model->rowCount() == 0)
        return text;
    const QRect chosen = selection();
    int cells = 0;
    for (int row = chosen.top(); row <= chosen.bottom(); ++row) {
        for (int column = chosen.left(); column <= chosen.right(); ++column) {
            if (column > chosen.left())
                text += u'\t';
            text += m_model->index(row, column).data(CsvModel::WholeRole).toString();
        }
        if (row < chosen.bottom())
            text += u'\n';
        cells += chosen.width();
        if (cells >= mostCopied)
            break;
    }
    return text;
}

void GridView::copy() const
{
    QApplication::clipboard()->setText(selectedText());
}

void GridView::applyTheme(const Theme &theme)
{
    m_theme = theme;
    viewport()->update();
}

} // namespace skillbox
