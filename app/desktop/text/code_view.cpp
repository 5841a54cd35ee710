#include "app/desktop/text/code_view.h"

#include "app/desktop/text/code_gutter.h"
#include "app/desktop/text/find_bar.h"
#include "app/desktop/text/syntax.h"

#include <QFontDatabase>
#include <QKeyEvent>
#include <QPlainTextDocumentLayout>
#include <QScrollBar>

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Regions are found again after a pause in typing: it costs a walk over all lines.
constexpr auto foldPause = 200ms;
/// How far a bracket's partner is looked for.
constexpr int bracketReach = 20'000;
constexpr int tabColumns = 4;
constexpr QStringView brackets = u"()[]{}";

} // namespace

CodeView::CodeView(QWidget *parent)
    : QPlainTextEdit(parent)
    , m_gutter(new CodeGutter(*this))
    , m_findBar(new FindBar(*this))
{
    setReadOnly(true);
    setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
    setProperty("frame", u"none"_s);
    setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    setTabStopDistance(fontMetrics().horizontalAdvance(u' ') * tabColumns);
    setLineWrapMode(QPlainTextEdit::NoWrap);
    document()->setDocumentMargin(4);
    m_foldDelay.setSingleShot(true);
    m_foldDelay.setInterval(foldPause);
    connect(&m_foldDelay, &QTimer::timeout, this, &CodeView::refold);
    connect(this, &QPlainTextEdit::blockCountChanged, this, &CodeView::placeParts);
    connect(this, &QPlainTextEdit::updateRequest, this, [this](const QRect &area, int dy) {
        if (dy != 0)
            m_gutter->scroll(0, dy);
        else
            m_gutter->update(0, area.y(), m_gutter->width(), area.height());
    });
    connect(this, &QPlainTextEdit::cursorPositionChanged, this, [this] {
        if (!textCursor().block().isVisible())
            revealBlock(textCursor().block());
        findBrackets();
        m_gutter->update();
        viewport()->update();
    });
    connect(document(), &QTextDocument::contentsChange, this,
            [this](int position, int removed, int added) {
                moveMarks(position, removed, added);
                m_foldDelay.start();
            });
    placeParts();
}

CodeView::~CodeView() = default;

void CodeView::setSource(const QString &text, const QString &fileName)
{
    m_marks.clear();
    m_folds.clear();
    m_lampLine = -1;
    if (fileName != m_fileName)
        delete m_highlighter; // before the text comes, so that it is not coloured twice
    setPlainText(text);
    setFileName(fileName);
    m_findBar->textChanged();
    refold();
}

void CodeView::setFileName(const QString &fileName)
{
    m_fileName = fileName;
    if (fileName.isEmpty())
        delete m_highlighter;
    else if (m_theme.id().isEmpty())
        return;
    else if (m_highlighter)
        Syntax::update(m_highlighter, fileName, m_theme);
    else
        m_highlighter = Syntax::attach(document(), fileName, m_theme);
}

void CodeView::applyTheme(const Theme &theme)
{
    m_theme = theme;
    setFileName(m_fileName);
    m_findBar->applyTheme(theme);
    // A style sheet on the application resets the font's metrics.
    setTabStopDistance(fontMetrics().horizontalAdvance(u' ') * tabColumns);
    placeParts();
    viewport()->update();
    m_gutter->update();
}

int CodeView::gutterWidth() const
{
    return m_gutter->neededWidth();
}

void CodeView::placeParts()
{
    const int gutter = m_gutter->neededWidth();
    const int bar = m_findBar->isHidden() ? 0 : m_findBar->sizeHint().height();
    setViewportMargins(gutter, bar, 0, 0);
    const QRect inside = contentsRect();
    m_gutter->setGeometry(inside.left(), inside.top() + bar, gutter, inside.height() - bar);
    m_findBar->setGeometry(inside.left(), inside.top(), inside.width(), bar);
}

void CodeView::resizeEvent(QResizeEvent *event)
{
    QPlainTextEdit::resizeEvent(event);
    placeParts();
}

void CodeView::wheelEvent(QWheelEvent *event)
{
    if (event->modifiers() & Qt::ControlModifier) {
        event->ignore(); // no zoom of its own: the scale is the window's matter
        return;
    }
    QPlainTextEdit::wheelEvent(event);
}

