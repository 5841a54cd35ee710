#include "app/desktop/console/run_view.h"

#include "app/desktop/console/log_panel.h"
#include "app/desktop/console/output_view.h"
#include "app/desktop/console/run_facts.h"
#include "app/desktop/console/run_files_panel.h"
#include "app/desktop/console/run_gauges.h"
#include "app/desktop/console/run_head.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/session/json_node.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/text/code_view.h"
#include "app/desktop/widgets/state_view.h"

#include <QSplitter>
#include <QTabWidget>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Smooth enough for a bar that takes seconds; runs only while a run does, in sight.
constexpr auto tickInterval = 100ms;
/// How often what the run uses is asked for.
constexpr auto usageInterval = 1s;
constexpr qsizetype mostInputShown = 1 << 20;

enum class ResultTab { Output, Log, Files };

int tabIndex(ResultTab tab)
{
    return static_cast<int>(tab);
}

QString refusalTitle(ErrorCode code)
{
    switch (code) {
    case ErrorCode::InvalidInput:
    case ErrorCode::BadRequest: return RunView::tr("The input was refused");
    case ErrorCode::NotFound: return RunView::tr("There is no such skill");
    case ErrorCode::SkillNotAvailable: return RunView::tr("This version is withdrawn");
    case ErrorCode::NotExecutable: return RunView::tr("There is nothing to run");
    case ErrorCode::InvalidSkill: return RunView::tr("The skill has errors");
    case ErrorCode::Busy: return RunView::tr("Too many runs at once");
    case ErrorCode::SandboxUnavailable: return RunView::tr("The sandbox refused");
    case ErrorCode::StorageUnavailable:
    case ErrorCode::StorageCorrupt:
    case ErrorCode::StorageTooNew: return RunView::tr("The store cannot be used");
    default: return RunView::tr("The run could not be started");
    }
}

} // namespace

RunView::RunView(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_head(new RunHead)
    , m_tabs(new QTabWidget)
    , m_output(new OutputView)
    , m_log(new LogPanel(desk))
    , m_files(new RunFilesPanel(desk))
    , m_sandbox(factTable(u"runs.sandbox"_s, tr("Sandbox of the run")))
    , m_details(factTable(u"runs.details"_s, tr("Details of the run")))
    , m_input(new CodeView)
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(m_head);
    column->addWidget(m_tabs, 1);

    auto *details = new QSplitter(Qt::Vertical);
    details->addWidget(m_details);
    details->addWidget(m_input);
    details->setChildrenCollapsible(false);
    details->setSizes({300, 160});
    m_input->setAccessibleName(tr("Input of the run"));
    m_tabs->setObjectName(u"runs.tabs"_s);
    m_tabs->addTab(m_output, tr("Output"));
    m_tabs->addTab(m_log, tr("Log"));
    m_tabs->addTab(m_files, tr("Files"));
    m_tabs->addTab(m_sandbox, tr("Sandbox"));
    m_tabs->addTab(details, tr("Details"));
    m_tabs->setUsesScrollButtons(true);

    m_state = new StateView(content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);

    connect(m_head, &RunHead::rerunWanted, this, [this] { Q_EMIT rerunWanted(m_id); });
    connect(m_head, &RunHead::editWanted, this, [this] { Q_EMIT editWanted(m_id); });
    connect(m_head, &RunHead::compareWanted, this, [this] { Q_EMIT compareWanted(m_id); });
    connect(m_head, &RunHead::copyWanted, this, [this] { Q_EMIT copyWanted(m_id); });
    connect(m_head, &RunHead::pinWanted, this,
            [this](bool pinned) { m_desk.session.shelf().setPinned(m_id, pinned); });
    connect(m_head, &RunHead::doctorWanted, &desk.navigation, &Navigation::doctorRequested);
    connect(&desk.session.shelf(), &RunShelf::changed, this,
            [this] { m_head->setPinned(m_desk.session.shelf().isPinned(m_id)); });
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        if (!m_switching)
            m_tabChosen = true;
    });
    m_tick.setInterval(tickInterval);
    m_usageTick.setInterval(usageInterval);
    connect(&m_tick, &QTimer::timeout, this, &RunView::tellTime);
    connect(&m_usageTick, &QTimer::timeout, this, &RunView::askUsage);
    showNothing();
}

RunView::~RunView() = default;

