#include "app/desktop/catalog/job_dialog.h"

#include "app/desktop/catalog/job_bar.h"
#include "app/desktop/catalog/skill_compare.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/theme/icons.h"
#include "app/desktop/widgets/controls.h"

#include <QDialogButtonBox>
#include <QHeaderView>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct StateLook {
    QString title;
    QString icon;
    ColorRole role;
};

StateLook lookOf(const SkillJob &job, const JobItem &item)
{
    switch (item.state) {
    case JobItem::State::Waiting: return {JobDialog::tr("not done"), u"more"_s, ColorRole::Muted};
    case JobItem::State::Working:
        return {JobDialog::tr("under way"), u"refresh"_s, ColorRole::Info};
    case JobItem::State::Done:
        return {job.kind() == SkillJob::Kind::Publish      ? JobDialog::tr("published")
                    : job.kind() == SkillJob::Kind::Pull   ? JobDialog::tr("taken over")
                    : job.kind() == SkillJob::Kind::Export ? JobDialog::tr("exported")
                                                           : JobDialog::tr("imported"),
                u"check"_s, ColorRole::Success};
    case JobItem::State::AlreadyThere:
        return {JobDialog::tr("was there already"), u"check"_s, ColorRole::Muted};
    case JobItem::State::Conflict:
        return {JobDialog::tr("other content there"), u"diff"_s, ColorRole::Warning};
    case JobItem::State::Failed: return {JobDialog::tr("failed"), u"error"_s, ColorRole::Error};
    case JobItem::State::Cancelled:
        return {JobDialog::tr("cancelled"), u"stop"_s, ColorRole::Muted};
    }
    return {};
}

QString detailOf(const JobItem &item)
{
    if (item.error.message.isEmpty())
        return item.path;
    // The first line is what happened; the others are what to do or where.
    return item.error.message;
}

} // namespace

QString JobDialog::summary(const SkillJob &job)
{
    QStringList facts;
    const auto add = [&](JobItem::State state, const QString &text) {
        if (const int count = job.count(state); count > 0)
            facts.append(text.arg(count));
    };
    add(JobItem::State::Done, tr("%1 done"));
    add(JobItem::State::AlreadyThere, tr("%1 there already"));
    add(JobItem::State::Conflict, tr("%1 in conflict"));
    add(JobItem::State::Failed, tr("%1 failed"));
    add(JobItem::State::Cancelled, tr("%1 cancelled"));
    add(JobItem::State::Waiting, tr("%1 not done"));
    return facts.join(u"  ·  "_s);
}

JobDialog::JobDialog(const Desk &desk, SkillJob &job, const Theme &theme, QWidget *parent)
    : QDialog(parent)
    , m_desk(desk)
    , m_job(&job)
    , m_title(textLabel({}, u"heading"_s))
    , m_summary(textLabel({}, u"muted"_s))
    , m_progress(new QProgressBar)
    , m_items(new QTreeWidget)
    , m_detail(new QTextEdit)
    , m_compare(new SkillCompare(desk))
    , m_compareButton(new QPushButton(tr("Compare …")))
    , m_edit(new QPushButton(tr("Edit as a new version")))
    , m_retry(new QPushButton(tr("Try again")))
    , m_cancel(new QPushButton(tr("Cancel the rest")))
    , m_close(new QPushButton(tr("Close")))
    , m_theme(theme)
{
    setObjectName(u"catalog.jobDialog"_s);
    setAttribute(Qt::WA_DeleteOnClose);
    resize(720, 460);
    m_title->setWordWrap(false);
    m_summary->setObjectName(u"job.summary"_s);
    m_progress->setRange(0, 1000);
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress"));
    m_items->setObjectName(u"job.items"_s);
    m_items->setAccessibleName(tr("What became of each"));
    m_items->setColumnCount(2);
    m_items->setHeaderLabels({tr("Skill"), tr("Outcome")});
    m_items->setRootIsDecorated(false);
    m_items->setUniformRowHeights(true);
    m_items->header()->setSectionResizeMode(0, QHeaderView::Stretch);
    m_items->header()->setSectionResizeMode(1, QHeaderView::ResizeToContents);
    m_items->header()->setStretchLastSection(false);
    m_detail->setObjectName(u"job.detail"_s);
    m_detail->setAccessibleName(tr("More about the chosen one"));
    m_detail->setReadOnly(true);
    m_detail->setAcceptRichText(false);
    m_detail->setFixedHeight(120);
    m_compare->hide();
    m_compareButton->setObjectName(u"job.compare"_s);
    m_edit->setObjectName(u"job.edit"_s);
    m_retry->setObjectName(u"job.retry"_s);
    m_retry->setProperty("kind", u"primary"_s);
    m_cancel->setObjectName(u"job.cancel"_s);
    m_close->setObjectName(u"job.close"_s);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 20);
    column->setSpacing(8);
    column->addWidget(m_title);
    column->addWidget(m_summary);
    column->addWidget(m_progress);
    column->addWidget(m_items, 1);
    column->addWidget(m_detail);
    column->addWidget(m_compare, 2);
    auto *buttons = new QDialogButtonBox;
    buttons->addButton(m_compareButton, QDialogButtonBox::ActionRole);
    buttons->addButton(m_edit, QDialogButtonBox::ActionRole);
    buttons->addButton(m_retry, QDialogButtonBox::ActionRole);
    buttons->addButton(m_cancel, QDialogButtonBox::ActionRole);
    buttons->addButton(m_close, QDialogButtonBox::RejectRole);
    column->addWidget(buttons);

    connect(&job, &SkillJob::changed, this, &JobDialog::fill);
    connect(&job, &QObject::destroyed, this, &QDialog::reject);
    connect(m_items, &QTreeWidget::currentItemChanged, this, &JobDialog::showItem);
    connect(m_close, &QPushButton::clicked, this, &QDialog::reject);
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        if (m_job)
            m_job->cancel();
    });
    connect(m_retry, &QPushButton::clicked, this, [this] {
        if (m_job)
            m_desk.session.transfers().retry(*m_job);
    });
    connect(m_compareButton, &QPushButton::clicked, this, &JobDialog::compareCurrent);
    connect(m_edit, &QPushButton::clicked, this, [this] {
        if (const JobItem *item = currentItem()) {
            Q_EMIT m_desk.navigation.editPublishedRequested(item->name, item->version);
            reject();
        }
    });
    applyTheme(theme);
    fill();
    // What needs attention is chosen from the start.
    for (int i = 0; i < job.items().size(); ++i) {
        const JobItem &item = job.items().at(i);
        if (item.isOpen() || item.state == JobItem::State::Conflict) {
            m_items->setCurrentItem(m_items->topLevelItem(i));
            break;
        }
    }
}

