#include "tests/contract/metadata_store_contract.h"

#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox::test {
namespace {

const TenantId local = localTenant();
const TenantId other{u"other"_s};
const InstanceId one{u"one"_s};
const InstanceId two{u"two"_s};
const auto someTask = u"{\"env\":{}}"_s;

/// Not of any instance yet.
ExecutionRecord waitingRun(const TenantId &tenant, qint64 second = 0)
{
    ExecutionRecord record = someExecution(tenant, second);
    record.instance = {};
    return record;
}

QStringList idsOf(const QList<QueuedRun> &runs)
{
    QStringList ids;
    for (const QueuedRun &run : runs)
        ids += run.record.id.value;
    return ids;
}

void allow(MetadataStore &store, const TenantId &tenant, std::optional<qint64> mostAtOnce)
{
    const auto changed = store.changeTenant(tenant, at(1), u"tester"_s,
                                            [&](TenantSettings &settings) {
                                                settings.maxConcurrent = mostAtOnce;
                                                return AuditRecord{.tenant = tenant,
                                                                   .at = at(1),
                                                                   .actor = u"tester"_s,
                                                                   .action = u"tenant.change"_s,
                                                                   .target = tenant.value,
                                                                   .details = {}};
                                            });
    QVERIFY(changed && *changed);
}

} // namespace

void MetadataStoreContract::takesRunsFromTheQueueWhole()
{
    ExecutionRecord record = waitingRun(local, 7);
    record.session = u"s"_s;
    record.skillDigest = u"sha256:ab"_s;
    record.entrypoint = u"main.py"_s;
    QVERIFY(m_store->insertQueued(record, someTask, 10).value());
    QVERIFY(m_store->insertQueued(waitingRun(other, 8), someTask, 10).value());
    QCOMPARE(m_store->countWaiting().value(), 2);
    QVERIFY(m_store->instancesWithoutLease().value().isEmpty()); // nobody's is nobody's who died
    QVERIFY(m_store->instancesWithUnfinished().value().isEmpty());

    const auto first = m_store->claimQueued(one, 1);
    VERIFY_OK(first);
    QCOMPARE(first->runs.size(), 1);
    QCOMPARE(first->left, 1);
    const QueuedRun &run = first->runs.first();
    QCOMPARE(run.task, someTask);
    QCOMPARE(run.record.id, record.id);
    QCOMPARE(run.record.tenant, local);
    QCOMPARE(run.record.instance, one);
    QCOMPARE(run.record.status, ExecutionStatus::Queued);
    QCOMPARE(run.record.session, record.session);
    QCOMPARE(run.record.skillDigest, record.skillDigest);
    QCOMPARE(run.record.entrypoint, record.entrypoint);
    QCOMPARE(run.record.caller, record.caller);
    QCOMPARE(run.record.createdAt, record.createdAt);
    QCOMPARE(run.record.input.bytes(), record.input.bytes());
    QCOMPARE(m_store->queuedOf(one).value(), QList<ExecutionId>{record.id});

    QCOMPARE(m_store->claimQueued(two, 5).value().runs.size(), 1);
    QVERIFY(m_store->claimQueued(two, 5).value().runs.isEmpty());
    QVERIFY(m_store->claimQueued(two, 0).value().runs.isEmpty());
    QCOMPARE(m_store->countWaiting().value(), 0);
}

void MetadataStoreContract::keepsARunThatHasBegunWhenItIsInserted()
{
    ExecutionRecord begun = someExecution(local);
    begun.instance = one;
    begun.status = ExecutionStatus::Running;
    begun.startedAt = at(3);
    QVERIFY(m_store->insertQueued(begun, someTask, 10).value());
    const auto found = m_store->findExecution(local, begun.id).value();
    QCOMPARE(found->status, ExecutionStatus::Running);
    QCOMPARE(found->startedAt, at(3));
    QVERIFY(m_store->giveBack(one, {begun.id}).value().isEmpty());
    QVERIFY(m_store->appendLog(local, begun.id, one, {1, u"[]"_s}).value());
    // Nobody knows what it has done: it is not begun once more.
    QCOMPARE(m_store->failLost(one, at(9)).value(), QList<ExecutionId>{begun.id});
    QCOMPARE(m_store->findExecution(local, begun.id).value()->durationMs, 6000);
}

