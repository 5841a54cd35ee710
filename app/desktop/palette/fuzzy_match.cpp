#include "app/desktop/palette/fuzzy_match.h"

#include <QString>

namespace skillbox {
namespace {

constexpr int perCharacter = 1;
constexpr int atWordStart = 8;
constexpr int afterNeighbour = 5;
constexpr int atTextStart = 6;

bool beginsWord(QStringView text, qsizetype i)
{
    if (i == 0)
        return true;
    const QChar before = text[i - 1];
    return !before.isLetterOrNumber() || (before.isLower() && text[i].isUpper());
}

/// With `leaping` a character may skip a nearer fit for one at the beginning of a word.
std::optional<int> match(QStringView typed, QStringView text, bool leaping, QList<int> &places)
{
    places.clear();
    int score = 0;
    qsizetype from = 0;
    qsizetype last = -2;
    for (const QChar wanted : typed) {
        if (wanted.isSpace())
            continue;
        qsizetype found = -1;
        for (qsizetype i = from; i < text.size(); ++i) {
            if (text[i].toCaseFolded() != wanted.toCaseFolded())
                continue;
            if (found < 0)
                found = i;
            if (!leaping || i == last + 1 || beginsWord(text, i)) {
                found = i;
                break;
            }
        }
        if (found < 0)
            return std::nullopt;
        score += perCharacter;
        if (found == 0)
            score += atTextStart;
        if (beginsWord(text, found))
            score += atWordStart;
        if (found == last + 1)
            score += afterNeighbour;
        places.append(static_cast<int>(found));
        last = found;
        from = found + 1;
    }
    // Of two that fit alike the shorter is meant more likely.
    return score * 100 - static_cast<int>(qMin<qsizetype>(text.size(), 99));
}

} // namespace

std::optional<int> fuzzyMatch(QStringView typed, QStringView text, QList<int> *places)
{
    QList<int> found;
    std::optional<int> score = match(typed, text, true, found);
    if (!score)
        score = match(typed, text, false, found);
    if (places)
        *places = score ? found : QList<int>();
    return score;
}

} // namespace skillbox
