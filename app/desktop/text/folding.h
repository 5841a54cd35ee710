#pragma once

#include <QList>
#include <QTextDocument>

namespace skillbox {

/// Lines that can be shown as their first one only. Lines count from 0.
struct FoldRegion {
    int first = 0;
    int last = 0; ///< after `first`
};

/// What can be folded, ordered by first line. Of Markdown: front matter, sections below headings
/// and fenced code; of other texts: what is indented below a line.
QList<FoldRegion> foldRegions(const QTextDocument &document, bool isMarkdown);

} // namespace skillbox
