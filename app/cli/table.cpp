#include "app/cli/table.h"

#include "app/cli/text.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int gap = 2;
constexpr int narrowest = 8; ///< columns that a shrinking column keeps

} // namespace

QList<int> Table::columnWidths(int available) const
{
    QList<int> widths;
    for (qsizetype c = 0; c < m_columns.size(); ++c) {
        int width = m_showTitles ? displayWidth(m_columns[c].title) : 0;
        for (const QList<TableCell> &row : m_rows)
            width = std::max(width, displayWidth(printableLine(row[c].text)));
        widths.append(width);
    }
    if (available <= 0)
        return widths;

    int over = -available + gap * static_cast<int>(m_columns.size() - 1);
    for (const int width : widths)
        over += width;
    // The widest of those that may shrink gives way, one column at a time.
    while (over > 0) {
        qsizetype widest = -1;
        for (qsizetype c = 0; c < m_columns.size(); ++c) {
            if (m_columns[c].mayShrink && widths[c] > narrowest
                && (widest < 0 || widths[c] > widths[widest]))
                widest = c;
        }
        if (widest < 0)
            break;
        --widths[widest];
        --over;
    }
    return widths;
}

QString Table::render(const Terminal &terminal, int indent) const
{
    const int total = terminal.width();
    const QList<int> widths = columnWidths(total > 0 ? std::max(20, total - indent) : 0);
    QString text;
    const auto addLine = [&](const QList<TableCell> &cells) {
        QString line(indent, u' ');
        for (qsizetype c = 0; c < cells.size(); ++c) {
            const QString cell = elided(printableLine(cells[c].text), widths[c]);
            const bool last = c + 1 == cells.size();
            const int fill = widths[c] - displayWidth(cell);
            const QString spaces(std::max(0, fill), u' ');
            const QString paintedCell = terminal.painted(cells[c].paint, cell);
            if (m_columns[c].alignment & Qt::AlignRight)
                line += spaces + paintedCell;
            else
                line += paintedCell + (last ? QString() : spaces);
            if (!last)
                line += QString(gap, u' ');
        }
        while (line.endsWith(u' '))
            line.chop(1);
        text += line + u'\n';
    };

    if (m_showTitles) {
        QList<TableCell> titles;
        for (const TableColumn &column : m_columns)
            titles.append(TableCell(column.title, Paint::Dim));
        addLine(titles);
    }
    for (const QList<TableCell> &row : m_rows)
        addLine(row);
    return text;
}

} // namespace skillbox
