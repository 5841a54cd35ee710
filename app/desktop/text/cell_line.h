#pragma once

#include <QFontMetricsF>
#include <QPainter>
#include <QString>

#include <vector>

namespace skillbox {

/// The size of one cell of a fixed-pitch font.
struct CellSize {
    qreal width = 1;
    qreal height = 1;
    qreal ascent = 1;
    static CellSize of(const QFont &font);
};

/// One line of text on a grid of cells, as a terminal has it: tabs end at every eighth column, wide
/// characters take two, combining ones none. What long logs and comparisons are drawn with, where a
/// text layout for each line would cost too much.
class CellLine
{
public:
    explicit CellLine(QString text);

    const QString &text() const { return m_text; }
    int columns() const { return columnOf(m_text.size()); }
    /// Where the character at `index` begins; the size of the text: behind the last.
    int columnOf(qsizetype index) const;
    /// The character at this column or, behind the end, the size of the text.
    qsizetype indexAt(int column) const;
    /// Draws the characters [from, to) with the pen that is set, the first at `left`.
    void draw(QPainter &painter, qreal left, qreal baseline, const CellSize &cell, qsizetype from,
              qsizetype to) const;

    static int columnsOf(QStringView text);

private:
    QString m_text;
    std::vector<int> m_columns; ///< by index, and one more; empty: every character takes one cell
};

} // namespace skillbox
