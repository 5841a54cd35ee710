#include "app/desktop/console/form_field.h"
#include "app/desktop/console/history_model.h"
#include "app/desktop/console/json_tree_model.h"
#include "app/desktop/console/log_search.h"
#include "app/desktop/console/log_view.h"
#include "app/desktop/console/run_snippet.h"
#include "app/desktop/text/cell_line.h"
#include "app/desktop/text/diff_rows.h"
#include "app/desktop/text/diff_view.h"

#include <QAbstractItemModelTester>
#include <QComboBox>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProcess>
#include <QScrollBar>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTest>
#include <QToolButton>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

QStringList linesOf(const LogBuffer &log)
{
    QStringList lines;
    for (int i = 0; i < log.lineCount(); ++i)
        lines.append(log.text(i));
    return lines;
}

/// `3-5 bold fg2`: what an escape sequence made of a part of the line.
QString looksOf(const LogBuffer &log, int line)
{
    QStringList parts;
    for (const LookSpan &span : log.looks(line)) {
        QString part = u"%1+%2"_s.arg(span.start).arg(span.length);
        if (span.look.bold)
            part += u" bold"_s;
        if (span.look.inverse)
            part += u" inverse"_s;
        if (span.look.foreground != 0)
            part += u" fg%1"_s.arg(span.look.foreground, 0, 16);
        if (span.look.background != 0)
            part += u" bg%1"_s.arg(span.look.background, 0, 16);
        parts.append(part);
    }
    return parts.join(u", "_s);
}

FormContext contextOf(const QByteArray &schema)
{
    FormContext context;
    context.schema = std::make_shared<FormSchema>(schema);
    return context;
}

std::unique_ptr<FormField> formOf(const FormContext &context)
{
    return std::make_unique<FormField>(context, QString(), &context.schema->root(),
                                       FormField::Presence::Always, -1);
}

ExecutionRecord run(const QString &id, int second, const QString &caller = u"me"_s)
{
    ExecutionRecord record;
    record.id = {id};
    record.skillName = u"skill-"_s + id;
    record.caller = caller;
    record.status = ExecutionStatus::Success;
    record.createdAt = QDateTime(QDate(2026, 1, 1), QTime(0, 0), Qt::UTC).addSecs(second);
    record.inputExcerpt = u"{\"n\":\"%1\"}"_s.arg(id);
    return record;
}

QStringList idsOf(const QAbstractItemModel &model)
{
    QStringList ids;
    for (int row = 0; row < model.rowCount(); ++row)
        ids.append(model.index(row, 0).data(HistoryModel::IdRole).toString());
    return ids;
}

} // namespace

class ConsolePartsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsWhatProgramsWriteForTerminals_data();
    void readsWhatProgramsWriteForTerminals();
    void cutsOfSequencesChangeNothing();
    void keepsStreamsApart();
    void breaksEndlessLines();
    void measuresWideCharactersAndTabs();
    void findsInWhatIsThereAndInWhatComes();
    void saysWhyAnExpressionIsNone();
    void followsTheEndUntilOneScrollsAway();
    void wrapsByColumns();
    void selectsAndCopies();
    void keepsJsonAsItWasWritten_data();
    void keepsJsonAsItWasWritten();
    void treesShowJson();
    void formsLoseNothing_data();
    void formsLoseNothing();
    void formsTakeWhatIsTyped();
    void formsShowProblemsAtTheirFields();
    void listsCanBeEdited();
    void variantsReplaceEachOther();
    void alignsLines_data();
    void alignsLines();
    void marksWhatDiffersWithinALine();
    void boundsComparisons();
    void goesFromDifferenceToDifference();
    void historyStaysInOrder();
    void historyAsksForOlderRunsOnce();
    void historyFilters_data();
    void historyFilters();
    void snippetsHoldTheWholeRequest();
};

