#include "app/desktop/editor/banner.h"
#include "app/desktop/editor/editor_page.h"
#include "app/desktop/editor/front_matter_form.h"
#include "app/desktop/editor/open_files.h"
#include "app/desktop/editor/problems_panel.h"
#include "app/desktop/editor/project_tree.h"
#include "app/desktop/editor/skill_check.h"
#include "app/desktop/editor/tests_panel.h"
#include "app/desktop/session/desktop_session.h"
#include "app/desktop/settings/settings.h"
#include "app/desktop/shell/main_window.h"
#include "app/desktop/text/diff_view.h"
#include "app/desktop/text/markdown_view.h"
#include "app/desktop/widgets/state_view.h"
#include "tests/support/skill_folder.h"

#include <QAbstractItemModelTester>
#include <QDialog>
#include <QMenu>
#include <QProcessEnvironment>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeWidget>

using namespace Qt::StringLiterals;
using namespace skillbox;

constexpr int patience = 20'000;

/// The window with the editor alone, over a store of its own, with the real sandbox.
class EditorFixture
{
public:
    EditorFixture() : m_settings(path(u"desktop.ini"_s)), m_window(m_session, m_settings)
    {
        m_settings.setTheme(u"light"_s);
        m_window.addPage([this] { return new EditorPage(m_window.desk(), path(u"state"_s)); },
                         u"editor"_s, u"editor"_s, u"Editor"_s);
        m_window.finishPages();
    }

    bool start()
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        for (const QString &name : environment.keys()) {
            if (name.startsWith(u"SKILLBOX_"))
                environment.remove(name);
        }
        environment.insert(u"SKILLBOX_DATA_DIR"_s, path(u"data"_s));
        const auto config = loadEngineConfig(environment,
                                             QStringLiteral(SKILLBOX_PROGRAM_DIRECTORY));
        if (!config)
            return false;
        m_window.show();
        m_session.engine().open(*config);
        return QTest::qWaitFor(
            [this] { return m_session.engine().state() == EngineThread::State::Open; }, patience);
    }

    MainWindow &window() { return m_window; }
    QString path(const QString &name) const { return m_directory.filePath(name); }
    template<typename T>
    T *widget(const QString &name)
    {
        return m_window.findChild<T *>(name);
    }

private:
    QTemporaryDir m_directory;
    Settings m_settings;
    DesktopSession m_session;
    MainWindow m_window;
};

/// The editor in the whole window, with real keys and clicks.
class EditorPageTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void beginsEmptyAndMakesANewSkill();
    void checksWhileTypingAndFixes();
    void marksScriptsThatDoNotParse();
    void menuOfFixesWaitsForTheCheck();
    void replacesInAllFiles();
    void suppressesWithAReason();
    void fieldsFollowTheTextAndChangeIt();
    void previewShowsTheBody();
    void savesAndTellsOfOtherPrograms();
    void keepsTextOfADeletedFolder();
    void showsWhatIsNotText_data();
    void showsWhatIsNotText();
    void runsTestsOnUnsavedText();
    void runsUnsavedText();
    void errorsStandAgainstPublishing();
    void treeMakesRenamesAndDeletes();
    void unsavedTextSurvivesTheEnd();
    void reopensWhatWasOpen();

private:
    struct Opened {
        EditorPage *page = nullptr;
        DocumentView *view = nullptr;
        CodeEditor *editor = nullptr;
    };
    static Opened open(EditorFixture &fixture, const QString &folder, const QString &file = {})
    {
        auto *page = fixture.window().findChild<EditorPage *>();
        Q_EMIT fixture.window().desk().navigation.editRequested(folder, file, 0, 0);
        Opened opened{page, page->files().current(), nullptr};
        opened.editor = &opened.view->editor();
        if (!QTest::qWaitFor([&] { return opened.view->state() != DocumentView::State::Loading; },
                             patience))
            qFatal("the file was not loaded");
        return opened;
    }
    static bool isChecked(const Opened &opened)
    {
        return QTest::qWaitFor(
            [&] { return opened.page->check().report() && opened.page->check().isCurrent(); },
            patience);
    }
    static QStringList rules(const Opened &opened)
    {
        QStringList ids;
        for (const Finding &finding : opened.page->check().report()->findings)
            ids.append(finding.id);
        return ids;
    }
    static void press(EditorFixture &fixture, const QString &command)
    {
        QAction *action = fixture.window().desk().commands.find(command);
        QVERIFY2(action, qPrintable(command));
        action->trigger();
    }
    /// Waits for a dialog of this name and clicks its button.
    static void answer(EditorFixture &fixture, const QString &dialog, const QString &button)
    {
        QPointer<QDialog> found;
        QTRY_VERIFY_WITH_TIMEOUT((found = fixture.window().findChild<QDialog *>(dialog)), patience);
        QTRY_VERIFY_WITH_TIMEOUT(found->isVisible(), patience);
        auto *press = found->findChild<QPushButton *>(button);
        QVERIFY(press);
        QTRY_VERIFY_WITH_TIMEOUT(press->isEnabled(), patience);
        QTest::mouseClick(press, Qt::LeftButton);
    }
};

