#include "app/cli/moment_argument.h"

#include "engine/base/clock.h"

#include <QTest>

using namespace skillbox;
using namespace Qt::StringLiterals;

class TestMomentArgument : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void understandsWhatPeopleWrite_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("ahead"); // of 2026-03-01T12:00:00Z
        QTest::addColumn<QString>("ago");
        const auto absolute = [](const char *text, const QString &time) {
            QTest::newRow(text) << QString::fromLatin1(text) << time << time;
        };
        QTest::newRow("days") << u"90d"_s << u"2026-05-30T12:00:00.000Z"_s
                              << u"2025-12-01T12:00:00.000Z"_s;
        QTest::newRow("weeks") << u"2w"_s << u"2026-03-15T12:00:00.000Z"_s
                               << u"2026-02-15T12:00:00.000Z"_s;
        QTest::newRow("hours") << u"12h"_s << u"2026-03-02T00:00:00.000Z"_s
                               << u"2026-03-01T00:00:00.000Z"_s;
        QTest::newRow("mixed") << u"1h30m"_s << u"2026-03-01T13:30:00.000Z"_s
                               << u"2026-03-01T10:30:00.000Z"_s;
        absolute("2027-01-31", u"2027-01-31T00:00:00.000Z"_s);
        absolute("2027-01-31T08:00:00Z", u"2027-01-31T08:00:00.000Z"_s);
        absolute("2027-01-31T08:00:00.250Z", u"2027-01-31T08:00:00.250Z"_s);
        absolute("2027-01-31T08:00:00+02:00", u"2027-01-31T06:00:00.000Z"_s);
        absolute("2027-01-31t08:00:00z", u"2027-01-31T08:00:00.000Z"_s);
        absolute("2028-02-29", u"2028-02-29T00:00:00.000Z"_s);
    }
    void understandsWhatPeopleWrite()
    {
        QFETCH(QString, text);
        const QDateTime now = fromRfc3339(u"2026-03-01T12:00:00Z"_s);
        const auto ahead = parseMoment(u"--expires"_s, text, now, Span::Ahead);
        QVERIFY2(ahead, ahead ? "" : qPrintable(ahead.error().message));
        QTEST(toRfc3339(*ahead), "ahead");
        QTEST(toRfc3339(*parseMoment(u"--since"_s, text, now, Span::Ago)), "ago");
    }

    void refusesAnythingElse()
    {
        const QDateTime now = fromRfc3339(u"2026-03-01T12:00:00Z"_s);
        for (const QString &text :
             {QString(), u"90"_s, u"-1d"_s, u"0d"_s, u"1.5d"_s, u"d"_s, u"90 d"_s, u"999999d"_s,
              u"2027-02-29"_s, u"2027-1-1"_s, u"2027-01-31T25:00:00Z"_s, u"2027-01-31T08:00:00"_s,
              u"2027-01-31 08:00:00Z"_s, u"tomorrow"_s, u"99999999999999999999h"_s}) {
            const auto moment = parseMoment(u"--since"_s, text, now, Span::Ago);
            QVERIFY2(!moment, qPrintable(text));
            QVERIFY2(moment.error().message.startsWith(u"--since "_s),
                     qPrintable(moment.error().message));
        }
    }
};

QTEST_GUILESS_MAIN(TestMomentArgument)
#include "test_moment_argument.moc"
