#include "engine/remote/answer_json.h"

#include <QJsonObject>
#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox {

class TestAnswerJson : public QObject
{
    Q_OBJECT

    /// Readable JSON: moc of Qt 6.4 loses its way in raw strings.
    static QByteArray json(QByteArray text) { return text.replace('\'', '"'); }
    static JsonText parsed(const QByteArray &bytes)
    {
        const Result<JsonText> text = JsonText::parse(bytes);
        return text ? *text : JsonText();
    }

private Q_SLOTS:
    void findsMembersAsTheyWereWritten_data()
    {
        QTest::addColumn<QByteArray>("object");
        QTest::addColumn<QByteArray>("output");
        QTest::newRow("number keeps its digits")
            << json("{'output':12345678901234567890.10}") << QByteArray("12345678901234567890.10");
        QTest::newRow("object in the middle")
            << json("{'a':1,'output':{'b':[1,{'c':2}],'d':'}'},'e':null}")
            << json("{'b':[1,{'c':2}],'d':'}'}");
        QTest::newRow("string with marks and escapes")
            << json("{'x':'\\'output\\':1','output':'a\\\\\\',:{}[]'}") << json("'a\\\\\\',:{}[]'");
        QTest::newRow("empty array") << json("{'output':[]}") << QByteArray("[]");
        QTest::newRow("absent") << json("{'outputs':1}") << QByteArray();
        QTest::newRow("nested one is another") << json("{'a':{'output':1}}") << QByteArray();
        QTest::newRow("no object") << json("['output',1]") << QByteArray();
        QTest::newRow("empty object") << QByteArray("{}") << QByteArray();
    }
    void findsMembersAsTheyWereWritten()
    {
        QFETCH(QByteArray, object);
        QFETCH(QByteArray, output);
        QCOMPARE(rawMembers(parsed(object)).value("output"), output);
    }

    void splitsAnArray()
    {
        QCOMPARE(rawItems(parsed(json("[1,'a,]',{'b':[2,3]},[],null]"))),
                 (QByteArrayList{"1", json("'a,]'"), json("{'b':[2,3]}"), "[]", "null"}));
        QCOMPARE(rawItems(parsed("[]")), QByteArrayList());
        QCOMPARE(rawItems(parsed("{}")), QByteArrayList());
    }

    void readsAnExecution()
    {
        const ExecutionRecord record = executionFromJson(parsed(
            json("{'execution_id':'e','status':'timeout','output':1.50,'files_list':['a','b/c'],"
                 "'logs':'l','duration_ms':12,'error':'late','reason':'wall_clock','exit_code':3,"
                 "'skill_name':'s','skill_version':'1.0.0','input':{'n':1},"
                 "'created_at':'2026-01-02T03:04:05.678Z'}")));
        QCOMPARE(record.id.value, u"e"_s);
        QCOMPARE(record.status, ExecutionStatus::Timeout);
        QCOMPARE(record.output.bytes(), "1.50");
        QCOMPARE(record.artifacts.size(), 2);
        QCOMPARE(record.artifacts[1].path, u"b/c"_s);
        QCOMPARE(record.durationMs, 12);
        QCOMPARE(record.error, u"late"_s);
        QCOMPARE(record.exitCode, std::optional<int>(3));
        QCOMPARE(record.createdAt.toMSecsSinceEpoch() % 1000, 678);
        QVERIFY(!record.finishedAt.isValid());
    }

    /// Servers of other versions, or what is none at all.
    void takesWhatIsOfAnotherTypeAsAbsent()
    {
        const ExecutionRecord record = executionFromJson(parsed(
            json("{'execution_id':5,'status':[],'files_list':'a','duration_ms':'x','error':null,"
                 "'exit_code':null,'sandbox':1,'created_at':true}")));
        QVERIFY(record.id.isEmpty());
        QVERIFY(record.artifacts.isEmpty());
        QVERIFY(record.error.isEmpty());
        QVERIFY(!record.exitCode);
        QVERIFY(executionFromJson(parsed("[]")).id.isEmpty());
        QVERIFY(skillFromJson({}).name.isEmpty());
    }

    void knowsAYankedSkillByItsStatus()
    {
        const SkillVersionRecord record = skillFromJson(
            {{u"name"_s, u"s"_s}, {u"status"_s, u"yanked"_s}});
        QVERIFY(record.yankedAt.isValid());
        QVERIFY(!skillFromJson({{u"status"_s, u"available"_s}}).yankedAt.isValid());
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestAnswerJson)
#include "test_answer_json.moc"
