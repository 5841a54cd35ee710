#include "app/desktop/console/runs_page.h"

#include "app/desktop/console/history_panel.h"
#include "app/desktop/console/input_editor.h"
#include "app/desktop/console/log_panel.h"
#include "app/desktop/console/request_panel.h"
#include "app/desktop/console/run_comparison.h"
#include "app/desktop/console/run_snippet.h"
#include "app/desktop/console/run_view.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"

#include <QApplication>
#include <QClipboard>
#include <QHBoxLayout>
#include <QMenu>
#include <QSplitter>
#include <QStackedWidget>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int paletteRuns = 200;

QString textOfSplitter(const QSplitter &splitter)
{
    return QString::fromLatin1(splitter.saveState().toBase64());
}

bool restoreSplitter(QSplitter &splitter, const QJsonValue &state)
{
    return splitter.restoreState(QByteArray::fromBase64(state.toString().toLatin1()));
}

} // namespace

RunsPage::RunsPage(const Desk &desk)
    : m_desk(desk)
    , m_splitter(new QSplitter)
    , m_right(new QStackedWidget)
    , m_workspace(new QSplitter)
    , m_history(new HistoryPanel(desk))
    , m_request(new RequestPanel(desk))
    , m_run(new RunView(desk))
    , m_compare(new RunComparison(desk))
{
    m_workspace->addWidget(m_request);
    m_workspace->addWidget(m_run);
    m_workspace->setStretchFactor(0, 2);
    m_workspace->setStretchFactor(1, 3);
    m_workspace->setChildrenCollapsible(false);
    m_right->addWidget(m_workspace);
    m_right->addWidget(m_compare);
    m_splitter->addWidget(m_history);
    m_splitter->addWidget(m_right);
    m_splitter->setStretchFactor(1, 1);
    m_splitter->setChildrenCollapsible(false);
    m_request->setMinimumWidth(280);
    m_run->setMinimumWidth(320);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_splitter);

    connect(m_history, &HistoryPanel::chosen, this, &RunsPage::show);
    connect(m_history, &HistoryPanel::compareWanted, this, &RunsPage::compare);
    const auto again = [this](const ExecutionId &id) { repeat(id, Then::Start); };
    const auto edit = [this](const ExecutionId &id) { repeat(id, Then::Edit); };
    connect(m_history, &HistoryPanel::rerunWanted, this, again);
    connect(m_history, &HistoryPanel::editWanted, this, edit);
    connect(m_request, &RequestPanel::runWanted, this, &RunsPage::run);
    connect(m_request, &RequestPanel::cancelWanted, m_run, &RunView::cancel);
    connect(m_request, &RequestPanel::copyWanted, this, [this] {
        if (const auto order = m_request->order())
            chooseSnippet(*order);
        else
            m_run->showRefusal(order.error());
    });
    connect(m_run, &RunView::rerunWanted, this, again);
    connect(m_run, &RunView::editWanted, this, edit);
    connect(m_run, &RunView::compareWanted, this, &RunsPage::compareWithBefore);
    connect(m_run, &RunView::copyWanted, this, [this] { chooseSnippet(orderOf(m_run->record())); });
    connect(m_run, &RunView::finished, this, [this] { m_request->setRunning(false); });
    connect(m_compare, &RunComparison::closed, this,
            [this] { m_right->setCurrentWidget(m_workspace); });
    connect(&desk.session.shelf(), &RunShelf::failed, this, [this](const QString &message) {
        m_desk.notifications.post({.kind = NoticeKind::Error,
                                   .title = tr("Pins and saved inputs were not kept"),
                                   .text = message});
    });
    const Navigation &navigation = desk.navigation;
    connect(&navigation, &Navigation::runRequested, this,
            [this](const RunOrder &order, bool startIt) {
                bringToFront();
                m_right->setCurrentWidget(m_workspace);
                m_request->setOrder(order);
                if (startIt)
                    start(order);
            });
    connect(&navigation, &Navigation::executionRequested, this, [this](const ExecutionId &id) {
        bringToFront();
        m_history->setCurrent(id);
        show(id);
    });
    connect(&navigation, &Navigation::compareRequested, this,
            [this](const ExecutionId &left, const ExecutionId &right) {
                bringToFront();
                compare(left, right);
            });
    addCommands();
}

RunsPage::~RunsPage() = default;

