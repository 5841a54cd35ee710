#include "engine/registry/text_diff.h"

#include <QHash>

#include <algorithm>
#include <span>
#include <vector>

namespace skillbox {
namespace {

/// Lines as numbers: equal lines have equal numbers, so that comparing costs the same for each.
class LineNumbers
{
public:
    std::vector<int> of(const std::vector<QByteArrayView> &lines)
    {
        std::vector<int> numbers;
        numbers.reserve(lines.size());
        for (const QByteArrayView line : lines) {
            // A key of its own bytes is not needed: the texts outlive this object.
            const QByteArray key = QByteArray::fromRawData(line.data(), line.size());
            const auto known = m_numbers.constFind(key);
            if (known != m_numbers.cend()) {
                numbers.push_back(*known);
                continue;
            }
            const int number = static_cast<int>(m_numbers.size());
            m_numbers.insert(key, number);
            numbers.push_back(number);
        }
        return numbers;
    }

private:
    QHash<QByteArray, int> m_numbers;
};

/// With their line ends.
std::vector<QByteArrayView> linesOf(QByteArrayView text)
{
    std::vector<QByteArrayView> lines;
    while (!text.isEmpty()) {
        const qsizetype end = text.indexOf('\n');
        const qsizetype length = end < 0 ? text.size() : end + 1;
        lines.push_back(text.first(length));
        text = text.sliced(length);
    }
    return lines;
}

/// Myers' search over the part [begin, end) of both texts.
class MyersSearch
{
public:
    MyersSearch(std::span<const int> from, std::span<const int> to, const DiffBounds &bounds)
        : m_from(from)
        , m_to(to)
        , m_bounds(bounds)
    {
    }

    /// False: a bound was passed and nothing is marked.
    bool run(EditScript &script, size_t offset)
    {
        const int n = static_cast<int>(m_from.size());
        const int m = static_cast<int>(m_to.size());
        const int most = std::min(n + m, m_bounds.maxEdits);
        std::vector<int> reach(2 * static_cast<size_t>(most) + 3, 0); // furthest x by diagonal
        const auto at = [&reach, most](int k) -> int & {
            return reach[static_cast<size_t>(k + most + 1)];
        };
        for (int d = 0; d <= most; ++d) {
            for (int k = -d; k <= d; k += 2) {
                int x = k == -d || (k != d && at(k - 1) < at(k + 1)) ? at(k + 1) : at(k - 1) + 1;
                x = slide(x, k);
                if (x < 0)
                    return false;
                at(k) = x;
                if (x >= n && x - k >= m) {
                    markPath(script, offset, d, k);
                    return true;
                }
            }
            m_trace.emplace_back(reach.begin() + (most + 1 - d), reach.begin() + (most + 2 + d));
        }
        return false;
    }

private:
    /// Along diagonal k over equal lines; -1: too many comparisons.
    int slide(int x, int k)
    {
        const int n = static_cast<int>(m_from.size());
        const int m = static_cast<int>(m_to.size());
        const int start = x;
        while (x < n && x - k < m
               && m_from[static_cast<size_t>(x)] == m_to[static_cast<size_t>(x - k)])
            ++x;
        m_comparisons += x - start + 1;
        return m_comparisons > m_bounds.maxComparisons ? -1 : x;
    }

    /// Walks back from the end, which was reached with `d` edits on diagonal `k`.
    void markPath(EditScript &script, size_t offset, int d, int k) const
    {
        for (; d > 0; --d) {
            const std::vector<int> &before = m_trace[static_cast<size_t>(d - 1)];
            const auto reached = [&before, d](int diagonal) {
                return before[static_cast<size_t>(diagonal + d - 1)];
            };
            // As the search chose; inside the rim both neighbours are known from d - 1.
            const bool down = k == -d || (k != d && reached(k - 1) < reached(k + 1));
            k = down ? k + 1 : k - 1;
            const int x = reached(k);
            const int y = x - k;
            if (down)
                script.inserted[offset + static_cast<size_t>(y)] = true;
            else
                script.deleted[offset + static_cast<size_t>(x)] = true;
        }
    }

