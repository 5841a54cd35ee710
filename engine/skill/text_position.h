#pragma once

#include "engine/skill/finding.h"

#include <QByteArrayView>

#include <optional>
#include <vector>

namespace skillbox {

/// Turns byte offsets in a UTF-8 text into lines and columns. Borrows the text.
class TextPosition
{
public:
    explicit TextPosition(QByteArrayView text);

    /// [start, end) in bytes; offsets past the end of the text mean its end.
    TextRange range(qsizetype start, qsizetype end) const;
    /// The place alone: an empty range.
    TextRange at(qsizetype offset) const { return range(offset, offset); }

private:
    struct Place {
        int line;
        int column;
    };
    Place place(qsizetype offset) const;

    QByteArrayView m_text;
    std::vector<qsizetype> m_lineStarts;
};

/// Where the text stops being UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates);
/// nullopt if it is all UTF-8.
std::optional<qsizetype> firstInvalidUtf8(QByteArrayView text);

/// The end of the line that begins at or goes on at `offset`, after its line feed.
qsizetype nextLine(QByteArrayView text, qsizetype offset);

} // namespace skillbox
