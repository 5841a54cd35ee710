#include "app/desktop/editor/editor_page.h"

#include "app/desktop/editor/banner.h"
#include "app/desktop/editor/dialogs.h"
#include "app/desktop/editor/open_files.h"
#include "app/desktop/editor/project_tree.h"
#include "app/desktop/editor/skill_check.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/settings/settings.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/widgets/state_view.h"
#include "engine/skill/archive.h"

#include <QDir>
#include <QDirIterator>
#include <QFileDialog>
#include <QFileInfo>
#include <QJsonArray>
#include <QMenu>
#include <QMessageBox>
#include <QPushButton>
#include <QStandardPaths>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr auto folderKey = "editor-folders/last"_L1;

/// What is wrong with a name for a file of a skill; empty: nothing.
QString wrongName(const QString &name)
{
    const QString path = QDir::cleanPath(name);
    if (name.trimmed().isEmpty())
        return EditorPage::tr("Give it a name.");
    if (path.startsWith(u'/') || path == ".."_L1 || path.startsWith(u"../") || name.contains(u'\\')
        || name.contains(QChar::Null))
        return EditorPage::tr("The name must stay inside the skill.");
    return {};
}

void chooseDirectory(QWidget *parent, const QString &title, const QString &start,
                     std::function<void(const QString &)> chosen)
{
    auto *dialog = new QFileDialog(parent, title, start);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    QObject::connect(dialog, &QFileDialog::fileSelected, parent, chosen);
    dialog->open();
}

} // namespace

void EditorPage::openProject(const QString &directory, const QString &file, int line, int column)
{
    openSaved();
    const QString project = QDir::cleanPath(QDir(directory).absolutePath());
    m_tree->addProject(project);
    m_desk.settings.setValue(folderKey, QFileInfo(project).path());
    m_files->open(project, file.isEmpty() ? u"SKILL.md"_s : QDir::cleanPath(file))
        ->goTo(line, column);
    currentChanged();
}

void EditorPage::newSkill()
{
    const QString home = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    askForNewSkill(window(), m_io, m_desk.settings.value(folderKey, home + u"/skills"_s).toString(),
                   [this](const QString &directory) {
                       openProject(directory);
                       m_desk.notifications.post(
                           {.kind = NoticeKind::Success,
                            .title = tr("%1 made").arg(QFileInfo(directory).fileName()),
                            .text = tr("It runs as it is: F5.")});
                   });
}

void EditorPage::chooseFolder()
{
    Q_EMIT m_desk.navigation.pageRequested(u"editor"_s);
    chooseDirectory(window(), tr("Open a skill's folder"),
                    m_desk.settings.value(folderKey, QDir::homePath()).toString(),
                    [this](const QString &directory) { openProject(directory); });
}

void EditorPage::closeProject(const QString &project)
{
    m_files->closeAllOf(project);
    // A text that is not saved keeps its skill open until it was decided about.
    for (const DocumentView *view : m_files->documents()) {
        if (view->project() == project)
            return;
    }
    m_tree->removeProject(project);
    currentChanged();
}

void EditorPage::openTreeMenu(const QPoint &place)
{
    const ProjectTree::Place at = m_tree->current();
    auto *menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->setObjectName(u"editor.treeMenu"_s);
    if (!at.project.isEmpty()) {
        menu->addAction(tr("New file …"), this, [this] { newFile(false); });
        menu->addAction(tr("New folder …"), this, [this] { newFile(true); });
        if (!at.path.isEmpty()) {
            menu->addSeparator();
            menu->addAction(tr("Rename …"), this, [this] { renameCurrent(); });
            menu->addAction(tr("Delete"), this, [this] { deleteCurrent(); });
        }
        menu->addSeparator();
        for (const char *id : {"run", "test", "publish"}) {
            if (QAction *action = m_desk.commands.find(u"editor."_s + QLatin1StringView(id)))
                menu->addAction(action);
        }
        menu->addSeparator();
        menu->addAction(tr("Close the skill"), this,
                        [this, project = at.project] { closeProject(project); });
    } else {
        for (const char *id : {"newSkill", "openFolder"}) {
            if (QAction *action = m_desk.commands.find(u"editor."_s + QLatin1StringView(id)))
                menu->addAction(action);
        }
    }
    menu->popup(place);
}