void ConsolePartsTest::readsWhatProgramsWriteForTerminals_data()
{
    QTest::addColumn<QByteArray>("written");
    QTest::addColumn<QStringList>("lines");
    QTest::addColumn<QString>("looks"); // of the first line
    const auto row = [](const char *name, const QByteArray &written, const QStringList &lines,
                        const QString &looks = {}) {
        QTest::newRow(name) << written << lines << looks;
    };
    row("plain", "one\ntwo\n", {u"one"_s, u"two"_s});
    row("no end", "one\ntwo", {u"one"_s, u"two"_s});
    row("empty lines", "\n\na\n", {QString(), QString(), u"a"_s});
    row("windows ends", "one\r\ntwo\r\n", {u"one"_s, u"two"_s});
    row("progress", "10 %\r20 %\r100 %\ndone\n", {u"100 %"_s, u"done"_s});
    row("colour", "a\x1b[31mred\x1b[0mb\n", {u"aredb"_s}, u"1+3 fg2"_s);
    row("bright and bold", "\x1b[1;92mok\x1b[22m.\n", {u"ok."_s}, u"0+2 bold fgb, 2+1 fgb"_s);
    row("256 colours", "\x1b[38;5;200mx\n", {u"x"_s}, u"0+1 fgc9"_s);
    row("true colour", "\x1b[48;2;1;2;3mx\n", {u"x"_s}, u"0+1 bg1010203"_s);
    row("colons", "\x1b[38:2:255:0:0mx\n", {u"x"_s}, u"0+1 fg1ff0000"_s);
    row("inverse", "\x1b[7mx\x1b[27my\n", {u"xy"_s}, u"0+1 inverse"_s);
    row("after wide text", "äö日\x1b[31mr\n", {u"äö日r"_s}, u"3+1 fg2"_s);
    row("cursor moves", "a\x1b[2Jb\x1b[10;5Hc\n", {u"abc"_s});
    row("title",
        "a\x1b]0;evil title\x07"
        "b\n",
        {u"ab"_s});
    row("title ended by ST", "a\x1b]8;;http://x\x1b\\link\n", {u"alink"_s});
    row("charset", "\x1b(Ba\n", {u"a"_s});
    row("bells",
        "a\x07\x08"
        "b\n",
        {u"ab"_s});
    row("broken sequence", "a\x1b[31\nb\n", {u"a"_s, u"b"_s});
    row("endless title", "\x1b]0;never\nb\n", {QString(), u"b"_s});
    row("private", "\x1b[>4;2mx\n", {u"x"_s});
}

void ConsolePartsTest::readsWhatProgramsWriteForTerminals()
{
    QFETCH(QByteArray, written);
    QFETCH(QStringList, lines);
    QFETCH(QString, looks);
    LogBuffer log;
    log.append(LogStreamKind::Stdout, written);
    QCOMPARE(linesOf(log), lines);
    QCOMPARE(looksOf(log, 0), looks);
}

void ConsolePartsTest::cutsOfSequencesChangeNothing()
{
    const QByteArray written = "a\x1b[1;31mred\x1b[0m b\r\nnext\x1b]0;t\x07 line\n";
    LogBuffer whole;
    whole.append(LogStreamKind::Stdout, written);
    LogBuffer pieces;
    for (const char byte : written)
        pieces.append(LogStreamKind::Stdout, QByteArrayView(&byte, 1));
    QCOMPARE(linesOf(pieces), linesOf(whole));
    QCOMPARE(looksOf(pieces, 0), looksOf(whole, 0));
}

void ConsolePartsTest::keepsStreamsApart()
{
    LogBuffer log;
    log.append(LogStreamKind::Stdout, "begin", 1000);
    log.append(LogStreamKind::Stderr, "\x1b[31mwarning\n", 2000);
    log.append(LogStreamKind::Stdout, "plain\n", 3000);
    QCOMPARE(linesOf(log), QStringList({u"begin"_s, u"warning"_s, u"plain"_s}));
    QCOMPARE(log.stream(1), LogStreamKind::Stderr);
    QCOMPARE(log.stream(2), LogStreamKind::Stdout);
    QCOMPARE(log.time(1), 2000);
    QCOMPARE(looksOf(log, 2), QString()); // the other stream's colour is its own
}

