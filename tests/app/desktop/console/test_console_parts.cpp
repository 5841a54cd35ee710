#include "app/desktop/console/history_model.h"
#include "app/desktop/console/run_snippet.h"
#include "app/desktop/session/json_node.h"
#include "app/desktop/text/cell_line.h"
#include "app/desktop/text/diff_rows.h"
#include "app/desktop/text/diff_view.h"
#include "tests/app/desktop/console/console_parts.h"

#include <QAbstractItemModelTester>
#include <QProcess>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

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
