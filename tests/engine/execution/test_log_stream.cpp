#include "engine/execution/log_stream.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

constexpr auto out = LogStreamKind::Stdout;
constexpr auto err = LogStreamKind::Stderr;
const QString replaced(QChar::ReplacementCharacter);

} // namespace

class LogStreamTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void mergesInTheOrderOfArrival();
    void makesBytesSafe_data();
    void makesBytesSafe();
    void everySplitGivesTheSameText();
    void putsSplitCharactersTogetherPerStream();
    void cutsAtTheCapAndSaysHowMuchIsMissing_data();
    void cutsAtTheCapAndSaysHowMuchIsMissing();
    void keepsNothingAfterTheCut();
    void countsWhatWasPendingWhenItWasCut();
    void stopsGrowingAtTheCap();
    void notesStandOnTheirOwnLinesAndAreNeverCut();
    void tellsTheListenerExactlyWhatIsKept();
    void spoolsForOthersWhileItRuns();
    void runsWithoutASpoolThatCannotBeWritten();
};

void LogStreamTest::mergesInTheOrderOfArrival()
{
    LogStream log(1000, {}, {});
    log.write(out, "one\n");
    log.write(err, "two\n");
    log.write(out, "three");
    log.write(err, " four\n");
    log.finish();
    QCOMPARE(log.text(), u"one\ntwo\nthree four\n"_s);
}

void LogStreamTest::makesBytesSafe_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    QTest::newRow("plain") << "abc\r\n\t\x1b[1m"_ba << u"abc\r\n\t\x1b[1m"_s;
    QTest::newRow("two, three, four bytes") << "ä€😀"_ba << u"ä€😀"_s;
    QTest::newRow("NUL") << QByteArray("a\0b", 3) << u"a"_s + replaced + u"b"_s;
    QTest::newRow("lone continuation") << "a\x80z"_ba << u"a"_s + replaced + u"z"_s;
    QTest::newRow("never in UTF-8") << "\xff\xfe"_ba << replaced.repeated(2);
    QTest::newRow("overlong slash") << "\xc0\xaf"_ba << replaced.repeated(2);
    QTest::newRow("overlong three") << "\xe0\x80\xaf"_ba << replaced.repeated(3);
    QTest::newRow("surrogate") << "\xed\xa0\x80"_ba << replaced.repeated(3);
    QTest::newRow("beyond Unicode") << "\xf4\x90\x80\x80"_ba << replaced.repeated(4);
    QTest::newRow("cut sequence then text") << "\xe2\x82z"_ba << replaced + u"z"_s;
    QTest::newRow("cut sequence then sequence") << "\xf0\x9f\x98\xc3\xa4"_ba << replaced + u"ä"_s;
    QTest::newRow("cut at the end") << "a\xf0\x9f\x98"_ba << u"a"_s + replaced;
    QTest::newRow("noncharacter is valid") << "\xef\xbf\xbf"_ba << QString(QChar(0xffff));
    QTest::newRow("byte order mark stays") << "\xef\xbb\xbf"
                                              "a"_ba
                                           << QString(QChar(0xfeff)) + u'a';
}

void LogStreamTest::makesBytesSafe()
{
    QFETCH(QByteArray, bytes);
    LogStream log(1000, {}, {});
    log.write(out, bytes);
    log.finish();
    QTEST(log.text(), "expected");
}

void LogStreamTest::everySplitGivesTheSameText()
{
    const QByteArray bytes = "a€\xf0\x9f\x98\xe2\x82"
                             "b\xff😀\0\xed\xa0\x80ä\xc3"_ba;
    LogStream whole(1000, {}, {});
    whole.write(out, bytes);
    whole.finish();
    for (qsizetype first = 0; first <= bytes.size(); ++first) {
        for (qsizetype second = first; second <= bytes.size(); ++second) {
            LogStream split(1000, {}, {});
            split.write(out, bytes.first(first));
            split.write(out, bytes.sliced(first, second - first));
            split.write(out, bytes.sliced(second));
            split.finish();
            QCOMPARE(split.text(), whole.text());
        }
    }
}

void LogStreamTest::putsSplitCharactersTogetherPerStream()
{
    LogStream log(1000, {}, {});
    log.write(out, "\xe2\x82");
    log.write(err, "\xc3");
    log.write(out, "\xac");
    log.write(err, "\xa4");
    log.finish();
    QCOMPARE(log.text(), u"€ä"_s);
}

