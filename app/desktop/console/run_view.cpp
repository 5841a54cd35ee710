#include "app/desktop/console/run_view.h"

#include "app/desktop/console/history_delegate.h"
#include "app/desktop/console/history_model.h"
#include "app/desktop/console/log_panel.h"
#include "app/desktop/console/output_view.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/session/json_node.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/text/code_view.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/state_view.h"
#include "engine/local_user.h"

#include <QDir>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QSplitter>
#include <QStyle>
#include <QTabWidget>
#include <QToolButton>
#include <QTreeWidget>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Smooth enough for a bar that takes seconds; runs only while a run does.
constexpr auto tickInterval = 100ms;
constexpr int gaugeSteps = 1000;
constexpr qsizetype mostInputShown = 1 << 20;

enum class ResultTab { Output, Log, Files };

int tabIndex(ResultTab tab)
{
    return static_cast<int>(tab);
}

QTreeWidget *factTable(const QString &name, const QString &title)
{
    auto *table = new QTreeWidget;
    table->setObjectName(name);
    table->setAccessibleName(title);
    table->setColumnCount(2);
    table->setHeaderHidden(true);
    table->setRootIsDecorated(false);
    table->setUniformRowHeights(true);
    table->setTextElideMode(Qt::ElideMiddle);
    table->header()->setSectionResizeMode(0, QHeaderView::ResizeToContents);
    table->header()->setStretchLastSection(true);
    return table;
}

QTreeWidgetItem *fact(const QString &name, const QString &value)
{
    auto *item = new QTreeWidgetItem({name, value});
    item->setToolTip(1, value.toHtmlEscaped());
    item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable);
    return item;
}

