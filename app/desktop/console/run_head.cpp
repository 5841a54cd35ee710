#include "app/desktop/console/run_head.h"

#include "app/desktop/console/history_delegate.h"
#include "app/desktop/console/history_model.h"
#include "app/desktop/console/run_gauges.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"
#include "app/desktop/widgets/elided_label.h"
#include "engine/local_user.h"

#include <QHBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr QSize statusIconSize(20, 20);

} // namespace

RunHead::RunHead(QWidget *parent)
    : QWidget(parent)
    , m_statusIcon(new QLabel)
    , m_status(new QLabel)
    , m_reason(new QLabel)
    , m_skill(new ElidedLabel)
    , m_caller(badgeLabel({}))
    , m_rerun(iconButton(u"runs.again"_s, tr("Run again with the same input")))
    , m_edit(iconButton(u"runs.edit"_s, tr("Edit the input and run again")))
    , m_pin(iconButton(u"runs.pin"_s, tr("Pin this run")))
    , m_compare(iconButton(u"runs.compare"_s, tr("Compare with the run before")))
    , m_copy(iconButton(u"runs.copy"_s, tr("Copy as curl, Python, Go or TypeScript")))
    , m_doctor(new QPushButton(tr("What the sandbox can do here")))
    , m_gauges(new RunGauges)
{
    m_status->setObjectName(u"runs.status"_s);
    m_status->setProperty("textRole", u"heading"_s);
    m_reason->setObjectName(u"runs.reason"_s);
    m_reason->setWordWrap(true);
    m_reason->setTextInteractionFlags(Qt::TextSelectableByMouse);
    m_skill->setProperty("textRole", u"muted"_s);
    for (QLabel *label : {m_status, m_reason})
        label->setTextFormat(Qt::PlainText);
    m_pin->setCheckable(true);
    m_doctor->setObjectName(u"runs.doctor"_s);
    m_doctor->setProperty("kind", u"flat"_s);
    m_doctor->hide();

    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(16, 12, 12, 8);
    column->setSpacing(6);
    auto *line = new QHBoxLayout;
    line->setSpacing(8);
    line->addWidget(m_statusIcon);
    line->addWidget(m_status);
    line->addWidget(m_skill, 1);
    line->addWidget(m_caller, 0, Qt::AlignVCenter);
    for (QToolButton *button : {m_rerun, m_edit, m_compare, m_pin, m_copy})
        line->addWidget(button);
    column->addLayout(line);
    auto *why = new QHBoxLayout;
    why->addWidget(m_reason, 1);
    why->addWidget(m_doctor);
    column->addLayout(why);
    column->addWidget(m_gauges);

    connect(m_rerun, &QToolButton::clicked, this, &RunHead::rerunWanted);
    connect(m_edit, &QToolButton::clicked, this, &RunHead::editWanted);
    connect(m_compare, &QToolButton::clicked, this, &RunHead::compareWanted);
    connect(m_copy, &QToolButton::clicked, this, &RunHead::copyWanted);
    connect(m_pin, &QToolButton::clicked, this, &RunHead::pinWanted);
    connect(m_doctor, &QPushButton::clicked, this, &RunHead::doctorWanted);
}

void RunHead::showRun(const ExecutionRecord &record)
{
    m_skill->setText(u"%1 %2"_s.arg(record.skillName, record.skillVersion));
    m_skill->setToolTip(plainToolTip(m_skill->text()));
    const bool isOwn = record.caller == localUserName();
    setBadge(*m_caller, isOwn ? tr("you") : tr("agent"), isOwn ? u"plain"_s : u"info"_s);
    m_caller->setToolTip(plainToolTip(tr("Asked for by %1").arg(record.caller)));
}

void RunHead::showState(const ExecutionRecord &record)
{
    m_shown = static_cast<int>(record.status);
    m_statusIcon->setPixmap(themedIcon(statusIcon(m_shown), m_theme, statusColor(m_shown))
                                .pixmap(statusIconSize, devicePixelRatioF()));
    m_status->setText(statusTitle(record.status));
    QString reason = record.error;
    if (!reason.isEmpty())
        reason[0] = reason.at(0).toUpper();
    if (record.cancelRequested && !isFinal(record.status))
        reason = tr("It is being cancelled.");
    m_reason->setText(reason);
    m_reason->setVisible(!reason.isEmpty());
    m_doctor->setVisible(record.reason == "setup"_L1);
}

void RunHead::setPinned(bool pinned)
{
    m_pin->setChecked(pinned);
}

void RunHead::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_rerun->setIcon(themedIcon(u"refresh"_s, theme));
    m_edit->setIcon(themedIcon(u"editor"_s, theme));
    m_pin->setIcon(themedIcon(u"pin"_s, theme, ColorRole::Text, ColorRole::Accent));
    m_compare->setIcon(themedIcon(u"diff"_s, theme));
    m_copy->setIcon(themedIcon(u"copy"_s, theme));
    if (m_shown >= 0) {
        m_statusIcon->setPixmap(themedIcon(statusIcon(m_shown), m_theme, statusColor(m_shown))
                                    .pixmap(statusIconSize, devicePixelRatioF()));
    }
}

} // namespace skillbox