void LogStreamTest::cutsAtTheCapAndSaysHowMuchIsMissing_data()
{
    QTest::addColumn<int>("cap");
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    QTest::newRow("just fits") << 5 << "12345"_ba << u"12345"_s;
    QTest::newRow("one over") << 5 << "123456"_ba << u"12345\n… 1 bytes dropped\n"_s;
    QTest::newRow("ends with a line") << 4 << "123\n56"_ba << u"123\n… 2 bytes dropped\n"_s;
    QTest::newRow("not within a character") << 4 << "12€4"_ba << u"12\n… 4 bytes dropped\n"_s;
    QTest::newRow("nothing kept") << 0 << "abc"_ba << u"… 3 bytes dropped\n"_s;
    QTest::newRow("replacement does not fit") << 3
                                              << "a\xff"
                                                 "b"_ba
                                              << u"a\n… 2 bytes dropped\n"_s;
    QTest::newRow("cut character at the end")
        << 3 << "ab\xe2\x82"_ba << u"ab\n… 2 bytes dropped\n"_s;
}

void LogStreamTest::cutsAtTheCapAndSaysHowMuchIsMissing()
{
    QFETCH(int, cap);
    QFETCH(QByteArray, bytes);
    LogStream log(cap, {}, {});
    log.write(out, bytes);
    log.finish();
    QTEST(log.text(), "expected");
}

void LogStreamTest::keepsNothingAfterTheCut()
{
    // What comes later and would fit must not look as if it stood there.
    LogStream log(4, {}, {});
    log.write(out, "abc€");
    log.write(err, "d");
    log.write(out, "e");
    log.finish();
    QCOMPARE(log.text(), u"abc\n… 5 bytes dropped\n"_s);
}

void LogStreamTest::countsWhatWasPendingWhenItWasCut()
{
    LogStream log(2, {}, {});
    log.write(err, "\xe2\x82");
    log.write(out, "abc");
    log.finish();
    QCOMPARE(log.text(), u"ab\n… 3 bytes dropped\n"_s);
}

void LogStreamTest::stopsGrowingAtTheCap()
{
    LogStream log(1 << 20, {}, {});
    const QByteArray chunk(1 << 16, '\xff'); // grows threefold when made safe
    for (int i = 0; i < 1000; ++i)
        log.write(out, chunk);
    log.finish();
    QVERIFY(log.text().toUtf8().size() <= (1 << 20) + 64);
    const qint64 kept = (1 << 20) / 3;
    QVERIFY(log.text().endsWith(u"\n… %1 bytes dropped\n"_s.arg(1000LL * (1 << 16) - kept)));
}

void LogStreamTest::notesStandOnTheirOwnLinesAndAreNeverCut()
{
    LogStream log(3, {}, {});
    log.note(u"first"_s);
    log.write(out, "abcdef");
    log.finish();
    log.note(u"warning: last"_s);
    QCOMPARE(log.text(), u"skillbox: first\nabc\n… 3 bytes dropped\nskillbox: warning: last\n"_s);
}

void LogStreamTest::tellsTheListenerExactlyWhatIsKept()
{
    QString heard;
    QList<LogStreamKind> kinds;
    LogStream log(6, {}, [&](LogStreamKind stream, const QString &text) {
        QVERIFY(!text.isEmpty());
        heard += text;
        kinds += stream;
    });
    log.write(out, "ab\xe2");
    log.write(err, "x");
    log.write(out, "\x82");
    log.write(out, "\xac");
    log.write(out, "tail");
    log.finish();
    QCOMPARE(heard, log.text());
    QCOMPARE(kinds, (QList<LogStreamKind>{out, err, out, err}));
}

void LogStreamTest::spoolsForOthersWhileItRuns()
{
    QTemporaryDir directory;
    const QString path = directory.filePath(u"run.log"_s);
    const auto spooled = [&path] {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : "no file"_ba;
    };
    {
        LogStream log(8, path, {});
        QCOMPARE(spooled(), "no file"_ba);
        log.write(out, "one\n\xc3");
        QCOMPARE(spooled(), "one\n"_ba);
        QCOMPARE(QFile::permissions(path) & (QFile::ReadGroup | QFile::ReadOther),
                 QFile::Permissions());
        log.write(out, "\xa4 too much");
        log.finish();
        QCOMPARE(spooled(), log.text().toUtf8());
    }
    QCOMPARE(spooled(), "no file"_ba);
}

void LogStreamTest::runsWithoutASpoolThatCannotBeWritten()
{
    LogStream log(100, u"/nowhere/at/all.log"_s, {});
    log.write(out, "one\n");
    log.write(out, "two\n");
    log.finish();
    QCOMPARE(log.text(), u"one\ntwo\n"_s);
}

QTEST_GUILESS_MAIN(LogStreamTest)
#include "test_log_stream.moc"
