#pragma once

#include "app/desktop/text/folding.h"
#include "app/desktop/theme/theme.h"

#include <QPlainTextEdit>
#include <QPointer>
#include <QTextBlock>
#include <QTimer>

class QSyntaxHighlighter;

namespace skillbox {

class CodeGutter;
class FindBar;

enum class MarkKind { Info, Warning, Error };

/// A place in the text with something to say about it: underlined, and shown in the gutter.
struct TextMark {
    int start = 0; ///< characters from the text's beginning
    int length = 0;
    MarkKind kind = MarkKind::Info;
};

/// Source text to read: highlighted, with line numbers, folding, marks and find (Ctrl+F). The base
/// of the editor. GUI thread.
class CodeView : public QPlainTextEdit
{
    Q_OBJECT

public:
    explicit CodeView(QWidget *parent = nullptr);
    ~CodeView() override;

    /// `fileName` chooses the language.
    void setSource(const QString &text, const QString &fileName);
    virtual void applyTheme(const Theme &theme);

    /// The language alone; an empty name: none, and no highlighting.
    void setFileName(const QString &fileName);
    const QString &fileName() const { return m_fileName; }
    const Theme &theme() const { return m_theme; }

    /// Line and column count from 1; a column of 0 is the line's first text. Unfolds it.
    void goTo(int line, int column = 0);
    /// Selects the characters and shows them.
    void select(int start, int length);

    /// Ordered by start. They move with the text until the next call.
    void setMarks(QList<TextMark> marks);
    const QList<TextMark> &marks() const { return m_marks; }
    /// The mark at this place; null: none.
    const TextMark *markAt(int position) const;
    /// A lamp in the gutter beside this line: something can be done about it; -1: none.
    void setLampLine(int line);

    /// Opens the find bar with the selection; `replace`: with its second row.
    void openFind(bool replace = false);
    FindBar &findBar() { return *m_findBar; }
    /// Places to paint behind the text, as the find bar asks.
    using Matches = std::function<QList<QPair<int, int>>(const QTextBlock &block)>;
    void setMatchFinder(Matches matches);

    void toggleFold(int line);
    void foldAll(bool fold);
    bool isFolded(int line) const;
    const QList<FoldRegion> &folds() const { return m_folds; }

    int gutterWidth() const;

Q_SIGNALS:
    /// The lamp or a mark in the gutter was clicked; the line counts from 0.
    void markClicked(int line);

protected:
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void paintEvent(QPaintEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;
    void wheelEvent(QWheelEvent *event) override;

    /// The pixels of [start, end) of a block, one rectangle per line it is wrapped to.
    QList<QRectF> rectsOf(const QTextBlock &block, int start, int end) const;
    QTextBlock firstShownBlock() const { return firstVisibleBlock(); }

private:
    friend class CodeGutter;
    void placeParts();
    void paintBehind(QPainter &painter, const QRect &area);
    void paintMarks(QPainter &painter, const QRect &area);
    void findBrackets();
    void refold();
    void showLines(int first, int last, bool visible);
    void revealBlock(QTextBlock block);
    void moveMarks(int position, int removed, int added);
    const FoldRegion *foldAt(int line) const;
    QColor markColor(MarkKind kind) const;

    QString m_fileName;
    Theme m_theme;
    CodeGutter *m_gutter;
    FindBar *m_findBar;
    QPointer<QSyntaxHighlighter> m_highlighter;
    QList<TextMark> m_marks;
    Matches m_matches;
    QList<int> m_brackets; ///< positions of the pair at the cursor
    QList<FoldRegion> m_folds;
    QTimer m_foldDelay;
    int m_lampLine = -1;
};

} // namespace skillbox
