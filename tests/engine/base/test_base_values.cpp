#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/base/ids.h"
#include "engine/base/language.h"
#include "engine/base/outage.h"
#include "engine/base/sha256.h"
#include "engine/base/unique_fd.h"

#include <QSet>
#include <QTest>
#include <QTimeZone>

#include <fcntl.h>

#include <thread>

using namespace Qt::StringLiterals;
using namespace skillbox;

class BaseValuesTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void uuidsAreLowerCaseVersionFourAndDistinctAcrossThreads();
    void recognisesUuids_data();
    void recognisesUuids();

    void writesTimesInUtcWithMilliseconds();
    void timeTextsSortAsTimesDo();
    void readsBackTheTimesItWrites();
    void invalidTimesAreEmptyTexts();

    void hashesKnownValues_data();
    void hashesKnownValues();
    void hashOfPiecesIsHashOfWhole();

    void everyErrorCodeHasItsOwnSlug();
    void findsLanguagesByExtension_data();
    void findsLanguagesByExtension();
    void uniqueFdClosesOnce();
    void anOutageIsBorneOnce();
};

void BaseValuesTest::uuidsAreLowerCaseVersionFourAndDistinctAcrossThreads()
{
    QStringList made[4];
    {
        std::vector<std::jthread> threads;
        for (QStringList &mine : made) {
            threads.emplace_back([&mine] {
                for (int i = 0; i < 1000; ++i)
                    mine += newUuid();
            });
        }
    }
    QSet<QString> all;
    for (const QStringList &some : made) {
        for (const QString &id : some) {
            QVERIFY2(isUuid(id), qPrintable(id));
            QCOMPARE(id, id.toLower());
            QCOMPARE(id[14], QChar(u'4'));
            all.insert(id);
        }
    }
    QCOMPARE(all.size(), 4000);
}

void BaseValuesTest::recognisesUuids_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<bool>("expected");
    QTest::newRow("lower") << u"0188a5eb-6e0b-4f0a-9c1d-0123456789ab"_s << true;
    QTest::newRow("upper") << u"0188A5EB-6E0B-4F0A-9C1D-0123456789AB"_s << true;
    QTest::newRow("empty") << QString() << false;
    QTest::newRow("braces") << u"{0188a5eb-6e0b-4f0a-9c1d-0123456789a}"_s << false;
    QTest::newRow("no dashes") << u"0188a5eb6e0b4f0a9c1d0123456789ab0000"_s << false;
    QTest::newRow("path") << u"../../../../../../../../../etc/passwd"_s << false;
    QTest::newRow("not hex") << u"0188a5eg-6e0b-4f0a-9c1d-0123456789ab"_s << false;
    QTest::newRow("dash moved") << u"0188a5e-b6e0b-4f0a-9c1d-0123456789ab"_s << false;
    QTest::newRow("longer") << u"0188a5eb-6e0b-4f0a-9c1d-0123456789ab0"_s << false;
    QTest::newRow("full-width digits") << u"０188a5eb-6e0b-4f0a-9c1d-0123456789ab"_s << false;
}

void BaseValuesTest::recognisesUuids()
{
    QFETCH(QString, text);
    QTEST(isUuid(text), "expected");
}

void BaseValuesTest::writesTimesInUtcWithMilliseconds()
{
    const QDateTime local(QDate(2026, 1, 2), QTime(5, 4, 5, 6), QTimeZone(2 * 3600));
    QCOMPARE(toRfc3339(local), u"2026-01-02T03:04:05.006Z"_s);
    const QDateTime whole(QDate(2026, 1, 2), QTime(3, 4, 5), Qt::UTC);
    QCOMPARE(toRfc3339(whole), u"2026-01-02T03:04:05.000Z"_s);
    QCOMPARE(nowUtc().timeSpec(), Qt::UTC);
}

void BaseValuesTest::timeTextsSortAsTimesDo()
{
    const QDateTime early(QDate(2025, 12, 31), QTime(23, 59, 59, 999), Qt::UTC);
    const QDateTime late = early.addMSecs(1);
    QVERIFY(toRfc3339(early) < toRfc3339(late));
    QCOMPARE(toRfc3339(early).size(), toRfc3339(late).size());
}

void BaseValuesTest::readsBackTheTimesItWrites()
{
    const QDateTime now = nowUtc();
    QCOMPARE(fromRfc3339(toRfc3339(now)), now);
    QCOMPARE(fromRfc3339(u"2026-01-02T05:04:05.006+02:00"_s),
             QDateTime(QDate(2026, 1, 2), QTime(3, 4, 5, 6), Qt::UTC));
}

