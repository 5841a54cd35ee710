#include "app/desktop/text/code_view.h"

#include "app/desktop/text/syntax.h"

#include <QFontDatabase>

using namespace Qt::StringLiterals;

namespace skillbox {

CodeView::CodeView(QWidget *parent) : QPlainTextEdit(parent)
{
    setReadOnly(true);
    setProperty("frame", u"none"_s);
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setLineWrapMode(QPlainTextEdit::NoWrap);
}

void CodeView::setSource(const QString &text, const QString &fileName)
{
    m_fileName = fileName;
    setPlainText(text);
    applyTheme(m_theme);
}

void CodeView::applyTheme(const Theme &theme)
{
    m_theme = theme;
    delete document()->findChild<QSyntaxHighlighter *>();
    if (!m_fileName.isEmpty())
        Syntax::attach(document(), m_fileName, theme);
}

} // namespace skillbox