void MetadataStoreContract::sharesPlacesFairlyBetweenTenants()
{
    // One tenant filled the queue before the other one came, and has a run under way already.
    QVERIFY(m_store
                ->insertQueued(
                    [] {
                        ExecutionRecord busy = someExecution(local);
                        busy.instance = one;
                        return busy;
                    }(),
                    someTask, 10)
                .value());
    QStringList many;
    for (int i = 0; i < 4; ++i) {
        const ExecutionRecord record = waitingRun(local, i);
        many += record.id.value;
        QVERIFY(m_store->insertQueued(record, someTask, 100).value());
    }
    QStringList few;
    for (int i = 0; i < 2; ++i) {
        const ExecutionRecord record = waitingRun(other, 10 + i);
        few += record.id.value;
        QVERIFY(m_store->insertQueued(record, someTask, 100).value());
    }
    QCOMPARE(idsOf(m_store->claimQueued(two, 1).value().runs), QStringList{few[0]});
    // One each: whoever has waited longer comes first, and of each tenant its oldest.
    QCOMPARE(idsOf(m_store->claimQueued(two, 2).value().runs), QStringList({many[0], few[1]}));
    QCOMPARE(idsOf(m_store->claimQueued(two, 9).value().runs),
             QStringList({many[1], many[2], many[3]}));
}

void MetadataStoreContract::holdsATenantToItsRunsAtOnce_data()
{
    QTest::addColumn<bool>("byDefault");
    QTest::newRow("its own setting") << false;
    QTest::newRow("the default for all") << true;
}

void MetadataStoreContract::holdsATenantToItsRunsAtOnce()
{
    QFETCH(bool, byDefault);
    if (byDefault) {
        m_store->setTenantDefaults({.maxConcurrent = 2});
        allow(*m_store, other, 0); // no limit of its own
    } else {
        allow(*m_store, local, 2);
    }
    ExecutionRecord mine = someExecution(local);
    mine.instance = one;
    QVERIFY(m_store->insertQueued(mine, someTask, 10).value());
    for (int i = 0; i < 4; ++i)
        QVERIFY(m_store->insertQueued(waitingRun(local, i), someTask, 10).value());
    QVERIFY(m_store->insertQueued(waitingRun(other, 9), someTask, 10).value());

    auto claim = m_store->claimQueued(two, 10).value();
    QCOMPARE(claim.runs.size(), 2); // one of the first tenant, one of the other
    QCOMPARE(claim.left, 3);
    QVERIFY(m_store->claimQueued(two, 10).value().runs.isEmpty());
    ExecutionRecord direct = someExecution(local);
    direct.instance = two;
    QVERIFY(!m_store->insertQueued(direct, someTask, 10).value());
    QVERIFY(!m_store->findExecution(local, direct.id).value());

    mine = finished(mine);
    QVERIFY(m_store->finishExecution(mine).value());
    QVERIFY(m_store->insertQueued(direct, someTask, 10).value());
    QVERIFY(m_store->claimQueued(two, 10).value().runs.isEmpty());
    if (!byDefault) {
        allow(*m_store, local, std::nullopt);
        QCOMPARE(m_store->claimQueued(two, 10).value().runs.size(), 3);
    }
}

void MetadataStoreContract::boundsTheQueue()
{
    QVERIFY(m_store->insertQueued(waitingRun(local), someTask, 2).value());
    QVERIFY(m_store->insertQueued(waitingRun(other), someTask, 2).value());
    const ExecutionRecord third = waitingRun(local);
    QVERIFY(!m_store->insertQueued(third, someTask, 2).value());
    QVERIFY(!m_store->findExecution(local, third.id).value());
    QVERIFY(!m_store->insertQueued(waitingRun(local), someTask, 0).value());
    QCOMPARE(m_store->claimQueued(one, 1).value().runs.size(), 1);
    QVERIFY(m_store->insertQueued(third, someTask, 2).value());
}