void EditorPageTest::beginsEmptyAndMakesANewSkill()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    fixture.window().showPage(u"editor"_s);
    auto *page = fixture.window().findChild<EditorPage *>();
    QVERIFY(page && page->isVisible());
    QVERIFY(!page->files().current());
    press(fixture, u"editor.newSkill"_s);
    auto *dialog = fixture.window().findChild<QDialog *>(u"editor.newSkillDialog"_s);
    QVERIFY(dialog);
    auto *name = dialog->findChild<QLineEdit *>(u"editor.newName"_s);
    auto *create = dialog->findChild<QPushButton *>(u"editor.create"_s);
    QVERIFY(!create->isEnabled());
    QTest::keyClicks(name, u"My Skill"_s);
    QVERIFY(!create->isEnabled());
    QVERIFY(dialog->findChild<QLabel *>(u"editor.newProblem"_s)->text().contains(u"my-skill"_s));
    name->clear();
    QTest::keyClicks(name, u"my-skill"_s);
    dialog->findChild<QLineEdit *>(u"editor.newFolder"_s)->setText(fixture.path(u"made"_s));
    QVERIFY(create->isEnabled());
    QTest::mouseClick(create, Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(page->files().current(), patience);
    QCOMPARE(page->files().current()->file(), u"SKILL.md"_s);
    const Opened opened{page, page->files().current(), &page->files().current()->editor()};
    QVERIFY(isChecked(opened));
    QVERIFY2(rules(opened).isEmpty(), qPrintable(rules(opened).join(u' ')));
    QTRY_VERIFY_WITH_TIMEOUT(fixture.widget<ProjectTree>(u"editor.tree"_s)
                                 ->filesOf(opened.view->project())
                                 .contains(u"schemas/input.json"_s),
                             patience);
}

