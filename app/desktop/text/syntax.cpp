#include "app/desktop/text/syntax.h"

#include <QFileInfo>

#ifdef SKILLBOX_SYNTAX_HIGHLIGHTING
#include "app/desktop/text/sliced_highlighter.h"

#include <KSyntaxHighlighting/Definition>
#include <KSyntaxHighlighting/Repository>
#include <KSyntaxHighlighting/Theme>
#endif

using namespace Qt::StringLiterals;

namespace skillbox {

bool isMarkdownName(const QString &fileName)
{
    const QString suffix = QFileInfo(fileName).suffix().toLower();
    return suffix == "md"_L1 || suffix == "markdown"_L1;
}

#ifdef SKILLBOX_SYNTAX_HIGHLIGHTING

namespace {

/// Reading the index of 300 languages takes some milliseconds: once a process.
KSyntaxHighlighting::Repository &syntaxRepository()
{
    static KSyntaxHighlighting::Repository all;
    return all;
}

} // namespace

QSyntaxHighlighter *Syntax::attach(QTextDocument *document, const QString &fileName,
                                   const Theme &theme)
{
    auto *highlighter = new SlicedHighlighter(document);
    update(highlighter, fileName, theme);
    return highlighter;
}

void Syntax::update(QSyntaxHighlighter *highlighter, const QString &fileName, const Theme &theme)
{
    KSyntaxHighlighting::Repository &all = syntaxRepository();
    KSyntaxHighlighting::Theme colors = all.theme(theme.syntaxTheme());
    if (!colors.isValid()) {
        colors = all.defaultTheme(theme.isDark() ? KSyntaxHighlighting::Repository::DarkTheme
                                                 : KSyntaxHighlighting::Repository::LightTheme);
    }
    const auto front = isMarkdownName(fileName) ? all.definitionForName(u"YAML"_s)
                                                : KSyntaxHighlighting::Definition();
    static_cast<SlicedHighlighter *>(highlighter)
        ->setLanguage(all.definitionForFileName(fileName), front, colors);
}

bool Syntax::available()
{
    return true;
}

CommentStyle Syntax::commentStyle(const QString &fileName)
{
    const auto definition = syntaxRepository().definitionForFileName(fileName);
    if (!definition.isValid())
        return {};
    const auto around = definition.multiLineCommentMarker();
    return {definition.singleLineCommentMarker(), around.first, around.second};
}

#else

QSyntaxHighlighter *Syntax::attach(QTextDocument *, const QString &, const Theme &)
{
    return nullptr;
}

void Syntax::update(QSyntaxHighlighter *, const QString &, const Theme &) { }

bool Syntax::available()
{
    return false;
}

CommentStyle Syntax::commentStyle(const QString &fileName)
{
    if (isMarkdownName(fileName))
        return {{}, u"<!--"_s, u"-->"_s};
    const QString suffix = QFileInfo(fileName).suffix().toLower();
    if (suffix == "js"_L1 || suffix == "mjs"_L1 || suffix == "cjs"_L1)
        return {u"//"_s, u"/*"_s, u"*/"_s};
    if (suffix == "json"_L1)
        return {};
    return {u"#"_s, {}, {}};
}

#endif

} // namespace skillbox
