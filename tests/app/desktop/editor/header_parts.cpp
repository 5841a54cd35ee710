#include "app/desktop/editor/completion.h"
#include "app/desktop/editor/front_matter_form.h"
#include "app/desktop/editor/problems_model.h"
#include "engine/skill/header_edit.h"
#include "tests/app/desktop/editor/editor_parts.h"

#include <QLineEdit>
#include <QSignalSpy>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {
constexpr int patience = 20'000;
} // namespace

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
