#include "app/desktop/text/syntax.h"

#ifdef SKILLBOX_SYNTAX_HIGHLIGHTING
#include <KSyntaxHighlighting/Definition>
#include <KSyntaxHighlighting/Repository>
#include <KSyntaxHighlighting/SyntaxHighlighter>
#include <KSyntaxHighlighting/Theme>
#endif

namespace skillbox {

#ifdef SKILLBOX_SYNTAX_HIGHLIGHTING

namespace {

/// Reading the index of 300 languages takes some milliseconds: once a process.
KSyntaxHighlighting::Repository &repository()
{
    static KSyntaxHighlighting::Repository all;
    return all;
}

} // namespace

QSyntaxHighlighter *Syntax::attach(QTextDocument *document, const QString &fileName,
                                   const Theme &theme)
{
    auto *highlighter = new KSyntaxHighlighting::SyntaxHighlighter(document);
    KSyntaxHighlighting::Theme colors = repository().theme(theme.syntaxTheme());
    if (!colors.isValid()) {
        colors = repository().defaultTheme(theme.isDark()
                                               ? KSyntaxHighlighting::Repository::DarkTheme
                                               : KSyntaxHighlighting::Repository::LightTheme);
    }
    highlighter->setTheme(colors);
    highlighter->setDefinition(repository().definitionForFileName(fileName));
    return highlighter;
}

bool Syntax::available()
{
    return true;
}

#else

QSyntaxHighlighter *Syntax::attach(QTextDocument *, const QString &, const Theme &)
{
    return nullptr;
}

bool Syntax::available()
{
    return false;
}

#endif

} // namespace skillbox