void EditorPageTest::checksWhileTypingAndFixes()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    test::SkillFolder skill;
    skill.version = u"1.0"_s; // incomplete: a finding with a safe fix or at least a place
    const Opened opened = open(fixture, skill.write(fixture.path(u"skills"_s)));
    QVERIFY(isChecked(opened));
    QVERIFY(!rules(opened).isEmpty());
    QVERIFY(!opened.editor->marks().isEmpty());
    auto *table = fixture.widget<QTreeView>(u"editor.problems"_s);
    const QAbstractItemModelTester tester(table->model(),
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    const auto before = rules(opened).size();
    // A byte more in the header, typed by hand, is a finding more.
    opened.editor->goTo(2, 1);
    QTest::keyClicks(opened.editor, u"tiemout"_s);
    QTest::keyClick(opened.editor, Qt::Key_Escape); // the completions
    QTest::keyClicks(opened.editor, u": 5s"_s);
    QTest::keyClick(opened.editor, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(isChecked(opened) && rules(opened).size() > before, patience);
    QTRY_COMPARE_WITH_TIMEOUT(table->model()->rowCount(), rules(opened).size(), patience);
    // F8 walks through them.
    press(fixture, u"editor.nextProblem"_s);
    QVERIFY(table->currentIndex().isValid());
    // A fix is shown before it is made, and is one undo step.
    std::optional<Finding> fixable;
    for (const Finding &finding : opened.page->check().report()->findings) {
        if (finding.fix && !finding.fix->edits.isEmpty())
            fixable = finding;
    }
    QVERIFY(fixable);
    const QByteArray text = opened.view->bytes();
    opened.page->check().fix(*fixable);
    answer(fixture, u"editor.change"_s, u"editor.applyChange"_s);
    QTRY_VERIFY_WITH_TIMEOUT(opened.view->bytes() != text, patience);
    QCOMPARE(opened.view->bytes(), withEdits(text, fixable->fix->edits));
    opened.editor->undo();
    QCOMPARE(opened.view->bytes(), text);
}

void EditorPageTest::marksScriptsThatDoNotParse()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    test::SkillFolder skill;
    skill.files = {{u"tools/other.sh"_s, "echo fine\n"}};
    const QString folder = skill.write(fixture.path(u"skills"_s));
    const Opened opened = open(fixture, folder, u"main.py"_s);
    const auto broken = [&]() -> std::optional<Finding> {
        for (const Finding &finding : opened.page->check().report()->findings) {
            if (finding.id == "SBX-SCR002"_L1)
                return finding;
        }
        return {};
    };
    QVERIFY(isChecked(opened));
    QVERIFY(!broken());
    opened.editor->moveCursor(QTextCursor::End);
    const int line = opened.editor->blockCount();
    QTest::keyClicks(opened.editor, u"def f(:"_s);
    QTRY_VERIFY_WITH_TIMEOUT(isChecked(opened) && broken(), patience);
    QCOMPARE(broken()->file, u"main.py"_s);
    QCOMPARE(broken()->range.line, line);
    const auto marked = [&] {
        const QTextBlock block = opened.editor->document()->findBlockByNumber(line - 1);
        const QList<TextMark> &marks = opened.editor->marks();
        return std::any_of(marks.cbegin(), marks.cend(), [&block](const TextMark &mark) {
            return mark.kind == MarkKind::Error && block.contains(mark.start);
        });
    };
    QVERIFY(marked());
    // Nothing was saved, and nothing that is wrong is kept once it is right.
    QVERIFY(!test::readFile(folder + u"/main.py"_s).contains("def f"));
    opened.editor->undo();
    QTRY_VERIFY_WITH_TIMEOUT(isChecked(opened) && !broken(), patience);
    // A file on disk that another program breaks.
    test::writeFile(folder + u"/tools/other.sh"_s, "if true; then\n");
    QTRY_VERIFY_WITH_TIMEOUT(isChecked(opened) && broken(), patience);
    QCOMPARE(broken()->file, u"tools/other.sh"_s);
}

void EditorPageTest::menuOfFixesWaitsForTheCheck()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    const Opened opened = open(fixture, test::SkillFolder().write(fixture.path(u"skills"_s)));
    QVERIFY(isChecked(opened));
    opened.editor->goTo(2, 1);
    QTest::keyClicks(opened.editor, u"tiemout"_s);
    QTest::keyClick(opened.editor, Qt::Key_Escape); // the completions
    QTest::keyClicks(opened.editor, u": 5s"_s);
    QTest::keyClick(opened.editor, Qt::Key_Return);
    opened.editor->goTo(2, 1);
    QVERIFY(!opened.page->check().isCurrent());
    press(fixture, u"editor.quickFix"_s);
    QPointer<QMenu> menu;
    QTRY_VERIFY_WITH_TIMEOUT((menu = fixture.widget<QMenu>(u"editor.fixMenu"_s)), patience);
    QVERIFY(opened.page->check().isCurrent());
    QVERIFY2(!menu->actions().constFirst()->text().startsWith(u"Nothing"_s),
             qPrintable(menu->actions().constFirst()->text()));
    menu->close();
    // Who moves on meanwhile is not followed.
    QTest::keyClicks(opened.editor, u"a"_s);
    press(fixture, u"editor.quickFix"_s);
    opened.editor->moveCursor(QTextCursor::End);
    QVERIFY(isChecked(opened));
    QTRY_VERIFY_WITH_TIMEOUT(!menu, patience);
    QVERIFY(!fixture.widget<QMenu>(u"editor.fixMenu"_s));
}

