#pragma once

#include "app/desktop/theme/theme.h"

#include <QSyntaxHighlighter>

namespace skillbox {

/// Colours a document by its language. The only place that knows KSyntaxHighlighting; built without
/// it, everything stays plain and syntaxHighlightingAvailable() says so. GUI thread.
class Syntax
{
public:
    /// A highlighter for this document, owned by it. The language follows the file's name
    /// (`SKILL.md`, `main.py`, …); an unknown one stays plain.
    static QSyntaxHighlighter *attach(QTextDocument *document, const QString &fileName,
                                      const Theme &theme);
    static bool available();
};

} // namespace skillbox
