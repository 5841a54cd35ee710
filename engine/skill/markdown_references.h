#pragma once

#include <QByteArrayView>
#include <QList>
#include <QString>

namespace skillbox {

/// A file that a Markdown text names.
struct MarkdownReference {
    enum class Kind {
        Link,    ///< destination of a link or an image
        Command, ///< `python scripts/x.py …` or `scripts/x.py …` in inline code
    };
    Kind kind = Kind::Link;
    QString path;        ///< relative, decoded, without fragment
    qsizetype start = 0; ///< bytes from the start of the text
    qsizetype end = 0;
};

/// The clear relative paths in a Markdown text, outside fenced code and comments. What could be a
/// placeholder, an address, a pattern or a path elsewhere is left out: better to miss a reference
/// than to complain about one that is none.
QList<MarkdownReference> markdownReferences(QByteArrayView text);

} // namespace skillbox
