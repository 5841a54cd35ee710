#include "app/cli/text.h"

#include <QtTest>

#include <clocale>

using namespace Qt::StringLiterals;

namespace skillbox {

class TestText : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(std::setlocale(LC_ALL, "C.UTF-8")); }

    void measuresColumnsAndNotCharacters_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("width");
        QTest::newRow("ascii") << u"abc"_s << 3;
        QTest::newRow("accent") << u"é"_s << 1;
        QTest::newRow("combining") << u"e\u0301"_s << 1;
        QTest::newRow("east asian") << u"日本"_s << 4;
        QTest::newRow("emoji outside the basic plane") << u"🎉"_s << 2;
        QTest::newRow("empty") << QString() << 0;
    }
    void measuresColumnsAndNotCharacters()
    {
        QFETCH(QString, text);
        QFETCH(int, width);
        QCOMPARE(displayWidth(text), width);
    }

    void cutsAtColumnsAndSaysSo_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<int>("width");
        QTest::addColumn<QString>("expected");
        QTest::newRow("fits") << u"abc"_s << 3 << u"abc"_s;
        QTest::newRow("cut") << u"abcd"_s << 3 << u"ab…"_s;
        QTest::newRow("no half of a wide character") << u"日本語"_s << 4 << u"日…"_s;
        QTest::newRow("no half of a surrogate pair") << u"a🎉🎉"_s << 4 << u"a🎉…"_s;
        QTest::newRow("no space before the mark") << u"ab cde"_s << 4 << u"ab…"_s;
        QTest::newRow("no limit") << u"abcd"_s << 0 << u"abcd"_s;
    }
    void cutsAtColumnsAndSaysSo()
    {
        QFETCH(QString, text);
        QFETCH(int, width);
        QFETCH(QString, expected);
        QCOMPARE(elided(text, width), expected);
    }

    void disarmsTerminalControls_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("expected");
        QTest::newRow("escape sequence") << u"\x1b[31mred"_s << u"␛[31mred"_s;
        QTest::newRow("bell, delete") << u"\a\x7f"_s << u"␇␡"_s;
        QTest::newRow("C1 control sequence introducer") << u"\u009b31m"_s << u"\uFFFD31m"_s;
        QTest::newRow("right-to-left override") << u"a\u202eb"_s << u"a\uFFFDb"_s;
        QTest::newRow("line feed and tab stay") << u"a\n\tb"_s << u"a\n\tb"_s;
        QTest::newRow("carriage return ends a line") << u"10%\r20%\r\nx"_s << u"10%\n20%\nx"_s;
    }
    void disarmsTerminalControls()
    {
        QFETCH(QString, text);
        QFETCH(QString, expected);
        QCOMPARE(printable(text), expected);
    }

    void suggestsWhatWasProbablyMeant_data()
    {
        QTest::addColumn<QString>("word");
        QTest::addColumn<QString>("expected");
        QTest::newRow("swapped letters") << u"rnu"_s << u"run"_s;
        QTest::newRow("missing letter") << u"dctor"_s << u"doctor"_s;
        QTest::newRow("capitals") << u"DOCTOR"_s << u"doctor"_s;
        QTest::newRow("beginning") << u"comp"_s << u"completion"_s;
        QTest::newRow("nothing like it") << u"frobnicate"_s << QString();
        QTest::newRow("too short to guess") << u"x"_s << QString();
    }
    void suggestsWhatWasProbablyMeant()
    {
        QFETCH(QString, word);
        QFETCH(QString, expected);
        QCOMPARE(closestMatch(word, {u"run"_s, u"skill"_s, u"doctor"_s, u"completion"_s}),
                 expected);
    }

    void wrapsAtSpacesUnderTheIndent()
    {
        QCOMPARE(wrapped(u"one two three"_s, 12, 4), u"one two\n    three"_s);
        QCOMPARE(wrapped(u"averyveryverylongword"_s, 10, 4), u"averyveryverylongword"_s);
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestText)
#include "test_text.moc"
