#pragma once

#include <QList>
#include <QString>
#include <QStringList>

#include <optional>

namespace skillbox {

/// Something that could stand at the cursor.
struct Completion {
    QString label;
    QString insert; ///< in place of what is typed of it
    QString detail; ///< a sentence about it
};

struct CompletionList {
    QString typed; ///< what stands before the cursor of it
    QList<Completion> items;
};

/// What fits into a SKILL.md or another Markdown file at a place: keys and values of the front
/// matter, and files of the skill in links and between backticks. `line` and `column` count from 0,
/// in UTF-16 units.
CompletionList completeMarkdown(const QStringList &lines, int line, int column,
                                const QStringList &files);

/// The help of the front matter's field at this place; empty: there is none.
QString fieldHelpAt(const QStringList &lines, int line, int column);

/// The lines of the front matter between its fences, [first, last]; nullopt: there is none, or it
/// is not closed yet, then to the end of the text.
struct HeaderLines {
    int first = 0;
    int last = -1;
};
std::optional<HeaderLines> headerLines(const QStringList &lines);

} // namespace skillbox
