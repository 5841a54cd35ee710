#pragma once

#include <QString>
#include <QStringList>

#include <vector>

namespace skillbox {

/// A piece of a line, in UTF-16 units.
struct DiffSpan {
    int start = 0;
    int length = 0;
};

/// One line of two texts beside each other.
struct DiffRow {
    enum class Kind { Same, Changed, Removed, Added };
    Kind kind = Kind::Same;
    int left = -1;                        ///< line of the left text, from 0; -1: a gap
    int right = -1;                       ///< of the right text
    std::vector<DiffSpan> leftSpans = {}; ///< of a Changed row: what differs within the line
    std::vector<DiffSpan> rightSpans = {};
};

/// Two texts compared line by line.
struct DiffRows {
    QStringList left;
    QStringList right;
    std::vector<DiffRow> rows;
    std::vector<int> blocks; ///< the first row of each difference
    bool isShortest = true;  ///< false: too different; a part is shown as replaced
    bool isCut = false;      ///< only the beginning of the texts was compared
    bool isIdentical() const { return blocks.empty() && !isCut; }
};

/// What is compared of each text at most; past it the rest is left out and isCut says so.
inline constexpr qsizetype mostComparedUnits = 4 << 20;

/// Bounded in time and memory whatever the texts. Thread-safe.
DiffRows compareTexts(const QString &left, const QString &right);

} // namespace skillbox
