#include "app/cli/format.h"

#include "engine/base/json_text.h"

#include <QtTest>

using namespace Qt::StringLiterals;

namespace skillbox {

class TestFormat : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesSizesForPeople_data()
    {
        QTest::addColumn<qint64>("bytes");
        QTest::addColumn<QString>("expected");
        QTest::newRow("none") << qint64{0} << u"0 B"_s;
        QTest::newRow("bytes") << qint64{1023} << u"1023 B"_s;
        QTest::newRow("kibibytes") << qint64{12'595} << u"12.3 KiB"_s;
        QTest::newRow("never 1024.0 KiB") << qint64{1024 * 1024 - 1} << u"1.0 MiB"_s;
        QTest::newRow("gibibytes") << (qint64{3} << 30) << u"3.0 GiB"_s;
    }
    void writesSizesForPeople()
    {
        QFETCH(qint64, bytes);
        QFETCH(QString, expected);
        QCOMPARE(humanBytes(bytes), expected);
    }

    void writesDurationsForPeople_data()
    {
        QTest::addColumn<int>("ms");
        QTest::addColumn<QString>("expected");
        QTest::newRow("zero") << 0 << u"0 ms"_s;
        QTest::newRow("milliseconds") << 999 << u"999 ms"_s;
        QTest::newRow("seconds") << 1240 << u"1.24 s"_s;
        QTest::newRow("two digits") << 2005 << u"2.00 s"_s;
        QTest::newRow("cut, not rounded") << 59'999 << u"59.99 s"_s;
        QTest::newRow("minutes") << 123'000 << u"2 min 3 s"_s;
        QTest::newRow("hours") << 3'725'000 << u"1 h 2 min"_s;
    }
    void writesDurationsForPeople()
    {
        QFETCH(int, ms);
        QFETCH(QString, expected);
        QCOMPARE(humanDuration(std::chrono::milliseconds(ms)), expected);
    }

    void writesTimesRelativeToNow_data()
    {
        QTest::addColumn<qint64>("seconds");
        QTest::addColumn<QString>("expected");
        QTest::newRow("now") << qint64{3} << u"just now"_s;
        QTest::newRow("seconds") << qint64{42} << u"42 seconds ago"_s;
        QTest::newRow("one minute") << qint64{61} << u"1 minute ago"_s;
        QTest::newRow("hours") << qint64{2 * 3600} << u"2 hours ago"_s;
        QTest::newRow("days") << qint64{3 * 86'400} << u"3 days ago"_s;
        QTest::newRow("weeks") << qint64{21 * 86'400} << u"3 weeks ago"_s;
        QTest::newRow("years") << qint64{800 * 86'400} << u"2 years ago"_s;
    }
    void writesTimesRelativeToNow()
    {
        QFETCH(qint64, seconds);
        QFETCH(QString, expected);
        const QDateTime now(QDate(2026, 1, 2), QTime(3, 4, 5), Qt::UTC);
        QCOMPARE(humanAgo(now.addSecs(-seconds), now), expected);
    }

    void writesAFutureTimeAsItIs()
    {
        const QDateTime now(QDate(2026, 1, 2), QTime(3, 4, 5), Qt::UTC);
        const QDateTime later = now.addSecs(3600);
        QCOMPARE(humanAgo(later, now), localTime(later));
    }

    void indentsJsonWithoutTouchingValues_data()
    {
        QTest::addColumn<QByteArray>("json");
        QTest::addColumn<QString>("expected");
        QTest::newRow("scalar") << QByteArray("1.0") << u"1.0"_s;
        QTest::newRow("empty") << QByteArray("{\"a\":[],\"b\":{}}")
                               << u"{\n  \"a\": [],\n  \"b\": {}\n}"_s;
        QTest::newRow("nested") << QByteArray("{\"z\":[1,{\"a\":null}],\"b\":12345678901234567890}")
                                << u"{\n  \"z\": [\n    1,\n    {\n      \"a\": null\n    }\n  ],\n"
                                   "  \"b\": 12345678901234567890\n}"_s;
        QTest::newRow("punctuation in strings")
            << QByteArray("[\"{,:\\\"]\",\"\\\\\"]") << u"[\n  \"{,:\\\"]\",\n  \"\\\\\"\n]"_s;
    }
    void indentsJsonWithoutTouchingValues()
    {
        QFETCH(QByteArray, json);
        QFETCH(QString, expected);
        const auto parsed = JsonText::parse(json);
        QVERIFY(parsed);
        const QString pretty = prettyJson(QString::fromUtf8(parsed->bytes()));
        QCOMPARE(pretty, expected);
        // Nothing but white space was added.
        QCOMPARE(JsonText::parse(pretty.toUtf8())->bytes(), parsed->bytes());
    }

    void paintsKeysOnly()
    {
        QCOMPARE(prettyJson(u"{\"a\":\"b\"}"_s, {u"<"_s, u">"_s}), u"{\n  <\"a\">: \"b\"\n}"_s);
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestFormat)
#include "test_format.moc"
