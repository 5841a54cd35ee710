#include "app/desktop/text/diff_rows.h"

#include "engine/registry/text_diff.h"

#include <QHash>

#include <algorithm>
#include <span>

namespace skillbox {
namespace {

/// Longer lines are marked as changed as a whole.
constexpr qsizetype mostWordsLine = 4000;
/// Two lines with less in common are two other lines, and marks in them would only confuse.
constexpr double leastInCommon = 0.35;

/// Equal texts get equal numbers.
class Numbers
{
public:
    int of(QStringView text)
    {
        const auto known = m_numbers.constFind(text);
        if (known != m_numbers.cend())
            return *known;
        const int number = static_cast<int>(m_numbers.size());
        m_numbers.insert(text, number);
        return number;
    }

private:
    QHash<QStringView, int> m_numbers; ///< views of texts that outlive this object
};

QStringList linesOf(const QString &text, bool &cut)
{
    QStringView view(text);
    if (view.size() > mostComparedUnits) {
        view = view.first(mostComparedUnits);
        cut = true;
    }
    QStringList lines;
    while (!view.isEmpty()) {
        const qsizetype end = view.indexOf(u'\n');
        QStringView line = end < 0 ? view : view.first(end);
        if (line.endsWith(u'\r'))
            line.chop(1);
        lines.append(line.toString());
        view = end < 0 ? QStringView() : view.sliced(end + 1);
    }
    return lines;
}

std::vector<DiffSpan> wordsOf(QStringView line)
{
    enum class Class { Word, Blank, Other };
    const auto classOf = [](QChar unit) {
        return unit.isLetterOrNumber() || unit == u'_' || unit.isSurrogate() ? Class::Word
            : unit.isSpace()                                                 ? Class::Blank
                                                                             : Class::Other;
    };
    std::vector<DiffSpan> words;
    for (int i = 0; i < line.size(); ++i) {
        const Class here = classOf(line.at(i));
        if (words.empty() || here == Class::Other || here != classOf(line.at(i - 1)))
            words.push_back({i, 1});
        else
            ++words.back().length;
    }
    return words;
}

/// The words that the script marks, neighbours joined.
std::vector<DiffSpan> marked(const std::vector<DiffSpan> &words, const std::vector<bool> &marks)
{
    std::vector<DiffSpan> spans;
    for (size_t i = 0; i < words.size(); ++i) {
        if (!marks[i])
            continue;
        if (!spans.empty() && spans.back().start + spans.back().length == words[i].start)
            spans.back().length += words[i].length;
        else
            spans.push_back(words[i]);
    }
    return spans;
}

void compareWords(const QString &left, const QString &right, DiffRow &row)
{
    if (left.size() > mostWordsLine || right.size() > mostWordsLine)
        return;
    Numbers numbers;
    const auto numbersOf = [&numbers](const QString &line, const std::vector<DiffSpan> &words) {
        std::vector<int> all;
        all.reserve(words.size());
        for (const DiffSpan &word : words)
            all.push_back(numbers.of(QStringView(line).sliced(word.start, word.length)));
        return all;
    };
    const std::vector<DiffSpan> leftWords = wordsOf(left);
    const std::vector<DiffSpan> rightWords = wordsOf(right);
    const EditScript script = editScript(
        numbersOf(left, leftWords), numbersOf(right, rightWords),
        {.context = 0, .maxEdits = 200, .maxComparisons = 200'000});
    qsizetype common = left.size();
    for (size_t i = 0; i < leftWords.size(); ++i)
        common -= script.deleted[i] ? leftWords[i].length : 0;
    if (static_cast<double>(common)
        < leastInCommon * static_cast<double>(qMax(left.size(), right.size())))
        return;
    row.leftSpans = marked(leftWords, script.deleted);
    row.rightSpans = marked(rightWords, script.inserted);
}

} // namespace

DiffRows compareTexts(const QString &left, const QString &right)
{
    DiffRows diff;
    diff.left = linesOf(left, diff.isCut);
    diff.right = linesOf(right, diff.isCut);
    Numbers numbers;
    const auto numbersOf = [&numbers](const QStringList &lines) {
        std::vector<int> all;
        all.reserve(static_cast<size_t>(lines.size()));
        for (const QString &line : lines)
            all.push_back(numbers.of(line));
        return all;
    };
    const EditScript script = editScript(numbersOf(diff.left), numbersOf(diff.right));
    diff.isShortest = script.shortest;

    const int leftCount = static_cast<int>(diff.left.size());
    const int rightCount = static_cast<int>(diff.right.size());
    int i = 0;
    int j = 0;
    while (i < leftCount || j < rightCount) {
        const auto gone = [&] { return i < leftCount && script.deleted[static_cast<size_t>(i)]; };
        const auto come = [&] { return j < rightCount && script.inserted[static_cast<size_t>(j)]; };
        if (!gone() && !come()) {
            diff.rows.push_back({DiffRow::Kind::Same, i++, j++});
            continue;
        }
        diff.blocks.push_back(static_cast<int>(diff.rows.size()));
        int lastLeft = i;
        int lastRight = j;
        while (lastLeft < leftCount && script.deleted[static_cast<size_t>(lastLeft)])
            ++lastLeft;
        while (lastRight < rightCount && script.inserted[static_cast<size_t>(lastRight)])
            ++lastRight;
        while (i < lastLeft || j < lastRight) {
            DiffRow row;
            row.left = i < lastLeft ? i++ : -1;
            row.right = j < lastRight ? j++ : -1;
            row.kind = row.left < 0 ? DiffRow::Kind::Added
                : row.right < 0     ? DiffRow::Kind::Removed
                                    : DiffRow::Kind::Changed;
            if (row.kind == DiffRow::Kind::Changed)
                compareWords(diff.left.at(row.left), diff.right.at(row.right), row);
            diff.rows.push_back(std::move(row));
        }
    }
    return diff;
}

} // namespace skillbox
