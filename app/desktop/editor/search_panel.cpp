#include "app/desktop/editor/search_panel.h"

#include <QFontDatabase>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QTimer>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr auto searchPause = 150ms;

} // namespace

SearchPanel::SearchPanel(DraftFiles &files, QWidget *parent)
    : QWidget(parent)
    , m_files(files)
    , m_field(new QLineEdit)
    , m_case(new QToolButton)
    , m_regex(new QToolButton)
    , m_replacement(new QLineEdit)
    , m_replace(new QPushButton(tr("Replace all …")))
    , m_list(new QTreeWidget)
{
    m_field->setObjectName(u"editor.search"_s);
    m_field->setPlaceholderText(tr("Find in all files of the skill"));
    m_field->setAccessibleName(tr("Find in all files of the skill"));
    m_field->setClearButtonEnabled(true);
    for (const auto &[button, text, name] :
         {std::tuple{m_case, u"Aa"_s, tr("Match case")},
          std::tuple{m_regex, u".*"_s, tr("Regular expression")}}) {
        button->setText(text);
        button->setCheckable(true);
        button->setToolTip(name);
        button->setAccessibleName(name);
    }
    m_case->setObjectName(u"editor.searchCase"_s);
    m_regex->setObjectName(u"editor.searchRegex"_s);
    m_replacement->setObjectName(u"editor.searchReplacement"_s);
    m_replacement->setPlaceholderText(tr("Replace with"));
    m_replacement->setAccessibleName(tr("Replace with"));
    m_replacement->setToolTip(
        tr("With a regular expression \\1 to \\9 are what its groups found."));
    m_replace->setObjectName(u"editor.replaceInSkill"_s);
    m_replace->setToolTip(tr("Shows first what would change."));
    m_replace->setEnabled(false);
    m_list->setObjectName(u"editor.searchResults"_s);
    m_list->setAccessibleName(tr("Places found"));
    m_list->setHeaderHidden(true);
    m_list->setColumnCount(2);
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_list->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    m_state = new StateView(m_list);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(0, 4, 0, 0);
    column->setSpacing(4);
    auto *row = new QHBoxLayout;
    row->setContentsMargins(12, 0, 12, 0);
    row->addWidget(m_field, 3);
    row->addWidget(m_case);
    row->addWidget(m_regex);
    row->addSpacing(8);
    row->addWidget(m_replacement, 2);
    row->addWidget(m_replace);
    column->addLayout(row);
    column->addWidget(m_state, 1);
    m_delay.setSingleShot(true);
    m_delay.setInterval(searchPause);
    connect(m_field, &QLineEdit::textChanged, this, [this] { m_delay.start(); });
    connect(m_field, &QLineEdit::returnPressed, this, &SearchPanel::search);
    connect(m_case, &QToolButton::toggled, this, &SearchPanel::search);
    connect(m_regex, &QToolButton::toggled, this, &SearchPanel::search);
    connect(m_replacement, &QLineEdit::returnPressed, this, &SearchPanel::planReplacement);
    connect(m_replace, &QPushButton::clicked, this, &SearchPanel::planReplacement);
    connect(&m_delay, &QTimer::timeout, this, &SearchPanel::search);
    const auto activate = [this](QTreeWidgetItem *item) {
        Q_EMIT activated(item->data(0, Qt::UserRole).toString(), item->text(0).section(u':', 0, -2),
                         item->data(1, Qt::UserRole).toInt(),
                         item->data(1, Qt::UserRole + 1).toInt());
    };
    connect(m_list, &QTreeWidget::itemClicked, this, activate);
    connect(m_list, &QTreeWidget::itemActivated, this, activate);
    search();
}

void SearchPanel::open(const QString &text)
{
    if (!text.isEmpty())
        m_field->setText(text);
    m_field->setFocus(Qt::ShortcutFocusReason);
    m_field->selectAll();
}

void SearchPanel::refresh()
{
    if (isVisible() && !m_field->text().isEmpty())
        m_delay.start();
}

DraftSearch SearchPanel::question() const
{
    const Place place = m_place ? m_place() : Place();
    SearchOptions options;
    options.setFlag(SearchOption::MatchCase, m_case->isChecked());
    options.setFlag(SearchOption::Regex, m_regex->isChecked());
    return {place.project, m_field->text(), options, place.unsaved};
}

void SearchPanel::planReplacement()
{
    const DraftSearch search = question();
    if (!m_replace->isEnabled() || search.text.isEmpty() || search.directory.isEmpty())
        return;
    m_files.planReplacement(
        this, search, m_replacement->text(),
        [this, project = search.directory](const Result<DraftReplacement> &plan) {
            if (!plan) {
                m_state->showMessage(u"error"_s, tr("Nothing is replaced"), plan.error().message);
            } else if (!plan->after.isEmpty() || !plan->left.isEmpty()) {
                Q_EMIT replaceWanted(project, *plan);
            }
        });
}

void SearchPanel::search()
{
    m_delay.stop();
    const int number = ++m_question;
    const DraftSearch wanted = question();
    m_replace->setEnabled(false);
    if (wanted.text.isEmpty() || wanted.directory.isEmpty()) {
        m_list->clear();
        m_state->showMessage(u"search"_s, tr("Find in all files"),
                             tr("Type a text. What is not saved yet is searched too."));
        return;
    }
    m_files.search(this, wanted,
                   [this, number,
                    project = wanted.directory](const Result<QList<DraftMatch>> &found) {
                       if (number != m_question)
                           return;
                       m_list->clear();
                       if (!found || found->isEmpty()) {
                           m_state->showMessage(u"search"_s, tr("Nothing found"),
                                                found ? QString() : found.error().message);
                           return;
                       }
                       QList<QTreeWidgetItem *> rows;
                       for (const DraftMatch &match : *found) {
                           auto *item = new QTreeWidgetItem(
                               {u"%1:%2"_s.arg(match.file).arg(match.line), match.text});
                           item->setData(0, Qt::UserRole, project);
                           item->setData(1, Qt::UserRole, match.line);
                           item->setData(1, Qt::UserRole + 1, match.column);
                           item->setFont(1, QFontDatabase::systemFont(QFontDatabase::FixedFont));
                           rows.append(item);
                       }
                       m_list->addTopLevelItems(rows);
                       m_replace->setEnabled(true);
                       m_state->showContent();
                   });
}

} // namespace skillbox
