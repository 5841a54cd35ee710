#include "engine/housekeeping.h"

#include "engine/base/clock.h"
#include "tests/engine/workspace/workspace_fixture.h"

#include <QElapsedTimer>

#include <atomic>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace skillbox;

class HousekeepingTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void tidiesUpAgainAndAgain();
    void leavesTheYoungAlone();
    void endsAtOnce();
};

void HousekeepingTest::tidiesUpAgainAndAgain()
{
    WorkspaceFixture m;
    const QDateTime past = nowUtc().addSecs(-10);
    for (int i = 0; i < 3; ++i) {
        VERIFY_OK(m.metadata->claimIdempotency(localTenant(), QString::number(i), u"h"_s,
                                               {u"instance"_s}, past.addSecs(-10), past));
    }
    m.put("forgotten");
    std::atomic<int> reclaims = 0;
    const Housekeeping keeper(*m.metadata, *m.blobs, [&] { ++reclaims; },
                              {.firstAfter = 0ms, .every = 20ms, .blobAge = -60s});
    QTRY_VERIFY(!m.keeps("forgotten"));
    QTRY_VERIFY(reclaims >= 2);
    QCOMPARE(m.metadata->forgetIdempotency(nowUtc(), 100).value(), 0);
    m.put("forgotten later");
    QTRY_VERIFY(!m.keeps("forgotten later"));
}

void HousekeepingTest::leavesTheYoungAlone()
{
    WorkspaceFixture m;
    m.put("just stored");
    std::atomic<int> rounds = 0;
    const Housekeeping keeper(*m.metadata, *m.blobs, [&] { ++rounds; },
                              {.firstAfter = 0ms, .every = 5ms, .blobAge = 1h});
    QTRY_VERIFY(rounds >= 3);
    QVERIFY(m.keeps("just stored"));
}

void HousekeepingTest::endsAtOnce()
{
    WorkspaceFixture m;
    QElapsedTimer timer;
    timer.start();
    {
        const Housekeeping keeper(
            *m.metadata, *m.blobs, [] { QFAIL("too early"); }, Housekeeping::Schedule());
    }
    QVERIFY(timer.elapsed() < 10'000);
}

QTEST_GUILESS_MAIN(HousekeepingTest)
#include "test_housekeeping.moc"
