#include "app/desktop/catalog/skill_runs.h"

#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"
#include "app/desktop/widgets/state_view.h"

#include <QHeaderView>
#include <QLocale>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// Runs may come by the dozen; the list follows at this pace.
constexpr auto reloadDelay = 500ms;

struct StatusLook {
    QString title;
    QString icon;
    ColorRole role;
};

StatusLook lookOf(ExecutionStatus status)
{
    switch (status) {
    case ExecutionStatus::Queued: return {SkillRuns::tr("Waiting"), u"more"_s, ColorRole::Muted};
    case ExecutionStatus::Running: return {SkillRuns::tr("Running"), u"play"_s, ColorRole::Info};
    case ExecutionStatus::Success:
        return {SkillRuns::tr("Success"), u"check"_s, ColorRole::Success};
    case ExecutionStatus::Failed: return {SkillRuns::tr("Failed"), u"error"_s, ColorRole::Error};
    case ExecutionStatus::Timeout:
        return {SkillRuns::tr("Timed out"), u"warning"_s, ColorRole::Warning};
    case ExecutionStatus::Cancelled:
        return {SkillRuns::tr("Cancelled"), u"stop"_s, ColorRole::Muted};
    }
    return {};
}

} // namespace

SkillRuns::SkillRuns(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_list(new QTreeWidget)
{
    m_list->setObjectName(u"catalog.runs"_s);
    m_list->setAccessibleName(tr("Runs"));
    m_list->setHeaderLabels({tr("Status"), tr("When"), tr("Version"), tr("Took"), tr("By")});
    m_list->setRootIsDecorated(false);
    m_list->setUniformRowHeights(true);
    m_state = new StateView(m_list);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);
    m_delay.setSingleShot(true);
    m_delay.setInterval(reloadDelay);
    connect(&m_delay, &QTimer::timeout, this, [this] {
        if (isVisible())
            load();
    });
    connect(&desk.session.runs(), &RunCentre::changed, this, [this] {
        if (!m_delay.isActive())
            m_delay.start();
    });
    const auto open = [this](QTreeWidgetItem *item) {
        const int row = m_list->indexOfTopLevelItem(item);
        if (row >= 0)
            Q_EMIT m_desk.navigation.executionRequested(m_runs[row].id);
    };
    connect(m_list, &QTreeWidget::itemActivated, this, open);
    connect(m_list, &QTreeWidget::itemClicked, this, open);
}

void SkillRuns::show(const SkillDescription &skill)
{
    m_name = skill.address.name;
    if (isVisible())
        load();
}

void SkillRuns::showEvent(QShowEvent *event)
{
    QWidget::showEvent(event);
    load();
}

void SkillRuns::load()
{
    if (m_name.isEmpty())
        return;
    const int question = ++m_question;
    m_desk.session.runs().list(this, {.skill = m_name, .limit = shown},
                               [this, question](const Result<QList<ExecutionRecord>> &runs) {
                                   if (question != m_question)
                                       return;
                                   if (runs)
                                       fill(*runs);
                                   else
                                       m_state->showMessage(u"error"_s,
                                                            tr("The runs cannot be listed"),
                                                            runs.error().message, tr("Try again"),
                                                            [this] { load(); });
                               });
}

void SkillRuns::fill(const QList<ExecutionRecord> &runs)
{
    if (runs.isEmpty()) {
        m_list->clear();
        m_runs.clear();
        m_state->showMessage(u"play"_s, tr("Never run on this machine"),
                             tr("Its runs, yours and those of agents, are listed here."),
                             tr("Run it"), [this] { Q_EMIT runRequested(); });
        return;
    }
    const int current = m_list->indexOfTopLevelItem(m_list->currentItem());
    const ExecutionId chosen = current >= 0 ? m_runs[current].id : ExecutionId();
    m_runs = runs;
    m_list->clear();
    const QLocale locale;
    for (const ExecutionRecord &run : runs) {
        const StatusLook look = lookOf(run.status);
        auto *item = new QTreeWidgetItem(
            m_list,
            {look.title, locale.toString(run.createdAt.toLocalTime(), QLocale::ShortFormat),
             run.skillVersion,
             isFinal(run.status) ? tr("%1 ms").arg(locale.toString(run.durationMs)) : QString(),
             run.caller});
        if (!m_theme.id().isEmpty())
            item->setIcon(0, themedIcon(look.icon, m_theme, look.role));
        item->setToolTip(0, plainToolTip(run.error));
        if (run.id == chosen)
            m_list->setCurrentItem(item);
    }
    for (int column = 0; column < 4; ++column)
        m_list->resizeColumnToContents(column);
    m_state->showContent();
}

void SkillRuns::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_state->applyTheme(theme);
    if (!m_runs.isEmpty())
        fill(QList<ExecutionRecord>(m_runs));
}

} // namespace skillbox