    std::span<const int> m_from;
    std::span<const int> m_to;
    DiffBounds m_bounds;
    qint64 m_comparisons = 0;
    std::vector<std::vector<int>> m_trace; ///< reach after each d, diagonals -d … d
};

struct DiffLine {
    char mark; ///< ' ', '-' or '+'
    QByteArrayView text;
    size_t oldIndex; ///< of the next line of the old text when this one is reached
    size_t newIndex;
};

std::vector<DiffLine> diffLines(const std::vector<QByteArrayView> &oldLines,
                                const std::vector<QByteArrayView> &newLines,
                                const EditScript &script)
{
    std::vector<DiffLine> lines;
    size_t i = 0;
    size_t j = 0;
    while (i < oldLines.size() || j < newLines.size()) {
        if (i < oldLines.size() && script.deleted[i]) {
            lines.push_back({'-', oldLines[i], i, j});
            ++i;
        } else if (j < newLines.size() && script.inserted[j]) {
            lines.push_back({'+', newLines[j], i, j});
            ++j;
        } else {
            lines.push_back({' ', oldLines[i], i, j});
            ++i;
            ++j;
        }
    }
    return lines;
}

/// `12,3`; an empty range is named by the line before it.
QByteArray rangeText(size_t start, size_t count)
{
    return QByteArray::number(static_cast<qulonglong>(count == 0 ? start : start + 1)) + ','
        + QByteArray::number(static_cast<qulonglong>(count));
}

QByteArray hunkText(std::span<const DiffLine> lines)
{
    size_t oldCount = 0;
    size_t newCount = 0;
    QByteArray body;
    for (const DiffLine &line : lines) {
        oldCount += line.mark != '+';
        newCount += line.mark != '-';
        body += line.mark;
        body += line.text;
        if (!line.text.endsWith('\n'))
            body += "\n\\ No newline at end of file\n";
    }
    return "@@ -" + rangeText(lines.front().oldIndex, oldCount) + " +"
        + rangeText(lines.front().newIndex, newCount) + " @@\n" + body;
}

} // namespace

EditScript editScript(std::span<const int> from, std::span<const int> to, const DiffBounds &bounds)
{
    EditScript script{std::vector<bool>(from.size(), false), std::vector<bool>(to.size(), false)};
    const size_t shorter = std::min(from.size(), to.size());
    size_t begin = 0;
    while (begin < shorter && from[begin] == to[begin])
        ++begin;
    size_t tail = 0;
    while (tail < shorter - begin && from[from.size() - 1 - tail] == to[to.size() - 1 - tail])
        ++tail;
    const auto middle = [begin, tail](std::span<const int> all) {
        return all.subspan(begin, all.size() - begin - tail);
    };
    MyersSearch search(middle(from), middle(to), bounds);
    if (!search.run(script, begin)) {
        std::fill(script.deleted.begin() + static_cast<std::ptrdiff_t>(begin),
                  script.deleted.end() - static_cast<std::ptrdiff_t>(tail), true);
        std::fill(script.inserted.begin() + static_cast<std::ptrdiff_t>(begin),
                  script.inserted.end() - static_cast<std::ptrdiff_t>(tail), true);
        script.shortest = false;
    }
    return script;
}

QByteArray unifiedHunks(QByteArrayView from, QByteArrayView to, const DiffBounds &bounds)
{
    const std::vector<QByteArrayView> oldLines = linesOf(from);
    const std::vector<QByteArrayView> newLines = linesOf(to);
    LineNumbers numbers;
    const std::vector<int> fromNumbers = numbers.of(oldLines);
    const std::vector<int> toNumbers = numbers.of(newLines);
    const std::vector<DiffLine> lines = diffLines(oldLines, newLines,
                                                  editScript(fromNumbers, toNumbers, bounds));
    const size_t context = static_cast<size_t>(bounds.context);
    QByteArray hunks;
    for (size_t next = 0; next < lines.size();) {
        const auto changed = std::find_if(lines.begin() + static_cast<std::ptrdiff_t>(next),
                                          lines.end(),
                                          [](const DiffLine &line) { return line.mark != ' '; });
        if (changed == lines.end())
            break;
        const size_t first = static_cast<size_t>(changed - lines.begin());
        size_t last = first; // of the changes that share a hunk
        for (size_t i = first + 1; i < lines.size() && i - last <= 2 * context + 1; ++i) {
            if (lines[i].mark != ' ')
                last = i;
        }
        const size_t begin = std::max(next, first - std::min(first, context));
        const size_t end = std::min(lines.size(), last + context + 1);
        hunks += hunkText(std::span(lines).subspan(begin, end - begin));
        next = end;
    }
    return hunks;
}

} // namespace skillbox