void RunsPage::addCommands()
{
    const auto add = [this](const QString &id, const QString &title, const QString &keys,
                            std::function<void()> trigger) {
        addAction(
            m_desk.commands.add(id, tr("Run"), title, QKeySequence(keys), std::move(trigger)));
    };
    const auto withRun = [this](auto action) {
        return [this, action] {
            if (!m_run->id().isEmpty())
                action(m_run->id());
        };
    };
    add(u"run.start"_s, tr("Run the skill"), u"Ctrl+Return"_s, [this] { run(); });
    add(u"run.cancel"_s, tr("Cancel the run"), u"Ctrl+."_s, [this] { m_run->cancel(); });
    add(u"run.again"_s, tr("Run again with the same input"), u"Ctrl+Shift+Return"_s,
        withRun([this](const ExecutionId &id) { repeat(id, Then::Start); }));
    add(u"run.edit"_s, tr("Edit the input and run again"), {},
        withRun([this](const ExecutionId &id) { repeat(id, Then::Edit); }));
    add(u"run.compare"_s, tr("Compare with the run before"), u"Ctrl+D"_s,
        withRun([this](const ExecutionId &id) { compareWithBefore(id); }));
    add(u"run.compareSelected"_s, tr("Compare the two selected runs"), {}, [this] {
        const QList<ExecutionId> ids = m_history->selected();
        if (ids.size() == 2) {
            const HistoryModel &model = m_history->model();
            const bool ordered = model.rowOf(ids.first()) > model.rowOf(ids.last());
            compare(ids.at(ordered ? 0 : 1), ids.at(ordered ? 1 : 0));
        }
    });
    add(u"run.pin"_s, tr("Pin or unpin the run"), {}, withRun([this](const ExecutionId &id) {
            RunShelf &shelf = m_desk.session.shelf();
            shelf.setPinned(id, !shelf.isPinned(id));
        }));
    add(u"run.skill"_s, tr("Choose the skill to run"), u"Ctrl+L"_s,
        [this] { m_request->focusSkill(); });
    add(u"run.toggleForm"_s, tr("Switch between form and JSON"), u"Ctrl+J"_s,
        [this] { m_request->input().setForm(!m_request->input().isForm()); });
    add(u"run.saveInput"_s, tr("Save the input under a name …"), u"Ctrl+S"_s,
        [this] { m_request->saveInput(); });
    add(u"run.filter"_s, tr("Filter the history"), u"Ctrl+Shift+F"_s,
        [this] { m_history->focusSearch(); });
    add(u"run.findInLog"_s, tr("Find in the log"), {}, [this] { m_run->log().find(); });
    add(u"run.exportLog"_s, tr("Save the log as a file …"), {},
        [this] { m_run->log().exportLog(); });
    const QList<std::pair<QString, SnippetLanguage>> languages{
        {u"curl"_s, SnippetLanguage::Curl},
        {u"Python"_s, SnippetLanguage::Python},
        {u"Go"_s, SnippetLanguage::Go},
        {u"TypeScript"_s, SnippetLanguage::TypeScript}};
    for (const auto &[name, language] : languages) {
        add(u"run.copy"_s + name, tr("Copy the request as %1").arg(name), {},
            [this, chosen = language] {
                if (const auto order = m_request->order())
                    copySnippet(chosen, *order);
            });
    }
}

void RunsPage::bringToFront()
{
    Q_EMIT m_desk.navigation.pageRequested(u"runs"_s);
}

void RunsPage::activate()
{
    if (!std::exchange(m_placed, true) && width() > 0) {
        m_splitter->setSizes({width() * 22 / 100, width() * 78 / 100});
        m_workspace->setSizes({width() * 32 / 100, width() * 46 / 100});
    }
    if (!isAncestorOf(QApplication::focusWidget()))
        m_request->focusSkill();
}

void RunsPage::run()
{
    m_right->setCurrentWidget(m_workspace);
    const auto order = m_request->order();
    if (order)
        start(*order);
    else
        m_run->showRefusal(order.error());
}

void RunsPage::start(const RunOrder &order)
{
    const int number = ++m_start;
    m_run->showStarting();
    auto feed = std::make_shared<std::unique_ptr<RunFeed>>(std::make_unique<RunFeed>());
    RunFeed &entry = **feed;
    m_desk.session.runs().start(this, order, entry,
                                [this, number, feed, order](const Result<ExecutionId> &id) {
                                    if (id && !order.directory.isEmpty())
                                        m_directories.insert(id->value, order.directory);
                                    if (number != m_start)
                                        return;
                                    if (!id) {
                                        m_run->showRefusal(id.error());
                                        m_request->setRunning(false);
                                        if (!id.error().items.isEmpty())
                                            m_request->showProblems(id.error().items);
                                        return;
                                    }
                                    m_request->setRunning(true);
                                    m_run->follow(*id, std::move(*feed));
                                    m_history->setCurrent(*id);
                                });
}

