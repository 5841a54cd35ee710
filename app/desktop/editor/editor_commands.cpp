#include "app/desktop/editor/editor_page.h"

#include "app/desktop/editor/banner.h"
#include "app/desktop/editor/dialogs.h"
#include "app/desktop/editor/open_files.h"
#include "app/desktop/editor/problems_panel.h"
#include "app/desktop/editor/project_tree.h"
#include "app/desktop/editor/search_panel.h"
#include "app/desktop/editor/skill_check.h"
#include "app/desktop/editor/tests_panel.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/shell/command_registry.h"
#include "app/desktop/shell/navigation.h"
#include "app/desktop/shell/notifications.h"
#include "app/desktop/text/find_bar.h"
#include "app/desktop/widgets/state_view.h"

#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace skillbox {

void EditorPage::addCommands()
{
    addFileCommands();
    addSkillCommands();
}

void EditorPage::addFileCommands()
{
    const auto add = [this](const char *id, const QString &title, const char *keys,
                            std::function<void()> run) {
        addAction(m_desk.commands.add(u"editor."_s + QLatin1StringView(id), tr("Editor"), title,
                                      QKeySequence(QString::fromLatin1(keys)), std::move(run)));
    };
    // What needs an open file does nothing without one.
    const auto withView = [this](auto function) {
        return [this, function] {
            if (DocumentView *view = m_files->current())
                function(*view);
        };
    };
    add("newFile", tr("New file …"), "Ctrl+N", [this] { newFile(false); });
    add("save", tr("Save"), "Ctrl+S", withView([](DocumentView &view) { view.save(); }));
    add("saveAll", tr("Save all"), "Ctrl+Shift+S", [this] { m_files->saveAll({}, {}); });
    add("close", tr("Close file"), "Ctrl+W",
        withView([this](DocumentView &view) { m_files->closeTab(&view); }));
    add("reopen", tr("Reopen the closed file"), "Ctrl+Shift+T",
        [this] { m_files->reopenClosed(); });
    const auto turn = [this](int by) {
        if (m_files->count() > 1) {
            m_files->setCurrentIndex((m_files->currentIndex() + by + m_files->count())
                                     % m_files->count());
            m_files->current()->editor().setFocus();
        }
    };
    add("nextFile", tr("Next file"), "Ctrl+PgDown", [turn] { turn(1); });
    add("previousFile", tr("Previous file"), "Ctrl+PgUp", [turn] { turn(-1); });
    add("find", tr("Find"), "Ctrl+F",
        withView([](DocumentView &view) { view.editor().openFind(); }));
    add("replace", tr("Replace"), "Ctrl+H",
        withView([](DocumentView &view) { view.editor().openFind(true); }));
    add("findInSkill", tr("Find in all files of the skill"), "Ctrl+Shift+F", [this] {
        DocumentView *view = m_files->current();
        const QString chosen = view ? view->editor().textCursor().selectedText() : QString();
        showBottom(m_search);
        m_search->open(chosen.contains(QChar::ParagraphSeparator) ? QString() : chosen);
    });
    add("replaceInSkill", tr("Replace in all files of the skill"), "Ctrl+Shift+H", [this] {
        showBottom(m_search);
        m_search->open({});
    });
    add("goToLine", tr("Go to line …"), "Ctrl+G", [this] { goToLine(); });
    add("comment", tr("Comment or uncomment"), "Ctrl+/",
        withView([](DocumentView &view) { view.editor().toggleComment(); }));
    add("moveUp", tr("Move lines up"), "Alt+Up",
        withView([](DocumentView &view) { view.editor().moveLines(-1); }));
    add("moveDown", tr("Move lines down"), "Alt+Down",
        withView([](DocumentView &view) { view.editor().moveLines(1); }));
    add("duplicate", tr("Duplicate lines"), "Ctrl+D",
        withView([](DocumentView &view) { view.editor().duplicateLines(); }));
    add("complete", tr("Complete"), "Ctrl+Space",
        withView([](DocumentView &view) { view.editor().complete(); }));
    add("toggleFold", tr("Fold or unfold here"), "Ctrl+Shift+[", withView([](DocumentView &view) {
            view.editor().toggleFold(view.editor().textCursor().blockNumber());
        }));
    add("foldAll", tr("Fold everything"), "",
        withView([](DocumentView &view) { view.editor().foldAll(true); }));
    add("unfoldAll", tr("Unfold everything"), "",
        withView([](DocumentView &view) { view.editor().foldAll(false); }));
    add("wrap", tr("Wrap long lines"), "Alt+Z", withView([](DocumentView &view) {
            CodeEditor &editor = view.editor();
            editor.setLineWrapMode(editor.lineWrapMode() == QPlainTextEdit::NoWrap
                                       ? QPlainTextEdit::WidgetWidth
                                       : QPlainTextEdit::NoWrap);
        }));
    add("restoreDeleted", tr("Take back the last deletion"), "", [this] {
        if (m_deleted.isEmpty())
            return;
        const Deleted last = m_deleted.takeLast();
        m_io.rename(this, last.trash, last.original, [this, last](const Result<void> &done) {
            if (!done) {
                m_desk.notifications.post({.kind = NoticeKind::Error,
                                           .title = tr("Not taken back"),
                                           .text = done.error().message});
            }
        });
    });
}

