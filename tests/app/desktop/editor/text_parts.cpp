#include "app/desktop/editor/code_editor.h"
#include "app/desktop/text/find_bar.h"
#include "app/desktop/text/markdown_view.h"
#include "app/desktop/text/syntax.h"
#include "tests/app/desktop/editor/editor_parts.h"

#include <QLineEdit>
#include <QTest>
#include <QTextBlock>
#include <QTextLayout>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {
constexpr int patience = 20'000;
} // namespace

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
