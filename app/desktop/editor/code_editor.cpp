#include "app/desktop/editor/code_editor.h"

#include "app/desktop/text/syntax.h"
#include "app/desktop/widgets/controls.h"

#include <QAbstractItemView>
#include <QCompleter>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QScrollBar>
#include <QStandardItemModel>
#include <QToolTip>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int insertRole = Qt::UserRole + 1;
constexpr int popupWidth = 420;
/// In lines; further down nobody writes front matter.
constexpr int longestHeader = 500;
constexpr QStringView openers = u"([{";
constexpr QStringView closers = u")]}";

/// First and last block of the selection; a last line of which nothing is selected does not count.
QPair<int, int> selectedLines(const QTextCursor &cursor)
{
    const QTextDocument &document = *cursor.document();
    const QTextBlock first = document.findBlock(cursor.selectionStart());
    QTextBlock last = document.findBlock(cursor.selectionEnd());
    if (last != first && cursor.selectionEnd() == last.position())
        last = last.previous();
    return {first.blockNumber(), last.blockNumber()};
}

} // namespace

CodeEditor::CodeEditor(QWidget *parent)
    : CodeView(parent)
    , m_completer(new QCompleter(this))
    , m_model(new QStandardItemModel(this))
{
    setReadOnly(false);
    setAccessibleName(tr("Source text"));
    setMouseTracking(true);
    m_completer->setWidget(this);
    m_completer->setModel(m_model);
    m_completer->setCompletionMode(QCompleter::PopupCompletion);
    m_completer->setCaseSensitivity(Qt::CaseInsensitive);
    m_completer->setFilterMode(Qt::MatchContains);
    m_completer->setMaxVisibleItems(10);
    m_completer->popup()->setAccessibleName(tr("Completions"));
    m_completer->popup()->setProperty("surface", u"overlay"_s);
    connect(m_completer, qOverload<const QModelIndex &>(&QCompleter::activated), this,
            [this](const QModelIndex &index) { accept(index.data(insertRole).toString()); });
}

QString CodeEditor::sourceText() const
{
    QString text = document()->toRawText();
    text.replace(QChar::ParagraphSeparator, u'\n');
    return text;
}

void CodeEditor::replaceText(const QString &text)
{
    const QString before = sourceText();
    if (before == text)
        return;
    qsizetype start = 0;
    const qsizetype common = std::min(before.size(), text.size());
    while (start < common && before[start] == text[start])
        ++start;
    qsizetype tail = 0;
    while (tail < common - start
           && before[before.size() - 1 - tail] == text[text.size() - 1 - tail])
        ++tail;
    // Never between the halves of a surrogate pair.
    if (start > 0 && before[start - 1].isHighSurrogate())
        --start;
    if (tail > 0 && before[before.size() - tail].isLowSurrogate())
        --tail;
    QTextCursor cursor(document());
    cursor.beginEditBlock();
    cursor.setPosition(static_cast<int>(start));
    cursor.setPosition(static_cast<int>(before.size() - tail), QTextCursor::KeepAnchor);
    cursor.insertText(text.sliced(start, text.size() - tail - start));
    cursor.endEditBlock();
}

QString CodeEditor::indentUnit() const
{
    // As the file does it; else as its language usually does.
    int checked = 0;
    for (QTextBlock block = document()->begin(); block.isValid() && checked < 400;
         block = block.next(), ++checked) {
        const QString text = block.text();
        if (text.startsWith(u'\t'))
            return u"\t"_s;
        if (text.startsWith(u"    ") && fileName().endsWith(u".py"))
            return u"    "_s;
        if (text.startsWith(u"  ") && text.size() > 2 && text[2] != u' ')
            return u"  "_s;
    }
    return fileName().endsWith(u".py") || fileName().endsWith(u".sh") ? u"    "_s : u"  "_s;
}