void EditorPageTest::replacesInAllFiles()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    test::SkillFolder skill;
    skill.files = {{u"notes/one.md"_s, "needle and needle\n"}, {u"two.md"_s, "a Needle\n"}};
    const QString folder = skill.write(fixture.path(u"skills"_s));
    const Opened opened = open(fixture, folder, u"two.md"_s);
    press(fixture, u"editor.replaceInSkill"_s);
    QTest::keyClicks(fixture.widget<QLineEdit>(u"editor.search"_s), u"needle"_s);
    QTest::keyClicks(fixture.widget<QLineEdit>(u"editor.searchReplacement"_s), u"pin"_s);
    auto *replace = fixture.widget<QPushButton>(u"editor.replaceInSkill"_s);
    QTRY_VERIFY_WITH_TIMEOUT(replace->isEnabled(), patience);
    QTest::mouseClick(replace, Qt::LeftButton);
    answer(fixture, u"editor.change"_s, u"editor.applyChange"_s);
    QTRY_COMPARE_WITH_TIMEOUT(opened.editor->sourceText(), u"a pin\n"_s, patience);
    DocumentView *other = opened.page->files().find(folder, u"notes/one.md"_s);
    QVERIFY(other);
    QTRY_COMPARE_WITH_TIMEOUT(other->editor().sourceText(), u"pin and pin\n"_s, patience);
    QVERIFY(other->isDirty());
    QCOMPARE(opened.page->files().current(), opened.view);
    QCOMPARE(test::readFile(folder + u"/two.md"_s), "a Needle\n"_ba);
    opened.editor->undo();
    QCOMPARE(opened.editor->sourceText(), u"a Needle\n"_s);
}

void EditorPageTest::suppressesWithAReason()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    test::SkillFolder skill;
    skill.script = "import os\nos.system('ls')\n";
    const Opened opened = open(fixture, skill.write(fixture.path(u"skills"_s)), u"main.py"_s);
    QVERIFY(isChecked(opened));
    std::optional<Finding> wanted;
    for (const Finding &finding : opened.page->check().report()->findings) {
        if (finding.file == "main.py"_L1 && finding.range.line == 2)
            wanted = finding;
    }
    QVERIFY(wanted);
    opened.page->check().suppress(*wanted);
    QPointer<QDialog> dialog = fixture.window().findChild<QDialog *>(u"editor.ask"_s);
    QVERIFY(dialog);
    auto *field = dialog->findChild<QLineEdit *>(u"editor.askField"_s);
    QTest::keyClicks(field, u"it lists its own folder"_s);
    QTest::keyClick(field, Qt::Key_Return);
    const QString comment = u"# skillbox-ignore %1: it lists its own folder\n"_s.arg(wanted->id);
    QTRY_VERIFY_WITH_TIMEOUT(opened.editor->sourceText().contains(comment), patience);
    QTRY_VERIFY_WITH_TIMEOUT(isChecked(opened) && !rules(opened).contains(wanted->id), patience);
}

void EditorPageTest::fieldsFollowTheTextAndChangeIt()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    const Opened opened = open(fixture, test::SkillFolder().write(fixture.path(u"skills"_s)));
    press(fixture, u"editor.form"_s);
    auto *form = fixture.widget<FrontMatterForm>(u"editor.form"_s);
    QVERIFY(form->isVisible());
    auto *name = form->findChild<QLineEdit *>(u"editor.field.name"_s);
    QTRY_COMPARE_WITH_TIMEOUT(name->text(), u"word-counter"_s, patience);
    opened.editor->goTo(2, 7);
    opened.editor->setFocus();
    QTest::keyClicks(opened.editor, u"x"_s);
    QTRY_COMPARE_WITH_TIMEOUT(name->text(), u"xword-counter"_s, patience);
    auto *license = form->findChild<QComboBox *>(u"editor.field.license"_s);
    license->setFocus();
    QTest::keyClicks(license, u"MIT"_s);
    QTRY_VERIFY_WITH_TIMEOUT(opened.editor->sourceText().contains(u"\nlicense: MIT\n"_s), patience);
    QVERIFY(opened.view->isDirty());
}

void EditorPageTest::previewShowsTheBody()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    const Opened opened = open(fixture, test::SkillFolder().write(fixture.path(u"skills"_s)));
    press(fixture, u"editor.preview"_s);
    auto *preview = fixture.widget<MarkdownView>(u"editor.preview"_s);
    QTRY_VERIFY_WITH_TIMEOUT(preview->toPlainText().contains(u"Give it a text."_s), patience);
    QVERIFY(!preview->toPlainText().contains(u"description:"_s));
    opened.editor->moveCursor(QTextCursor::End);
    QTest::keyClicks(opened.editor, u"More."_s);
    QTRY_VERIFY_WITH_TIMEOUT(preview->toPlainText().contains(u"More."_s), patience);
}

