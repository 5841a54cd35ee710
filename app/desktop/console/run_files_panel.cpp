#include "app/desktop/console/run_files_panel.h"

#include "app/desktop/console/run_facts.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/widgets/controls.h"
#include "app/desktop/widgets/state_view.h"

#include <QDir>
#include <QFileDialog>
#include <QHeaderView>
#include <QLocale>
#include <QTreeWidget>

using namespace Qt::StringLiterals;

namespace skillbox {

RunFilesPanel::RunFilesPanel(const Desk &desk, QWidget *parent)
    : QWidget(parent)
    , m_desk(desk)
    , m_files(factTable(u"runs.files"_s, tr("Files of the run")))
{
    auto *content = new QWidget;
    auto *column = new QVBoxLayout(content);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    auto *bar = new QHBoxLayout;
    bar->setContentsMargins(8, 6, 8, 6);
    auto *open = new QPushButton(tr("Show"));
    auto *save = new QPushButton(tr("Save …"));
    auto *saveAllButton = new QPushButton(tr("Save all …"));
    open->setObjectName(u"runs.files.show"_s);
    for (QPushButton *button : {open, save, saveAllButton})
        bar->addWidget(button);
    bar->addStretch(1);
    column->addLayout(bar);
    column->addWidget(m_files, 1);
    m_files->setColumnCount(3);
    m_files->setHeaderLabels({tr("File"), tr("Size"), tr("Type")});
    m_files->setHeaderHidden(false);
    m_files->header()->setSectionResizeMode(0, QHeaderView::Interactive);
    m_files->setColumnWidth(0, 280);
    m_state = new StateView(content);
    auto *outer = new QVBoxLayout(this);
    outer->setContentsMargins(0, 0, 0, 0);
    outer->addWidget(m_state);
    connect(open, &QPushButton::clicked, this, &RunFilesPanel::showChosen);
    connect(m_files, &QTreeWidget::itemActivated, this, &RunFilesPanel::showChosen);
    connect(save, &QPushButton::clicked, this, &RunFilesPanel::saveChosen);
    connect(saveAllButton, &QPushButton::clicked, this, &RunFilesPanel::saveAll);
}

void RunFilesPanel::show(const ExecutionRecord &record)
{
    m_id = record.id;
    m_artifacts = record.artifacts;
    m_files->clear();
    const QLocale locale;
    for (const ArtifactRecord &artifact : std::as_const(m_artifacts)) {
        auto *item = new QTreeWidgetItem(
            {artifact.path, locale.formattedDataSize(artifact.sizeBytes), artifact.contentType});
        item->setToolTip(0, plainToolTip(artifact.path));
        m_files->addTopLevelItem(item);
    }
    if (m_files->topLevelItemCount() > 0)
        m_files->setCurrentItem(m_files->topLevelItem(0));
    if (!m_artifacts.isEmpty())
        m_state->showContent();
    else if (isFinal(record.status))
        m_state->showMessage(u"folder"_s, tr("No files"),
                             tr("The skill left nothing in /sandbox/out/files."));
    else
        m_state->showLoading(tr("Files come with the end of the run."));
}

void RunFilesPanel::showChosen()
{
    if (const QTreeWidgetItem *item = m_files->currentItem())
        Q_EMIT m_desk.navigation.artifactRequested(m_id, item->text(0));
}

void RunFilesPanel::saveChosen()
{
    const int row = m_files->indexOfTopLevelItem(m_files->currentItem());
    if (row < 0)
        return;
    const ArtifactRecord artifact = m_artifacts.at(row);
    const QString path = QFileDialog::getSaveFileName(this, tr("Save the file"),
                                                      artifact.path.section(u'/', -1));
    if (!path.isEmpty())
        copyTo(artifact, path);
}

void RunFilesPanel::saveAll()
{
    const QList<ArtifactRecord> artifacts = m_artifacts; // another run may be shown meanwhile
    const QString folder = QFileDialog::getExistingDirectory(this, tr("Save all files to"));
    if (folder.isEmpty())
        return;
    const QString within = folder.endsWith(u'/') ? folder : folder + u'/';
    for (const ArtifactRecord &artifact : artifacts) {
        // The engine took no path that leaves its folder; this one still must not.
        const QString path = QDir::cleanPath(within + artifact.path);
        if (!path.startsWith(within))
            continue;
        QDir().mkpath(QFileInfo(path).path());
        copyTo(artifact, path);
    }
}

void RunFilesPanel::copyTo(const ArtifactRecord &artifact, const QString &path)
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

void RunFilesPanel::applyTheme(const Theme &theme)
{
    m_state->applyTheme(theme);
}

} // namespace skillbox
