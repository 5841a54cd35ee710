#pragma once

#include "app/desktop/editor/completion.h"
#include "app/desktop/text/code_view.h"

#include <functional>

class QCompleter;
class QStandardItemModel;

namespace skillbox {

/// Source text to write: indents, comments, completes, and shows help under the mouse. What it
/// completes and explains comes from its owner. GUI thread.
class CodeEditor : public CodeView
{
    Q_OBJECT

public:
    explicit CodeEditor(QWidget *parent = nullptr);

    using CompletionSource = std::function<CompletionList(const QTextCursor &cursor)>;
    using HoverSource = std::function<QString(int position)>;
    void setCompletionSource(CompletionSource source) { m_completions = std::move(source); }
    /// Plain text; empty: nothing to say.
    void setHoverSource(HoverSource source) { m_hover = std::move(source); }

    void complete();
    void toggleComment();
    /// The lines of the selection, by one step.
    void indentLines(bool deeper);
    void moveLines(int direction);
    void duplicateLines();
    /// One undo step that changes as little as possible, so that cursor and folds stay.
    void replaceText(const QString &text);
    /// The text with LF as line end; unlike toPlainText() no-break spaces stay what they are.
    QString sourceText() const;

protected:
    bool event(QEvent *event) override;
    void keyPressEvent(QKeyEvent *event) override;
    void focusInEvent(QFocusEvent *event) override;

private:
    void accept(const QString &insert);
    void offerCompletions(bool asked);
    void breakLine();
    QString indentUnit() const;
    /// Whether the line, from 0, belongs to the front matter, which is YAML.
    bool isInHeader(int line) const;

    CompletionSource m_completions;
    HoverSource m_hover;
    QCompleter *m_completer;
    QStandardItemModel *m_model;
    QString m_typed;
};

} // namespace skillbox