void EditorPageTest::savesAndTellsOfOtherPrograms()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    const QString folder = test::SkillFolder().write(fixture.path(u"skills"_s));
    const Opened opened = open(fixture, folder);
    const QString path = folder + u"/SKILL.md"_s;
    opened.editor->moveCursor(QTextCursor::End);
    QTest::keyClicks(opened.editor, u"Mine."_s);
    QVERIFY(opened.view->isDirty());
    press(fixture, u"editor.save"_s);
    QTRY_VERIFY_WITH_TIMEOUT(!opened.view->isDirty(), patience);
    QVERIFY(test::readFile(path).endsWith("Mine."));
    // Not changed here: the other program's text comes in.
    const QByteArray saved = test::readFile(path);
    test::writeFile(path, saved + "\nTheirs.\n");
    opened.view->checkDisk();
    QTRY_VERIFY_WITH_TIMEOUT(opened.editor->sourceText().endsWith(u"Theirs.\n"_s), patience);
    QVERIFY(!opened.view->isDirty());
    // Changed in both: it is said, and nothing is lost.
    QTest::keyClicks(opened.editor, u"both"_s);
    test::writeFile(path, saved + "\nOthers.\n");
    opened.view->checkDisk();
    QTRY_COMPARE_WITH_TIMEOUT(opened.view->banner().id(), u"disk"_s, patience);
    QVERIFY(opened.editor->sourceText().contains(u"both"_s));
    opened.view->reload();
    QTRY_VERIFY_WITH_TIMEOUT(opened.editor->sourceText().endsWith(u"Others.\n"_s), patience);
    QTRY_VERIFY_WITH_TIMEOUT(opened.view->banner().isHidden(), patience);
}

void EditorPageTest::keepsTextOfADeletedFolder()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    const QString folder = test::SkillFolder().write(fixture.path(u"skills"_s));
    const Opened opened = open(fixture, folder);
    QVERIFY(isChecked(opened));
    const QString text = opened.editor->sourceText();
    QVERIFY(QDir(folder).removeRecursively());
    QTRY_COMPARE_WITH_TIMEOUT(opened.view->banner().id(), u"disk"_s, patience);
    QCOMPARE(opened.editor->sourceText(), text);
    QVERIFY(opened.view->isDirty());
    press(fixture, u"editor.save"_s);
    QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(folder + u"/SKILL.md"_s), patience);
    QTRY_VERIFY_WITH_TIMEOUT(opened.view->banner().isHidden(), patience);
}

void EditorPageTest::showsWhatIsNotText_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<int>("state");
    QTest::newRow("binary") << QByteArray("\x7F"
                                          "ELF\0\0\0",
                                          7)
                            << static_cast<int>(DocumentView::State::NotText);
    QTest::newRow("not UTF-8") << "caf\xE9\n"_ba << static_cast<int>(DocumentView::State::ReadOnly);
    QTest::newRow("mixed line ends")
        << "a\r\nb\n"_ba << static_cast<int>(DocumentView::State::ReadOnly);
    QTest::newRow("huge") << QByteArray(6 << 20, 'x')
                          << static_cast<int>(DocumentView::State::ReadOnly);
}

void EditorPageTest::showsWhatIsNotText()
{
    QFETCH(QByteArray, content);
    QFETCH(int, state);
    EditorFixture fixture;
    QVERIFY(fixture.start());
    test::SkillFolder skill;
    skill.files = {{u"data.txt"_s, content}};
    const QString folder = skill.write(fixture.path(u"skills"_s));
    const Opened opened = open(fixture, folder, u"data.txt"_s);
    QCOMPARE(static_cast<int>(opened.view->state()), state);
    QVERIFY(!opened.view->banner().isHidden());
    QVERIFY(opened.editor->isReadOnly());
    QTest::keyClicks(opened.editor, u"no"_s);
    press(fixture, u"editor.saveAll"_s);
    QCOMPARE(test::readFile(folder + u"/data.txt"_s), content);
}

