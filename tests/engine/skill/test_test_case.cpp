#include "engine/skill/test_case.h"

#include <QJsonDocument>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

class TestTestCase : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void keepsTheInputAsItIsWritten();
    void refuses_data();
    void refuses();
    void compares_data();
    void compares();
    void findsValues_data();
    void findsValues();
    void showsWhereOutputsDiffer();
};

void TestTestCase::keepsTheInputAsItIsWritten()
{
    const auto testCase = parseTestCase(
        R"({"name": "x", "input": {"z": 1.0, "a": [12345678901234567890, "}\"{"], "b": {}}, "expect": {"status": "success"}})");
    QVERIFY(testCase.has_value());
    QCOMPARE(testCase->input.bytes(), R"({"z":1.0,"a":[12345678901234567890,"}\"{"],"b":{}})");
    const auto last = parseTestCase(R"({"expect": {"status": "failed"}, "input": 3})");
    QVERIFY(last && last->input.bytes() == "3" && !last->expectsSuccess);
    const auto none = parseTestCase(R"({"expect": {"status": "failed"}})");
    QVERIFY(none && none->input.isEmpty());
}

void TestTestCase::refuses_data()
{
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("not JSON") << QByteArray("{");
    QTest::newRow("a list") << QByteArray("[]");
    QTest::newRow("no expect") << QByteArray(R"({"input": 1})");
    QTest::newRow("unknown member")
        << QByteArray(R"({"inputs": 1, "expect": {"status": "success"}})");
    QTest::newRow("unknown expectation")
        << QByteArray(R"({"expect": {"status": "success", "pointer": {}}})");
    QTest::newRow("status") << QByteArray(R"({"expect": {"status": "ok"}})");
    QTest::newRow("files") << QByteArray(R"({"files": ["a"], "expect": {"status": "success"}})");
    QTest::newRow("pointer") << QByteArray(
        R"({"expect": {"status": "success", "pointers": {"a": 1}}})");
    QTest::newRow("texts") << QByteArray(R"({"expect": {"status": "success", "logs_contain": 3}})");
}

void TestTestCase::refuses()
{
    QFETCH(QByteArray, text);
    const auto testCase = parseTestCase(text);
    QVERIFY(!testCase);
    QVERIFY(testCase.error().message.startsWith(u"the test case "));
}

void TestTestCase::compares_data()
{
    QTest::addColumn<QByteArray>("expect");
    QTest::addColumn<bool>("passes");

    const auto row = [](const char *title, const QByteArray &expect, bool passes) {
        QTest::newRow(title) << expect << passes;
    };
    row("status", R"({"status": "success"})", true);
    row("other status", R"({"status": "failed"})", false);
    row("output", R"({"status": "success", "output": {"b": [1, 2], "a": 1.0}})", true);
    row("other output", R"({"status": "success", "output": {"a": 1}})", false);
    row("pointer", R"({"status": "success", "pointers": {"/b/-1": 2, "": {"a": 1, "b": [1, 2]}}})",
        true);
    row("other value", R"({"status": "success", "pointers": {"/b/0": 2}})", false);
    row("nothing there", R"({"status": "success", "pointers": {"/c": null}})", false);
    row("files", R"({"status": "success", "files": ["a.json", "b.png"]})", true);
    row("no such file", R"({"status": "success", "files": ["c"]})", false);
    row("not what its name says", R"({"status": "success", "files": ["broken.json"]})", false);
    row("log", R"({"status": "success", "logs_contain": ["one", "two"]})", true);
    row("not in the log", R"({"status": "success", "logs_contain": "three"})", false);
    row("no error", R"({"status": "success", "error_contains": "x"})", false);
}

void TestTestCase::compares()
{
    QFETCH(QByteArray, expect);
    const auto testCase = parseTestCase("{\"expect\": " + expect + "}");
    QVERIFY(testCase.has_value());
    TestObservation observed;
    observed.succeeded = true;
    observed.status = u"success"_s;
    observed.output = *JsonText::parse(R"({"a": 1, "b": [1, 2]})");
    observed.logs = u"one\ntwo\n"_s;
    observed.files = {u"a.json"_s, u"b.png"_s, u"broken.json"_s};
    observed.fileContent = [](const QString &name) {
        return name == u"a.json" ? QByteArray("{}")
            : name == u"b.png"   ? QByteArray("\x89PNG\r\n\x1A\n")
                                 : QByteArray("{");
    };
    const QStringList problems = testProblems(*testCase, observed);
    QFETCH(bool, passes);
    QVERIFY2(problems.isEmpty() == passes, qPrintable(problems.join(u'\n')));
}

void TestTestCase::findsValues_data()
{
    QTest::addColumn<QString>("pointer");
    QTest::addColumn<QString>("value");
    QTest::newRow("member") << u"/a~1b"_s << u"1"_s;
    QTest::newRow("tilde") << u"/c~0d"_s << u"2"_s;
    QTest::newRow("empty name") << u"/"_s << u"3"_s;
    QTest::newRow("last") << u"/l/-1"_s << u"6"_s;
    QTest::newRow("past the end") << u"/l/2"_s << QString();
    QTest::newRow("before the start") << u"/l/-3"_s << QString();
    QTest::newRow("no number") << u"/l/x"_s << QString();
    QTest::newRow("inside a number") << u"/l/0/0"_s << QString();
}

void TestTestCase::findsValues()
{
    QFETCH(QString, pointer);
    const QJsonValue root = QJsonDocument::fromJson(R"({"a/b": 1, "c~d": 2, "": 3, "l": [5, 6]})")
                                .object();
    const auto found = valueAt(root, pointer);
    QTEST(found ? QString::number(found->toInt()) : QString(), "value");
}

void TestTestCase::showsWhereOutputsDiffer()
{
    const auto testCase = parseTestCase(
        R"({"expect": {"status": "success", "output": {"a": 1, "b": 2, "c": 3}}})");
    TestObservation observed;
    observed.succeeded = true;
    observed.output = *JsonText::parse(R"({"a": 1, "b": 4, "c": 3})");
    const QStringList problems = testProblems(*testCase, observed);
    QCOMPARE(problems.size(), 1);
    QVERIFY2(problems[0].contains(u"-     \"b\": 2,\n"_s)
                 || problems[0].contains(u"+     \"b\": 4,\n"_s),
             qPrintable(problems[0]));
    QVERIFY(problems[0].contains(u"- "_s) && problems[0].contains(u"+ "_s));
}

QTEST_GUILESS_MAIN(TestTestCase)
#include "test_test_case.moc"