void ConsolePartsTest::breaksEndlessLines()
{
    LogBuffer log;
    const QByteArray wide = QByteArray("ä").repeated(40'000);
    log.append(LogStreamKind::Stdout, wide + "\nnext\n");
    QVERIFY(log.lineCount() > 2);
    QCOMPARE(linesOf(log).mid(0, log.lineCount() - 1).join(QString()), QString::fromUtf8(wide));
    QCOMPARE(log.text(log.lineCount() - 1), u"next"_s);
}

void ConsolePartsTest::measuresWideCharactersAndTabs()
{
    const CellLine line(u"a\t日本e\u0301😀."_s);
    QCOMPARE(line.columnOf(2), 8);  // behind the tab
    QCOMPARE(line.columnOf(3), 10); // behind a wide one
    QCOMPARE(line.columns(), 8 + 4 + 1 + 2 + 1);
    QCOMPARE(line.indexAt(9), 2); // the middle of a wide one
    QCOMPARE(line.indexAt(100), line.text().size());
    QCOMPARE(CellLine::columnsOf(line.text()), line.columns());
}

void ConsolePartsTest::findsInWhatIsThereAndInWhatComes()
{
    LogView view;
    view.append(LogStreamKind::Stdout, "error 1\nfine\nERROR 22\n");
    LogSearch &search = view.search();
    QVERIFY(search.search(u"error \\d+"_s, LogSearch::Regex).isEmpty());
    QTRY_COMPARE_WITH_TIMEOUT(search.matches().size(), size_t(2), 20'000);
    QCOMPARE(search.matches().back().line, 2);
    QCOMPARE(search.matches().back().length, 8);
    view.append(LogStreamKind::Stderr, "no\nerror 3\n");
    QTRY_COMPARE_WITH_TIMEOUT(search.matches().size(), size_t(3), 20'000);
    QCOMPARE(search.firstFrom(1), 1);
    search.search(u"error \\d"_s, {}); // a plain text now
    QTRY_VERIFY_WITH_TIMEOUT(!search.isSearching(), 20'000);
    QVERIFY(search.matches().empty());
    search.search(u"ERROR"_s, LogSearch::MatchCase);
    QTRY_COMPARE_WITH_TIMEOUT(search.matches().size(), size_t(1), 20'000);
}

void ConsolePartsTest::saysWhyAnExpressionIsNone()
{
    LogBuffer log;
    LogSearch search(log);
    QVERIFY(!search.search(u"a(b"_s, LogSearch::Regex).isEmpty());
    QVERIFY(search.search(u"a(b"_s, {}).isEmpty());
}

void ConsolePartsTest::followsTheEndUntilOneScrollsAway()
{
    LogView view;
    view.resize(400, 200);
    view.show();
    const auto append = [&] {
        for (int i = 0; i < 200; ++i)
            view.append(LogStreamKind::Stdout, "line " + QByteArray::number(i) + '\n');
    };
    append();
    QScrollBar *bar = view.verticalScrollBar();
    QCOMPARE(bar->value(), bar->maximum());
    QSignalSpy following(&view, &LogView::followingChanged);
    QTest::keyClick(&view, Qt::Key_PageUp);
    QCOMPARE(following.size(), 1);
    const int place = bar->value();
    append();
    QCOMPARE(bar->value(), place);
    QTest::keyClick(&view, Qt::Key_End);
    QVERIFY(view.isFollowing());
    append();
    QCOMPARE(bar->value(), bar->maximum());
}

void ConsolePartsTest::wrapsByColumns()
{
    LogView view;
    view.resize(400, 200);
    view.show();
    for (int i = 0; i < 3000; ++i)
        view.append(LogStreamKind::Stdout, QByteArray(i % 100 == 0 ? 500 : 10, 'x') + '\n');
    const int lines = view.verticalScrollBar()->maximum();
    view.setWrapping(true);
    const int wrapped = view.verticalScrollBar()->maximum();
    QVERIFY(wrapped > lines);
    QCOMPARE(view.horizontalScrollBar()->maximum(), 0);
    // Counted line by line as it came is what counting anew gives.
    view.append(LogStreamKind::Stdout, QByteArray(700, 'y'));
    view.append(LogStreamKind::Stdout, QByteArray(700, 'y') + '\n');
    const int grown = view.verticalScrollBar()->maximum();
    view.setWrapping(false);
    view.setWrapping(true);
    QCOMPARE(view.verticalScrollBar()->maximum(), grown);
    QVERIFY(!view.grab().isNull());
}

void ConsolePartsTest::selectsAndCopies()
{
    LogView view;
    view.resize(600, 300);
    view.show();
    view.append(LogStreamKind::Stdout, "\x1b[32mfirst\x1b[0m line\nsecond line\nthird");
    QTest::keySequence(&view, QKeySequence::SelectAll);
    QCOMPARE(view.selectedText(), u"first line\nsecond line\nthird"_s);
    QTest::mouseDClick(view.viewport(), Qt::LeftButton, {}, QPoint(20, 8));
    QCOMPARE(view.selectedText(), u"first"_s);
    view.clear();
    QVERIFY(!view.hasSelection());
}

void ConsolePartsTest::keepsJsonAsItWasWritten_data()
{
    QTest::addColumn<QByteArray>("json");
    QTest::newRow("order of members") << R"({"z":1,"a":2,"m":{"y":[],"b":{}}})"_ba;
    QTest::newRow("digits") << R"([1.0,1e5,12345678901234567890,0.10,-0])"_ba;
    QTest::newRow("words") << R"([null,true,false,"null"])"_ba;
    QTest::newRow("escapes") << R"({"a\"\\\n\tb":"\u0000\u001f日本😀"})"_ba;
    QTest::newRow("a plain value") << R"("text")"_ba;
}

void ConsolePartsTest::keepsJsonAsItWasWritten()
{
    QFETCH(QByteArray, json);
    const auto node = JsonNode::parse(json);
    QVERIFY(node.has_value());
    QCOMPARE(node->compact(), json);
    const auto again = JsonNode::parse(node->pretty().toUtf8());
    QVERIFY(again.has_value());
    QCOMPARE(again->compact(), json);
}

void ConsolePartsTest::treesShowJson()
{
    JsonTreeModel model;
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.setRoot(JsonNode::parse(R"({"a/b":[1,{"~c":"text"}],"n":null})").value());
    QCOMPARE(model.rowCount(), 2);
    const QModelIndex list = model.index(0, 0);
    QCOMPARE(model.rowCount(list), 2);
    const QModelIndex leaf = model.index(0, 1, model.index(1, 0, list));
    QCOMPARE(leaf.data().toString(), u"\"text\""_s);
    QCOMPARE(leaf.data(JsonTreeModel::PointerRole).toString(), u"/a~1b/1/~0c"_s);
    QCOMPARE(leaf.parent().parent(), list);
    QCOMPARE(model.index(1, 1).data().toString(), u"null"_s);
    model.setRoot(JsonNode::array());
    QCOMPARE(model.rowCount(), 0);
}

void ConsolePartsTest::formsLoseNothing_data()
{
    QTest::addColumn<QByteArray>("schema");
    QTest::addColumn<QByteArray>("input");
    const QByteArray schema = R"({
      "type": "object", "required": ["text"],
      "properties": {
        "text": {"type": "string"}, "short": {"type": "string", "maxLength": 10},
        "count": {"type": "integer", "default": 3}, "ratio": {"type": "number"},
        "on": {"type": "boolean"}, "kind": {"enum": ["a", "b", true, 5, null]},
        "day": {"type": "string", "format": "date"},
        "list": {"type": "array", "items": {"type": "string"}},
        "pair": {"prefixItems": [{"type": "string"}, {"type": "integer"}], "type": "array"},
        "nested": {"$ref": "#/$defs/node"},
        "either": {"oneOf": [{"type": "string"}, {"type": "object", "required": ["url"],
                   "properties": {"url": {"type": "string", "format": "uri"}}}]},
        "maybe": {"type": ["string", "null"]}, "free": {}
      },
      "$defs": {"node": {"type": "object", "properties": {
        "name": {"type": "string"}, "below": {"type": "array", "items": {"$ref": "#/$defs/node"}}}}}
    })";
    const auto row = [&](const char *name, const QByteArray &input) {
        QTest::newRow(name) << schema << input;
    };
    row("nothing", "{}");
    row("every kind",
        R"({"text":"a\nb","short":"s","count":7,"ratio":1.50,"on":false,"kind":true,)"
        R"("day":"2026-01-02","list":["x",""],"pair":["p",2],)"
        R"("nested":{"name":"n","below":[{"name":"m"}]},"either":{"url":"u"},)"
        R"("maybe":null,"free":[1,{"a":2}]})");
    row("empty and absent differ", R"({"text":"","list":[],"nested":{}})");
    row("members the schema does not know", R"({"b":1,"text":"t","a":{"deep":[1.0]}})");
    row("order", R"({"on":true,"text":"t","count":1})");
    row("large numbers", R"({"text":"t","count":12345678901234567890,"ratio":1e3})");
    row("wrong types",
        R"({"text":5,"count":"many","on":"yes","list":"one","kind":"zz","pair":[]})");
    row("wrong items", R"({"text":"t","list":[1,null,["x"]]})");
    row("a string where it may be an object", R"({"text":"t","either":"plain"})");
    row("carriage returns", R"({"text":"a\r\nb","short":"x\ny"})");
    row("a number as text", R"({"text":"t","count":"5"})");
    row("no-break space", R"({"text":"a b"})");
    row("not an object", R"([1,2])");
    QTest::newRow("variants of an object")
        << QByteArray(R"({"type":"object","properties":{"id":{"type":"string"}},"oneOf":[
             {"properties":{"kind":{"const":"a"},"x":{"type":"integer"}},"required":["kind","x"]},
             {"properties":{"kind":{"const":"b"},"y":{"type":"string"}},"required":["kind","y"]}]})")
        << QByteArray(R"({"kind":"b","id":"1","y":"why"})");
    QTest::newRow("a schema in a circle") << QByteArray(
        R"({"type":"object","properties":{"self":{"$ref":"#"},"n":{"type":"integer"}}})")
                                          << QByteArray(R"({"self":{"self":{"self":{"n":1}}}})");
}

