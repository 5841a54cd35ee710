#include "server/api/rate_limiter.h"

#include "server/api/failed_calls.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace skillbox;

class RateLimiterTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void withoutALimitThereIsNoVerdict();
    void allowsABurstAndThenTheRate();
    void saysWhenToComeBack();
    void tenantsHaveTheirOwn();
    void neverHoldsMoreThanTheLimit();
    void forgetsTenantsThatAreQuiet();

    void boundsTheFailuresOfAnAddress();
    void countsAddressesOfOneCustomerTogether_data();
    void countsAddressesOfOneCustomerTogether();
    void letsThroughWhatWorkedLately();
    void remembersABoundedNumberOfAddresses();
};

static const TenantId acme{u"acme"_s};
static const RateLimiter::Clock::time_point start = RateLimiter::Clock::time_point() + 1h;

void RateLimiterTest::withoutALimitThereIsNoVerdict()
{
    RateLimiter limiter({});
    QVERIFY(!limiter.take(acme, start));
}

void RateLimiterTest::allowsABurstAndThenTheRate()
{
    RateLimiter limiter({.requests = 10, .window = 20s});
    for (int i = 0; i < 10; ++i) {
        const auto verdict = limiter.take(acme, start);
        QVERIFY(verdict->allowed);
        QCOMPARE(verdict->remaining, 9 - i);
    }
    QVERIFY(!limiter.take(acme, start)->allowed);
    QVERIFY(!limiter.take(acme, start + 1s)->allowed);
    QVERIFY(limiter.take(acme, start + 2s)->allowed); // one each two seconds
    QVERIFY(!limiter.take(acme, start + 2s)->allowed);
}

