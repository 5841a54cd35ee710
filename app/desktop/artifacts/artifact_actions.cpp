#include "app/desktop/artifacts/artifacts_page.h"

#include "app/desktop/artifacts/artifact_tree.h"
#include "app/desktop/artifacts/open_with.h"
#include "app/desktop/preview/background_task.h"
#include "app/desktop/preview/preview_view.h"
#include "app/desktop/preview/random_file.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/theme/icons.h"

#include <QApplication>
#include <QClipboard>
#include <QDesktopServices>
#include <QDir>
#include <QDrag>
#include <QFileDialog>
#include <QFileInfo>
#include <QLocale>
#include <QMessageBox>
#include <QMimeData>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 mostCopiedText = 8 << 20;

} // namespace

void ArtifactsPage::say(NoticeKind kind, const QString &title, const QString &text)
{
    m_desk.notifications.post({.kind = kind, .title = title, .text = text});
}

void ArtifactsPage::track(FileJob *job, const QString &what,
                          std::function<void(const QString &)> then)
{
    m_workText->setText(what);
    m_workBar->setRange(0, 0);
    m_work->show();
    disconnect(m_workStop, &QPushButton::clicked, nullptr, nullptr);
    connect(m_workStop, &QPushButton::clicked, job, &FileJob::cancel);
    connect(job, &FileJob::progressed, this, [this](qint64 bytes, qint64 total) {
        m_workBar->setRange(0, total > 0 ? 1000 : 0);
        if (total > 0)
            m_workBar->setValue(static_cast<int>(bytes * 1000 / total));
    });
    connect(job, &FileJob::finished, this,
            [this, then = std::move(then)](const Result<QString> &path) {
                m_work->hide();
                if (path)
                    then(*path);
                else if (path.error().code != ErrorCode::Cancelled)
                    say(NoticeKind::Error, tr("Not written"), path.error().message);
            });
}

void ArtifactsPage::save()
{
    const QModelIndex file = current();
    const ArtifactRecord *artifact = m_model.artifact(file);
    if (!artifact)
        return;
    auto *dialog = new QFileDialog(this, tr("Save %1").arg(artifact->path.section(u'/', -1)));
    dialog->setObjectName("artifacts.saveDialog"_L1);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->selectFile(artifact->path.section(u'/', -1));
    connect(dialog, &QFileDialog::fileSelected, this,
            [this, artifact = *artifact](const QString &path) {
                track(m_desk.session.artifacts().save(artifact, path),
                      tr("Saving %1 …").arg(artifact.path), [this](const QString &written) {
                          say(NoticeKind::Success, tr("Saved"), QDir::toNativeSeparators(written));
                      });
            });
    dialog->open();
}

void ArtifactsPage::saveAll()
{
    const QModelIndex index = current();
    if (!index.isValid())
        return;
    const ExecutionRecord &run = *m_model.run(index);
    Files files;
    const QList<QModelIndex> chosen = chosenFiles();
    bool oneRun = true;
    for (const QModelIndex &file : chosen)
        oneRun = oneRun && m_model.run(file)->id.value == run.id.value;
    // Files of several runs may have the same names: then it is the current run's.
    if (chosen.size() > 1 && oneRun) {
        for (const QModelIndex &file : chosen)
            files.append(*m_model.artifact(file));
    } else {
        files = run.artifacts;
    }
    const QString name = u"%1-%2"_s.arg(run.skillName.isEmpty() ? u"run"_s : run.skillName,
                                        run.id.value.left(8));
    auto *dialog = new QFileDialog(this,
                                   tr("Save %L1 files in a new folder in …").arg(files.size()));
    dialog->setObjectName("artifacts.folderDialog"_L1);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this, files, name](const QString &folder) {
        track(m_desk.session.artifacts().saveFolder(files, folder, name),
              tr("Saving %L1 files …").arg(files.size()), [this](const QString &written) {
                  m_desk.notifications.post({.kind = NoticeKind::Success,
                                             .title = tr("Saved"),
                                             .text = QDir::toNativeSeparators(written),
                                             .actionTitle = tr("Open the folder"),
                                             .action = [written] {
                                                 QDesktopServices::openUrl(
                                                     QUrl::fromLocalFile(written));
                                             }});
              });
    });
    dialog->open();
}

void ArtifactsPage::saveArchive()
{
    const QModelIndex index = current();
    if (!index.isValid())
        return;
    const ExecutionRecord run = *m_model.run(index);
    auto *dialog = new QFileDialog(this, tr("Save all files of the run"));
    dialog->setObjectName("artifacts.archiveDialog"_L1);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setNameFilter(tr("Archives (*.tar.gz)"));
    dialog->selectFile(u"%1-%2.tar.gz"_s.arg(run.skillName.isEmpty() ? u"run"_s : run.skillName,
                                             run.id.value.left(8)));
    connect(dialog, &QFileDialog::fileSelected, this, [this, run](const QString &path) {
        track(m_desk.session.artifacts().saveArchive(run, path), tr("Packing …"),
              [this](const QString &written) {
                  say(NoticeKind::Success, tr("Saved"), QDir::toNativeSeparators(written));
              });
    });
    dialog->open();
}