void ConsolePartsTest::formsLoseNothing()
{
    QFETCH(QByteArray, schema);
    QFETCH(QByteArray, input);
    const FormContext context = contextOf(schema);
    const auto form = formOf(context);
    form->setValue(JsonNode::parse(input).value());
    QCOMPARE(form->complaint(), QString());
    const auto value = form->value();
    QVERIFY(value.has_value());
    QCOMPARE(value->compact(), JsonText::parse(input)->bytes());
}

void ConsolePartsTest::formsTakeWhatIsTyped()
{
    const FormContext context = contextOf(R"({"type":"object","properties":{
        "name":{"type":"string","maxLength":20},"count":{"type":"integer"},
        "mode":{"enum":["fast","slow"],"default":"slow"},"any":{}}})");
    const auto form = formOf(context);
    form->setValue(JsonNode::object());
    form->show();
    QSignalSpy edited(form.get(), &FormField::edited);
    auto *name = form->findChild<QLineEdit *>(u"form.value.name"_s);
    QVERIFY(name);
    QTest::keyClicks(name, u"Ann"_s);
    QVERIFY(edited.size() >= 3);
    auto *count = form->findChild<QLineEdit *>(u"form.value.count"_s);
    QTest::keyClicks(count, u"41"_s);
    QTest::keyClick(count, Qt::Key_Up);
    auto *mode = form->findChild<QComboBox *>(u"form.value.mode"_s);
    QCOMPARE(mode->accessibleName(), u"mode"_s);
    QVERIFY(mode->currentText().contains(u"slow"_s)); // what it is when left out
    QTest::keyClick(mode, Qt::Key_Down);
    QCOMPARE(form->value()->compact(), R"({"name":"Ann","count":42,"mode":"fast"})"_ba);
    // What is no number is kept for the check to speak of.
    QTest::keyClicks(count, u"x"_s);
    QCOMPARE(form->value()->member(u"count")->compact(), "\"42x\""_ba);
    // JSON that is none holds the form back.
    auto *add = form->findChild<QToolButton *>(u"form.add.any"_s);
    QVERIFY(add);
    add->click();
    auto *any = form->findChild<QPlainTextEdit *>(u"form.value.any"_s);
    QVERIFY(any);
    any->setPlainText({});
    QTest::keyClicks(any, u"{\"a\":"_s);
    QVERIFY(form->complaint().contains(u"any"_s));
    QTest::keyClicks(any, u"1}"_s);
    QCOMPARE(form->complaint(), QString());
    QCOMPARE(form->value()->member(u"any")->compact(), "{\"a\":1}"_ba);
}

