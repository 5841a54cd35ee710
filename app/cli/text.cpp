#include "app/cli/text.h"

#include <QStringList>

#include <wchar.h>

#include <vector>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

int codePointWidth(char32_t codePoint)
{
    // The C library's table is Unicode's own; it says -1 for what is not printable.
    const int width = ::wcwidth(static_cast<wchar_t>(codePoint));
    return width < 0 ? 0 : width;
}

bool isPairAt(QStringView text, qsizetype at)
{
    return text[at].isHighSurrogate() && at + 1 < text.size() && text[at + 1].isLowSurrogate();
}

qsizetype codePointLength(QStringView text, qsizetype at)
{
    return isPairAt(text, at) ? 2 : 1;
}

char32_t codePointAt(QStringView text, qsizetype at)
{
    return isPairAt(text, at) ? QChar::surrogateToUcs4(text[at], text[at + 1]) : text[at].unicode();
}

bool reordersText(char16_t c)
{
    return c == 0x200e || c == 0x200f || c == 0x061c || (c >= 0x202a && c <= 0x202e)
        || (c >= 0x2066 && c <= 0x2069);
}

/// Optimal string alignment: insert, delete, replace, or swap two neighbours.
int editDistance(const QString &a, const QString &b)
{
    const qsizetype columns = b.size() + 1;
    std::vector<int> twoBack(static_cast<size_t>(columns));
    std::vector<int> previous(static_cast<size_t>(columns));
    std::vector<int> current(static_cast<size_t>(columns));
    for (qsizetype j = 0; j < columns; ++j)
        previous[static_cast<size_t>(j)] = static_cast<int>(j);
    for (qsizetype i = 1; i <= a.size(); ++i) {
        current[0] = static_cast<int>(i);
        for (qsizetype j = 1; j < columns; ++j) {
            const auto at = static_cast<size_t>(j);
            const int replace = previous[at - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            int best = std::min({previous[at] + 1, current[at - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                best = std::min(best, twoBack[at - 2] + 1);
            current[at] = best;
        }
        std::swap(twoBack, previous);
        std::swap(previous, current);
    }
    return previous[static_cast<size_t>(columns - 1)];
}

} // namespace

int displayWidth(QStringView text)
{
    int width = 0;
    for (qsizetype i = 0; i < text.size(); i += codePointLength(text, i))
        width += codePointWidth(codePointAt(text, i));
    return width;
}

QString elided(const QString &text, int width)
{
    if (width <= 0 || displayWidth(text) <= width)
        return text;
    int used = 0;
    qsizetype end = 0;
    while (end < text.size()) {
        used += codePointWidth(codePointAt(text, end));
        if (used > width - 1)
            break;
        end += codePointLength(text, end);
    }
    return text.first(end).trimmed() + u'…';
}

QString padded(const QString &text, int width, Qt::Alignment alignment)
{
    const QString fill(std::max(0, width - displayWidth(text)), u' ');
    return alignment & Qt::AlignRight ? fill + text : text + fill;
}

QString printable(const QString &text)
{
    QString safe;
    safe.reserve(text.size());
    for (qsizetype i = 0; i < text.size(); ++i) {
        const char16_t c = text[i].unicode();
        if (c == u'\n' || c == u'\t') {
            safe += QChar(c);
        } else if (c == u'\r') {
            if (i + 1 == text.size() || text[i + 1] != u'\n')
                safe += u'\n';
        } else if (c < 0x20) {
            safe += QChar(static_cast<char16_t>(0x2400 + c));
        } else if (c == 0x7f) {
            safe += QChar(0x2421);
        } else if ((c >= 0x80 && c < 0xa0) || reordersText(c)) {
            safe += QChar(QChar::ReplacementCharacter);
        } else {
            safe += QChar(c);
        }
    }
    return safe;
}

QString printableLine(const QString &text)
{
    QString line = printable(text);
    line.replace(u'\n', u' ').replace(u'\t', u' ');
    return line;
}

QString wrapped(const QString &text, int width, int indent)
{
    QString result;
    int column = indent;
    for (const QString &word : text.split(u' ', Qt::SkipEmptyParts)) {
        const int wordWidth = displayWidth(word);
        if (column > indent && column + 1 + wordWidth > width) {
            result += u'\n' + QString(indent, u' ');
            column = indent;
        } else if (column > indent) {
            result += u' ';
            ++column;
        }
        result += word;
        column += wordWidth;
    }
    return result;
}

QString closestMatch(const QString &word, const QStringList &candidates)
{
    QString best;
    int bestDistance = static_cast<int>(std::max<qsizetype>(1, word.size() / 3)) + 1;
    for (const QString &candidate : candidates) {
        // A distance cannot be smaller than the difference in length.
        if (std::abs(candidate.size() - word.size()) >= bestDistance)
            continue;
        const int distance = editDistance(word.toLower(), candidate.toLower());
        if (distance < bestDistance) {
            best = candidate;
            bestDistance = distance;
        }
    }
    if (best.isEmpty() && word.size() >= 3) {
        for (const QString &candidate : candidates) {
            if (candidate.startsWith(word, Qt::CaseInsensitive))
                return candidate;
        }
    }
    return best;
}

} // namespace skillbox
