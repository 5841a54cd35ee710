#include "app/desktop/console/log_panel.h"

#include "app/desktop/console/log_view.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QSaveFile>
#include <QShortcut>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QToolButton *logButton(const QString &name, const QString &text, const QString &title)
{
    auto *button = iconButton(name, title);
    button->setText(text);
    return button;
}

Result<void> writeLog(const LogBuffer &log, const QString &path)
{
    QSaveFile file(path);
    const auto cannotWrite = [&] {
        return fail(ErrorCode::Io, u"cannot write \"%1\": %2"_s.arg(path, file.errorString()));
    };
    if (!file.open(QIODevice::WriteOnly))
        return cannotWrite();
    for (int line = 0; line < log.lineCount(); ++line) {
        const QByteArrayView bytes = log.bytes(line);
        if (file.write(bytes.data(), bytes.size()) != bytes.size() || file.write("\n", 1) != 1)
            return cannotWrite();
    }
    if (!file.commit())
        return cannotWrite();
    return {};
}

} // namespace

LogPanel::LogPanel(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_view(new LogView)
    , m_find(new QLineEdit)
    , m_regex(logButton(u"runs.log.regex"_s, u".*"_s, tr("Regular expression")))
    , m_case(logButton(u"runs.log.case"_s, u"Aa"_s, tr("Match case")))
    , m_matches(new QLabel)
    , m_previous(logButton(u"runs.log.previous"_s, {}, tr("Previous match (Shift+F3)")))
    , m_next(logButton(u"runs.log.next"_s, {}, tr("Next match (F3)")))
    , m_times(logButton(u"runs.log.times"_s, tr("Times"), tr("Show when each line came")))
    , m_wrap(logButton(u"runs.log.wrap"_s, tr("Wrap"), tr("Wrap long lines")))
    , m_follow(logButton(u"runs.log.follow"_s, tr("Follow"), tr("Keep the end in sight")))
    , m_export(logButton(u"runs.log.export"_s, tr("Export …"), tr("Save the log as a file")))
    , m_count(new QLabel)
    , m_bar(new QBoxLayout(QBoxLayout::LeftToRight))
    , m_finding(new QBoxLayout(QBoxLayout::LeftToRight))
    , m_showing(new QBoxLayout(QBoxLayout::LeftToRight))
{
    m_view->setObjectName(u"runs.log"_s);
    m_find->setObjectName(u"runs.log.find"_s);
    m_find->setPlaceholderText(tr("Find in the log"));
    m_find->setAccessibleName(tr("Find in the log"));
    m_find->setClearButtonEnabled(true);
    m_find->setMinimumWidth(90);
    m_find->setMaximumWidth(280);
    m_previous->setArrowType(Qt::UpArrow);
    m_next->setArrowType(Qt::DownArrow);
    for (QToolButton *toggle : {m_regex, m_case, m_times, m_wrap, m_follow})
        toggle->setCheckable(true);
    m_follow->setChecked(true);
    m_matches->setProperty("textRole", u"muted"_s);
    m_matches->setObjectName(u"runs.log.matches"_s);
    m_count->setProperty("textRole", u"muted"_s);
    m_count->setObjectName(u"runs.log.count"_s);

    m_finding->setSpacing(4);
    m_finding->addWidget(m_find, 2);
    for (QWidget *widget :
         std::initializer_list<QWidget *>{m_regex, m_case, m_previous, m_next, m_matches})
        m_finding->addWidget(widget);
    m_finding->addStretch(1);
    m_showing->setSpacing(4);
    m_showing->addStretch(1);
    m_showing->addWidget(m_count);
    for (QWidget *widget : {m_times, m_wrap, m_follow, m_export})
        m_showing->addWidget(widget);
    m_bar->setContentsMargins(8, 6, 8, 6);
    m_bar->setSpacing(4);
    m_bar->addLayout(m_finding, 1);
    m_bar->addLayout(m_showing);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addLayout(m_bar);
    column->addWidget(m_view, 1);

    connect(m_find, &QLineEdit::textChanged, this, &LogPanel::search);
    connect(m_find, &QLineEdit::returnPressed, this, [this] { step(1); });
    connect(m_regex, &QToolButton::toggled, this, &LogPanel::search);
    connect(m_case, &QToolButton::toggled, this, &LogPanel::search);
    connect(m_previous, &QToolButton::clicked, this, [this] { step(-1); });
    connect(m_next, &QToolButton::clicked, this, [this] { step(1); });
    connect(m_times, &QToolButton::toggled, m_view, &LogView::setTimesShown);
    connect(m_wrap, &QToolButton::toggled, m_view, &LogView::setWrapping);
    connect(m_follow, &QToolButton::toggled, m_view, &LogView::setFollowing);
    connect(m_view, &LogView::followingChanged, m_follow, &QToolButton::setChecked);
    connect(m_export, &QToolButton::clicked, this, &LogPanel::exportLog);
    connect(&m_view->search(), &LogSearch::changed, this, &LogPanel::tellMatches);
    const auto shortcut = [this](const QKeySequence &keys, auto action) {
        auto *made = new QShortcut(keys, this);
        made->setContext(Qt::WidgetWithChildrenShortcut);
        connect(made, &QShortcut::activated, this, action);
    };
    shortcut(QKeySequence::Find, [this] { find(); });
    shortcut(QKeySequence(Qt::Key_F3), [this] { step(1); });
    shortcut(QKeySequence(Qt::SHIFT | Qt::Key_F3), [this] { step(-1); });
    tellMatches();
}

void LogPanel::clear()
{
    m_view->clear();
    m_count->clear();
}

void LogPanel::take(RunFeed &feed)
{
    for (const LogPiece &piece : feed.takeLog()) {
        m_view->append(piece.stream, piece.text.toUtf8(),
                       piece.at.isValid() ? piece.at.toMSecsSinceEpoch() : LogBuffer::unknownTime);
    }
    const LogBuffer &log = m_view->buffer();
    QString count = tr("%1 lines").arg(QLocale().toString(log.lineCount()));
    if (log.droppedBytes() > 0)
        count += tr(", %1 left out").arg(QLocale().formattedDataSize(log.droppedBytes()));
    m_count->setText(count);
    arrange();
}

/// In one row, or in two where one would be cut.
void LogPanel::arrange()
{
    const QMargins margins = m_bar->contentsMargins();
    const int wanted = margins.left() + m_finding->minimumSize().width() + m_bar->spacing()
        + m_showing->minimumSize().width() + margins.right();
    m_bar->setDirection(width() < wanted ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

void LogPanel::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void LogPanel::find()
{
    m_find->setFocus();
    m_find->selectAll();
}

void LogPanel::search()
{
    LogSearch::Options options;
    options.setFlag(LogSearch::Regex, m_regex->isChecked());
    options.setFlag(LogSearch::MatchCase, m_case->isChecked());
    m_problem = m_view->search().search(m_find->text(), options);
    m_find->setProperty("invalid", !m_problem.isEmpty());
    m_find->style()->unpolish(m_find);
    m_find->style()->polish(m_find);
    setPlainToolTip(*m_find, m_problem);
    tellMatches();
}

void LogPanel::step(int by)
{
    const int count = static_cast<int>(m_view->search().matches().size());
    if (count == 0)
        return;
    const int current = m_view->currentMatch();
    m_view->showMatch(current < 0 ? (by > 0 ? 0 : count - 1) : (current + by + count) % count);
    tellMatches();
}

void LogPanel::tellMatches()
{
    const LogSearch &search = m_view->search();
    const auto count = static_cast<int>(search.matches().size());
    m_previous->setEnabled(count > 0);
    m_next->setEnabled(count > 0);
    if (!m_problem.isEmpty())
        m_matches->setText(m_problem);
    else if (m_find->text().isEmpty())
        m_matches->clear();
    else if (count == 0)
        m_matches->setText(search.isSearching() ? tr("searching …") : tr("no match"));
    else if (m_view->currentMatch() >= 0)
        m_matches->setText(tr("%1 of %2").arg(m_view->currentMatch() + 1).arg(count));
    else
        m_matches->setText(search.hasMore() ? tr("over %1 matches").arg(count)
                               : count == 1 ? tr("1 match")
                                            : tr("%1 matches").arg(count));
    arrange();
}

void LogPanel::exportLog()
{
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the log"), m_name + u".log"_s);
    if (!path.isEmpty())
        writeTo(path);
}

void LogPanel::writeTo(const QString &path)
{
    m_desk.session.engine().ask(
        this, [log = m_view->buffer(), path](Engine &) { return writeLog(log, path); },
        [this, path](const Result<void> &written) {
            if (written) {
                m_desk.notifications.post(
                    {.kind = NoticeKind::Success, .title = tr("Log saved"), .text = path});
            } else {
                m_desk.notifications.post({.kind = NoticeKind::Error,
                                           .title = tr("The log was not saved"),
                                           .text = written.error().message});
            }
        });
}

void LogPanel::applyTheme(const Theme &theme)
{
    m_view->applyTheme(theme);
    m_export->setIcon(themedIcon(u"download"_s, theme, ColorRole::Muted));
}

QJsonObject LogPanel::saveState() const
{
    return {{"wrap"_L1, m_wrap->isChecked()},
            {"times"_L1, m_times->isChecked()},
            {"regex"_L1, m_regex->isChecked()}};
}

void LogPanel::restoreState(const QJsonObject &state)
{
    m_wrap->setChecked(state.value("wrap"_L1).toBool());
    m_times->setChecked(state.value("times"_L1).toBool());
    m_regex->setChecked(state.value("regex"_L1).toBool());
}

} // namespace skillbox
