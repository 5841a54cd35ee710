#include "engine/housekeeping.h"

#include "engine/base/clock.h"
#include "engine/workspace/blob_sweep.h"
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
    void leavesSharedBlobsToWhoeverLooksThroughThem();

    void removesWhatATenantNoLongerKeeps();
    void removesInSmallSteps();
    void leavesItToWhoeverIsAtIt();
    void takesOverFromTheDead();
    void stopsWhenItIsToldTo();

private:
    static Housekeeping::Parts parts(WorkspaceFixture &m, std::function<void()> reclaim)
    {
        return {.metadata = *m.metadata,
                .blobs = *m.blobs,
                .reclaimLost = std::move(reclaim),
                .instance = {u"here"_s}};
    }
    /// A run so many days ago, over, with a log and one output file.
    static ExecutionRecord keepRun(WorkspaceFixture &m, int days, const QByteArray &content);
    static AuditRecord lastAudit(WorkspaceFixture &m)
    {
        const auto records = m.metadata->listAudit(localTenant(), {})
                                 .value_or(QList<AuditRecord>());
        return records.isEmpty() ? AuditRecord() : records.constLast();
    }
};

ExecutionRecord HousekeepingTest::keepRun(WorkspaceFixture &m, int days, const QByteArray &content)
{
    ExecutionRecord run = test::finished(test::someExecution(localTenant()));
    run.createdAt = nowUtc().addDays(-days);
    run.finishedAt = run.createdAt.addSecs(1);
    ExecutionRecord begun = run;
    begun.status = ExecutionStatus::Queued;
    run.artifacts = {{u"out.txt"_s, {newUuid()}, m.put(content), content.size(), u"text/plain"_s}};
    if (!m.metadata->insertExecution(begun) || !m.metadata->finishExecution(run).value_or(false))
        qFatal("a run cannot be recorded");
    return run;
}