void ConsolePartsTest::formsShowProblemsAtTheirFields()
{
    const FormContext context = contextOf(R"({"type":"object","required":["text"],"properties":{
        "text":{"type":"string"},"list":{"type":"array","items":{"type":"integer"}}}})");
    const auto form = formOf(context);
    form->setValue(JsonNode::parse(R"({"list":[1,2]})").value());
    FieldProblems problems{{QString(), {u"must have a member \"text\""_s, u"is odd"_s}},
                           {u"/list/1"_s, {u"must be at most 1"_s}},
                           {u"/elsewhere"_s, {u"is not allowed"_s}}};
    form->showProblems({}, problems);
    const auto textOf = [&](const QString &name) {
        return form->findChild<QLabel *>(u"form.problem."_s + name)->text();
    };
    QCOMPARE(textOf(u"text"_s), u"is required"_s);
    QCOMPARE(textOf(u"2"_s), u"must be at most 1"_s);
    // The form has no place for these.
    QCOMPARE(problems.keys(), QStringList({QString(), u"/elsewhere"_s}));
    QCOMPARE(problems.value(QString()), QStringList{u"is odd"_s});
    FieldProblems none;
    form->showProblems({}, none);
    QCOMPARE(textOf(u"text"_s), QString());
}

void ConsolePartsTest::listsCanBeEdited()
{
    const FormContext context = contextOf(R"({"type":"object","properties":{
        "list":{"type":"array","maxItems":3,"items":{"type":"string","maxLength":9}}}})");
    const auto form = formOf(context);
    form->setValue(JsonNode::parse(R"({"list":["a","b"]})").value());
    form->show();
    const auto click = [&](const QString &name, qsizetype at) {
        form->findChildren<QToolButton *>(name).at(at)->click();
    };
    click(u"form.addItem"_s, 0);
    QCOMPARE(form->value()->compact(), R"({"list":["a","b",""]})"_ba);
    QVERIFY(!form->findChild<QToolButton *>(u"form.addItem"_s)->isEnabled()); // three at most
    QSignalSpy edited(form.get(), &FormField::edited);
    click(u"form.removeItem"_s, 0);
    QTRY_COMPARE_WITH_TIMEOUT(edited.size(), 1, 20'000);
    QCOMPARE(form->value()->compact(), R"({"list":["b",""]})"_ba);
    for (QToolButton *button : form->findChildren<QToolButton *>()) {
        if (button->accessibleName() == "Move down"_L1) {
            button->click();
            break;
        }
    }
    QTRY_COMPARE_WITH_TIMEOUT(form->value()->compact(), R"({"list":["","b"]})"_ba, 20'000);
}

void ConsolePartsTest::variantsReplaceEachOther()
{
    const FormContext context = contextOf(R"({"type":"object","properties":{"source":{"oneOf":[
        {"title":"Text","type":"string"},
        {"title":"Place","type":"object","required":["url"],"properties":{
            "url":{"type":"string","format":"uri"}}}]}}})");
    const auto form = formOf(context);
    form->setValue(JsonNode::parse(R"({"source":"here"})").value());
    form->show();
    QComboBox *kind = nullptr;
    for (QComboBox *box : form->findChildren<QComboBox *>()) {
        if (box->accessibleName() == "Kind of value"_L1)
            kind = box;
    }
    QVERIFY(kind);
    QCOMPARE(kind->currentText(), u"Text"_s);
    QTest::keyClick(kind, Qt::Key_Down);
    QCOMPARE(form->value()->compact(), R"({"source":{"url":""}})"_ba);
}