QString plainText(const QJsonValue &value)
{
    switch (value.type()) {
    case QJsonValue::Bool: return value.toBool() ? u"yes"_s : u"no"_s;
    case QJsonValue::Double: return QLocale::c().toString(value.toDouble(), 'g', 15);
    case QJsonValue::String: return value.toString();
    default: return {};
    }
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
    , m_statusIcon(new QLabel)
    , m_status(new QLabel)
    , m_reason(new QLabel)
    , m_skill(new QLabel)
    , m_caller(new QLabel)
    , m_rerun(new QToolButton)
    , m_edit(new QToolButton)
    , m_pin(new QToolButton)
    , m_compare(new QToolButton)
    , m_copy(new QToolButton)
    , m_doctor(new QPushButton(tr("What the sandbox can do here")))
    , m_tabs(new QTabWidget)
    , m_output(new OutputView)
    , m_log(new LogPanel(desk))
    , m_filesTab(new QWidget)
    , m_files(factTable(u"runs.files"_s, tr("Files of the run")))
    , m_sandbox(factTable(u"runs.sandbox"_s, tr("Sandbox of the run")))
    , m_details(factTable(u"runs.details"_s, tr("Details of the run")))
    , m_input(new CodeView)
{
    m_status->setObjectName(u"runs.status"_s);
    m_status->setProperty("textRole", u"heading"_s);
    m_reason->setObjectName(u"runs.reason"_s);
    m_reason->setWordWrap(true);
    m_reason->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_skill->setProperty("textRole", u"muted"_s);
    m_caller->setProperty("badge", u"plain"_s);
    for (QLabel *label : {m_status, m_reason, m_skill, m_caller})
        label->setTextFormat(Qt::PlainText);
    m_skill->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    const auto dress = [](QToolButton *button, const QString &name, const QString &title) {
        button->setObjectName(name);
        button->setToolTip(title);
        button->setAccessibleName(title);
        button->setFocusPolicy(Qt::TabFocus);
    };
    dress(m_rerun, u"runs.again"_s, tr("Run again with the same input"));
    dress(m_edit, u"runs.edit"_s, tr("Edit the input and run again"));
    dress(m_pin, u"runs.pin"_s, tr("Pin this run"));
    dress(m_compare, u"runs.compare"_s, tr("Compare with the run before"));
    dress(m_copy, u"runs.copy"_s, tr("Copy as curl, Python, Go or TypeScript"));
    m_pin->setCheckable(true);
    m_doctor->setObjectName(u"runs.doctor"_s);
    m_doctor->setProperty("kind", u"flat"_s);
    m_doctor->hide();

    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *head = new QVBoxLayout;
    head->setContentsMargins(16, 12, 12, 8);
    head->setSpacing(6);
    auto *line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_statusIcon);
    line->addWidget(m_status);
    line->addWidget(m_skill, 1);
    line->addWidget(m_caller, 0, Qt::AlignVCenter);
    for (QToolButton *button : {m_rerun, m_edit, m_compare, m_pin, m_copy})
        line->addWidget(button);
    head->addLayout(line);
    auto *why = new QHBoxLayout;
    why->addWidget(m_reason, 1);
    why->addWidget(m_doctor);
    head->addLayout(why);
    auto *gauges = new QHBoxLayout;
    gauges->setSpacing(16);
    m_time = addGauge(gauges, u"runs.gauge.time"_s, tr("Time"));
    m_memory = addGauge(gauges, u"runs.gauge.memory"_s, tr("Memory"));
    m_cpu = addGauge(gauges, u"runs.gauge.cpu"_s, tr("CPU"));
    head->addLayout(gauges);
    column->addLayout(head);
    column->addWidget(m_tabs, 1);

    auto *files = new QWidget;
    auto *filesColumn = new QVBoxLayout(files);
    filesColumn->setContentsMargins(0, 0, 0, 0);
    filesColumn->setSpacing(0);
    auto *filesBar = new QHBoxLayout;
    filesBar->setContentsMargins(8, 6, 8, 6);
    auto *open = new QPushButton(tr("Show"));
    auto *save = new QPushButton(tr("Save …"));
    auto *saveAll = new QPushButton(tr("Save all …"));
    open->setObjectName(u"runs.files.show"_s);
    for (QPushButton *button : {open, save, saveAll})
        filesBar->addWidget(button);
    filesBar->addStretch(1);
    filesColumn->addLayout(filesBar);
    filesColumn->addWidget(m_files, 1);
    m_files->setColumnCount(3);
    m_files->setHeaderLabels({tr("File"), tr("Size"), tr("Type")});
    m_files->setHeaderHidden(false);
    m_files->header()->setSectionResizeMode(0, QHeaderView::Interactive);
    m_files->setColumnWidth(0, 280);
    m_filesState = new StateView(files);
    auto *filesOuter = new QVBoxLayout(m_filesTab);
    filesOuter->setContentsMargins(0, 0, 0, 0);
    filesOuter->addWidget(m_filesState);

    auto *details = new QSplitter(Qt::Vertical);
    details->addWidget(m_details);
    details->addWidget(m_input);
    details->setChildrenCollapsible(false);
    details->setSizes({300, 160});
    m_input->setAccessibleName(tr("Input of the run"));
    m_tabs->setObjectName(u"runs.tabs"_s);
    m_tabs->addTab(m_output, tr("Output"));
    m_tabs->addTab(m_log, tr("Log"));
    m_tabs->addTab(m_filesTab, tr("Files"));
    m_tabs->addTab(m_sandbox, tr("Sandbox"));
    m_tabs->addTab(details, tr("Details"));
    m_tabs->setUsesScrollButtons(true);

    m_state = new StateView(content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);

    connect(m_rerun, &QToolButton::clicked, this, [this] { Q_EMIT rerunWanted(m_id); });
    connect(m_edit, &QToolButton::clicked, this, [this] { Q_EMIT editWanted(m_id); });
    connect(m_compare, &QToolButton::clicked, this, [this] { Q_EMIT compareWanted(m_id); });
    connect(m_copy, &QToolButton::clicked, this, [this] { Q_EMIT copyWanted(m_id); });
    connect(m_pin, &QToolButton::clicked, this,
            [this](bool pinned) { m_desk.session.shelf().setPinned(m_id, pinned); });
    connect(&desk.session.shelf(), &RunShelf::changed, this,
            [this] { m_pin->setChecked(m_desk.session.shelf().isPinned(m_id)); });
    connect(m_doctor, &QPushButton::clicked, &desk.navigation, &Navigation::doctorRequested);
    connect(m_tabs, &QTabWidget::currentChanged, this, [this] {
        if (!m_switching)
            m_tabChosen = true;
    });
    const auto showChosenFile = [this] {
        if (QTreeWidgetItem *item = m_files->currentItem())
            Q_EMIT m_desk.navigation.artifactRequested(m_id, item->text(0));
    };
    connect(open, &QPushButton::clicked, this, showChosenFile);
    connect(m_files, &QTreeWidget::itemActivated, this, showChosenFile);
    connect(save, &QPushButton::clicked, this, &RunView::saveFile);
    connect(saveAll, &QPushButton::clicked, this, &RunView::saveAllFiles);
    m_tick.setInterval(tickInterval);
    connect(&m_tick, &QTimer::timeout, this, &RunView::tellUsage);
    showNothing();
}