void EditorPage::addSkillCommands()
{
    const auto add = [this](const char *id, const QString &title, const char *keys,
                            std::function<void()> run) {
        addAction(m_desk.commands.add(u"editor."_s + QLatin1StringView(id), tr("Skill"), title,
                                      QKeySequence(QString::fromLatin1(keys)), std::move(run)));
    };
    add("newSkill", tr("New skill …"), "Ctrl+Shift+N", [this] {
        Q_EMIT m_desk.navigation.pageRequested(u"editor"_s);
        newSkill();
    });
    add("openFolder", tr("Open a skill's folder …"), "Ctrl+O", [this] { chooseFolder(); });
    add("closeProject", tr("Close the skill"), "", [this] { closeProject(project()); });
    add("run", tr("Run what is written"), "F5", [this] { run(); });
    add("test", tr("Run its test cases"), "Ctrl+F5", [this] {
        showBottom(m_testsPanel);
        runTests(m_testsPanel->cases());
    });
    add("publish", tr("Publish to this machine's catalog"), "Ctrl+Shift+U", [this] { publish(); });
    add("form", tr("Show the fields of SKILL.md"), "Ctrl+Alt+F",
        [this] { setSide(m_side->isVisible() && m_sideStack->currentIndex() == 0 ? -1 : 0); });
    add("preview", tr("Show the preview"), "Ctrl+Alt+P",
        [this] { setSide(m_side->isVisible() && m_sideStack->currentIndex() == 1 ? -1 : 1); });
    add("problems", tr("Show the problems"), "Ctrl+Shift+M", [this] { showBottom(m_problems); });
    add("nextProblem", tr("Next problem"), "F8", [this] { m_problems->step(1); });
    add("previousProblem", tr("Previous problem"), "Shift+F8", [this] { m_problems->step(-1); });
    add("quickFix", tr("Fix what is in this line …"), "Alt+Return", [this] {
        if (DocumentView *view = m_files->current())
            m_check->openFixMenu(*view);
    });
    add("fixAll", tr("Make all safe fixes …"), "", [this] { m_check->fixAll(); });
    add("toSpecification", tr("Write the runtime's fields under metadata …"), "",
        [this] { m_check->convert(Dialect::Specification); });
    add("toRuntime", tr("Write the runtime's fields at the top level …"), "",
        [this] { m_check->convert(Dialect::Runtime); });
}