void RunsPage::show(const ExecutionId &id)
{
    if (id.isEmpty())
        return;
    ++m_start;
    m_right->setCurrentWidget(m_workspace);
    if (id == m_run->id())
        return;
    m_run->show(id);
    // Whoever's it is, it can be ended from here while it runs.
    const int row = m_history->model().rowOf(id);
    m_request->setRunning(row >= 0 && !isFinal(m_history->model().record(row).status));
}

void RunsPage::compare(const ExecutionId &left, const ExecutionId &right)
{
    m_right->setCurrentWidget(m_compare);
    m_compare->compare(left, right);
}

void RunsPage::compareWithBefore(const ExecutionId &id)
{
    if (const auto before = m_history->before(id)) {
        compare(*before, id);
        return;
    }
    m_desk.notifications.post(
        {.kind = NoticeKind::Info,
         .title = tr("Nothing to compare with"),
         .text = tr("No earlier run of this skill is known here. Select two runs of the list to "
                    "compare them.")});
}

RunOrder RunsPage::orderOf(const ExecutionRecord &record) const
{
    RunOrder order;
    order.directory = m_directories.value(record.id.value);
    order.skill = record.skillName;
    order.version = order.directory.isEmpty() ? record.skillVersion : QString();
    order.input = record.input.bytes();
    order.session = record.session;
    return order;
}

void RunsPage::repeat(const ExecutionId &id, Then then)
{
    m_desk.session.runs().find(this, id, [this, then](const Result<ExecutionRecord> &record) {
        if (!record) {
            m_run->showRefusal(record.error());
            return;
        }
        RunOrder order = orderOf(*record);
        order.entrypoint = record->entrypoint;
        m_right->setCurrentWidget(m_workspace);
        m_request->setOrder(order);
        if (then == Then::Start)
            start(order);
        else
            m_request->input().setFocus();
    });
}

void RunsPage::chooseSnippet(const RunOrder &order)
{
    QMenu menu(this);
    const QList<std::pair<QString, SnippetLanguage>> languages{
        {u"curl"_s, SnippetLanguage::Curl},
        {u"Python"_s, SnippetLanguage::Python},
        {u"Go"_s, SnippetLanguage::Go},
        {u"TypeScript"_s, SnippetLanguage::TypeScript}};
    for (const auto &[name, language] : languages) {
        menu.addAction(tr("Copy as %1").arg(name), this,
                       [this, order, chosen = language] { copySnippet(chosen, order); });
    }
    menu.exec(QCursor::pos());
}

void RunsPage::copySnippet(SnippetLanguage language, const RunOrder &order)
{
    m_desk.session.runs().serverAddress(
        this, [this, language, order](const Result<QString> &address) {
            QApplication::clipboard()->setText(
                runSnippet(language, order, address.value_or(u"http://127.0.0.1:8080"_s)));
            m_desk.notifications.post({.kind = NoticeKind::Success,
                                       .title = tr("Request copied"),
                                       .text = address
                                           ? tr("It takes the key from SKILLBOX_API_KEY.")
                                           : tr("No local server runs: start one first.")});
        });
}

QList<PaletteEntry> RunsPage::paletteEntries()
{
    QList<PaletteEntry> entries;
    const HistoryModel &model = m_history->model();
    for (int row = 0; row < qMin(model.rowCount(), paletteRuns); ++row) {
        const ExecutionRecord &record = model.record(row);
        QString title = record.skillName;
        if (!record.inputExcerpt.isEmpty())
            title += u' ' + record.inputExcerpt.simplified().left(80);
        entries.append(
            {tr("Past run"), title,
             u"%1 · %2"_s.arg(statusTitle(record.status), shortMoment(record.createdAt)),
             [this, id = record.id] { Q_EMIT m_desk.navigation.executionRequested(id); }});
    }
    return entries;
}

QJsonObject RunsPage::saveState() const
{
    return {{"splitter"_L1, textOfSplitter(*m_splitter)},
            {"workspace"_L1, textOfSplitter(*m_workspace)},
            {"history"_L1, m_history->saveState()},
            {"request"_L1, m_request->saveState()},
            {"run"_L1, m_run->saveState()}};
}

void RunsPage::restoreState(const QJsonObject &state)
{
    m_placed = restoreSplitter(*m_splitter, state.value("splitter"_L1))
        && restoreSplitter(*m_workspace, state.value("workspace"_L1));
    m_history->restoreState(state.value("history"_L1).toObject());
    m_request->restoreState(state.value("request"_L1).toObject());
    m_run->restoreState(state.value("run"_L1).toObject());
}

void RunsPage::applyTheme(const Theme &theme)
{
    m_history->applyTheme(theme);
    m_request->applyTheme(theme);
    m_run->applyTheme(theme);
    m_compare->applyTheme(theme);
}

} // namespace skillbox
