#pragma once

#include <QByteArray>

namespace skillbox {

/// See SourceText: three views of one text, each of its length.
struct LanguageViews {
    QByteArray code;
    QByteArray bare;
    QByteArray prose;
};

// Tokenizers, one a language, over text in lower case. They know enough of a language to tell code
// from comments and strings; broken text gives some split of it, never an error. Time is linear and
// depth is bounded.

LanguageViews pythonViews(const QByteArray &text);
LanguageViews javaScriptViews(const QByteArray &text);
LanguageViews shellViews(const QByteArray &text);
LanguageViews markdownViews(const QByteArray &text);

} // namespace skillbox
