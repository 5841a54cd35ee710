#include "app/desktop/text/markdown_view.h"

using namespace Qt::StringLiterals;

namespace skillbox {

MarkdownView::MarkdownView(QWidget *parent) : QTextBrowser(parent)
{
    setOpenLinks(false);
    setProperty("frame", u"none"_s);
    document()->setDocumentMargin(16);
}

void MarkdownView::setMarkdownText(const QString &markdown)
{
    QTextDocument::MarkdownFeatures features = QTextDocument::MarkdownDialectGitHub;
    features.setFlag(QTextDocument::MarkdownNoHTML);
    document()->setMarkdown(markdown, features);
}

void MarkdownView::applyTheme(const Theme &)
{
    viewport()->update();
}

QVariant MarkdownView::loadResource(int, const QUrl &)
{
    return {};
}

} // namespace skillbox
