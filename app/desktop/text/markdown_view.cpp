#include "app/desktop/text/markdown_view.h"

#include <QFontDatabase>
#include <QScrollBar>
#include <QTextBlock>
#include <QTextFrame>
#include <QTextTable>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int pageMargin = 20;
constexpr qreal codeIndent = 8;
/// Of the body's text, by heading level from 1.
constexpr qreal headingScale[] = {1.7, 1.4, 1.2, 1.05, 1.0, 1.0};

} // namespace

MarkdownView::MarkdownView(QWidget *parent) : QTextBrowser(parent)
{
    setOpenLinks(false);
    setProperty("frame", u"none"_s);
    setUndoRedoEnabled(false);
    document()->setDocumentMargin(pageMargin);
}

void MarkdownView::setMarkdownText(const QString &markdown)
{
    m_markdown = markdown;
    const int before = verticalScrollBar()->value();
    QTextDocument::MarkdownFeatures features = QTextDocument::MarkdownDialectGitHub;
    features.setFlag(QTextDocument::MarkdownNoHTML);
    document()->setMarkdown(markdown.left(mostShown), features);
    if (markdown.size() > mostShown) {
        QTextCursor end(document());
        end.movePosition(QTextCursor::End);
        end.insertBlock(QTextBlockFormat(), QTextCharFormat());
        end.insertText(tr("… the rest of this long text is not shown here."));
    }
    style();
    verticalScrollBar()->setValue(before);
}

void MarkdownView::applyTheme(const Theme &theme)
{
    m_theme = theme;
    style();
    viewport()->update();
}

/// The importer leaves sizes and colours of its own; ours come from the theme.
void MarkdownView::style()
{
    if (m_theme.id().isEmpty())
        return;
    const QFont base = font();
    const qreal size = base.pointSizeF() > 0 ? base.pointSizeF() : 10;
    const QStringList codeFamilies{
        QFontDatabase::systemFont(QFontDatabase::FixedFont).family()};
    const QColor code = m_theme.color(ColorRole::Sunken);
    QTextCursor cursor(document());
    cursor.beginEditBlock();
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        QTextBlockFormat format = block.blockFormat();
        const bool isCode = format.hasProperty(QTextFormat::BlockCodeLanguage)
            || format.hasProperty(QTextFormat::BlockCodeFence);
        const int level = format.headingLevel();
        if (isCode) {
            format.setBackground(code);
            format.setLeftMargin(codeIndent);
            format.setRightMargin(codeIndent);
            format.setNonBreakableLines(false);
            // One ground behind all lines of a block: no gaps between them.
            format.setLineHeight(100, QTextBlockFormat::ProportionalHeight);
            const QTextBlock next = block.next();
            const bool isLast = !next.isValid()
                || !next.blockFormat().hasProperty(QTextFormat::BlockCodeFence);
            format.setTopMargin(0);
            format.setBottomMargin(isLast ? size * 0.8 : 0);
        } else {
            format.setLineHeight(135, QTextBlockFormat::ProportionalHeight);
            if (level > 0) {
                format.setTopMargin(size * 1.4);
                format.setBottomMargin(size * 0.5);
            } else if (!block.textList()) {
                format.setBottomMargin(std::max(format.bottomMargin(), size * 0.6));
            }
        }
        if (format.hasProperty(QTextFormat::BlockQuoteLevel)) {
            format.setLeftMargin(codeIndent * 2);
            format.setBackground(m_theme.color(ColorRole::Window));
        }
        cursor.setPosition(block.position());
        cursor.setBlockFormat(format);
        // Collected first: changing formats joins and splits the fragments.
        struct Piece {
            int position;
            int length;
            QTextCharFormat format;
        };
        QList<Piece> pieces;
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            const QTextFragment fragment = it.fragment();
            pieces.append({fragment.position(), fragment.length(), fragment.charFormat()});
        }
        for (Piece &piece : pieces) {
            QTextCharFormat &own = piece.format;
            if (own.isAnchor()) {
                own.setForeground(m_theme.color(ColorRole::Accent));
                own.setFontUnderline(true);
            } else {
                own.setForeground(m_theme.color(own.isImageFormat() ? ColorRole::Muted
                                                                    : ColorRole::Text));
            }
            if (isCode || own.fontFixedPitch()) {
                own.setFontFamilies(codeFamilies);
                own.setFontFixedPitch(true);
                if (!isCode)
                    own.setBackground(code);
            }
            if (level > 0) {
                own.clearProperty(QTextFormat::FontSizeAdjustment);
                own.setFontPointSize(size * headingScale[std::min(level, 6) - 1]);
                own.setFontWeight(QFont::DemiBold);
            }
            cursor.setPosition(piece.position);
            cursor.setPosition(piece.position + piece.length, QTextCursor::KeepAnchor);
            cursor.setCharFormat(own);
        }
    }
    const QList<QTextFrame *> frames = document()->rootFrame()->childFrames();
    for (QTextFrame *frame : frames) {
        auto *table = qobject_cast<QTextTable *>(frame);
        if (!table)
            continue;
        QTextTableFormat format = table->format();
        format.setBorder(1);
        format.setBorderCollapse(true);
        format.setBorderBrush(m_theme.color(ColorRole::Border));
        format.setBorderStyle(QTextFrameFormat::BorderStyle_Solid);
        format.setCellPadding(5);
        format.setCellSpacing(0);
        format.setTopMargin(4);
        format.setBottomMargin(size);
        table->setFormat(format);
    }
    cursor.endEditBlock();
}

QVariant MarkdownView::loadResource(int, const QUrl &)
{
    return {};
}

} // namespace skillbox
