#include "app/desktop/text/cell_line.h"

#include <algorithm>
#include <cmath>

namespace skillbox {
namespace {

constexpr int cellTabColumns = 8;

/// Blocks that terminals draw in two cells (Unicode Standard Annex #11: wide and fullwidth), with
/// the emoji blocks.
struct Block {
    char32_t first;
    char32_t last;
};
constexpr Block wideBlocks[] = {
    {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},   {0x2e80, 0x303e},
    {0x3041, 0x33ff},   {0x3400, 0x4dbf},   {0x4e00, 0x9fff},   {0xa000, 0xa4cf},
    {0xa960, 0xa97f},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},   {0xfe30, 0xfe6f},
    {0xff00, 0xff60},   {0xffe0, 0xffe6},   {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
    {0x1f900, 0x1f9ff}, {0x1fa70, 0x1faff}, {0x20000, 0x3fffd},
};

bool isPlain(QStringView text)
{
    return std::all_of(text.begin(), text.end(),
                       [](QChar unit) { return unit.unicode() >= 0x20 && unit.unicode() < 0x7f; });
}

int widthOf(char32_t code)
{
    switch (QChar::category(code)) {
    case QChar::Mark_NonSpacing:
    case QChar::Mark_Enclosing:
    case QChar::Other_Format: return 0;
    default: break;
    }
    if (code < wideBlocks[0].first)
        return 1;
    const auto after = std::upper_bound(std::begin(wideBlocks), std::end(wideBlocks), code,
                                        [](char32_t value, const Block &block) {
                                            return value < block.first;
                                        });
    return after != std::begin(wideBlocks) && code <= std::prev(after)->last ? 2 : 1;
}

/// Calls visit(index, length, width) for each code point.
template<typename Visit>
void forEachCharacter(QStringView text, Visit visit)
{
    int column = 0;
    for (qsizetype i = 0; i < text.size();) {
        const bool pair = text.at(i).isHighSurrogate() && i + 1 < text.size()
            && text.at(i + 1).isLowSurrogate();
        const char32_t code = pair ? QChar::surrogateToUcs4(text.at(i), text.at(i + 1))
                                   : char32_t(text.at(i).unicode());
        const int width = code == U'\t' ? cellTabColumns - column % cellTabColumns : widthOf(code);
        visit(i, pair ? 2 : 1, column);
        column += width;
        i += pair ? 2 : 1;
    }
    visit(text.size(), 0, column);
}

} // namespace

CellSize CellSize::of(const QFont &font)
{
    const QFontMetricsF metrics(font);
    return {metrics.horizontalAdvance(QLatin1Char('0')), std::ceil(metrics.height()) + 1,
            metrics.ascent()};
}

CellLine::CellLine(QString text) : m_text(std::move(text))
{
    if (isPlain(m_text))
        return;
    m_columns.resize(static_cast<size_t>(m_text.size()) + 1);
    forEachCharacter(m_text, [this](qsizetype index, int length, int column) {
        m_columns[static_cast<size_t>(index)] = column;
        if (length == 2)
            m_columns[static_cast<size_t>(index) + 1] = column;
    });
}

int CellLine::columnsOf(QStringView text)
{
    if (isPlain(text))
        return static_cast<int>(text.size());
    int columns = 0;
    forEachCharacter(text, [&columns](qsizetype, int, int column) { columns = column; });
    return columns;
}

int CellLine::columnOf(qsizetype index) const
{
    index = qBound(qsizetype(0), index, m_text.size());
    return m_columns.empty() ? static_cast<int>(index) : m_columns[static_cast<size_t>(index)];
}

qsizetype CellLine::indexAt(int column) const
{
    if (column <= 0)
        return 0;
    if (m_columns.empty())
        return qMin<qsizetype>(column, m_text.size());
    const auto after = std::upper_bound(m_columns.begin(), m_columns.end(), column);
    if (after == m_columns.end())
        return m_text.size();
    qsizetype index = after - m_columns.begin() - 1;
    if (index > 0 && m_text.at(index).isLowSurrogate())
        --index;
    return index;
}

void CellLine::draw(QPainter &painter, qreal left, qreal baseline, const CellSize &cell,
                    qsizetype from, qsizetype to) const
{
    if (from >= to)
        return;
    if (m_columns.empty()) {
        painter.drawText(QPointF(left, baseline), m_text.mid(from, to - from));
        return;
    }
    // Other fonts step in for characters that the fixed one lacks: each run of those begins where
    // its cell does, so that an error of one does not move the rest of the line.
    const int first = columnOf(from);
    qsizetype start = from;
    const auto flush = [&](qsizetype end) {
        if (end > start) {
            QString run = m_text.mid(start, end - start);
            run.remove(QLatin1Char('\t'));
            painter.drawText(QPointF(left + (columnOf(start) - first) * cell.width, baseline), run);
        }
        start = end;
    };
    for (qsizetype i = from + 1; i < to; ++i) {
        const bool plainBefore = m_text.at(i - 1).unicode() < 0x7f
            && m_text.at(i - 1) != QLatin1Char('\t');
        const bool plainHere = m_text.at(i).unicode() < 0x7f && m_text.at(i) != QLatin1Char('\t');
        const bool joins = columnOf(i) == columnOf(i - 1); // a mark, or half of a pair
        if (!joins && !(plainBefore && plainHere))
            flush(i);
    }
    flush(to);
}

} // namespace skillbox