void ArtifactsPage::openWith()
{
    const ArtifactRecord *artifact = m_model.artifact(current());
    if (!artifact)
        return;
    const auto go = [this, file = *artifact] {
        track(m_desk.session.artifacts().copyForOthers(file), tr("Copying %1 …").arg(file.path),
              [this](const QString &path) { openPath(path); });
    };
    if (opensHarmlessly(artifact->path, artifact->contentType)) {
        go();
        return;
    }
    auto *question = new QMessageBox(
        QMessageBox::Warning, tr("Open with another program"),
        tr("“%1” may contain something that the other program runs, outside of the sandbox.")
            .arg(artifact->path.section(u'/', -1)),
        QMessageBox::Cancel, this);
    question->setObjectName("artifacts.openQuestion"_L1);
    question->setTextFormat(Qt::PlainText);
    question->setInformativeText(tr("Open it only if you trust the skill that made it."));
    QPushButton *open = question->addButton(tr("Open it"), QMessageBox::AcceptRole);
    question->setDefaultButton(QMessageBox::Cancel);
    question->setAttribute(Qt::WA_DeleteOnClose);
    connect(question, &QMessageBox::buttonClicked, this, [open, go](QAbstractButton *button) {
        if (button == open)
            go();
    });
    question->open();
}

void ArtifactsPage::openPath(const QString &path)
{
    if (!QDesktopServices::openUrl(QUrl::fromLocalFile(path)))
        say(NoticeKind::Warning, tr("No program opens this kind of file"),
            QFileInfo(path).fileName());
}

void ArtifactsPage::copyContent()
{
    const ArtifactRecord *artifact = m_model.artifact(current());
    if (!artifact)
        return;
    const QImage picture = m_preview->picture();
    if (!picture.isNull()) {
        QApplication::clipboard()->setImage(picture);
        say(NoticeKind::Info, tr("The picture is copied"));
        return;
    }
    if (m_preview->kind() == FileKind::Binary || artifact->sizeBytes > mostCopiedText) {
        say(NoticeKind::Warning, tr("Not copied"),
            tr("Pictures and texts up to %1 are. The path of the file can be copied, too.")
                .arg(QLocale().formattedDataSize(mostCopiedText)));
        return;
    }
    m_desk.session.artifacts().locate(this, *artifact, [this](const Result<QString> &path) {
        if (!path) {
            say(NoticeKind::Error, tr("Not copied"), path.error().message);
            return;
        }
        runInBackground(
            this, {},
            [path = *path](const std::stop_token &) {
                const Result<SharedFile> file = RandomFile::open(path);
                return file ? QString::fromUtf8((*file)->read(0, mostCopiedText)) : QString();
            },
            [this](const QString &text) {
                QApplication::clipboard()->setText(text);
                say(NoticeKind::Info, tr("The text is copied"));
            });
    });
}

void ArtifactsPage::copyPath()
{
    const ArtifactRecord *artifact = m_model.artifact(current());
    if (!artifact)
        return;
    track(m_desk.session.artifacts().copyForOthers(*artifact),
          tr("Copying %1 …").arg(artifact->path), [this](const QString &path) {
              QApplication::clipboard()->setText(QDir::toNativeSeparators(path));
              say(NoticeKind::Info, tr("The path is copied"),
                  tr("The copy is there until the window is closed."));
          });
}

void ArtifactsPage::revealRun()
{
    if (const ExecutionRecord *run = m_model.run(current()))
        Q_EMIT m_desk.navigation.executionRequested(run->id);
}

void ArtifactsPage::revealSkill()
{
    const ExecutionRecord *run = m_model.run(current());
    if (run && !run->skillName.isEmpty())
        Q_EMIT m_desk.navigation.skillRequested(run->skillName, run->skillVersion);
}

void ArtifactsPage::drag(const QModelIndex &index)
{
    const ArtifactRecord *artifact = m_model.artifact(m_shown.mapToSource(index));
    if (!artifact)
        return;
    const QString path = m_desk.session.artifacts().copyOf(*artifact);
    if (path.isEmpty()) {
        track(m_desk.session.artifacts().copyForOthers(*artifact),
              tr("Preparing %1 …").arg(artifact->path), [this](const QString &) {
                  say(NoticeKind::Info, tr("The file is ready"), tr("Drag it once more."));
              });
        return;
    }
    auto *mime = new QMimeData;
    mime->setUrls({QUrl::fromLocalFile(path)});
    auto *drag = new QDrag(m_tree); // Qt deletes it with its data
    drag->setMimeData(mime);
    drag->setPixmap(
        themedIcon(m_model.data(m_shown.mapToSource(index), ArtifactTreeModel::IconRole).toString(),
                   m_theme)
            .pixmap(32, 32));
    drag->exec(Qt::CopyAction);
}

} // namespace skillbox