bool CodeEditor::isInHeader(int line) const
{
    if (!isMarkdownName(fileName()))
        return false;
    QStringList lines;
    for (QTextBlock block = document()->begin();
         block.isValid() && block.blockNumber() <= longestHeader; block = block.next())
        lines.append(block.text());
    const auto header = headerLines(lines);
    return header && line >= header->first && line <= header->last;
}

void CodeEditor::breakLine()
{
    QTextCursor cursor = textCursor();
    const QString text = cursor.block().text();
    const QString before = text.left(cursor.positionInBlock());
    QString indent;
    for (const QChar c : before) {
        if (!c.isSpace())
            break;
        indent += c;
    }
    const QString trimmed = before.trimmed();
    const QString unit = indentUnit();
    if (!trimmed.isEmpty()) {
        const QChar last = trimmed.back();
        const bool opensBlock = last == u':'
            && (fileName().endsWith(u".py") || fileName().endsWith(u".yaml")
                || fileName().endsWith(u".yml") || isInHeader(cursor.blockNumber()));
        if (openers.contains(last) || opensBlock)
            indent += unit;
        // Markdown: a list goes on; an empty item ends it.
        if (isMarkdownName(fileName()) && (trimmed.startsWith(u"- ") || trimmed.startsWith(u"* ")))
            indent += trimmed.first(2);
        else if (isMarkdownName(fileName()) && (trimmed == "-"_L1 || trimmed == "*"_L1)) {
            cursor.movePosition(QTextCursor::StartOfBlock, QTextCursor::KeepAnchor);
            cursor.removeSelectedText();
            return;
        }
    }
    cursor.beginEditBlock();
    cursor.insertText(u'\n' + indent);
    // Between a pair of brackets the closing one gets a line of its own.
    const QChar next = document()->characterAt(cursor.position());
    if (!trimmed.isEmpty() && openers.contains(trimmed.back()) && closers.contains(next)) {
        const int at = cursor.position();
        cursor.insertText(u'\n' + indent.chopped(unit.size()));
        cursor.setPosition(at);
    }
    cursor.endEditBlock();
    setTextCursor(cursor);
    ensureCursorVisible();
}

void CodeEditor::indentLines(bool deeper)
{
    if (isReadOnly())
        return;
    const QString unit = indentUnit();
    QTextCursor cursor = textCursor();
    const auto [first, last] = selectedLines(cursor);
    QTextCursor edit(document());
    edit.beginEditBlock();
    for (int line = first; line <= last; ++line) {
        const QTextBlock block = document()->findBlockByNumber(line);
        edit.setPosition(block.position());
        const QString text = block.text();
        if (deeper) {
            if (!text.isEmpty() || first == last)
                edit.insertText(unit);
            continue;
        }
        int remove = 0;
        if (text.startsWith(u'\t'))
            remove = 1;
        else
            while (remove < unit.size() && remove < text.size() && text[remove] == u' ')
                ++remove;
        edit.setPosition(block.position() + remove, QTextCursor::KeepAnchor);
        edit.removeSelectedText();
    }
    edit.endEditBlock();
}