void EditorPageTest::runsTestsOnUnsavedText()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    test::SkillFolder skill;
    skill
        .script = "import json, os\njson.dump({'n': 1}, open(os.environ['SANDBOX_OUTPUT'], 'w'))\n";
    skill.files = {
        {u"tests/one.json"_s, R"({"expect": {"status": "success", "output": {"n": 1}}})"},
        {u"tests/two.json"_s, R"({"expect": {"status": "success", "output": {"n": 2}}})"}};
    const Opened opened = open(fixture, skill.write(fixture.path(u"skills"_s)), u"main.py"_s);
    auto *list = fixture.widget<QTreeWidget>(u"editor.tests"_s);
    QTRY_COMPARE_WITH_TIMEOUT(list->topLevelItemCount(), 2, patience);
    auto *summary = fixture.widget<QLabel>(u"editor.testSummary"_s);
    press(fixture, u"editor.test"_s);
    QTRY_COMPARE_WITH_TIMEOUT(summary->text(), u"1 passed, 1 failed"_s, patience);
    list->setCurrentItem(list->topLevelItem(1));
    QVERIFY(fixture.widget<CodeView>(u"editor.testDetails"_s)->toPlainText().contains(u"- "_s));
    // Nothing is saved, and the other case passes.
    opened.editor->replaceText(opened.editor->sourceText().replace(u"'n': 1"_s, u"'n': 2"_s));
    press(fixture, u"editor.test"_s);
    QTRY_VERIFY_WITH_TIMEOUT(list->topLevelItem(1)->text(1).endsWith(u"ms"_s)
                                 && list->topLevelItem(0)->text(1).startsWith(u"failed"_s),
                             patience);
    QVERIFY(opened.view->isDirty());
}

void EditorPageTest::runsUnsavedText()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    const QString folder = test::SkillFolder().write(fixture.path(u"skills"_s));
    const Opened opened = open(fixture, folder, u"main.py"_s);
    QTRY_VERIFY_WITH_TIMEOUT(
        !fixture.widget<ProjectTree>(u"editor.tree"_s)->filesOf(folder).isEmpty(), patience);
    QStringList directories;
    bool started = false;
    connect(&fixture.window().desk().navigation, &Navigation::runRequested, this,
            [&](const RunOrder &order, bool start) {
                directories.append(order.directory);
                started = start;
            });
    press(fixture, u"editor.run"_s);
    QTRY_COMPARE_WITH_TIMEOUT(directories, QStringList{folder}, patience);
    QVERIFY(started); // it asks for no input
    opened.editor->replaceText(u"print('unsaved')\n"_s);
    press(fixture, u"editor.run"_s);
    QTRY_COMPARE_WITH_TIMEOUT(directories.size(), 2, patience);
    QVERIFY(directories.at(1) != folder);
    QCOMPARE(test::readFile(directories.at(1) + u"/main.py"_s), "print('unsaved')\n");
    QCOMPARE(test::readFile(folder + u"/main.py"_s), "print('counted')\n");
}

void EditorPageTest::errorsStandAgainstPublishing()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    const QString folder = test::SkillFolder().write(fixture.path(u"skills"_s));
    const Opened opened = open(fixture, folder);
    QVERIFY(isChecked(opened));
    QSignalSpy asked(&fixture.window().desk().navigation, &Navigation::publishRequested);
    const QString good = opened.editor->sourceText();
    opened.editor->replaceText(u"---\nname: word-counter\n---\n"_s); // no description
    QTRY_VERIFY_WITH_TIMEOUT(
        isChecked(opened) && hasErrors(opened.page->check().report()->findings), patience);
    press(fixture, u"editor.publish"_s);
    QTRY_VERIFY_WITH_TIMEOUT(!opened.view->isDirty(), patience);
    auto *banner = opened.page->findChild<Banner *>(u"editor.banner"_s);
    QTRY_VERIFY_WITH_TIMEOUT(banner && banner->isVisible(), patience);
    QVERIFY(asked.isEmpty());
    opened.editor->replaceText(good);
    QTRY_VERIFY_WITH_TIMEOUT(isChecked(opened) && rules(opened).isEmpty(), patience);
    press(fixture, u"editor.publish"_s);
    QTRY_COMPARE_WITH_TIMEOUT(asked.size(), 1, patience);
    QCOMPARE(asked.first().first().toString(), folder);
}