RunView::~RunView() = default;

RunView::Gauge RunView::addGauge(QHBoxLayout *row, const QString &name, const QString &title)
{
    Gauge gauge{new QLabel, new QProgressBar};
    auto *column = new QVBoxLayout;
    column->setSpacing(3);
    auto *label = new QLabel(title);
    label->setProperty("textRole", u"muted"_s);
    gauge.value->setObjectName(name);
    gauge.value->setTextFormat(Qt::PlainText);
    gauge.bar->setRange(0, gaugeSteps);
    gauge.bar->setTextVisible(false);
    gauge.bar->setAccessibleName(title);
    auto *texts = new QHBoxLayout;
    texts->addWidget(label);
    texts->addStretch(1);
    texts->addWidget(gauge.value);
    column->addLayout(texts);
    column->addWidget(gauge.bar);
    row->addLayout(column, 1);
    return gauge;
}

/// `part` of the limit; negative: not known.
void RunView::setGauge(const Gauge &gauge, const QString &text, double part)
{
    gauge.value->setText(text);
    gauge.bar->setValue(part < 0 ? 0 : qBound(0, static_cast<int>(part * gaugeSteps), gaugeSteps));
    gauge.bar->setAccessibleDescription(text);
}

void RunView::showNothing()
{
    m_id = {};
    m_record = {};
    m_feed.reset();
    m_tick.stop();
    m_state->showMessage(u"play"_s, tr("Run a skill"),
                         tr("Choose a skill, fill in its input and press Run (Ctrl+Enter). "
                            "Its output, log and files appear here."));
}

void RunView::showStarting()
{
    m_id = {};
    m_record = {};
    m_feed.reset();
    m_tick.stop();
    m_state->showLoading(tr("Starting …"));
}

void RunView::showRefusal(const Error &error)
{
    m_id = {};
    m_record = {};
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
    m_target.reset();
    m_feed = std::move(feed);
    RunFeed *entry = m_feed.get();
    connect(entry, &RunFeed::logAvailable, this, [this, entry] { m_log->take(*entry); });
    connect(entry, &RunFeed::statusChanged, this, [this, entry] {
        if (entry->status() == ExecutionStatus::Running && !m_clock.isValid())
            m_clock.start();
        if (!isFinal(m_record.status)) {
            m_record.status = isFinal(entry->status()) ? ExecutionStatus::Running : entry->status();
            tellState();
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
    m_skill->setText(u"%1 %2"_s.arg(record.skillName, record.skillVersion));
    m_skill->setToolTip(m_skill->text());
    const bool isOwn = record.caller == localUserName();
    m_caller->setText(isOwn ? tr("you") : tr("agent"));
    m_caller->setToolTip(tr("Asked for by %1").arg(record.caller));
    m_caller->setProperty("badge", isOwn ? u"plain"_s : u"info"_s);
    m_caller->style()->unpolish(m_caller);
    m_caller->style()->polish(m_caller);
    m_pin->setChecked(m_desk.session.shelf().isPinned(record.id));
    m_log->setName(u"%1-%2"_s.arg(record.skillName, record.id.value.left(8)));
    fillOutput();
    fillFiles();
    fillSandbox();
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
                                           m_target = *target;
                                           tellUsage();
                                       }
                                   });
}

void RunView::tellState()
{
    const int status = static_cast<int>(m_record.status);
    m_statusIcon->setPixmap(themedIcon(statusIcon(status), m_theme, statusColor(status))
                                .pixmap(QSize(20, 20), devicePixelRatioF()));
    m_status->setText(statusTitle(m_record.status));
    QString reason = m_record.error;
    if (!reason.isEmpty())
        reason[0] = reason.at(0).toUpper();
    if (m_record.cancelRequested && !isOver())
        reason = tr("It is being cancelled.");
    m_reason->setText(reason);
    m_reason->setVisible(!reason.isEmpty());
    m_doctor->setVisible(m_record.reason == "setup"_L1);
    const bool live = !isOver() && m_record.createdAt.isValid();
    if (live && !m_tick.isActive())
        m_tick.start();
    else if (!live)
        m_tick.stop();
    tellUsage();
}

