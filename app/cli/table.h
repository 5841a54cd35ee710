#pragma once

#include "app/cli/terminal.h"

#include <QList>

namespace skillbox {

struct TableColumn {
    QString title;
    Qt::Alignment alignment = Qt::AlignLeft;
    bool mayShrink = false; ///< gives up width first when a row is wider than the terminal
};

struct TableCell {
    QString text;
    Paint paint = Paint::Plain;

    TableCell(QString cellText, Paint cellPaint = Paint::Plain)
        : text(std::move(cellText))
        , paint(cellPaint)
    {
    }
};

/// Rows under aligned titles, two spaces between columns, cut at the terminal's width and never cut
/// in a pipe. Widths are those of Unicode text. Cells are made printable on one line.
class Table
{
public:
    explicit Table(QList<TableColumn> columns) : m_columns(std::move(columns)) { }

    void addRow(QList<TableCell> cells) { m_rows.append(std::move(cells)); }
    bool isEmpty() const { return m_rows.isEmpty(); }

    /// Every line ends with a line feed; no spaces before it. `indent` spaces before each line.
    QString render(const Terminal &terminal, int indent = 0) const;
    void hideTitles() { m_showTitles = false; }

private:
    QList<int> columnWidths(int available) const;

    QList<TableColumn> m_columns;
    QList<QList<TableCell>> m_rows;
    bool m_showTitles = true;
};

} // namespace skillbox