void EditorPageTest::treeMakesRenamesAndDeletes()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    const QString folder = test::SkillFolder().write(fixture.path(u"skills"_s));
    const Opened opened = open(fixture, folder);
    auto *tree = fixture.widget<ProjectTree>(u"editor.tree"_s);
    const QAbstractItemModelTester tester(tree->model(),
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    QTRY_VERIFY_WITH_TIMEOUT(tree->filesOf(folder).contains(u"main.py"_s), patience);
    press(fixture, u"editor.newFile"_s);
    QPointer<QDialog> dialog = fixture.window().findChild<QDialog *>(u"editor.ask"_s);
    auto *field = dialog->findChild<QLineEdit *>(u"editor.askField"_s);
    field->setText(u"../outside.py"_s);
    QTest::keyClick(field, Qt::Key_Return); // refused
    QVERIFY(dialog->isVisible());
    field->setText(u"scripts/more.py"_s);
    QTest::keyClick(field, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(tree->filesOf(folder).contains(u"scripts/more.py"_s), patience);
    QTRY_COMPARE_WITH_TIMEOUT(opened.page->files().current()->file(), u"scripts/more.py"_s,
                              patience);
    // Another program's file shows up by itself.
    test::writeFile(folder + u"/references/new.md"_s, "new\n");
    QTRY_VERIFY_WITH_TIMEOUT(tree->filesOf(folder).contains(u"references/new.md"_s), patience);
    QVERIFY(QFile::remove(folder + u"/scripts/more.py"_s));
    QTRY_VERIFY_WITH_TIMEOUT(!tree->filesOf(folder).contains(u"scripts/more.py"_s), patience);
}

void EditorPageTest::unsavedTextSurvivesTheEnd()
{
    QTemporaryDir keep;
    const QString folder = test::SkillFolder().write(keep.path());
    const QString state = keep.filePath(u"state"_s);
    EditorFixture fixture;
    QVERIFY(fixture.start());
    const Desk desk = fixture.window().desk();
    const auto textOf = [&](EditorPage &page) {
        DocumentView *view = page.files().find(folder, u"SKILL.md"_s);
        return view ? view->editor().sourceText() : QString();
    };
    // Commands are registered once a window: the second page gets a registry of its own.
    CommandRegistry firstCommands;
    CommandRegistry secondCommands;
    {
        EditorPage page({desk.session, firstCommands, desk.notifications, desk.navigation,
                         desk.settings},
                        state);
        page.openProject(folder);
        QTRY_VERIFY_WITH_TIMEOUT(!textOf(page).isEmpty(), patience);
        QTRY_COMPARE_WITH_TIMEOUT(page.files().current()->state(), DocumentView::State::Editable,
                                  patience);
        page.files().current()->editor().moveCursor(QTextCursor::End);
        page.files().current()->editor().insertPlainText(u"Not saved."_s);
        QVERIFY(page.mayClose());
    }
    EditorPage page(
        {desk.session, secondCommands, desk.notifications, desk.navigation, desk.settings}, state);
    QTRY_VERIFY_WITH_TIMEOUT(textOf(page).endsWith(u"Not saved."_s), patience);
    DocumentView *view = page.files().find(folder, u"SKILL.md"_s);
    QVERIFY(view->isDirty());
    QCOMPARE(view->banner().id(), u"recovered"_s);
    QVERIFY(!test::readFile(folder + u"/SKILL.md"_s).contains("Not saved."));
}

void EditorPageTest::reopensWhatWasOpen()
{
    EditorFixture fixture;
    QVERIFY(fixture.start());
    const QString folder = test::SkillFolder().write(fixture.path(u"skills"_s));
    Opened opened = open(fixture, folder);
    opened = open(fixture, folder, u"main.py"_s);
    const QJsonObject state = opened.page->saveState();
    press(fixture, u"editor.close"_s);
    QTRY_COMPARE_WITH_TIMEOUT(opened.page->files().count(), 1, patience);
    press(fixture, u"editor.reopen"_s);
    QTRY_COMPARE_WITH_TIMEOUT(opened.page->files().count(), 2, patience);
    QCOMPARE(opened.page->files().current()->file(), u"main.py"_s);
    const Desk desk = fixture.window().desk();
    CommandRegistry commands;
    EditorPage again({desk.session, commands, desk.notifications, desk.navigation, desk.settings},
                     fixture.path(u"other-state"_s));
    again.restoreState(state);
    QCOMPARE(again.files().count(), 0); // only when it is first shown
    again.activate();
    QCOMPARE(again.files().count(), 2);
    QCOMPARE(again.files().current()->file(), u"main.py"_s);
}

QTEST_MAIN(EditorPageTest)
#include "test_editor_page.moc"