const JobItem *JobDialog::currentItem() const
{
    const int index = m_items->indexOfTopLevelItem(m_items->currentItem());
    return m_job && index >= 0 && index < m_job->items().size() ? &m_job->items().at(index)
                                                                : nullptr;
}

void JobDialog::fill()
{
    if (!m_job)
        return;
    m_title->setText(JobBar::jobTitle(*m_job));
    setWindowTitle(m_title->text());
    m_summary->setText(summary(*m_job));
    m_progress->setValue(static_cast<int>(m_job->progress() * 1000));
    m_progress->setVisible(m_job->isRunning());
    const QList<JobItem> &items = m_job->items();
    while (m_items->topLevelItemCount() > items.size())
        delete m_items->takeTopLevelItem(m_items->topLevelItemCount() - 1);
    bool open = false;
    for (int i = 0; i < items.size(); ++i) {
        QTreeWidgetItem *row = m_items->topLevelItem(i);
        if (!row)
            row = new QTreeWidgetItem(m_items);
        const StateLook look = lookOf(*m_job, items[i]);
        open = open || items[i].isOpen();
        row->setText(0, JobBar::itemTitle(items[i]));
        row->setToolTip(0, plainToolTip(items[i].path.isEmpty() ? row->text(0) : items[i].path));
        if (row->text(1) != look.title) {
            row->setText(1, look.title);
            row->setIcon(0, themedIcon(look.icon, m_theme, look.role));
            row->setForeground(1, m_theme.color(look.role));
        }
    }
    m_retry->setVisible(open && !m_job->isRunning());
    m_cancel->setVisible(m_job->isRunning());
    showItem();
}

void JobDialog::showItem()
{
    const JobItem *item = currentItem();
    m_detail->setPlainText(item ? detailOf(*item) : QString());
    const bool conflict = item && item->state == JobItem::State::Conflict;
    const bool between = m_job
        && (m_job->kind() == SkillJob::Kind::Publish || m_job->kind() == SkillJob::Kind::Pull);
    m_compareButton->setVisible(conflict && between);
    m_edit->setVisible(conflict && m_job->kind() == SkillJob::Kind::Publish);
    if (!conflict)
        m_compare->hide();
}

void JobDialog::compareCurrent()
{
    const JobItem *item = currentItem();
    if (!item)
        return;
    m_compare->compare({{}, item->name, item->version},
                       {m_job->place(), item->name, item->version});
    if (m_compare->isHidden()) {
        m_compare->show();
        resize(qMax(width(), 960), qMax(height(), 760));
    }
}

void JobDialog::applyTheme(const Theme &theme)
{
    m_theme = theme;
    m_compare->applyTheme(theme);
}

} // namespace skillbox