void BaseValuesTest::invalidTimesAreEmptyTexts()
{
    QVERIFY(toRfc3339(QDateTime()).isEmpty());
    QVERIFY(!fromRfc3339(u"yesterday"_s).isValid());
    QVERIFY(!fromRfc3339(QString()).isValid());
}

void BaseValuesTest::hashesKnownValues_data()
{
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<QString>("expected");
    // FIPS 180-4 examples.
    QTest::newRow("empty") << QByteArray()
                           << u"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"_s;
    QTest::newRow("abc") << "abc"_ba
                         << u"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"_s;
    QTest::newRow("million a") << QByteArray(
        1'000'000, 'a') << u"cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"_s;
}

void BaseValuesTest::hashesKnownValues()
{
    QFETCH(QByteArray, bytes);
    QTEST(Sha256::of(bytes), "expected");
}

void BaseValuesTest::hashOfPiecesIsHashOfWhole()
{
    const QByteArray bytes("The quick brown fox jumps over the lazy dog");
    Sha256 hash;
    for (const char c : bytes)
        hash.add(QByteArrayView(&c, 1));
    hash.add({});
    QCOMPARE(hash.finish(), Sha256::of(bytes));
}

void BaseValuesTest::everyErrorCodeHasItsOwnSlug()
{
    QSet<QString> slugs;
    const int count = static_cast<int>(ErrorCode::Internal) + 1;
    for (int code = 0; code < count; ++code)
        slugs.insert(errorSlug(static_cast<ErrorCode>(code)));
    QCOMPARE(slugs.size(), count);
    QVERIFY(slugs.contains(u"not_found"_s));
    QVERIFY(slugs.contains(u"busy"_s));
}

void BaseValuesTest::findsLanguagesByExtension_data()
{
    QTest::addColumn<QString>("path");
    QTest::addColumn<QString>("expected");
    QTest::newRow("python") << u"main.py"_s << u"python"_s;
    QTest::newRow("nested") << u"scripts/a.b/run.mjs"_s << u"node"_s;
    QTest::newRow("common js") << u"index.cjs"_s << u"node"_s;
    QTest::newRow("bash") << u"run.bash"_s << u"bash"_s;
    QTest::newRow("shell") << u"run.sh"_s << u"bash"_s;
    QTest::newRow("text") << u"notes.txt"_s << QString();
    QTest::newRow("none") << u"main"_s << QString();
}

void BaseValuesTest::findsLanguagesByExtension()
{
    QFETCH(QString, path);
    const auto language = languageOfScript(path);
    QTEST(language ? QString(languageName(*language)) : QString(), "expected");
    if (language)
        QVERIFY(languageFromName(QString(languageName(*language))) == language);
}

void BaseValuesTest::uniqueFdClosesOnce()
{
    const int raw = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    QVERIFY(raw >= 0);
    {
        UniqueFd first(raw);
        UniqueFd second(std::move(first));
        QVERIFY(!first);
        QCOMPARE(second.get(), raw);
        QVERIFY(::fcntl(raw, F_GETFD) >= 0);
        UniqueFd third;
        third = std::move(second);
        QCOMPARE(third.get(), raw);
    }
    QCOMPARE(::fcntl(raw, F_GETFD), -1);
}

void BaseValuesTest::anOutageIsBorneOnce()
{
    using namespace std::chrono_literals;
    Outage outage;
    const auto before = Outage::Clock::now();
    QVERIFY(outage.deadline(10s) >= before + 10s); // there is none: from now on
    outage.note(false);
    const auto first = outage.deadline(10s);
    QVERIFY(first <= Outage::Clock::now() + 10s);
    while (Outage::Clock::now() < before + 1ms)
        std::this_thread::yield();
    outage.note(false); // goes on
    QVERIFY(outage.deadline(10s) == first);
    QVERIFY(outage.deadline(0s) <= Outage::Clock::now());
    outage.note(true);
    QVERIFY(outage.deadline(10s) > first);

    const auto once = Outage::Clock::now();
    outage.note(false, once);
    const auto later = once + Outage::forgotten + 1s;
    QVERIFY(outage.deadline(10s, once + 30s) == once + 10s);
    QVERIFY(outage.deadline(10s, later) == later + 10s); // nobody saw it again: it was another one
    outage.note(false, later);
    QVERIFY(outage.deadline(10s, later + 5s) == later + 10s);
}

QTEST_GUILESS_MAIN(BaseValuesTest)
#include "test_base_values.moc"