void HousekeepingTest::leavesSharedBlobsToWhoeverLooksThroughThem()
{
    WorkspaceFixture m;
    m.put("forgotten");
    QVERIFY(m.metadata->takeDuty(u"blob sweep"_s, {u"there"_s}, 1h).value());
    std::atomic<int> rounds = 0;
    auto shared = parts(m, [&] { ++rounds; });
    shared.blobsAreShared = true;
    const Housekeeping keeper(shared, {.firstAfter = 0ms, .every = 5ms, .blobAge = -60s});
    QTRY_VERIFY(rounds >= 3);
    QVERIFY(m.keeps("forgotten"));
    VERIFY_OK(m.metadata->endDuty(u"blob sweep"_s, {u"there"_s}));
    QTRY_VERIFY_WITH_TIMEOUT(!m.keeps("forgotten"), 20'000);
}

// --- Retention

void HousekeepingTest::removesWhatATenantNoLongerKeeps()
{
    WorkspaceFixture m;
    const ExecutionRecord young = keepRun(m, 1, "young");
    const ExecutionRecord older = keepRun(m, 8, "older");
    const ExecutionRecord old = keepRun(m, 20, "old");
    const ExecutionRecord oldest = keepRun(m, 100, "oldest");
    // The same bytes are somebody's upload.
    VERIFY_OK(m.metadata->insertFile({.id = {newUuid()},
                                      .tenant = localTenant(),
                                      .name = u"mine"_s,
                                      .session = {},
                                      .execution = {},
                                      .blob = m.put("oldest"),
                                      .contentType = u"text/plain"_s,
                                      .sizeBytes = 6,
                                      .version = 1,
                                      .parent = {},
                                      .createdAt = test::at(0),
                                      .updatedAt = test::at(0)}));
    Retention retention(*m.metadata, *m.blobs, {u"here"_s},
                        {.logDays = 7, .artifactDays = 14, .executionDays = 90});
    QVERIFY(retention.pass().value());

    const auto found = [&](const ExecutionRecord &run) {
        return m.metadata->findExecution(localTenant(), run.id).value_or(std::nullopt);
    };
    QVERIFY(!found(young)->logs.isEmpty());
    QVERIFY(found(older)->logs.isEmpty());
    QCOMPARE(found(older)->artifacts.size(), 1);
    QVERIFY(found(old)->artifacts.isEmpty());
    QCOMPARE(found(old)->status, ExecutionStatus::Success);
    QVERIFY(!found(oldest));
    QVERIFY(m.keeps("young") && m.keeps("older") && m.keeps("oldest"));
    QVERIFY(!m.keeps("old"));

    const AuditRecord audit = lastAudit(m);
    QCOMPARE(audit.action, u"retention.remove"_s);
    QCOMPARE(audit.details[u"logs"_s].toInt(), 3);
    QCOMPARE(audit.details[u"artifacts"_s].toInt(), 2);
    QCOMPARE(audit.details[u"executions"_s].toInt(), 1);
    QCOMPARE(audit.details[u"log_days"_s].toInt(), 7);
    QCOMPARE(retention.totals().blobs, 1);
    QVERIFY(retention.totals().lastPassMs > 0);
    // Nothing is left to do, and nothing is said of it.
    QVERIFY(retention.pass().value());
    QCOMPARE(m.auditedActions(), QStringList{u"retention.remove"_s});
}

void HousekeepingTest::removesInSmallSteps()
{
    WorkspaceFixture m;
    for (int i = 0; i < 25; ++i)
        keepRun(m, 10 + i, QByteArray::number(i));
    const ExecutionRecord young = keepRun(m, 1, "young");
    // A tenant's own settings count before the default.
    VERIFY_OK(
        m.metadata->changeTenant(localTenant(), test::at(0), u"me"_s, [](TenantSettings &own) {
            own.executionDays = 5;
            return std::optional(AuditRecord{localTenant(), test::at(0), u"me"_s, u"x"_s, {}, {}});
        }));
    Retention retention(*m.metadata, *m.blobs, {u"here"_s}, {.executionDays = 0},
                        {.records = 4, .pause = 0ms});
    QVERIFY(retention.pass().value());
    const auto left = m.metadata->listExecutions(localTenant(), {});
    VERIFY_OK(left);
    QCOMPARE(left->size(), 1);
    QCOMPARE(left->first().id, young.id);
    QCOMPARE(retention.totals().executions, 25);
    QCOMPARE(retention.totals().blobs, 25);
    QCOMPARE(lastAudit(m).details[u"executions"_s].toInt(), 25);
}

void HousekeepingTest::leavesItToWhoeverIsAtIt()
{
    WorkspaceFixture m;
    keepRun(m, 10, "old");
    QVERIFY(m.metadata->takeDuty(u"retention"_s, {u"there"_s}, 1h).value());
    Retention retention(*m.metadata, *m.blobs, {u"here"_s}, {.executionDays = 5});
    QVERIFY(!retention.pass().value());
    QVERIFY(m.keeps("old"));
    VERIFY_OK(m.metadata->endDuty(u"retention"_s, {u"there"_s}));
    QVERIFY(retention.pass().value());
    QVERIFY(!m.keeps("old"));
}

void HousekeepingTest::takesOverFromTheDead()
{
    WorkspaceFixture m;
    for (int i = 0; i < 6; ++i)
        keepRun(m, 10, QByteArray::number(i));
    // What one leaves that is killed after its second step: records gone, blobs and audit not.
    QVERIFY(m.metadata->takeDuty(u"retention"_s, {u"dead"_s}, 1ms).value());
    for (int step = 0; step < 2; ++step)
        VERIFY_OK(m.metadata->reap(localTenant(), Retained::Executions, nowUtc(), 2));
    Retention retention(*m.metadata, *m.blobs, {u"here"_s}, {.executionDays = 5});
    QTRY_VERIFY_WITH_TIMEOUT(retention.pass().value_or(false), 20'000);
    QVERIFY(m.metadata->listExecutions(localTenant(), {}).value().isEmpty());
    QCOMPARE(lastAudit(m).details[u"executions"_s].toInt(), 6);
    QCOMPARE(lastAudit(m).details[u"artifacts"_s].toInt(), 6);
    // The blobs that the dead one let go are for the sweep.
    QCOMPARE(sweepBlobs(*m.metadata, *m.blobs, nowUtc().addSecs(60)).value(), 4);
    for (int i = 0; i < 6; ++i)
        QVERIFY(!m.keeps(QByteArray::number(i)));
}

void HousekeepingTest::stopsWhenItIsToldTo()
{
    WorkspaceFixture m;
    keepRun(m, 10, "old");
    std::stop_source stop;
    stop.request_stop();
    Retention retention(*m.metadata, *m.blobs, {u"here"_s}, {.executionDays = 5});
    QVERIFY(!retention.pass(stop.get_token()).value());
    QVERIFY(m.keeps("old"));
    // It does not keep the duty.
    QVERIFY(m.metadata->takeDuty(u"retention"_s, {u"there"_s}, 1h).value());
}

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
    const Housekeeping keeper(parts(m, [&] { ++reclaims; }),
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
    const Housekeeping keeper(parts(m, [&] { ++rounds; }),
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
        const Housekeeping keeper(parts(m, [] { QFAIL("too early"); }), Housekeeping::Schedule());
    }
    QVERIFY(timer.elapsed() < 10'000);
}

QTEST_GUILESS_MAIN(HousekeepingTest)
#include "test_housekeeping.moc"