void CodeEditor::toggleComment()
{
    if (isReadOnly())
        return;
    const auto [first, last] = selectedLines(textCursor());
    CommentStyle style = Syntax::commentStyle(fileName());
    if (isInHeader(first) && isInHeader(last))
        style = {u"#"_s, {}, {}};
    if (style.line.isEmpty() && style.start.isEmpty())
        return;
    const bool byLine = !style.line.isEmpty();
    const QString open = (byLine ? style.line : style.start) + u' ';
    const QString close = byLine ? QString() : u' ' + style.end;
    bool all = true;
    int column = INT_MAX;
    for (int line = first; line <= last; ++line) {
        const QString text = document()->findBlockByNumber(line).text();
        const QString trimmed = text.trimmed();
        if (trimmed.isEmpty())
            continue;
        all = all && trimmed.startsWith(open.trimmed());
        column = std::min(column, static_cast<int>(text.indexOf(trimmed.front())));
    }
    if (column == INT_MAX)
        return;
    QTextCursor edit(document());
    edit.beginEditBlock();
    for (int line = first; line <= last; ++line) {
        const QTextBlock block = document()->findBlockByNumber(line);
        const QString text = block.text();
        if (text.trimmed().isEmpty())
            continue;
        const auto remove = [&](int at, qsizetype length) {
            edit.setPosition(block.position() + at);
            edit.setPosition(block.position() + at + static_cast<int>(length),
                             QTextCursor::KeepAnchor);
            edit.removeSelectedText();
        };
        if (!all) {
            // The end first: it moves nothing.
            edit.setPosition(block.position() + static_cast<int>(text.size()));
            edit.insertText(close);
            edit.setPosition(block.position() + column);
            edit.insertText(open);
            continue;
        }
        if (!byLine && text.trimmed().endsWith(style.end)) {
            const auto at = text.lastIndexOf(style.end);
            const bool spaced = at > 0 && text[at - 1] == u' ';
            remove(static_cast<int>(at) - (spaced ? 1 : 0), style.end.size() + (spaced ? 1 : 0));
        }
        const auto at = text.indexOf(open.trimmed());
        const bool spaced = QStringView(text).sliced(at).startsWith(open);
        remove(static_cast<int>(at), spaced ? open.size() : open.size() - 1);
    }
    edit.endEditBlock();
}

void CodeEditor::moveLines(int direction)
{
    if (isReadOnly())
        return;
    const auto [first, last] = selectedLines(textCursor());
    const int target = direction < 0 ? first - 1 : last + 1;
    if (target < 0 || target >= blockCount())
        return;
    // The neighbour goes to the other side.
    const QTextBlock from = document()->findBlockByNumber(std::min(first, target));
    const QTextBlock to = document()->findBlockByNumber(std::max(last, target));
    const QString neighbour = document()->findBlockByNumber(target).text();
    QStringList lines;
    for (int line = first; line <= last; ++line)
        lines.append(document()->findBlockByNumber(line).text());
    if (direction < 0)
        lines.append(neighbour);
    else
        lines.prepend(neighbour);
    QTextCursor edit(document());
    edit.beginEditBlock();
    const int column = textCursor().positionInBlock();
    const int row = textCursor().blockNumber() + direction;
    edit.setPosition(from.position());
    edit.setPosition(to.position() + to.length() - 1, QTextCursor::KeepAnchor);
    edit.insertText(lines.join(u'\n'));
    edit.endEditBlock();
    QTextCursor cursor(document()->findBlockByNumber(first + direction));
    const QTextBlock end = document()->findBlockByNumber(last + direction);
    if (first == last) {
        cursor.setPosition(document()->findBlockByNumber(row).position() + column);
    } else {
        cursor.setPosition(end.position() + end.length() - 1, QTextCursor::KeepAnchor);
    }
    setTextCursor(cursor);
}

void CodeEditor::duplicateLines()
{
    if (isReadOnly())
        return;
    const auto [first, last] = selectedLines(textCursor());
    QStringList lines;
    for (int line = first; line <= last; ++line)
        lines.append(document()->findBlockByNumber(line).text());
    const QTextBlock end = document()->findBlockByNumber(last);
    QTextCursor edit(document());
    edit.setPosition(end.position() + end.length() - 1);
    edit.insertText(u'\n' + lines.join(u'\n'));
}

void CodeEditor::complete()
{
    offerCompletions(true);
}

void CodeEditor::offerCompletions(bool asked)
{
    if (!m_completions || isReadOnly())
        return;
    CompletionList list = m_completions(textCursor());
    // What begins with the typed letters comes before what has them inside.
    std::stable_partition(list.items.begin(), list.items.end(), [&list](const Completion &item) {
        return item.label.startsWith(list.typed, Qt::CaseInsensitive);
    });
    m_typed = list.typed;
    m_model->clear();
    for (const Completion &item : list.items) {
        // What is typed in full needs no list.
        if (!asked && item.label == list.typed)
            continue;
        auto *row = new QStandardItem(item.label);
        row->setData(item.insert, insertRole);
        row->setToolTip(plainToolTip(item.detail));
        m_model->appendRow(row);
    }
    m_completer->setCompletionPrefix(list.typed);
    if (m_completer->completionCount() == 0) {
        m_completer->popup()->hide();
        return;
    }
    m_completer->popup()->setCurrentIndex(m_completer->completionModel()->index(0, 0));
    QRect place = cursorRect();
    place.translate(viewport()->pos());
    place.setWidth(popupWidth);
    m_completer->complete(place);
}

