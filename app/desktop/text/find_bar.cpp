#include "app/desktop/text/find_bar.h"

#include "app/desktop/session/draft_text.h"
#include "app/desktop/text/code_view.h"
#include "app/desktop/theme/icons.h"

#include <QElapsedTimer>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QPushButton>
#include <QShortcut>
#include <QStyle>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr auto countPause = 120ms;
/// Counting gives up after it, so that an expensive expression does not stop the typing.
constexpr qint64 countMilliseconds = 40;
/// Matches painted in one line.
constexpr int mostInLine = 500;

QToolButton *toggle(const QString &text, const QString &name)
{
    auto *button = new QToolButton;
    button->setText(text);
    button->setCheckable(true);
    button->setToolTip(name);
    button->setAccessibleName(name);
    return button;
}

QToolButton *plain(const QString &name)
{
    auto *button = new QToolButton;
    button->setToolTip(name);
    button->setAccessibleName(name);
    return button;
}

} // namespace

FindBar::FindBar(CodeView &view)
    : QFrame(&view)
    , m_view(view)
    , m_field(new QLineEdit)
    , m_case(toggle(u"Aa"_s, tr("Match case")))
    , m_word(toggle(u"“ ”"_s, tr("Whole words")))
    , m_regex(toggle(u".*"_s, tr("Regular expression")))
    , m_count(new QLabel)
    , m_replaceRow(new QWidget)
    , m_replacement(new QLineEdit)
    , m_previous(plain(tr("Previous match (Shift+Enter)")))
    , m_next(plain(tr("Next match (Enter)")))
    , m_close(plain(tr("Close (Esc)")))
{
    setProperty("surface", u"bar"_s);
    setObjectName(u"code.findBar"_s);
    setCursor(Qt::ArrowCursor);
    m_field->setPlaceholderText(tr("Find"));
    m_field->setAccessibleName(tr("Find"));
    m_field->setObjectName(u"code.find"_s);
    m_field->setClearButtonEnabled(true);
    m_replacement->setPlaceholderText(tr("Replace by"));
    m_replacement->setAccessibleName(tr("Replace by"));
    m_replacement->setObjectName(u"code.replacement"_s);
    m_count->setProperty("textRole", u"muted"_s);
    m_count->setObjectName(u"code.findCount"_s);
    m_count->setMinimumWidth(m_count->fontMetrics().horizontalAdvance(u"9999 of 9999"_s));
    m_regex->setObjectName(u"code.findRegex"_s);
    m_case->setObjectName(u"code.findCase"_s);

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(8, 4, 8, 4);
    column->setSpacing(4);
    auto *row = new QHBoxLayout;
    row->setSpacing(4);
    row->addWidget(m_field, 1);
    for (QWidget *widget : std::initializer_list<QWidget *>{m_case, m_word, m_regex, m_count,
                                                            m_previous, m_next, m_close}) {
        row->addWidget(widget);
    }
    column->addLayout(row);
    auto *second = new QHBoxLayout(m_replaceRow);
    second->setContentsMargins(0, 0, 0, 0);
    second->setSpacing(4);
    auto *one = new QPushButton(tr("Replace"));
    auto *all = new QPushButton(tr("Replace all"));
    all->setObjectName(u"code.replaceAll"_s);
    second->addWidget(m_replacement, 1);
    second->addWidget(one);
    second->addWidget(all);
    column->addWidget(m_replaceRow);

    connect(m_field, &QLineEdit::textChanged, this, &FindBar::changed);
    connect(m_field, &QLineEdit::returnPressed, this, [this] { find(1); });
    for (QToolButton *button : {m_case, m_word, m_regex})
        connect(button, &QToolButton::toggled, this, &FindBar::changed);
    connect(m_previous, &QToolButton::clicked, this, [this] { find(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { find(1); });
    connect(m_close, &QToolButton::clicked, this, &FindBar::close);
    connect(m_replacement, &QLineEdit::returnPressed, this, &FindBar::replaceOne);
    connect(one, &QPushButton::clicked, this, &FindBar::replaceOne);
    connect(all, &QPushButton::clicked, this, &FindBar::replaceAll);
    const auto key = [this](const QKeySequence &keys, auto function) {
        auto *shortcut = new QShortcut(keys, this);
        shortcut->setContext(Qt::WidgetWithChildrenShortcut);
        connect(shortcut, &QShortcut::activated, this, function);
    };
    key(QKeySequence(Qt::Key_Escape), [this] { close(); });
    key(QKeySequence(u"Shift+Return"_s), [this] { find(-1); });
    m_countDelay.setSingleShot(true);
    m_countDelay.setInterval(countPause);
    connect(&m_countDelay, &QTimer::timeout, this, &FindBar::count);
    connect(view.document(), &QTextDocument::contentsChanged, this, &FindBar::textChanged);
    hide();
}

void FindBar::applyTheme(const Theme &theme)
{
    m_previous->setIcon(themedIcon(u"chevron_up"_s, theme, ColorRole::Muted));
    m_next->setIcon(themedIcon(u"chevron_down"_s, theme, ColorRole::Muted));
    m_close->setIcon(themedIcon(u"close"_s, theme, ColorRole::Muted));
}

void FindBar::keyPressEvent(QKeyEvent *event)
{
    event->accept();
}

void FindBar::open(bool replace)
{
    const QString selected = m_view.textCursor().selectedText();
    m_anchor = m_view.textCursor().selectionStart();
    m_replaceRow->setVisible(replace);
    show();
    if (!selected.isEmpty() && !selected.contains(QChar::ParagraphSeparator))
        m_field->setText(selected);
    m_field->setFocus(Qt::ShortcutFocusReason);
    m_field->selectAll();
    changed();
}

void FindBar::close()
{
    hide();
    m_view.setMatchFinder({});
    m_view.setFocus(Qt::OtherFocusReason);
}

QRegularExpression FindBar::pattern() const
{
    QString text = m_field->text();
    if (!m_regex->isChecked())
        text = QRegularExpression::escape(text);
    if (m_word->isChecked())
        text = u"\\b(?:"_s + text + u")\\b"_s;
    QRegularExpression::PatternOptions options = QRegularExpression::UseUnicodePropertiesOption;
    options.setFlag(QRegularExpression::CaseInsensitiveOption, !m_case->isChecked());
    return QRegularExpression(text, options);
}

void FindBar::changed()
{
    m_pattern = m_field->text().isEmpty() ? QRegularExpression() : pattern();
    const bool isValid = m_pattern.isValid();
    m_field->setProperty("invalid", !isValid);
    m_field->style()->unpolish(m_field);
    m_field->style()->polish(m_field);
    if (!isValid)
        m_count->setText(m_pattern.errorString());
    if (m_field->text().isEmpty() || !isValid) {
        if (isValid)
            m_count->clear();
        m_view.setMatchFinder([](const QTextBlock &) { return QList<QPair<int, int>>(); });
        return;
    }
    m_view.setMatchFinder([this](const QTextBlock &block) {
        QList<QPair<int, int>> places;
        auto it = m_pattern.globalMatch(block.text());
        while (it.hasNext() && places.size() < mostInLine) {
            const auto match = it.next();
            if (match.capturedLength() > 0)
                places.append({static_cast<int>(match.capturedStart()),
                               static_cast<int>(match.capturedLength())});
        }
        return places;
    });
    if (m_field->hasFocus()) {
        QTextCursor cursor = m_view.textCursor();
        cursor.setPosition(qMin(m_anchor, m_view.document()->characterCount() - 1));
        m_view.setTextCursor(cursor);
        find(1);
    }
    m_countDelay.start();
}

void FindBar::textChanged()
{
    if (!isHidden())
        m_countDelay.start();
}

void FindBar::find(int direction)
{
    if (m_field->text().isEmpty() || !m_pattern.isValid())
        return;
    QTextDocument &document = *m_view.document();
    const QTextDocument::FindFlags flags = direction < 0 ? QTextDocument::FindBackward
                                                         : QTextDocument::FindFlags();
    QTextCursor found = document.find(m_pattern, m_view.textCursor(), flags);
    if (found.isNull()) {
        QTextCursor edge(&document);
        edge.movePosition(direction < 0 ? QTextCursor::End : QTextCursor::Start);
        found = document.find(m_pattern, edge, flags);
    }
    if (found.isNull() || !found.hasSelection())
        return;
    m_view.select(found.selectionStart(), found.selectionEnd() - found.selectionStart());
    m_countDelay.start();
}

void FindBar::count()
{
    if (isHidden() || m_field->text().isEmpty() || !m_pattern.isValid())
        return;
    QElapsedTimer timer;
    timer.start();
    const int current = m_view.textCursor().selectionStart();
    int all = 0;
    int number = 0;
    bool complete = true;
    for (QTextBlock block = m_view.document()->begin(); block.isValid(); block = block.next()) {
        auto it = m_pattern.globalMatch(block.text());
        while (it.hasNext()) {
            const auto match = it.next();
            if (match.capturedLength() == 0)
                continue;
            ++all;
            if (block.position() + match.capturedStart() == current
                && m_view.textCursor().hasSelection())
                number = all;
        }
        if (all > mostCounted || timer.elapsed() > countMilliseconds) {
            complete = false;
            break;
        }
    }
    m_count->setText(all == 0         ? tr("nothing found")
                         : !complete  ? tr("more than %1").arg(all)
                         : number > 0 ? tr("%1 of %2").arg(number).arg(all)
                         : all == 1   ? tr("1 match")
                                      : tr("%1 matches").arg(all));
}

QString FindBar::replacementFor(const QRegularExpressionMatch &match) const
{
    const QString text = m_replacement->text();
    return m_regex->isChecked() ? replacementOf(match, text) : text;
}

void FindBar::replaceOne()
{
    if (m_view.isReadOnly() || m_field->text().isEmpty() || !m_pattern.isValid())
        return;
    QTextCursor cursor = m_view.textCursor();
    const QTextBlock block = m_view.document()->findBlock(cursor.selectionStart());
    const auto match = m_pattern.match(block.text(), cursor.selectionStart() - block.position());
    if (cursor.hasSelection() && match.hasMatch()
        && match.capturedStart() == cursor.selectionStart() - block.position()
        && match.capturedLength() == cursor.selectionEnd() - cursor.selectionStart()) {
        cursor.insertText(replacementFor(match));
        m_view.setTextCursor(cursor);
    }
    find(1);
}

void FindBar::replaceAll()
{
    if (m_view.isReadOnly() || m_field->text().isEmpty() || !m_pattern.isValid())
        return;
    QTextCursor cursor(m_view.document());
    cursor.beginEditBlock();
    int replaced = 0;
    // From the end, so that what is inserted is neither searched nor moves what is to come.
    for (QTextBlock block = m_view.document()->lastBlock(); block.isValid();) {
        const QTextBlock before = block.previous();
        QList<QRegularExpressionMatch> matches;
        auto it = m_pattern.globalMatch(block.text());
        while (it.hasNext())
            matches.append(it.next());
        const int start = block.position();
        for (auto match = matches.crbegin(); match != matches.crend(); ++match) {
            if (match->capturedLength() == 0)
                continue;
            cursor.setPosition(start + static_cast<int>(match->capturedStart()));
            cursor.setPosition(start + static_cast<int>(match->capturedEnd()),
                               QTextCursor::KeepAnchor);
            cursor.insertText(replacementFor(*match));
            ++replaced;
        }
        block = before;
    }
    cursor.endEditBlock();
    m_count->setText(tr("%1 replaced").arg(replaced));
    m_countDelay.stop();
}

} // namespace skillbox
