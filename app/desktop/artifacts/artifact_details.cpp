#include "app/desktop/artifacts/artifact_details.h"

#include "app/desktop/artifacts/artifact_tree_model.h"
#include "app/desktop/widgets/controls.h"

#include <QHBoxLayout>
#include <QLocale>
#include <QVBoxLayout>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr int cellGap = 20;
constexpr int buttonIndent = 11; ///< from a button's edge to its text, in our style
constexpr int widestSkill = 200;

} // namespace

ArtifactDetails::ArtifactDetails(QWidget *parent) : QFrame(parent), m_row(new QHBoxLayout(this))
{
    m_row->setContentsMargins(24, 0, 24, 8);
    m_row->setSpacing(0);
    m_size = addValue(tr("Size"));
    m_type = addValue(tr("Type"));
    m_skill = addLink(tr("Skill"), u"artifacts.skill"_s);
    m_run = addLink(tr("Run"), u"artifacts.run"_s);
    m_created = addValue(tr("Created"));
    m_digest = addValue(tr("SHA-256"));
    m_digest->setObjectName("artifacts.digest"_L1);
    auto *copy = copyButton(tr("Copy"), [this] { return m_wholeDigest; });
    copy->setProperty("kind", u"flat"_s);
    copy->setAccessibleName(tr("Copy the SHA-256"));
    auto *cell = new QWidget;
    auto *column = new QVBoxLayout(cell);
    column->setContentsMargins(0, 0, 0, 0);
    column->addWidget(copy, 0, Qt::AlignBottom);
    m_row->addWidget(cell);
    m_cells.append(cell);
    m_row->addStretch(1);
    connect(m_run, &QToolButton::clicked, this, &ArtifactDetails::runClicked);
    connect(m_skill, &QToolButton::clicked, this, &ArtifactDetails::skillClicked);
}

QVBoxLayout *ArtifactDetails::addCell(const QString &title, int indent)
{
    auto *cell = new QWidget;
    auto *column = new QVBoxLayout(cell);
    column->setContentsMargins(0, 0, cellGap - indent, 0);
    column->setSpacing(2);
    auto *above = new QLabel(title);
    above->setProperty("textRole", u"muted"_s);
    above->setContentsMargins(indent, 0, 0, 0);
    column->addWidget(above);
    m_row->addWidget(cell);
    m_cells.append(cell);
    return column;
}

QLabel *ArtifactDetails::addValue(const QString &title)
{
    auto *value = new QLabel;
    value->setTextFormat(Qt::PlainText);
    value->setTextInteractionFlags(Qt::TextSelectableByMouse);
    value->setMinimumHeight(28);
    addCell(title, 0)->addWidget(value);
    return value;
}

QToolButton *ArtifactDetails::addLink(const QString &title, const QString &name)
{
    auto *value = new QToolButton;
    value->setObjectName(name);
    value->setMinimumHeight(28);
    value->setCursor(Qt::PointingHandCursor);
    addCell(title, buttonIndent)->addWidget(value, 0, Qt::AlignLeft);
    return value;
}

QSize ArtifactDetails::minimumSizeHint() const
{
    return {m_cells.constFirst()->sizeHint().width(), m_row->minimumSize().height()};
}

void ArtifactDetails::resizeEvent(QResizeEvent *event)
{
    QFrame::resizeEvent(event);
    fit();
}

void ArtifactDetails::fit()
{
    const QMargins margins = m_row->contentsMargins();
    int left = width() - margins.left() - margins.right();
    bool fits = true;
    for (QWidget *cell : std::as_const(m_cells)) {
        left -= cell->sizeHint().width();
        // The gap behind the last one may be cut.
        fits = fits && left + cell->layout()->contentsMargins().right() >= 0;
        cell->setVisible(fits);
    }
}

void ArtifactDetails::show(const ExecutionRecord &run, const ArtifactRecord &artifact)
{
    const QLocale locale;
    m_size->setText(locale.formattedDataSize(artifact.sizeBytes, 1));
    m_size->setToolTip(tr("%L1 bytes").arg(artifact.sizeBytes));
    m_type->setText(artifact.contentType.section(u';', 0, 0));
    m_skill->setText(m_skill->fontMetrics().elidedText(
        u"%1 %2"_s.arg(run.skillName, run.skillVersion), Qt::ElideMiddle, widestSkill));
    setPlainToolTip(*m_skill, run.skillName);
    m_skill->setAccessibleName(tr("Show the skill %1").arg(run.skillName));
    m_skill->setEnabled(!run.skillName.isEmpty() && !run.skillVersion.isEmpty());
    m_run->setText(run.id.value.left(8));
    m_run->setToolTip(tr("Show the run %1").arg(run.id.value));
    m_run->setAccessibleName(tr("Show the run %1").arg(run.id.value));
    m_created->setText(friendlyMoment(run.finishedAt.isValid() ? run.finishedAt : run.createdAt));
    m_wholeDigest = artifact.blob.sha256;
    m_digest->setText(artifact.blob.sha256.left(12) + u'…');
    m_digest->setToolTip(artifact.blob.sha256);
    // Other texts, other widths.
    fit();
}

} // namespace skillbox