void ConsolePartsTest::alignsLines_data()
{
    QTest::addColumn<QString>("left");
    QTest::addColumn<QString>("right");
    QTest::addColumn<QString>("rows"); // = same, ! changed, - removed, + added
    QTest::newRow("equal") << u"a\nb\n"_s << u"a\nb\n"_s << u"=="_s;
    QTest::newRow("line ends alone") << u"a\r\nb"_s << u"a\nb\n"_s << u"=="_s;
    QTest::newRow("both empty") << QString() << QString() << QString();
    QTest::newRow("from nothing") << QString() << u"a\nb"_s << u"++"_s;
    QTest::newRow("changed") << u"a\nb\nc"_s << u"a\nx\nc"_s << u"=!="_s;
    QTest::newRow("removed and added") << u"a\nb\nc\nd"_s << u"b\nc\nd\ne"_s << u"-===+"_s;
    QTest::newRow("uneven block") << u"1\n2\n3\nend"_s << u"x\nend"_s << u"!--="_s;
}

void ConsolePartsTest::alignsLines()
{
    QFETCH(QString, left);
    QFETCH(QString, right);
    QFETCH(QString, rows);
    const DiffRows diff = compareTexts(left, right);
    QString seen;
    for (const DiffRow &row : diff.rows)
        seen += u"=!-+"_s.at(static_cast<int>(row.kind));
    QCOMPARE(seen, rows);
    QCOMPARE(diff.isIdentical(),
             !rows.contains(u'!') && !rows.contains(u'-') && !rows.contains(u'+'));
}

void ConsolePartsTest::marksWhatDiffersWithinALine()
{
    const DiffRows diff = compareTexts(u"the quick brown fox"_s, u"the slow brown fox"_s);
    QCOMPARE(diff.rows.size(), size_t(1));
    QCOMPARE(diff.rows[0].leftSpans.size(), size_t(1));
    QCOMPARE(diff.left[0].mid(diff.rows[0].leftSpans[0].start, diff.rows[0].leftSpans[0].length),
             u"quick"_s);
    QCOMPARE(diff.right[0].mid(diff.rows[0].rightSpans[0].start, diff.rows[0].rightSpans[0].length),
             u"slow"_s);
    // Two lines that have nothing in common are marked as wholes only.
    QVERIFY(compareTexts(u"abc def"_s, u"123 456"_s).rows[0].leftSpans.empty());
}

