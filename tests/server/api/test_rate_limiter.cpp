#include "server/api/rate_limiter.h"

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

QTEST_GUILESS_MAIN(RateLimiterTest)
#include "test_rate_limiter.moc"