void RunView::tellUsage()
{
    const QLocale locale;
    qint64 elapsed = m_record.durationMs;
    if (!isOver()) {
        elapsed = m_clock.isValid() ? m_clock.elapsed()
            : m_record.startedAt.isValid()
            ? qMax<qint64>(0, m_record.startedAt.msecsTo(QDateTime::currentDateTimeUtc()))
            : 0;
    }
    QString time = shortDuration(elapsed);
    double part = -1;
    if (m_target && m_target->timeout.count() > 0) {
        time += tr(" of %1").arg(shortDuration(m_target->timeout.count()));
        part = static_cast<double>(elapsed) / static_cast<double>(m_target->timeout.count());
    }
    setGauge(m_time, time, part);

    const QJsonObject usage = m_record.sandbox.value("usage"_L1).toObject();
    const auto peak = static_cast<qint64>(usage.value("peak_memory_bytes"_L1).toDouble());
    const auto cpuMs = static_cast<qint64>(usage.value("cpu_us"_L1).toDouble() / 1000);
    const QString atTheEnd = isOver() ? u"–"_s : tr("measured at the end");
    if (usage.isEmpty()) {
        setGauge(m_memory, atTheEnd, -1);
        setGauge(m_cpu, atTheEnd, -1);
        return;
    }
    QString memory = locale.formattedDataSize(peak, 0);
    part = -1;
    if (m_target && m_target->memoryBytes > 0) {
        memory += tr(" of %1").arg(locale.formattedDataSize(m_target->memoryBytes, 0));
        part = static_cast<double>(peak) / static_cast<double>(m_target->memoryBytes);
    }
    setGauge(m_memory, memory, part);
    // Of the processor time that the run could have had.
    const double share = elapsed > 0 ? static_cast<double>(cpuMs) / static_cast<double>(elapsed)
                                     : 0;
    const double allowed = m_target && m_target->milliCpu > 0 ? m_target->milliCpu / 1000.0 : 1;
    setGauge(m_cpu, tr("%1, %2 %").arg(shortDuration(cpuMs)).arg(qRound(share * 100)),
             share / allowed);
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

void RunView::fillFiles()
{
    m_files->clear();
    const QLocale locale;
    for (const ArtifactRecord &artifact : std::as_const(m_record.artifacts)) {
        auto *item = new QTreeWidgetItem(
            {artifact.path, locale.formattedDataSize(artifact.sizeBytes), artifact.contentType});
        item->setToolTip(0, artifact.path.toHtmlEscaped());
        m_files->addTopLevelItem(item);
    }
    if (m_files->topLevelItemCount() > 0)
        m_files->setCurrentItem(m_files->topLevelItem(0));
    m_tabs->setTabText(tabIndex(ResultTab::Files),
                       m_record.artifacts.isEmpty()
                           ? tr("Files")
                           : tr("Files (%1)").arg(m_record.artifacts.size()));
    if (!m_record.artifacts.isEmpty())
        m_filesState->showContent();
    else if (isOver())
        m_filesState->showMessage(u"folder"_s, tr("No files"),
                                  tr("The skill left nothing in /sandbox/out/files."));
    else
        m_filesState->showLoading(tr("Files come with the end of the run."));
}

void RunView::fillSandbox()
{
    m_sandbox->clear();
    const QJsonObject report = m_record.sandbox;
    if (report.isEmpty()) {
        m_sandbox->addTopLevelItem(fact(
            tr("Sandbox"), isOver() ? tr("The run never got into one.") : tr("Told at the end.")));
        return;
    }
    const QList<std::pair<QString, QString>> known{{u"level"_s, tr("Level")},
                                                   {u"backend"_s, tr("Backend")},
                                                   {u"interpreter"_s, tr("Interpreter")}};
    for (const auto &[key, title] : known) {
        if (report.contains(key))
            m_sandbox->addTopLevelItem(fact(title, report.value(key).toString()));
    }
    const auto addGroup = [&](const QString &title, const QJsonValue &value) {
        QTreeWidgetItem *group = fact(title, plainText(value));
        QFont strong = group->font(0);
        strong.setBold(true);
        group->setFont(0, strong);
        const QJsonObject object = value.toObject();
        for (auto it = object.begin(); it != object.end(); ++it)
            group->addChild(fact(it.key(), plainText(it.value())));
        for (const QJsonValue entry : value.toArray()) {
            const QJsonObject members = entry.toObject();
            QStringList parts;
            for (auto it = members.begin(); it != members.end(); ++it)
                parts.append(it.key() + u": "_s + plainText(it.value()));
            group->addChild(fact(parts.isEmpty() ? plainText(entry) : parts.join(u", "_s), {}));
        }
        m_sandbox->addTopLevelItem(group);
        group->setExpanded(true);
    };
    if (report.contains(u"controls"_s))
        addGroup(tr("Controls that applied"), report.value("controls"_L1));
    for (auto it = report.begin(); it != report.end(); ++it) {
        const bool shown = it.key() == "controls"_L1
            || std::any_of(known.begin(), known.end(),
                           [&](const auto &entry) { return entry.first == it.key(); });
        if (!shown)
            addGroup(it.key() == "usage"_L1 ? tr("Usage") : it.key(), it.value());
    }
}

void RunView::fillDetails()
{
    m_details->clear();
    const auto add = [this](const QString &name, const QString &value) {
        if (!value.isEmpty())
            m_details->addTopLevelItem(fact(name, value));
    };
    const auto moment = [](const QDateTime &at) {
        return at.isValid() ? at.toLocalTime().toString(u"yyyy-MM-dd HH:mm:ss.zzz"_s) : QString();
    };
    add(tr("Run"), m_record.id.value);
    add(tr("Skill"), m_record.skillName);
    add(tr("Version"), m_record.skillVersion);
    add(tr("Digest"), m_record.skillDigest);
    add(tr("Entrypoint"), m_record.entrypoint);
    add(tr("Session"), m_record.session);
    add(tr("Asked for by"), m_record.caller);
    add(tr("Asked for at"), moment(m_record.createdAt));
    add(tr("Began"), moment(m_record.startedAt));
    add(tr("Ended"), moment(m_record.finishedAt));
    add(tr("Reason"), m_record.reason);
    if (m_record.exitCode)
        add(tr("Exit code"), QString::number(*m_record.exitCode));
    add(tr("Error"), m_record.error);
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

void RunView::saveFile()
{
    const int row = m_files->indexOfTopLevelItem(m_files->currentItem());
    if (row < 0)
        return;
    const ArtifactRecord artifact = m_record.artifacts.at(row);
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the file"),
                                                      artifact.path.section(u'/', -1));
    if (!path.isEmpty())
        copyTo(artifact, path);
}

void RunView::saveAllFiles()
{
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Save all files to"));
    if (folder.isEmpty())
        return;
    for (const ArtifactRecord &artifact : std::as_const(m_record.artifacts)) {
        // The engine took no path that leaves its folder; this one still must not.
        const QString path = QDir::cleanPath(folder + u'/' + artifact.path);
        if (!path.startsWith(folder + u'/'))
            continue;
        QDir().mkpath(QFileInfo(path).path());
        copyTo(artifact, path);
    }
}

void RunView::copyTo(const ArtifactRecord &artifact, const QString &path)
{
    m_desk.session.runs().saveArtifact(
        this, artifact, path, [this, path](const Result<void> &saved) {
            if (!saved) {
                m_desk.notifications.post({.kind = NoticeKind::Error,
                                           .title = tr("A file was not saved"),
                                           .text = saved.error().message});
            } else {
                m_desk.notifications.post(
                    {.kind = NoticeKind::Success, .title = tr("File saved"), .text = path});
            }
        });
}

void RunView::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_state->applyTheme(theme);
    m_filesState->applyTheme(theme);
    m_output->applyTheme(theme);
    m_log->applyTheme(theme);
    m_input->applyTheme(theme);
    m_rerun->setIcon(themedIcon(u"refresh"_s, theme));
    m_edit->setIcon(themedIcon(u"editor"_s, theme));
    m_pin->setIcon(themedIcon(u"pin"_s, theme, ColorRole::Text, ColorRole::Accent));
    m_compare->setIcon(themedIcon(u"diff"_s, theme));
    m_copy->setIcon(themedIcon(u"copy"_s, theme));
    if (m_record.createdAt.isValid())
        tellState();
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