void ConsolePartsTest::boundsComparisons()
{
    QString left;
    QString right;
    for (int i = 0; i < 6000; ++i) {
        left += u"left %1\n"_s.arg(i);
        right += u"right %1\n"_s.arg(i);
    }
    const DiffRows diff = compareTexts(left, right);
    QVERIFY(!diff.isShortest);
    QCOMPARE(diff.rows.size(), size_t(6000));
    const DiffRows cut = compareTexts(QString(mostComparedUnits + 10, u'x'), {});
    QVERIFY(cut.isCut);
}

void ConsolePartsTest::goesFromDifferenceToDifference()
{
    DiffView view;
    view.resize(600, 300);
    view.show();
    QString left;
    for (int i = 0; i < 200; ++i)
        left += u"line %1\n"_s.arg(i);
    QString right = left;
    right.replace(u"line 20\n"_s, u"other\n"_s).replace(u"line 150\n"_s, QString());
    view.setTexts(u"a"_s, left, u"b"_s, right);
    QCOMPARE(view.differences(), 2);
    auto *place = view.findChild<QLabel *>(u"diff.place"_s);
    QCOMPARE(place->text(), u"Difference 1 of 2"_s);
    QTest::mouseClick(view.findChild<QToolButton *>(u"diff.next"_s), Qt::LeftButton);
    QCOMPARE(place->text(), u"Difference 2 of 2"_s);
    QVERIFY(!view.findChild<QToolButton *>(u"diff.next"_s)->isEnabled());
    view.setUnified(true);
    QVERIFY(view.isUnified());
    QVERIFY(!view.grab().isNull());
    view.showPrevious();
    QCOMPARE(place->text(), u"Difference 1 of 2"_s);
    // Long texts are compared elsewhere; the newest question wins.
    QSignalSpy compared(&view, &DiffView::compared);
    const QString longText = left.repeated(60);
    view.setTexts(u"a"_s, longText, u"b"_s, longText + u"more"_s);
    view.setTexts(u"a"_s, longText, u"b"_s, longText);
    QTRY_COMPARE_WITH_TIMEOUT(compared.size(), 1, 20'000);
    QCOMPARE(view.differences(), 0);
}

void ConsolePartsTest::historyStaysInOrder()
{
    HistoryModel model(u"me"_s);
    const QAbstractItemModelTester tester(&model,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.merge({run(u"c"_s, 30), run(u"b"_s, 20)});
    model.merge({run(u"a"_s, 10)});
    model.merge({run(u"e"_s, 50), run(u"d"_s, 40), run(u"c"_s, 30)});
    QCOMPARE(idsOf(model), QStringList({u"e"_s, u"d"_s, u"c"_s, u"b"_s, u"a"_s}));
    ExecutionRecord changed = run(u"b"_s, 20);
    changed.status = ExecutionStatus::Failed;
    changed.inputExcerpt.clear(); // a whole record does not have it
    QSignalSpy dataChanged(&model, &QAbstractItemModel::dataChanged);
    model.merge({changed});
    QCOMPARE(dataChanged.size(), 1);
    QCOMPARE(model.index(3).data(HistoryModel::StatusRole).toInt(),
             static_cast<int>(ExecutionStatus::Failed));
    QCOMPARE(model.index(3).data(HistoryModel::InputRole).toString(), u"{\"n\":\"b\"}"_s);
    model.clear();
    QCOMPARE(model.rowCount(), 0);
}

void ConsolePartsTest::historyAsksForOlderRunsOnce()
{
    HistoryModel model(u"me"_s);
    QSignalSpy wanted(&model, &HistoryModel::olderWanted);
    QVERIFY(!model.canFetchMore({}));
    model.setMore(true);
    QVERIFY(model.canFetchMore({}));
    model.fetchMore({});
    model.fetchMore({});
    QCOMPARE(wanted.size(), 1);
}

void ConsolePartsTest::historyFilters_data()
{
    QTest::addColumn<HistoryFilter::Show>("show");
    QTest::addColumn<int>("source"); // -1: all
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    using Show = HistoryFilter::Show;
    QTest::newRow("all") << Show::All << -1 << QString() << u"dcba"_s;
    QTest::newRow("running") << Show::Running << -1 << QString() << u"d"_s;
    QTest::newRow("success") << Show::Success << -1 << QString() << u"ba"_s;
    QTest::newRow("failed") << Show::Failed << -1 << QString() << u"c"_s;
    QTest::newRow("pinned") << Show::Pinned << -1 << QString() << u"a"_s;
    QTest::newRow("agents") << Show::All << static_cast<int>(RunSource::Agent) << QString()
                            << u"b"_s;
    QTest::newRow("text in the input") << Show::All << -1 << u"\"N\":\"c"_s << u"c"_s;
    QTest::newRow("text in the name") << Show::All << -1 << u"skill-B"_s << u"b"_s;
    QTest::newRow("nothing") << Show::Failed << -1 << u"zzz"_s << QString();
}

void ConsolePartsTest::historyFilters()
{
    QFETCH(HistoryFilter::Show, show);
    QFETCH(int, source);
    QFETCH(QString, text);
    QFETCH(QString, expected);
    HistoryModel model(u"me"_s);
    HistoryFilter filter;
    filter.setSourceModel(&model);
    const QAbstractItemModelTester tester(&filter,
                                          QAbstractItemModelTester::FailureReportingMode::QtTest);
    QList<ExecutionRecord> runs{run(u"a"_s, 1), run(u"b"_s, 2, u"key-1"_s), run(u"c"_s, 3),
                                run(u"d"_s, 4)};
    runs[2].status = ExecutionStatus::Timeout;
    runs[3].status = ExecutionStatus::Running;
    model.merge(runs);
    model.setPins({u"a"_s});
    filter.setShow(show);
    filter.setSource(source < 0 ? std::nullopt : std::optional(static_cast<RunSource>(source)));
    filter.setText(text);
    QCOMPARE(idsOf(filter).join(QString()), expected);
}

void ConsolePartsTest::snippetsHoldTheWholeRequest()
{
    RunOrder order;
    order.skill = u"word-counter"_s;
    order.version = u"1.0.0"_s;
    order.input = R"({"text":"it's \"$HOME\" \\ `x`\n","on":true,"none":null,"n":1.0})";
    order.environment.insert(u"LEVEL"_s, u"3"_s);
    order.timeout = std::chrono::milliseconds(90'000);
    const QString address = u"http://127.0.0.1:9"_s;
    for (const auto language : {SnippetLanguage::Curl, SnippetLanguage::Python, SnippetLanguage::Go,
                                SnippetLanguage::TypeScript}) {
        const QString code = runSnippet(language, order, address);
        for (const QString &part : {u"word-counter"_s, u"1.0.0"_s, u"LEVEL"_s, address})
            QVERIFY2(code.contains(part), qPrintable(code));
    }
    // A shell gives the body on as it is.
    QString curl = runSnippet(SnippetLanguage::Curl, order, address);
    curl.replace(u"curl -sS"_s, u"printf '%s\\n'"_s);
    QProcess shell;
    shell.start(u"/bin/sh"_s, {u"-c"_s, curl});
    QVERIFY(shell.waitForFinished(20'000));
    const QByteArray body = shell.readAllStandardOutput().trimmed().split('\n').last();
    const auto parsed = JsonNode::parse(body);
    QVERIFY2(parsed.has_value(), body.constData());
    QCOMPARE(parsed->member(u"input")->compact(), order.input);
    QCOMPARE(parsed->member(u"timeout")->text(), u"1m30s"_s);
    // Python reads its literal as the same value.
    const QString python = QStandardPaths::findExecutable(u"python3"_s);
    if (python.isEmpty())
        QSKIP("python3 is not installed");
    const QString code = runSnippet(SnippetLanguage::Python, order, address);
    const qsizetype start = code.indexOf(u"client.run("_s);
    const QString call = code.mid(start, code.indexOf(u"\nprint("_s) - start);
    QProcess interpreter;
    interpreter.start(python,
                      {u"-c"_s,
                       u"import json\nclass client:\n  def run(skill, input, **more):\n"
                       "    print(json.dumps([skill, input, more]))\n"_s
                           + call});
    QVERIFY(interpreter.waitForFinished(20'000));
    const auto said = JsonNode::parse(interpreter.readAllStandardOutput().trimmed());
    QVERIFY2(said.has_value(), interpreter.readAllStandardError().constData());
    QCOMPARE(said->children()[1].member(u"text")->text(),
             JsonNode::parse(order.input)->member(u"text")->text());
}

QTEST_MAIN(ConsolePartsTest)
#include "test_console_parts.moc"