void CodeEditor::accept(const QString &insert)
{
    QTextCursor cursor = textCursor();
    cursor.beginEditBlock();
    cursor.setPosition(cursor.position() - static_cast<int>(m_typed.size()),
                       QTextCursor::KeepAnchor);
    cursor.insertText(insert);
    cursor.endEditBlock();
    setTextCursor(cursor);
    // A key is followed by its value.
    if (insert.endsWith(u": ") || insert.endsWith(u":\n  "))
        offerCompletions(false);
}

bool CodeEditor::event(QEvent *event)
{
    if (event->type() == QEvent::ToolTip && m_hover) {
        auto *help = static_cast<QHelpEvent *>(event);
        const QPoint inText = viewport()->mapFrom(this, help->pos());
        QString text;
        if (viewport()->rect().contains(inText))
            text = m_hover(cursorForPosition(inText).position());
        if (text.isEmpty()) {
            QToolTip::hideText();
        } else {
            QToolTip::showText(help->globalPos(), plainToolTip(text), this);
        }
        return true;
    }
    return CodeView::event(event);
}

void CodeEditor::keyPressEvent(QKeyEvent *event)
{
    if (m_completer->popup()->isVisible()) {
        switch (event->key()) {
        case Qt::Key_Enter:
        case Qt::Key_Return:
        case Qt::Key_Escape:
        case Qt::Key_Tab:
        case Qt::Key_Backtab:
            event->ignore(); // the completer's
            return;
        default: break;
        }
    }
    if (isReadOnly()) {
        CodeView::keyPressEvent(event);
        return;
    }
    const bool plain = event->modifiers() == Qt::NoModifier
        || event->modifiers() == Qt::ShiftModifier || event->modifiers() == Qt::KeypadModifier;
    if (plain && (event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter)) {
        breakLine();
        return;
    }
    if (event->key() == Qt::Key_Backtab) {
        indentLines(false);
        return;
    }
    if (event->key() == Qt::Key_Tab && event->modifiers() == Qt::NoModifier) {
        if (textCursor().hasSelection()) {
            indentLines(true);
        } else {
            const QString unit = indentUnit();
            const int column = textCursor().positionInBlock();
            const auto width = static_cast<int>(unit.size());
            textCursor().insertText(unit == "\t"_L1 ? unit : QString(width - column % width, u' '));
        }
        return;
    }
    if (event->key() == Qt::Key_Home && event->modifiers() == Qt::NoModifier) {
        // First to the line's text, then to its beginning.
        QTextCursor cursor = textCursor();
        const QString text = cursor.block().text();
        int indent = 0;
        while (indent < text.size() && text[indent].isSpace())
            ++indent;
        const int at = cursor.positionInBlock() == indent ? 0 : indent;
        cursor.setPosition(cursor.block().position() + at);
        setTextCursor(cursor);
        return;
    }
    CodeView::keyPressEvent(event);
    const QString typed = event->text();
    const bool isText = !typed.isEmpty() && typed.front().isPrint()
        && !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier));
    if (isText || (m_completer->popup()->isVisible() && event->key() == Qt::Key_Backspace))
        offerCompletions(false);
    else if (!event->text().isEmpty() || event->key() == Qt::Key_Left
             || event->key() == Qt::Key_Right)
        m_completer->popup()->hide();
}

void CodeEditor::focusInEvent(QFocusEvent *event)
{
    m_completer->setWidget(this);
    CodeView::focusInEvent(event);
}

} // namespace skillbox