void EditorPage::newFile(bool folder)
{
    ProjectTree::Place at = m_tree->current();
    if (at.project.isEmpty())
        at = {project(), {}, true};
    if (at.project.isEmpty())
        return;
    const QString parent = at.isFolder ? at.path : at.path.section(u'/', 0, -2);
    const QString prefix = parent.isEmpty() ? QString() : parent + u'/';
    askForText(window(), folder ? tr("New folder") : tr("New file"),
               tr("Its path in %1").arg(QFileInfo(at.project).fileName()), prefix, tr("Create"),
               wrongName, [this, at, folder](const QString &name) {
                   const QString path = QDir::cleanPath(name);
                   const auto done = [this, at, path, folder](const Result<void> &made) {
                       if (!made) {
                           m_desk.notifications.post({.kind = NoticeKind::Error,
                                                      .title = tr("Not made"),
                                                      .text = made.error().message});
                           return;
                       }
                       m_tree->refresh(at.project);
                       if (!folder)
                           m_files->open(at.project, path);
                   };
                   const QString whole = at.project + u'/' + path;
                   if (folder)
                       m_io.createFolder(this, whole, done);
                   else
                       m_io.createFile(this, whole, done);
               });
}

void EditorPage::renameCurrent()
{
    const ProjectTree::Place at = m_tree->current();
    if (at.path.isEmpty())
        return;
    askForText(window(), tr("Rename"), tr("The new path of %1").arg(at.path), at.path, tr("Rename"),
               wrongName, [this, at](const QString &name) {
                   rename(at.project, at.path, QDir::cleanPath(name));
               });
}

void EditorPage::rename(const QString &project, const QString &from, const QString &to)
{
    if (from == to)
        return;
    m_io.rename(this, project + u'/' + from, project + u'/' + to,
                [this, project, from, to](const Result<void> &done) {
                    if (!done) {
                        m_desk.notifications.post({.kind = NoticeKind::Error,
                                                   .title = tr("Not renamed"),
                                                   .text = done.error().message});
                        return;
                    }
                    m_files->renamed(project, from, to);
                    m_tree->refresh(project);
                    m_check->schedule();
                });
}

void EditorPage::deleteCurrent()
{
    const ProjectTree::Place at = m_tree->current();
    if (at.path.isEmpty())
        return;
    const QString original = at.project + u'/' + at.path;
    m_io.trash(this, original, [this, at, original](const Result<QString> &trash) {
        if (!trash) {
            m_desk.notifications.post({.kind = NoticeKind::Error,
                                       .title = tr("Not deleted"),
                                       .text = trash.error().message});
            return;
        }
        m_deleted.append({*trash, original});
        m_tree->refresh(at.project);
        m_desk.notifications.post(
            {.kind = NoticeKind::Info,
             .title = tr("%1 is in the trash").arg(at.path),
             .text = {},
             .actionTitle = tr("Take it back"),
             .action = [this] {
                 if (QAction *action = m_desk.commands.find(u"editor.restoreDeleted"_s))
                     action->trigger();
             }});
    });
}

void EditorPage::saveElsewhere(const QString &project)
{
    chooseDirectory(window(), tr("Save the open texts in"), QFileInfo(project).path(),
                    [this, project](const QString &parent) {
                        const QString target = parent + u'/' + QFileInfo(project).fileName();
                        m_tree->addProject(target);
                        for (DocumentView *view : m_files->documents()) {
                            if (view->project() != project)
                                continue;
                            m_autosave.drop(project, view->file());
                            view->setFile(target, view->file());
                            view->editor().document()->setModified(true);
                            view->save();
                        }
                        m_tree->removeProject(project);
                        currentChanged();
                    });
}

void EditorPage::writeTestCase()
{
    const QString directory = project();
    const QString file = u"tests/example.json"_s;
    const QByteArray text = "{\n  \"name\": \"example\",\n  \"input\": {},\n  \"expect\": {\n"
                            "    \"status\": \"success\"\n  }\n}\n";
    m_io.save(this, directory + u'/' + file, text, {},
              [this, directory, file](const Result<QByteArray> &saved) {
                  if (!saved)
                      return;
                  m_tree->refresh(directory);
                  m_files->open(directory, file);
              });
}

void EditorPage::editPublished(const QString &name, const QString &version)
{
    m_desk.session.skills().details(
        this, name, version, [this, name](const Result<SkillDetails> &details) {
            if (!details) {
                m_desk.notifications.post({.kind = NoticeKind::Error,
                                           .title = tr("%1 cannot be opened").arg(name),
                                           .text = details.error().message});
                return;
            }
            Q_EMIT m_desk.navigation.pageRequested(u"editor"_s);
            chooseDirectory(window(), tr("Make a working copy of %1 in").arg(name),
                            m_desk.settings.value(folderKey, QDir::homePath()).toString(),
                            [this, name, source = details->directory](const QString &parent) {
                                copyPublished(source, parent + u'/' + name);
                            });
        });
}

