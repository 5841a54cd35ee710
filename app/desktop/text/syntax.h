#pragma once

#include "app/desktop/theme/theme.h"

#include <QSyntaxHighlighter>

namespace skillbox {

/// How a language writes comments. An empty `line`: only `start` … `end`; all empty: it has none.
struct CommentStyle {
    QString line;
    QString start;
    QString end;
};

/// Colours a document by its language. The only place that knows KSyntaxHighlighting; built without
/// it, everything stays plain and available() says so. GUI thread.
///
/// Work is done in slices: a change that recolours thousands of lines (an opened fence, another
/// theme) colours what fits into some milliseconds at once and the rest when the window is idle.
class Syntax
{
public:
    /// A highlighter for this document, owned by it. The language follows the file's name
    /// (`SKILL.md`, `main.py`, …); an unknown one stays plain. The front matter of a Markdown file
    /// is coloured as YAML.
    static QSyntaxHighlighter *attach(QTextDocument *document, const QString &fileName,
                                      const Theme &theme);
    /// The same for another theme or name; `highlighter` came from attach().
    static void update(QSyntaxHighlighter *highlighter, const QString &fileName,
                       const Theme &theme);
    static bool available();
    static CommentStyle commentStyle(const QString &fileName);
};

/// Whether the file is Markdown by its name.
bool isMarkdownName(const QString &fileName);

} // namespace skillbox