bool CodeView::event(QEvent *event)
{
    // Its own find comes before a command of the window with the same keys.
    if (event->type() == QEvent::ShortcutOverride) {
        auto *key = static_cast<QKeyEvent *>(event);
        if (key->matches(QKeySequence::Find) || key->matches(QKeySequence::FindNext)
            || key->matches(QKeySequence::FindPrevious)) {
            event->accept();
            return true;
        }
    }
    return QPlainTextEdit::event(event);
}

void CodeView::keyPressEvent(QKeyEvent *event)
{
    if (event->matches(QKeySequence::Find)) {
        openFind();
    } else if (event->matches(QKeySequence::FindNext)) {
        m_findBar->findNext();
    } else if (event->matches(QKeySequence::FindPrevious)) {
        m_findBar->findPrevious();
    } else if (event->key() == Qt::Key_Escape && m_findBar->isVisible()) {
        m_findBar->close();
    } else {
        QPlainTextEdit::keyPressEvent(event);
    }
}

void CodeView::openFind(bool replace)
{
    m_findBar->open(replace && !isReadOnly());
    placeParts();
}

void CodeView::setMatchFinder(Matches matches)
{
    m_matches = std::move(matches);
    placeParts();
    viewport()->update();
}

void CodeView::goTo(int line, int column)
{
    QTextBlock block = document()->findBlockByNumber(std::max(0, line - 1));
    if (!block.isValid())
        block = document()->lastBlock();
    const QString text = block.text();
    qsizetype at = 0;
    if (column > 0) {
        // Columns are code points, positions UTF-16 units.
        for (int i = 1; i < column && at < text.size(); ++i)
            at += text[at].isHighSurrogate() && at + 1 < text.size() ? 2 : 1;
    } else {
        while (at < text.size() && text[at].isSpace())
            ++at;
    }
    select(block.position() + static_cast<int>(at), 0);
}

void CodeView::select(int start, int length)
{
    const int last = document()->characterCount() - 1;
    QTextCursor cursor(document());
    cursor.setPosition(std::clamp(start, 0, last));
    cursor.setPosition(std::clamp(start + length, 0, last), QTextCursor::KeepAnchor);
    revealBlock(document()->findBlock(cursor.selectionStart()));
    setTextCursor(cursor);
    const QRect place = cursorRect();
    if (place.top() < 0 || place.bottom() > viewport()->height())
        centerCursor();
    ensureCursorVisible();
}

void CodeView::setMarks(QList<TextMark> marks)
{
    std::stable_sort(marks.begin(), marks.end(),
                     [](const TextMark &a, const TextMark &b) { return a.start < b.start; });
    m_marks = std::move(marks);
    viewport()->update();
    m_gutter->update();
}

const TextMark *CodeView::markAt(int position) const
{
    const TextMark *found = nullptr;
    for (const TextMark &mark : m_marks) {
        if (mark.start > position)
            break;
        if (position <= mark.start + mark.length && (!found || mark.kind >= found->kind))
            found = &mark;
    }
    return found;
}

void CodeView::moveMarks(int position, int removed, int added)
{
    if (m_marks.isEmpty())
        return;
    // Loading reports more than there is.
    const int end = position + removed;
    for (TextMark &mark : m_marks) {
        const int markEnd = mark.start + mark.length;
        if (mark.start >= end) {
            mark.start += added - removed;
        } else if (mark.start >= position) {
            mark.length = std::max(0, markEnd - end);
            mark.start = position + added;
        } else if (markEnd > position) {
            mark.length = std::max(0, mark.length + added - std::min(removed, markEnd - position));
        }
    }
}

void CodeView::setLampLine(int line)
{
    if (std::exchange(m_lampLine, line) != line)
        m_gutter->update();
}

