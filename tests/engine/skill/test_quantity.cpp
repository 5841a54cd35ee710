#include "engine/skill/quantity.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

class TestQuantity : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsDurations_data();
    void readsDurations();
    void rejectsDurations_data();
    void rejectsDurations();
    void writesDurations_data();
    void writesDurations();
    void readsSizes_data();
    void readsSizes();
    void rejectsSizes_data();
    void rejectsSizes();
    void writesSizes_data();
    void writesSizes();
    void readsCpu_data();
    void readsCpu();
    void rejectsCpu_data();
    void rejectsCpu();
    void writesCpu_data();
    void writesCpu();
    void messageNamesTheText();
    void messageShowsControlCharacters();
};

void TestQuantity::readsDurations_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("milliseconds");

    QTest::newRow("seconds") << u"60s"_s << qint64(60'000);
    QTest::newRow("minutes and seconds") << u"1m30s"_s << qint64(90'000);
    QTest::newRow("fraction") << u"1.5s"_s << qint64(1500);
    QTest::newRow("fraction without zero") << u".5s"_s << qint64(500);
    QTest::newRow("milliseconds") << u"100ms"_s << qint64(100);
    QTest::newRow("hours") << u"2h"_s << qint64(7'200'000);
    QTest::newRow("all units") << u"1h2m3s4ms"_s << qint64(3'723'004);
    QTest::newRow("bare number") << u"5"_s << qint64(5000);
    QTest::newRow("bare fraction") << u"0.25"_s << qint64(250);
    QTest::newRow("zero parts") << u"1h0m0s"_s << qint64(3'600'000);
    QTest::newRow("exact fraction of an hour") << u"0.0000025h"_s << qint64(9);
    QTest::newRow("zeros behind the point") << u"1.500000s"_s << qint64(1500);
}

void TestQuantity::readsDurations()
{
    QFETCH(QString, text);
    const auto duration = parseDuration(text);
    QVERIFY2(duration, qPrintable(duration ? QString() : duration.error().message));
    QTEST(static_cast<qint64>(duration->count()), "milliseconds");
}

void TestQuantity::rejectsDurations_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : {"",
                             "s",
                             "0",
                             "0s",
                             "0h0m",
                             "-5s",
                             "+5s",
                             "5 s",
                             " 5s",
                             "5s ",
                             "5S",
                             "1d",
                             "1s1m",
                             "1s1s",
                             "5m30",
                             "1..5s",
                             "1.s",
                             "1.0005s",
                             "1e3s",
                             "99999999999999999999s",
                             "9223372036854775807h",
                             "\u0665s",
                             "100us"}) {
        QTest::newRow(*text ? text : "empty") << QString::fromUtf8(text);
    }
}

void TestQuantity::rejectsDurations()
{
    QFETCH(QString, text);
    const auto duration = parseDuration(text);
    QVERIFY(!duration);
    QCOMPARE(duration.error().code, ErrorCode::BadRequest);
}

void TestQuantity::writesDurations_data()
{
    QTest::addColumn<qint64>("milliseconds");
    QTest::addColumn<QString>("text");

    QTest::newRow("milliseconds") << qint64(100) << u"100ms"_s;
    QTest::newRow("seconds") << qint64(5000) << u"5s"_s;
    QTest::newRow("fraction") << qint64(1500) << u"1.5s"_s;
    QTest::newRow("minutes") << qint64(120'000) << u"2m"_s;
    QTest::newRow("mixed") << qint64(90'000) << u"1m30s"_s;
    QTest::newRow("everything") << qint64(3'723'004) << u"1h2m3.004s"_s;
    QTest::newRow("hour and fraction") << qint64(3'600'050) << u"1h0.05s"_s;
    QTest::newRow("nothing") << qint64(0) << u"0s"_s;
    QTest::newRow("negative") << qint64(-1500) << u"-1.5s"_s;
    QTest::newRow("smallest") << std::numeric_limits<qint64>::min()
                              << u"-2562047788015h12m55.808s"_s;
}

void TestQuantity::writesDurations()
{
    QFETCH(qint64, milliseconds);
    QFETCH(QString, text);
    QCOMPARE(formatDuration(std::chrono::milliseconds(milliseconds)), text);
    if (milliseconds > 0) {
        const auto back = parseDuration(text);
        QVERIFY(back);
        QCOMPARE(static_cast<qint64>(back->count()), milliseconds);
    }
}

void TestQuantity::readsSizes_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<qint64>("bytes");

    QTest::newRow("bytes") << u"1000"_s << qint64(1000);
    QTest::newRow("Ki") << u"512Ki"_s << (qint64(512) << 10);
    QTest::newRow("Mi") << u"256Mi"_s << (qint64(256) << 20);
    QTest::newRow("Gi") << u"1Gi"_s << (qint64(1) << 30);
    QTest::newRow("Ti") << u"2Ti"_s << (qint64(2) << 40);
    QTest::newRow("k") << u"5k"_s << qint64(5000);
    QTest::newRow("M") << u"100M"_s << qint64(100'000'000);
    QTest::newRow("G") << u"1G"_s << qint64(1'000'000'000);
    QTest::newRow("fraction") << u"1.5Gi"_s << (qint64(3) << 29);
    QTest::newRow("decimal fraction") << u"0.5k"_s << qint64(500);
    QTest::newRow("largest") << u"9223372036854775807"_s << std::numeric_limits<qint64>::max();
}

void TestQuantity::readsSizes()
{
    QFETCH(QString, text);
    const auto bytes = parseBytes(text);
    QVERIFY2(bytes, qPrintable(bytes ? QString() : bytes.error().message));
    QTEST(*bytes, "bytes");
}

void TestQuantity::rejectsSizes_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : {"", "0", "0Mi", "-1Mi", "256MB", "256mb", "256mi", "1 Gi", "Gi", "1.1",
                             "0.3Ki", "1e9", "9223372036854775808", "9000000Ti", "0x10"}) {
        QTest::newRow(*text ? text : "empty") << QString::fromUtf8(text);
    }
}