void MetadataStoreContract::givesBackWhatHasNotBegun()
{
    const ExecutionRecord begun = waitingRun(local, 1);
    const ExecutionRecord idle = waitingRun(local, 2);
    for (const auto &record : {begun, idle})
        QVERIFY(m_store->insertQueued(record, someTask, 10).value());
    ExecutionRecord pinned = someExecution(local, 3); // nobody else could run it
    pinned.instance = one;
    VERIFY_OK(m_store->insertExecution(pinned));
    QCOMPARE(m_store->claimQueued(one, 5).value().runs.size(), 2);
    QVERIFY(m_store->markRunning(local, begun.id, at(4), one).value());
    const QList<ExecutionId> all{begun.id, idle.id, pinned.id};
    QVERIFY(m_store->giveBack(two, all).value().isEmpty());
    QCOMPARE(m_store->giveBack(one, all).value(), QList<ExecutionId>{idle.id});
    QCOMPARE(m_store->queuedOf(one).value(), QList<ExecutionId>{pinned.id});
    // What is somebody else's now is neither begun nor ended by the one before.
    QCOMPARE(idsOf(m_store->claimQueued(two, 5).value().runs), QStringList{idle.id.value});
    QVERIFY(!m_store->markRunning(local, idle.id, at(5), one).value());
    ExecutionRecord late = finished(idle);
    late.instance = one;
    QVERIFY(!m_store->finishExecution(late).value());
    late.instance = two;
    QVERIFY(m_store->markRunning(local, idle.id, at(5), two).value());
    QVERIFY(m_store->finishExecution(late).value());
}

void MetadataStoreContract::putsBackWhatADeadInstanceHadNotBegun()
{
    const ExecutionRecord begun = waitingRun(local, 1);
    const ExecutionRecord idle = waitingRun(other, 2);
    const ExecutionRecord unwanted = waitingRun(local, 3);
    for (const auto &record : {begun, idle, unwanted})
        QVERIFY(m_store->insertQueued(record, someTask, 10).value());
    QCOMPARE(m_store->claimQueued(one, 5).value().runs.size(), 3);
    QVERIFY(m_store->markRunning(local, begun.id, at(4), one).value());
    QVERIFY(m_store->requestCancel(local, unwanted.id).value());
    const LogPart part{1, u"[[0,\"out\\n\"],[1,\"err\\n\"]]"_s};
    QVERIFY(m_store->appendLog(local, begun.id, one, part).value());

    QCOMPARE(m_store->failLost(one, at(9)).value(), QList<ExecutionId>{begun.id});
    const auto lost = m_store->findExecution(local, begun.id).value();
    QCOMPARE(lost->reason, u"lost"_s);
    QCOMPARE(lost->logs, u"out\nerr\n"_s); // nobody has its file
    QVERIFY(m_store->readLog(local, begun.id, 0).value().isEmpty());
    const auto again = m_store->claimQueued(two, 5).value();
    QCOMPARE(idsOf(again.runs), QStringList({idle.id.value, unwanted.id.value}));
    QVERIFY(again.runs[1].record.cancelRequested);
    QCOMPARE(again.runs[0].task, someTask);
}

void MetadataStoreContract::forgetsTheTaskOfAnEndedRun()
{
    const ExecutionRecord record = waitingRun(local);
    QVERIFY(m_store->insertQueued(record, someTask, 10).value());
    // Nobody has it, and somebody ended it: a wish to cancel.
    ExecutionRecord ended = finished(record);
    ended.status = ExecutionStatus::Cancelled;
    QVERIFY(m_store->finishExecution(ended).value());
    QVERIFY(m_store->claimQueued(one, 5).value().runs.isEmpty());
    QVERIFY(m_store->giveBack({}, {record.id}).value().isEmpty());
    QCOMPARE(m_store->findExecution(local, record.id).value()->status, ExecutionStatus::Cancelled);
}

void MetadataStoreContract::keepsTheLogOfARunUnderWay()
{
    const ExecutionRecord record = waitingRun(local);
    QVERIFY(m_store->insertQueued(record, someTask, 10).value());
    QCOMPARE(m_store->claimQueued(one, 1).value().runs.size(), 1);
    const LogPart first{2, u"[[0,\"ä😀\"]]"_s};
    const LogPart second{3, u"[[1,\"b\"],[0,\"c\"]]"_s};
    QVERIFY(!m_store->appendLog(local, record.id, one, first).value()); // it does not run yet
    QVERIFY(m_store->markRunning(local, record.id, at(1), one).value());
    QVERIFY(m_store->appendLog(local, record.id, one, first).value());
    QVERIFY(m_store->appendLog(local, record.id, one, second).value());
    QVERIFY(!m_store->appendLog(local, record.id, two, {5, u"[]"_s}).value());
    QVERIFY(!m_store->appendLog(other, record.id, one, {5, u"[]"_s}).value());
    const auto all = m_store->readLog(local, record.id, 0).value();
    QCOMPARE(all.size(), 2);
    QCOMPARE(all[0].firstEvent, 2);
    QCOMPARE(all[0].events, first.events);
    QCOMPARE(m_store->readLog(local, record.id, 2).value().size(), 1);
    QVERIFY(m_store->readLog(other, record.id, 0).value().isEmpty());
    ExecutionRecord ended = finished(record);
    ended.instance = one;
    QVERIFY(m_store->finishExecution(ended).value());
    QVERIFY(m_store->readLog(local, record.id, 0).value().isEmpty());
    QVERIFY(!m_store->appendLog(local, record.id, one, second).value());
}