void RateLimiterTest::saysWhenToComeBack()
{
    RateLimiter limiter({.requests = 1, .window = 60s});
    QCOMPARE(limiter.take(acme, start)->refillsIn, 60s);
    QCOMPARE(limiter.take(acme, start + 10s)->retryAfter, 50s);
    QCOMPARE(limiter.take(acme, start + 59'900ms)->retryAfter, 1s); // never 0
    QVERIFY(limiter.take(acme, start + 60s)->allowed);
}

void RateLimiterTest::tenantsHaveTheirOwn()
{
    RateLimiter limiter({.requests = 1, .window = 60s});
    QVERIFY(limiter.take(acme, start)->allowed);
    QVERIFY(!limiter.take(acme, start)->allowed);
    QVERIFY(limiter.take({u"other"_s}, start)->allowed);
}

void RateLimiterTest::neverHoldsMoreThanTheLimit()
{
    RateLimiter limiter({.requests = 2, .window = 1s});
    limiter.take(acme, start);
    for (int i = 0; i < 2; ++i)
        QVERIFY(limiter.take(acme, start + 24h)->allowed);
    QVERIFY(!limiter.take(acme, start + 24h)->allowed);
}

void RateLimiterTest::forgetsTenantsThatAreQuiet()
{
    RateLimiter limiter({.requests = 5, .window = 1s});
    for (int i = 0; i < 5000; ++i)
        limiter.take({QString::number(i)}, start + std::chrono::milliseconds(i));
    QVERIFY2(limiter.bucketCount() < 2500, qPrintable(QString::number(limiter.bucketCount())));
}

// --- Calls without a valid key

static const FailedCalls::Clock::time_point noon = FailedCalls::Clock::time_point() + 12h;

void RateLimiterTest::boundsTheFailuresOfAnAddress()
{
    FailedCalls calls(6);
    const QString bad = u"192.0.2.1"_s;
    for (int i = 0; i < 6; ++i) {
        QVERIFY(!calls.waitOf(bad, u"guess"_s, noon));
        calls.failed(bad, noon);
    }
    QCOMPARE(calls.waitOf(bad, u"guess"_s, noon), 10s); // one of six comes back
    QCOMPARE(calls.waitOf(bad, {}, noon), 10s);
    QVERIFY(!calls.waitOf(u"192.0.2.2"_s, u"guess"_s, noon));
    QVERIFY(calls.waitOf(bad, u"guess"_s, noon + 4s) < 8s);
    QVERIFY(!calls.waitOf(bad, u"guess"_s, noon + 11s));
    calls.failed(bad, noon + 11s);
    QVERIFY(calls.waitOf(bad, u"guess"_s, noon + 11s));
    // No address, no bound: a user of this machine. And none where none is wanted.
    FailedCalls open(0);
    for (int i = 0; i < 100; ++i) {
        calls.failed({}, noon);
        open.failed(bad, noon);
    }
    QVERIFY(!calls.waitOf({}, u"guess"_s, noon));
    QVERIFY(!open.waitOf(bad, u"guess"_s, noon));
}

void RateLimiterTest::countsAddressesOfOneCustomerTogether_data()
{
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("second");
    QTest::addColumn<bool>("together");
    QTest::newRow("one /64") << u"2001:db8:1:2::1"_s << u"2001:db8:1:2:ffff::9"_s << true;
    QTest::newRow("two /64") << u"2001:db8:1:2::1"_s << u"2001:db8:1:3::1"_s << false;
    QTest::newRow("two IPv4") << u"192.0.2.1"_s << u"192.0.2.2"_s << false;
    QTest::newRow("IPv4 in IPv6") << u"::ffff:192.0.2.1"_s << u"192.0.2.1"_s << true;
    QTest::newRow("two IPv4 in IPv6") << u"::ffff:192.0.2.1"_s << u"::ffff:192.0.2.2"_s << false;
    QTest::newRow("a link's scope") << u"fe80::1%eth0"_s << u"fe80::2%eth1"_s << true;
}

void RateLimiterTest::countsAddressesOfOneCustomerTogether()
{
    QFETCH(QString, first);
    QFETCH(QString, second);
    QFETCH(bool, together);
    FailedCalls calls(1);
    calls.failed(first, noon);
    QCOMPARE(calls.waitOf(second, u"guess"_s, noon).has_value(), together);
}

void RateLimiterTest::letsThroughWhatWorkedLately()
{
    FailedCalls calls(1);
    const QString office = u"192.0.2.1"_s;
    calls.worked(office, u"good"_s, noon);
    calls.failed(office, noon);
    QVERIFY(!calls.waitOf(office, u"good"_s, noon));
    QVERIFY(calls.waitOf(office, u"other"_s, noon));
    QVERIFY(calls.waitOf(office, {}, noon));
    // It worked there and nowhere else.
    calls.failed(u"192.0.2.2"_s, noon);
    QVERIFY(calls.waitOf(u"192.0.2.2"_s, u"good"_s, noon));
    calls.failed(office, noon + 11min);
    QVERIFY(calls.waitOf(office, u"good"_s, noon + 11min));
    // Of the keys the longest unused goes first.
    calls.worked(office, u"good"_s, noon + 12min);
    for (int i = 0; i < FailedCalls::maxKeys; ++i)
        calls.worked(office, QString::number(i), noon + 12min);
    calls.failed(office, noon + 12min);
    QVERIFY(calls.waitOf(office, u"good"_s, noon + 12min));
    QVERIFY(!calls.waitOf(office, u"3"_s, noon + 12min));
}

void RateLimiterTest::remembersABoundedNumberOfAddresses()
{
    FailedCalls calls(1);
    calls.failed(u"198.51.100.1"_s, noon);
    for (int i = 0; i < 30'000; ++i) {
        calls.failed(u"10.0.%1.%2"_s.arg(i / 250).arg(i % 250),
                     noon + std::chrono::milliseconds(i));
        if (i % 1000 == 0) // one that comes again and again is not forgotten for the others
            calls.failed(u"198.51.100.1"_s, noon + std::chrono::milliseconds(i));
    }
    QVERIFY(calls.addressCount() <= FailedCalls::maxAddresses);
    QVERIFY(calls.waitOf(u"198.51.100.1"_s, u"guess"_s, noon + 30s));
    calls.failed(u"203.0.113.1"_s, noon + 1h);
    QVERIFY(calls.addressCount() <= FailedCalls::maxAddresses);
}

QTEST_GUILESS_MAIN(RateLimiterTest)
#include "test_rate_limiter.moc"