void EditorPage::copyPublished(const QString &source, const QString &target)
{
    m_io.ask(
        this,
        [source, target]() -> Result<void> {
            if (auto copied = copyTree(source, target); !copied)
                return fail(copied.error());
            // The store's own files are read-only; a working copy is not.
            QDirIterator it(target, QDir::Files | QDir::Hidden, QDirIterator::Subdirectories);
            while (it.hasNext()) {
                const QString file = it.next();
                QFile::setPermissions(
                    file, QFile::permissions(file) | QFile::WriteOwner | QFile::WriteUser);
            }
            return {};
        },
        [this, target](const Result<void> &copied) {
            if (copied) {
                openProject(target);
            } else {
                m_desk.notifications.post({.kind = NoticeKind::Error,
                                           .title = tr("No working copy was made"),
                                           .text = copied.error().message});
            }
        });
}

void EditorPage::keepDrafts()
{
    for (DocumentView *view : m_files->documents()) {
        if (view->state() == DocumentView::State::Loading)
            continue; // what was recovered for it is still to come
        if (!view->isDirty() || view->state() != DocumentView::State::Editable) {
            if (m_keptRevisions.remove(view->path()) > 0)
                m_autosave.drop(view->project(), view->file());
            continue;
        }
        const int revision = view->editor().document()->revision();
        if (m_keptRevisions.value(view->path(), -1) == revision)
            continue;
        m_keptRevisions.insert(view->path(), revision);
        m_autosave.keep(view->draft());
    }
}

void EditorPage::restoreDrafts(const QList<RecoveredDraft> &drafts)
{
    m_isOpened = m_isOpened || m_saved.isEmpty();
    openSaved();
    for (const RecoveredDraft &draft : drafts) {
        m_tree->addProject(draft.project);
        m_files->open(draft.project, draft.file)->restore(draft);
        m_keptRevisions.insert(draft.project + u'/' + draft.file, -1);
    }
    m_desk.notifications.post(
        {.kind = NoticeKind::Info,
         .title = tr("Unsaved text was restored"),
         .text = drafts.size() == 1
             ? tr("%1 had changes when the program ended.").arg(drafts.constFirst().file)
             : tr("%1 files had changes when the program ended.").arg(drafts.size()),
         .actionTitle = tr("Show"),
         .action = [this] { Q_EMIT m_desk.navigation.pageRequested(u"editor"_s); }});
    currentChanged();
}

bool EditorPage::mayClose()
{
    // Nothing is asked: what is not saved is kept and comes back with the next start.
    keepDrafts();
    m_autosave.flush();
    return true;
}

QJsonObject EditorPage::saveState() const
{
    if (!m_isOpened)
        return m_saved;
    QJsonArray files;
    for (DocumentView *view : m_files->documents()) {
        files.append(QJsonObject{{"project"_L1, view->project()},
                                 {"file"_L1, view->file()},
                                 {"line"_L1, view->editor().textCursor().blockNumber() + 1}});
    }
    const auto encoded = [](const QSplitter *splitter) {
        return QString::fromLatin1(splitter->saveState().toBase64());
    };
    return {{"projects"_L1, QJsonArray::fromStringList(m_tree->projects())},
            {"files"_L1, files},
            {"current"_L1, m_files->currentIndex()},
            {"form"_L1, m_formButton->isChecked()},
            {"preview"_L1, m_previewButton->isChecked()},
            {"columns"_L1, encoded(m_columns)},
            {"rows"_L1, encoded(m_rows)},
            {"texts"_L1, encoded(m_texts)}};
}

void EditorPage::restoreState(const QJsonObject &state)
{
    m_saved = state;
    const auto restore = [&state](QSplitter *splitter, QLatin1StringView key) {
        splitter->restoreState(QByteArray::fromBase64(state.value(key).toString().toLatin1()));
    };
    restore(m_columns, "columns"_L1);
    restore(m_rows, "rows"_L1);
    restore(m_texts, "texts"_L1);
    if (state.value("form"_L1).toBool())
        setSide(0);
    else if (state.value("preview"_L1).toBool())
        setSide(1);
}

void EditorPage::openSaved()
{
    if (std::exchange(m_isOpened, true))
        return;
    for (const QJsonValue &project : m_saved.value("projects"_L1).toArray())
        m_tree->addProject(project.toString());
    for (const QJsonValue &value : m_saved.value("files"_L1).toArray()) {
        const QString project = value["project"_L1].toString();
        const QString file = value["file"_L1].toString();
        if (!project.isEmpty() && !file.isEmpty())
            m_files->open(project, file)->goTo(value["line"_L1].toInt(), 1);
    }
    m_files->setCurrentIndex(m_saved.value("current"_L1).toInt());
    currentChanged();
}

} // namespace skillbox