void EditorPage::goToLine()
{
    DocumentView *view = m_files->current();
    if (!view)
        return;
    const int lines = view->editor().blockCount();
    askForText(
        window(), tr("Go to line"), tr("A line from 1 to %1, or line:column").arg(lines), {},
        tr("Go"),
        [](const QString &text) {
            bool isNumber = false;
            const int line = text.section(u':', 0, 0).trimmed().toInt(&isNumber);
            return isNumber && line > 0 ? QString() : EditorPage::tr("That is no line.");
        },
        [guard = QPointer<DocumentView>(view)](const QString &text) {
            if (!guard)
                return;
            guard->editor().goTo(text.section(u':', 0, 0).trimmed().toInt(),
                                 std::max(1, text.section(u':', 1, 1).trimmed().toInt()));
            guard->editor().setFocus();
        });
}

void EditorPage::offerReplacement(const QString &project, const DraftReplacement &plan)
{
    if (!plan.left.isEmpty()) {
        m_desk.notifications.post({.kind = NoticeKind::Warning,
                                   .title = tr("Some files stay as they are"),
                                   .text = tr("They are not UTF-8 or have mixed line ends: %1")
                                               .arg(plan.left.mid(0, 5).join(u", "_s))});
    }
    if (plan.after.isEmpty())
        return;
    const QString title = plan.after.size() == 1
        ? tr("Replace %L1 places in %2").arg(plan.places).arg(plan.after.cbegin().key())
        : tr("Replace %L1 places in %L2 files").arg(plan.places).arg(plan.after.size());
    showChange(window(), m_theme, {title, tr("Replace"), plan.before, plan.after},
               [this, project, plan] { m_files->apply(project, plan.before, plan.after); });
}

void EditorPage::run()
{
    const QString directory = project();
    if (directory.isEmpty())
        return;
    // A skill that asks for an input is shown to be given one.
    const bool start = !m_tree->filesOf(directory).contains(u"schemas/input.json"_s);
    const QHash<QString, QByteArray> unsaved = m_files->unsavedOf(directory);
    RunOrder order;
    if (unsaved.isEmpty()) {
        order.directory = directory;
        Q_EMIT m_desk.navigation.runRequested(order, start);
        return;
    }
    m_io.ask(
        this,
        [directory, unsaved, &workspace = m_tests.workspace()] {
            return workspace.materialise(directory, unsaved);
        },
        [this, order, start](const Result<QString> &copy) mutable {
            if (!copy) {
                m_desk.notifications.post({.kind = NoticeKind::Error,
                                           .title = tr("Not run"),
                                           .text = copy.error().message});
                return;
            }
            order.directory = *copy;
            Q_EMIT m_desk.navigation.runRequested(order, start);
        });
}

void EditorPage::runTests(const QStringList &cases)
{
    if (!cases.isEmpty())
        m_tests.run(project(), m_files->unsavedOf(project()), cases);
}

void EditorPage::publish()
{
    const QString directory = project();
    if (directory.isEmpty())
        return;
    m_files->saveAll(directory, [this, directory](bool saved) {
        if (!saved)
            return; // the file's own banner says why
        const int errors = m_problems->model().count(Severity::Error);
        if (m_check->project() == directory && m_check->report() && errors > 0) {
            showBottom(m_problems);
            m_banner->show(u"gate"_s, Banner::Kind::Error,
                           errors == 1
                               ? tr("An error stands against publishing. Mend or suppress it "
                                    "first.")
                               : tr("%1 errors stand against publishing. Mend or suppress them "
                                    "first.")
                                     .arg(errors),
                           {{tr("Show the first"),
                             [this] {
                                 m_banner->dismiss(u"gate"_s);
                                 for (const Finding &one : m_problems->model().findings()) {
                                     if (one.severity == Severity::Error) {
                                         m_check->goTo(one);
                                         break;
                                     }
                                 }
                             }},
                            {tr("Close"), [this] { m_banner->dismiss(u"gate"_s); }}});
            return;
        }
        m_banner->dismiss(u"gate"_s);
        Q_EMIT m_desk.navigation.publishRequested(directory);
    });
}

} // namespace skillbox
