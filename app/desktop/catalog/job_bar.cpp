#include "app/desktop/catalog/job_bar.h"

#include "app/desktop/widgets/controls.h"

#include <QFileInfo>
#include <QHBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int progressSteps = 1000;

} // namespace

QString JobBar::itemTitle(const JobItem &item)
{
    if (item.name.isEmpty())
        return QFileInfo(item.path).fileName();
    return item.version.isEmpty() ? item.name : u"%1 %2"_s.arg(item.name, item.version);
}

QString JobBar::jobTitle(const SkillJob &job)
{
    switch (job.kind()) {
    case SkillJob::Kind::Import: return tr("Importing");
    case SkillJob::Kind::Publish: return tr("Publishing to %1").arg(job.place());
    case SkillJob::Kind::Pull: return tr("Taking over from %1").arg(job.place());
    case SkillJob::Kind::Export: return tr("Exporting");
    }
    return {};
}

JobBar::JobBar(QWidget *parent)
    : QFrame(parent)
    , m_text(new QLabel)
    , m_progress(new QProgressBar)
    , m_details(new QPushButton(tr("Details")))
    , m_cancel(new QPushButton(tr("Cancel")))
{
    setObjectName(u"catalog.jobBar"_s);
    setProperty("surface", u"bar"_s);
    m_text->setTextFormat(Qt::PlainText);
    m_text->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    m_progress->setRange(0, progressSteps);
    m_progress->setTextVisible(false);
    m_progress->setAccessibleName(tr("Progress"));
    m_progress->setMinimumWidth(96);
    m_details->setProperty("kind", u"flat"_s);
    m_details->setObjectName(u"catalog.jobDetails"_s);
    m_cancel->setProperty("kind", u"flat"_s);
    m_cancel->setObjectName(u"catalog.jobCancel"_s);
    auto *line = new QHBoxLayout(this);
    line->setContentsMargins(16, 4, 8, 4);
    line->setSpacing(8);
    line->addWidget(m_text, 2);
    line->addWidget(m_progress, 1);
    line->addWidget(m_details);
    line->addWidget(m_cancel);
    connect(m_details, &QPushButton::clicked, this, [this] {
        if (m_job)
            Q_EMIT detailsRequested(m_job);
    });
    connect(m_cancel, &QPushButton::clicked, this, [this] {
        if (m_job)
            m_job->cancel();
        m_cancel->setEnabled(false);
    });
    hide();
}

void JobBar::follow(SkillJob *job)
{
    if (m_job)
        m_job->disconnect(this);
    m_job = job;
    m_cancel->setEnabled(true);
    setVisible(job);
    if (!job)
        return;
    connect(job, &SkillJob::changed, this, &JobBar::show);
    show();
}

void JobBar::show()
{
    if (!m_job)
        return;
    m_progress->setValue(static_cast<int>(m_job->progress() * progressSteps));
    QString text = jobTitle(*m_job);
    if (const int current = m_job->current(); current >= 0 && current < m_job->items().size()) {
        text += u"  "_s + itemTitle(m_job->items().at(current));
        if (m_job->items().size() > 1)
            text += tr("  ·  %1 of %2").arg(current + 1).arg(m_job->items().size());
    }
    m_text->setText(text);
    setPlainToolTip(*m_text, text);
}

} // namespace skillbox
