#include "app/desktop/text/sliced_highlighter.h"

#include <KSyntaxHighlighting/Format>

#include <QTextBlock>
#include <QTextDocument>
#include <QTextLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Of the 16 ms that a frame has; the rest is for layout and painting.
constexpr qint64 sliceMilliseconds = 5;
/// A longer line (minified code) stays plain: the rules would take longer than a frame.
constexpr qsizetype longestLine = 5000;

} // namespace

/// What is known after a line.
struct SlicedHighlighter::LineState : QTextBlockUserData {
    KSyntaxHighlighting::State state;
    Part part = Part::Start;
    int generation = 0;
};

KSyntaxHighlighting::State SlicedHighlighter::Rules::apply(QStringView text,
                                                           const KSyntaxHighlighting::State &state,
                                                           const Paint &paint)
{
    m_paint = &paint;
    return highlightLine(text, state);
}

void SlicedHighlighter::Rules::applyFormat(int offset, int length,
                                           const KSyntaxHighlighting::Format &format)
{
    (*m_paint)(offset, length, format);
}

SlicedHighlighter::SlicedHighlighter(QTextDocument *document) : QSyntaxHighlighter(document)
{
    m_timer.setSingleShot(true);
    m_timer.setInterval(0);
    connect(&m_timer, &QTimer::timeout, this, &SlicedHighlighter::nextSlice);
}

void SlicedHighlighter::setLanguage(const KSyntaxHighlighting::Definition &definition,
                                    const KSyntaxHighlighting::Definition &front,
                                    const KSyntaxHighlighting::Theme &theme)
{
    m_body.setDefinition(definition);
    m_hasFront = front.isValid();
    if (m_hasFront)
        m_front.setDefinition(front);
    m_theme = theme;
    m_formats.clear();
    ++m_generation;
    rehighlight();
}

SlicedHighlighter::LineState *SlicedHighlighter::stateOf(const QTextBlock &block) const
{
    return static_cast<LineState *>(block.userData());
}

SlicedHighlighter::Part SlicedHighlighter::partOf(const QString &text, Part before) const
{
    if (!m_hasFront || before == Part::Body)
        return Part::Body;
    const bool isFence = QStringView(text).trimmed() == "---"_L1;
    if (before == Part::Front)
        return isFence ? Part::Body : Part::Front;
    if (isFence)
        return Part::Front;
    return text.trimmed().isEmpty() ? Part::Start : Part::Body;
}

bool SlicedHighlighter::mayGoOn()
{
    if (!m_inSlice) {
        m_inSlice = true;
        m_slice.start();
        m_timer.start();
    }
    return m_slice.elapsed() < sliceMilliseconds;
}

void SlicedHighlighter::highlightBlock(const QString &text)
{
    const QTextBlock block = currentBlock();
    if (!mayGoOn()) {
        keepFormats();
        if (m_rest.isNull() || m_rest.position() > block.position()) {
            m_rest = QTextCursor(block);
            m_rest.setKeepPositionOnInsert(true);
        }
        if (m_restLast.isNull() || m_restLast.position() < block.position())
            m_restLast = QTextCursor(block);
        return;
    }
    const LineState *before = block.previous().isValid() ? stateOf(block.previous()) : nullptr;
    const Part partBefore = before ? before->part : Part::Start;
    const Part part = partOf(text, partBefore);
    const bool isFence = part != partBefore && (part == Part::Front || partBefore == Part::Front);
    KSyntaxHighlighting::State state;
    if (before && part == partBefore)
        state = before->state;
    if (isFence) {
        QTextCharFormat format;
        format.setForeground(
            QColor::fromRgba(m_theme.textColor(KSyntaxHighlighting::Theme::Comment)));
        setFormat(0, static_cast<int>(text.size()), format);
        state = {};
    } else if (text.size() <= longestLine && (part == Part::Front || m_body.definition().isValid())) {
        Rules &rules = part == Part::Front ? m_front : m_body;
        state = rules.apply(text, state,
                            [this](int offset, int length,
                                   const KSyntaxHighlighting::Format &format) {
                                paintFormat(offset, length, format);
                            });
    }

    LineState *own = stateOf(block);
    if (!own) {
        own = new LineState;
        currentBlock().setUserData(own);
    }
    const bool changed = own->generation != m_generation || own->part != part
        || !(own->state == state);
    own->state = state;
    own->part = part;
    own->generation = m_generation;
    const bool isDue = !m_restLast.isNull() && block.position() < m_restLast.position();
    // Another number makes QSyntaxHighlighter go on with the next line.
    if (changed || isDue)
        setCurrentBlockState((currentBlockState() + 1) & 0xFFFF);
}

void SlicedHighlighter::paintFormat(int offset, int length,
                                    const KSyntaxHighlighting::Format &format)
{
    if (length == 0)
        return;
    auto known = m_formats.constFind(format.id());
    if (known == m_formats.cend()) {
        QTextCharFormat made;
        made.setForeground(format.textColor(m_theme));
        if (format.hasBackgroundColor(m_theme))
            made.setBackground(format.backgroundColor(m_theme));
        if (format.isBold(m_theme))
            made.setFontWeight(QFont::Bold);
        if (format.isItalic(m_theme))
            made.setFontItalic(true);
        if (format.isUnderline(m_theme))
            made.setFontUnderline(true);
        if (format.isStrikeThrough(m_theme))
            made.setFontStrikeOut(true);
        known = m_formats.insert(format.id(), made);
    }
    setFormat(offset, length, *known);
}

void SlicedHighlighter::keepFormats()
{
    const QList<QTextLayout::FormatRange> ranges = currentBlock().layout()->formats();
    for (const QTextLayout::FormatRange &range : ranges)
        setFormat(range.start, range.length, range.format);
}

void SlicedHighlighter::nextSlice()
{
    m_inSlice = false;
    if (m_rest.isNull())
        return;
    const QTextBlock block = m_rest.block();
    m_rest = QTextCursor();
    if (block.isValid())
        rehighlightBlock(block);
    if (m_rest.isNull())
        m_restLast = QTextCursor();
}

} // namespace skillbox
