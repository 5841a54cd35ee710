#include "engine/skill/semver.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

class TestSemVer : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void readsBackWhatItWrites_data();
    void readsBackWhatItWrites();
    void rejectsWhatIsNotAVersion_data();
    void rejectsWhatIsNotAVersion();
    void ordersBySection11();
    void comparesNumbersOfAnyLength();
    void ignoresBuildInOrder();
};

void TestSemVer::readsBackWhatItWrites_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("isPreRelease");

    QTest::newRow("plain") << u"1.2.3"_s << false;
    QTest::newRow("zero") << u"0.0.0"_s << false;
    QTest::newRow("largest numbers") << u"18446744073709551615.0.1"_s << false;
    QTest::newRow("pre-release") << u"1.0.0-alpha.1"_s << true;
    QTest::newRow("hyphens") << u"1.0.0--1.-"_s << true;
    QTest::newRow("numeric with letters") << u"1.0.0-0a.x-y"_s << true;
    QTest::newRow("build") << u"1.0.0+001.sha-5114f85"_s << false;
    QTest::newRow("both") << u"1.0.0-rc.1+build.5"_s << true;
    QTest::newRow("hyphen in build") << u"1.0.0+a-b"_s << false;
}

void TestSemVer::readsBackWhatItWrites()
{
    QFETCH(QString, text);
    const auto version = SemVer::parse(text);
    QVERIFY(version);
    QCOMPARE(version->toString(), text);
    QTEST(version->isPreRelease(), "isPreRelease");
}

void TestSemVer::rejectsWhatIsNotAVersion_data()
{
    QTest::addColumn<QString>("text");
    for (const char *text :
         {"",           "1",           "1.0",       "1.2.3.4",   "v1.2.3",
          "01.2.3",     "1.02.3",      "1.2.03",    "1.2.3-",    "1.2.3+",
          "1.2.3-a..b", "1.2.3-01",    "1.2.3-a_b", "1.2.3+a+b", " 1.2.3",
          "1.2.3 ",     "-1.2.3",      "1.2.x",     "1..3",      "99999999999999999999.0.0",
          "\u0661.2.3", "1.2.3-\u00e9"}) {
        QTest::newRow(*text ? text : "empty") << QString::fromUtf8(text);
    }
}

void TestSemVer::rejectsWhatIsNotAVersion()
{
    QFETCH(QString, text);
    QVERIFY(!SemVer::parse(text));
}

void TestSemVer::ordersBySection11()
{
    const QStringList ascending{
        u"0.9.9"_s,      u"1.0.0-1"_s,      u"1.0.0-2"_s,       u"1.0.0-11"_s,
        u"1.0.0--"_s,    u"1.0.0-alpha"_s,  u"1.0.0-alpha.1"_s, u"1.0.0-alpha.beta"_s,
        u"1.0.0-beta"_s, u"1.0.0-beta.2"_s, u"1.0.0-beta.11"_s, u"1.0.0-rc.1"_s,
        u"1.0.0"_s,      u"1.0.1"_s,        u"1.2.0"_s,         u"1.10.0"_s,
        u"2.0.0-0"_s,    u"2.0.0"_s};
    for (qsizetype i = 0; i < ascending.size(); ++i) {
        for (qsizetype j = 0; j < ascending.size(); ++j) {
            const auto a = SemVer::parse(ascending[i]);
            const auto b = SemVer::parse(ascending[j]);
            QVERIFY(a && b);
            QVERIFY2((*a <=> *b) == (i <=> j),
                     qPrintable(ascending[i] + u" and "_s + ascending[j]));
        }
    }
}

void TestSemVer::comparesNumbersOfAnyLength()
{
    const auto smaller = SemVer::parse(u"1.0.0-99999999999999999999"_s);
    const auto larger = SemVer::parse(u"1.0.0-100000000000000000000"_s);
    QVERIFY(smaller && larger);
    QVERIFY(*smaller < *larger);
}

void TestSemVer::ignoresBuildInOrder()
{
    QVERIFY((*SemVer::parse(u"1.0.0+a"_s) <=> *SemVer::parse(u"1.0.0+b"_s)) == 0);
}

QTEST_GUILESS_MAIN(TestSemVer)
#include "test_semver.moc"