void RunView::showNothing()
{
    m_id = {};
    m_record = {};
    m_feed.reset();
    setTicking(false);
    m_state->showMessage(u"play"_s, tr("Run a skill"),
                         tr("Choose a skill, fill in its input and press Run (Ctrl+Enter). "
                            "Its output, log and files appear here."));
}

void RunView::showStarting()
{
    m_id = {};
    m_record = {};
    m_feed.reset();
    setTicking(false);
    m_state->showLoading(tr("Starting …"));
}

void RunView::showRefusal(const Error &error)
{
    m_id = {};
    m_record = {};
    setTicking(false);
    const bool isSandbox = error.code == ErrorCode::SandboxUnavailable;
    const bool isStore = error.code == ErrorCode::StorageUnavailable
        || error.code == ErrorCode::StorageCorrupt;
    QString action;
    std::function<void()> act;
    if (isSandbox) {
        action = tr("What the sandbox can do here");
        act = [this] { Q_EMIT m_desk.navigation.doctorRequested(); };
    } else if (isStore) {
        action = tr("Open the store again");
        act = [this] {
            EngineThread &engine = m_desk.session.engine();
            engine.open(EngineConfig(engine.config()));
        };
    }
    QString text = error.message;
    if (!text.isEmpty())
        text[0] = text.at(0).toUpper();
    m_state->showMessage(error.code == ErrorCode::Busy ? u"warning"_s : u"error"_s,
                         refusalTitle(error.code), text, action, std::move(act));
}

void RunView::follow(const ExecutionId &id, std::unique_ptr<RunFeed> feed)
{
    m_id = id;
    m_record = {};
    m_record.id = id;
    m_tabChosen = false;
    m_log->clear();
    m_switching = true;
    m_tabs->setCurrentIndex(tabIndex(ResultTab::Log));
    m_switching = false;
    attach(std::move(feed));
    load();
}

void RunView::show(const ExecutionId &id)
{
    if (id == m_id && m_record.createdAt.isValid())
        return;
    m_id = id;
    m_record = {};
    m_record.id = id;
    m_tabChosen = true; // the tab one looks at stays
    m_log->clear();
    m_clock.invalidate();
    auto feed = std::make_unique<RunFeed>();
    RunFeed &entry = *feed;
    attach(std::move(feed));
    m_desk.session.runs().follow(this, id, entry, [](const Result<void> &) {});
    load();
}

void RunView::attach(std::unique_ptr<RunFeed> feed)
{
    m_head->gauges().clear();
    m_feed = std::move(feed);
    RunFeed *entry = m_feed.get();
    connect(entry, &RunFeed::logAvailable, this, [this, entry] { m_log->take(*entry); });
    connect(entry, &RunFeed::statusChanged, this, [this, entry] {
        if (entry->status() == ExecutionStatus::Running && !m_clock.isValid())
            m_clock.start();
        if (!isFinal(m_record.status)) {
            m_record.status = isFinal(entry->status()) ? ExecutionStatus::Running : entry->status();
            tellState();
            if (m_tick.isActive())
                askUsage();
        }
    });
    connect(entry, &RunFeed::finished, this, &RunView::load);
    m_clock.invalidate();
    if (entry->status() == ExecutionStatus::Running)
        m_clock.start();
    m_log->take(*entry);
}

void RunView::load()
{
    const ExecutionId id = m_id;
    if (!m_record.createdAt.isValid())
        m_state->showLoading(tr("Loading the run …"));
    m_desk.session.runs().find(this, id, [this, id](const Result<ExecutionRecord> &record) {
        if (id != m_id)
            return;
        if (!record) {
            m_state->showMessage(u"error"_s, tr("The run cannot be shown"), record.error().message,
                                 tr("Try again"), [this] { load(); });
            return;
        }
        fill(*record);
    });
}

void RunView::fill(const ExecutionRecord &record)
{
    const bool wasOver = isOver();
    m_record = record;
    m_state->showContent();
    m_head->showRun(record);
    m_head->setPinned(m_desk.session.shelf().isPinned(record.id));
    m_log->setName(u"%1-%2"_s.arg(record.skillName, record.id.value.left(8)));
    fillOutput();
    fillDetails();
    tellState();
    if (isOver() && !wasOver) {
        if (!m_tabChosen) {
            m_switching = true;
            m_tabs->setCurrentIndex(
                tabIndex(record.output.isEmpty() ? ResultTab::Log : ResultTab::Output));
            m_switching = false;
        }
        Q_EMIT finished();
    }
    // The limits it had, where the skill is still what it was.
    m_desk.session.runs().describe(this,
                                   {.skill = record.skillName, .version = record.skillVersion},
                                   [this, id = record.id](const Result<RunTarget> &target) {
                                       if (id == m_id && target
                                           && target->digest == m_record.skillDigest) {
                                           m_head->gauges().setLimits(*target);
                                           tellUsage();
                                       }
                                   });
}