void MetadataStoreContract::manyTakeEachRunOnce()
{
    constexpr int runs = 120;
    for (int i = 0; i < runs; ++i)
        QVERIFY(
            m_store->insertQueued(waitingRun(i % 3 ? local : other, i), someTask, 1000).value());
    std::mutex mutex;
    QStringList taken;
    std::atomic<int> failures = 0;
    std::vector<std::jthread> takers;
    for (int t = 0; t < 6; ++t) {
        takers.emplace_back([&, t] {
            const InstanceId me{QString::number(t)};
            for (int empty = 0; empty < 3;) {
                const auto claim = m_store->claimQueued(me, 1 + t);
                if (!claim) {
                    ++failures;
                    return;
                }
                empty = claim->runs.isEmpty() ? empty + 1 : 0;
                const std::lock_guard lock(mutex);
                taken += idsOf(claim->runs);
            }
        });
    }
    takers.clear();
    QCOMPARE(failures.load(), 0);
    const auto rest = m_store->claimQueued(one, runs).value().runs; // all looked at once, say
    taken += idsOf(rest);
    QCOMPARE(taken.size(), runs);
    QCOMPARE(QSet<QString>(taken.begin(), taken.end()).size(), runs);
}

void MetadataStoreContract::dropsALeaseThatIsOver()
{
    VERIFY_OK(m_store->renewLease(one, 1h));
    QVERIFY(!m_store->dropLeaseIfOver(one).value());
    QVERIFY(m_store->dropLeaseIfOver(two).value()); // it never had one
    VERIFY_OK(m_store->renewLease(two, -1s));
    VERIFY_OK(m_store->renewLease(two, 1h)); // it was only slow
    QVERIFY(!m_store->dropLeaseIfOver(two).value());
    VERIFY_OK(m_store->renewLease(two, -1s));
    QVERIFY(m_store->dropLeaseIfOver(two).value());
    QVERIFY(m_store->instancesWithoutLease().value().isEmpty());
}

void MetadataStoreContract::freesAKeyWhoseRunWasNeverRecorded()
{
    using State = IdempotencyClaim::State;
    const auto claim = [this](const InstanceId &instance, qint64 second) {
        return m_store->claimIdempotency(local, u"k"_s, u"h"_s, instance, at(second), at(86'400))
            .value();
    };
    QCOMPARE(claim(one, 0).state, State::Claimed);
    QCOMPARE(claim(two, 30).state, State::Running); // its run may be on the way
    QCOMPARE(claim(two, 61).state, State::Claimed);
    // It was: too late, and nothing is left of it.
    const ExecutionRecord late = someExecution(local);
    const ExecutionRecord lateWaiting = waitingRun(local);
    VERIFY_FAILS(m_store->insertExecution(late, {u"k"_s, one}), ErrorCode::Conflict,
                 u"Idempotency-Key"_s);
    VERIFY_FAILS(m_store->insertQueued(lateWaiting, someTask, 10, {u"k"_s, one}),
                 ErrorCode::Conflict, u"Idempotency-Key"_s);
    QVERIFY(!m_store->findExecution(local, late.id).value());
    QVERIFY(!m_store->findExecution(local, lateWaiting.id).value());

    const ExecutionRecord run = waitingRun(local);
    QVERIFY(!m_store->insertQueued(run, someTask, 0, {u"k"_s, two}).value()); // the queue is full
    QVERIFY(claim(two, 62).execution.isEmpty());
    QVERIFY(m_store->insertQueued(run, someTask, 10, {u"k"_s, two}).value());
    VERIFY_OK(m_store->releaseIdempotency(local, u"k"_s)); // something came of it
    QCOMPARE(claim(one, 500).state, State::Running);
    QCOMPARE(claim(one, 500).execution, run.id);
    VERIFY_FAILS(m_store->insertExecution(late, {u"k"_s, two}), ErrorCode::Conflict,
                 u"Idempotency-Key"_s);
    VERIFY_OK(m_store->failLost(two, at(600)));
    QCOMPARE(claim(one, 601).execution, run.id);
}

} // namespace skillbox::test