void CodeView::findBrackets()
{
    m_brackets.clear();
    const QTextCursor cursor = textCursor();
    if (cursor.hasSelection())
        return;
    int at = cursor.position();
    qsizetype kind = brackets.indexOf(document()->characterAt(at));
    if (kind < 0 && at > 0)
        kind = brackets.indexOf(document()->characterAt(--at));
    if (kind < 0)
        return;
    const QChar own = brackets[kind];
    const QChar other = brackets[kind ^ 1];
    const int step = kind % 2 == 0 ? 1 : -1;
    int depth = 0;
    const int last = document()->characterCount();
    for (int i = at, seen = 0; i >= 0 && i < last && seen < bracketReach; i += step, ++seen) {
        const QChar c = document()->characterAt(i);
        depth += c == own ? 1 : c == other ? -1 : 0;
        if (depth == 0) {
            m_brackets = {at, i};
            return;
        }
    }
}

void CodeView::refold()
{
    m_folds = foldRegions(*document(), isMarkdownName(m_fileName));
    // A line whose region is gone must not stay hidden.
    int shownFrom = 0;
    int hiddenTo = -1;
    for (QTextBlock block = document()->begin(); block.isValid(); block = block.next()) {
        const int line = block.blockNumber();
        if (block.isVisible()) {
            shownFrom = line;
            continue;
        }
        if (line <= hiddenTo)
            continue;
        const FoldRegion *region = foldAt(shownFrom);
        if (region && line <= region->last) {
            hiddenTo = region->last;
        } else {
            showLines(line, line, true);
            shownFrom = line;
        }
    }
    m_gutter->update();
}

const FoldRegion *CodeView::foldAt(int line) const
{
    const auto found = std::lower_bound(
        m_folds.cbegin(), m_folds.cend(), line,
        [](const FoldRegion &region, int wanted) { return region.first < wanted; });
    return found != m_folds.cend() && found->first == line ? &*found : nullptr;
}

bool CodeView::isFolded(int line) const
{
    if (!foldAt(line))
        return false;
    const QTextBlock next = document()->findBlockByNumber(line + 1);
    return next.isValid() && !next.isVisible()
        && document()->findBlockByNumber(line).isVisible();
}

void CodeView::toggleFold(int line)
{
    // Text that was typed a moment ago.
    if (m_foldDelay.isActive()) {
        m_foldDelay.stop();
        refold();
    }
    const FoldRegion *region = foldAt(line);
    if (!region)
        return;
    const bool unfold = isFolded(line);
    const FoldRegion lines = *region;
    showLines(lines.first + 1, lines.last, unfold);
    if (!unfold) {
        QTextCursor cursor = textCursor();
        const int at = cursor.blockNumber();
        if (at > lines.first && at <= lines.last) {
            cursor.setPosition(document()->findBlockByNumber(lines.first).position());
            setTextCursor(cursor);
        }
    }
}

void CodeView::foldAll(bool fold)
{
    if (!fold) {
        showLines(0, blockCount() - 1, true);
        return;
    }
    refold();
    QTextCursor cursor = textCursor();
    for (const FoldRegion &region : std::as_const(m_folds)) {
        if (cursor.blockNumber() > region.first && cursor.blockNumber() <= region.last) {
            cursor.setPosition(document()->findBlockByNumber(region.first).position());
            setTextCursor(cursor);
        }
        showLines(region.first + 1, region.last, false);
    }
}

void CodeView::showLines(int first, int last, bool visible)
{
    const QTextBlock begin = document()->findBlockByNumber(first);
    QTextBlock block = begin;
    int length = 0;
    for (; block.isValid() && block.blockNumber() <= last; block = block.next()) {
        block.setVisible(visible);
        block.setLineCount(visible ? std::max(1, block.layout()->lineCount()) : 0);
        length += block.length();
    }
    if (!begin.isValid())
        return;
    document()->markContentsDirty(begin.position(), length);
    auto *layout = static_cast<QPlainTextDocumentLayout *>(document()->documentLayout());
    layout->requestUpdate();
    Q_EMIT layout->documentSizeChanged(layout->documentSize());
    viewport()->update();
    m_gutter->update();
}

void CodeView::revealBlock(QTextBlock block)
{
    if (!block.isValid() || block.isVisible())
        return;
    const int line = block.blockNumber();
    for (const FoldRegion &region : std::as_const(m_folds)) {
        if (region.first < line && line <= region.last && isFolded(region.first))
            showLines(region.first + 1, region.last, true);
    }
    if (!block.isVisible())
        showLines(line, line, true);
}

} // namespace skillbox
