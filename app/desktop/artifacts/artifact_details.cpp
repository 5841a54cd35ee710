#include "app/desktop/artifacts/artifact_details.h"

#include "app/desktop/artifacts/artifact_tree_model.h"
#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {

ArtifactDetails::ArtifactDetails(QWidget *parent) : QFrame(parent)
{
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(24, 0, 24, 8);
    row->setSpacing(20);
    m_size = addValue(tr("Size"), 0);
    m_type = addValue(tr("Type"), 0);
    m_skill = addLink(tr("Skill"), u"artifacts.skill"_s);
    m_run = addLink(tr("Run"), u"artifacts.run"_s);
    m_created = addValue(tr("Created"), 0);
    m_digest = addValue(tr("SHA-256"), 0);
    m_digest->setObjectName("artifacts.digest"_L1);
    auto *copy = copyButton(tr("Copy"), [this] { return m_wholeDigest; });
    copy->setProperty("kind", u"flat"_s);
    copy->setAccessibleName(tr("Copy the SHA-256"));
    row->addWidget(copy, 0, Qt::AlignBottom);
    row->addStretch(1);
    connect(m_run, &QToolButton::clicked, this, &ArtifactDetails::runClicked);
    connect(m_skill, &QToolButton::clicked, this, &ArtifactDetails::skillClicked);
}

QLabel *ArtifactDetails::addValue(const QString &title, int stretch)
{
    auto *cell = new QVBoxLayout;
    cell->setSpacing(2);
    auto *above = new QLabel(title);
    above->setProperty("textRole", u"muted"_s);
    auto *value = new QLabel;
    value->setTextFormat(Qt::PlainText);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    value->setMinimumHeight(28);
    cell->addWidget(above);
    cell->addWidget(value);
    static_cast<QHBoxLayout *>(layout())->addLayout(cell, stretch);
    return value;
}

QToolButton *ArtifactDetails::addLink(const QString &title, const QString &name)
{
    auto *cell = new QVBoxLayout;
    cell->setSpacing(2);
    auto *above = new QLabel(title);
    above->setProperty("textRole", u"muted"_s);
    above->setContentsMargins(5, 0, 0, 0); // as far in as the button's text
    auto *value = new QToolButton;
    value->setObjectName(name);
    value->setMinimumHeight(28);
    value->setCursor(Qt::PointingHandCursor);
    cell->addWidget(above);
    cell->addWidget(value, 0, Qt::AlignLeft);
    static_cast<QHBoxLayout *>(layout())->addLayout(cell);
    return value;
}

void ArtifactDetails::show(const ExecutionRecord &run, const ArtifactRecord &artifact)
{
    const QLocale locale;
    m_size->setText(locale.formattedDataSize(artifact.sizeBytes, 1));
    m_size->setToolTip(tr("%L1 bytes").arg(artifact.sizeBytes));
    m_type->setText(artifact.contentType.section(u';', 0, 0));
    m_skill->setText(fontMetrics().elidedText(u"%1 %2"_s.arg(run.skillName, run.skillVersion),
                                              Qt::ElideMiddle, 200));
    m_skill->setToolTip(run.skillName.toHtmlEscaped());
    m_skill->setAccessibleName(tr("Show the skill %1").arg(run.skillName));
    m_skill->setEnabled(!run.skillName.isEmpty() && !run.skillVersion.isEmpty());
    m_run->setText(run.id.value.left(8));
    m_run->setToolTip(tr("Show the run %1").arg(run.id.value));
    m_run->setAccessibleName(tr("Show the run %1").arg(run.id.value));
    m_created->setText(friendlyMoment(run.finishedAt.isValid() ? run.finishedAt : run.createdAt));
    m_wholeDigest = artifact.blob.sha256;
    m_digest->setText(artifact.blob.sha256.left(12) + u'…');
    m_digest->setToolTip(artifact.blob.sha256);
}

} // namespace skillbox