void TestQuantity::rejectsSizes()
{
    QFETCH(QString, text);
    QVERIFY(!parseBytes(text));
}

void TestQuantity::writesSizes_data()
{
    QTest::addColumn<qint64>("bytes");
    QTest::addColumn<QString>("text");

    QTest::newRow("Mi") << (qint64(256) << 20) << u"256Mi"_s;
    QTest::newRow("Gi") << (qint64(1) << 30) << u"1Gi"_s;
    QTest::newRow("not whole Gi") << (qint64(3) << 29) << u"1536Mi"_s;
    QTest::newRow("bytes") << qint64(1000) << u"1000"_s;
    QTest::newRow("nothing") << qint64(0) << u"0"_s;
}

void TestQuantity::writesSizes()
{
    QFETCH(qint64, bytes);
    QTEST(formatBytes(bytes), "text");
}

void TestQuantity::readsCpu_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("milliCpu");

    QTest::newRow("half") << u"0.5"_s << 500;
    QTest::newRow("thousandths") << u"500m"_s << 500;
    QTest::newRow("cores") << u"2"_s << 2000;
    QTest::newRow("text of a float") << u"1.0"_s << 1000;
    QTest::newRow("finest") << u"0.001"_s << 1;
}

void TestQuantity::readsCpu()
{
    QFETCH(QString, text);
    const auto milliCpu = parseMilliCpu(text);
    QVERIFY2(milliCpu, qPrintable(milliCpu ? QString() : milliCpu.error().message));
    QTEST(*milliCpu, "milliCpu");
}

void TestQuantity::rejectsCpu_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text : {"", "0", "0m", "-1", "0.0005", "0.5m", "half", "1 core", "2147484"})
        QTest::newRow(*text ? text : "empty") << QString::fromUtf8(text);
}

void TestQuantity::rejectsCpu()
{
    QFETCH(QString, text);
    QVERIFY(!parseMilliCpu(text));
}

void TestQuantity::writesCpu_data()
{
    QTest::addColumn<int>("milliCpu");
    QTest::addColumn<QString>("text");

    QTest::newRow("half") << 500 << u"0.5"_s;
    QTest::newRow("cores") << 2000 << u"2"_s;
    QTest::newRow("quarter") << 1250 << u"1.25"_s;
    QTest::newRow("finest") << 1 << u"0.001"_s;
}

void TestQuantity::writesCpu()
{
    QFETCH(int, milliCpu);
    QTEST(formatMilliCpu(milliCpu), "text");
}

void TestQuantity::messageNamesTheText()
{
    QCOMPARE(parseDuration(u"soon"_s).error().message,
             u"\"soon\" is not a duration; write it like 60s, 1m30s, 1.5s or 100ms"_s);
    QCOMPARE(parseBytes(u"256MB"_s).error().message,
             u"\"256MB\" is not a size; write it like 256Mi, 1Gi or a number of bytes"_s);
}

void TestQuantity::messageShowsControlCharacters()
{
    QVERIFY(!parseDuration(u"\u001b[31m"_s).error().message.contains(QChar(0x1b)));
}

QTEST_GUILESS_MAIN(TestQuantity)
#include "test_quantity.moc"