void RunView::tellState()
{
    m_head->showState(m_record);
    setTicking(!isOver() && m_record.createdAt.isValid() && isVisible());
    tellUsage();
}

void RunView::setTicking(bool ticking)
{
    if (ticking == m_tick.isActive())
        return;
    if (!ticking) {
        m_tick.stop();
        m_usageTick.stop();
        return;
    }
    m_tick.start();
    m_usageTick.start();
    askUsage();
}

void RunView::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    setTicking(!isOver() && m_record.createdAt.isValid());
}

void RunView::hideEvent(QHideEvent *event)
{
    setTicking(false);
    QWidget::hideEvent(event);
}

void RunView::tellTime()
{
    const QDateTime began = m_record.startedAt;
    m_head->gauges().setTime(m_clock.isValid() ? m_clock.elapsed()
                                 : began.isValid()
                                 ? qMax<qint64>(0, began.msecsTo(QDateTime::currentDateTimeUtc()))
                                 : 0);
}

void RunView::askUsage()
{
    if (m_record.status != ExecutionStatus::Running)
        return;
    m_desk.session.runs().usage(this, m_id, [this, id = m_id](std::optional<RunUsage> usage) {
        if (id != m_id || isOver())
            return;
        tellTime(); // shares are told of the time that has passed
        m_head->gauges().setUsage(usage);
    });
}

void RunView::tellUsage()
{
    if (!isOver()) {
        tellTime();
        return;
    }
    const QJsonObject usage = m_record.sandbox.value("usage"_L1).toObject();
    std::optional<qint64> cpuMs;
    if (!usage.isEmpty())
        cpuMs = static_cast<qint64>(usage.value("cpu_us"_L1).toDouble() / 1000);
    m_head->gauges().setFinal(static_cast<qint64>(usage.value("peak_memory_bytes"_L1).toDouble()),
                              cpuMs, m_record.durationMs);
}

void RunView::fillOutput()
{
    if (!m_record.output.isEmpty()) {
        m_output->show(m_record.output);
    } else if (isOver()) {
        m_output->showMessage(u"info"_s, tr("No output"),
                              tr("The skill wrote no /sandbox/out/output.json. "
                                 "Its log may say more."));
    } else {
        m_output->showLoading(tr("The output comes with the end of the run."));
    }
}

void RunView::fillDetails()
{
    m_files->show(m_record);
    m_tabs->setTabText(tabIndex(ResultTab::Files),
                       m_record.artifacts.isEmpty()
                           ? tr("Files")
                           : tr("Files (%1)").arg(m_record.artifacts.size()));
    showSandboxFacts(*m_sandbox, m_record);
    showRunFacts(*m_details, m_record);
    const QByteArray &input = m_record.input.bytes();
    m_input->setSource(input.size() > mostInputShown ? QString::fromUtf8(input.left(mostInputShown))
                               + tr("\n… %1 bytes more").arg(input.size() - mostInputShown)
                                                     : JsonNode::fromText(m_record.input).pretty(),
                       u"input.json"_s);
}

void RunView::cancel()
{
    if (m_id.isEmpty() || isOver())
        return;
    m_record.cancelRequested = true;
    tellState();
    m_desk.session.runs().cancel(this, m_id, [this](const Result<void> &asked) {
        if (!asked) {
            m_desk.notifications.post({.kind = NoticeKind::Error,
                                       .title = tr("The run was not cancelled"),
                                       .text = asked.error().message});
        }
    });
}

void RunView::applyTheme(const Theme &theme)
{
    m_head->applyTheme(theme);
    m_state->applyTheme(theme);
    m_files->applyTheme(theme);
    m_output->applyTheme(theme);
    m_log->applyTheme(theme);
    m_input->applyTheme(theme);
}

QJsonObject RunView::saveState() const
{
    return {{"log"_L1, m_log->saveState()}, {"asText"_L1, m_output->isText()}};
}

void RunView::restoreState(const QJsonObject &state)
{
    m_log->restoreState(state.value("log"_L1).toObject());
    m_output->setText(state.value("asText"_L1).toBool());
}

} // namespace skillbox
