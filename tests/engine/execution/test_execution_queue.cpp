#include "tests/engine/execution/service_fixture.h"

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace skillbox;

class ExecutionQueueTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m = std::make_unique<ServiceFixture>(); }
    void cleanup() { m.reset(); }

    void storesTheResultBeforeAnyoneIsTold();
    void numbersEventsWithoutGapsAndStopsWithWait();
    void runsInTheOrderOfSubmission();
    void neverRunsMoreAtOnceThanAllowed();
    void fullQueueIsBusyAndRecordsNothing();
    void manyThreadsSubmitAndWait();

    void cancelEndsAWaitingRunAtOnce();
    void cancelStopsARunningRun();
    void cancelIsIdempotentAndKnowsItsTenant();
    void cancelReachesRunsOfOtherInstances();
    void waitsForRunsOfOtherInstances();
    void endsTheWaitForADeadInstance();
    void followsTheLogOfOtherInstances();
    void destructionCancelsAndRecordsEverything();

private:
    std::unique_ptr<ServiceFixture> m;
};

void ExecutionQueueTest::storesTheResultBeforeAnyoneIsTold()
{
    m->start();
    std::optional<ExecutionRecord> seen;
    std::mutex mutex;
    ExecutionId id;
    std::unique_lock lock(mutex); // so that the observer knows the id
    id = m->submit(m->numbered(1), [&](const ExecutionEvent &event) {
        if (event.kind != ExecutionEvent::Kind::Finished)
            return;
        const std::lock_guard known(mutex);
        seen = m->stored(id);
        QCOMPARE(event.status, ExecutionStatus::Success);
    });
    lock.unlock();
    m->runtime.release();
    const ExecutionRecord record = m->wait(id);
    QVERIFY(seen);
    QCOMPARE(seen->status, ExecutionStatus::Success);
    QVERIFY(seen->finishedAt.isValid());
    QCOMPARE(record.finishedAt, seen->finishedAt);
    QCOMPARE(record.logs, u"started 1\n"_s);
    QCOMPARE(record.exitCode, std::optional(0));
    QCOMPARE(record.skillName, u"held"_s);
    QCOMPARE(record.skillVersion, u"1.0.0"_s);
    QCOMPARE(record.entrypoint, u"main.py"_s);
    QCOMPARE(record.caller, u"tester"_s);
    QVERIFY(record.skillDigest.startsWith(u"sha256:"_s));
    QVERIFY(record.createdAt <= record.startedAt && record.startedAt <= record.finishedAt);
}

void ExecutionQueueTest::numbersEventsWithoutGapsAndStopsWithWait()
{
    m->start();
    m->runtime.setBody([](const SandboxJob &, OutputSink &sink) -> Result<Outcome> {
        for (int i = 0; i < 50; ++i)
            sink.write(i % 2 ? LogStreamKind::Stderr : LogStreamKind::Stdout, "x");
        return Outcome();
    });
    m->runtime.release();
    QList<ExecutionEvent> events; // no lock: wait() says that no more come
    const ExecutionId id = m->submit(m->numbered(1),
                                     [&events](const ExecutionEvent &event) { events += event; });
    m->wait(id);
    QCOMPARE(events.size(), 53);
    for (qsizetype i = 0; i < events.size(); ++i)
        QCOMPARE(events[i].seq, i + 1);
    QCOMPARE(events.first().kind, ExecutionEvent::Kind::State);
    QCOMPARE(events.first().status, ExecutionStatus::Running);
    QCOMPARE(events[1].text, u"started 1\n"_s);
    QCOMPARE(events[3].stream, LogStreamKind::Stderr);
    QCOMPARE(events.last().kind, ExecutionEvent::Kind::Finished);
}

void ExecutionQueueTest::runsInTheOrderOfSubmission()
{
    RunLimits limits;
    limits.maxConcurrent = 1;
    m->start(limits);
    QList<ExecutionId> ids;
    QByteArrayList expected;
    for (int i = 0; i < 20; ++i) {
        ids += m->submit(m->numbered(i));
        expected += QByteArray::number(i);
    }
    m->runtime.release();
    for (const ExecutionId &id : std::as_const(ids))
        QCOMPARE(m->wait(id).status, ExecutionStatus::Success);
    QCOMPARE(m->runtime.inputs(), expected);
}

void ExecutionQueueTest::neverRunsMoreAtOnceThanAllowed()
{
    RunLimits limits;
    limits.maxConcurrent = 3;
    m->start(limits);
    QList<ExecutionId> ids;
    for (int i = 0; i < 10; ++i)
        ids += m->submit(m->numbered(i));
    QVERIFY(m->runtime.waitForStarted(3));
    QCOMPARE(m->stored(ids[9]).status, ExecutionStatus::Queued);
    QTRY_COMPARE(m->stored(ids[0]).status, ExecutionStatus::Running);
    m->runtime.release();
    for (const ExecutionId &id : std::as_const(ids))
        m->wait(id);
    QCOMPARE(m->runtime.mostAtOnce(), 3);
}

void ExecutionQueueTest::fullQueueIsBusyAndRecordsNothing()
{
    RunLimits limits;
    limits.maxConcurrent = 1;
    limits.maxQueue = 2;
    m->start(limits);
    QList<ExecutionId> ids;
    for (int i = 0; i < 3; ++i)
        ids += m->submit(m->numbered(i));
    const auto refused = m->service->submit(m->numbered(3));
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::Busy);
    QCOMPARE(m->recorded(), 3);
    m->runtime.release();
    m->wait(ids.last());
    // There is room again.
    QCOMPARE(m->wait(m->submit(m->numbered(4))).status, ExecutionStatus::Success);
}

void ExecutionQueueTest::manyThreadsSubmitAndWait()
{
    RunLimits limits;
    limits.maxConcurrent = 4;
    m->start(limits);
    m->runtime.setBody([](const SandboxJob &job, OutputSink &sink) -> Result<Outcome> {
        sink.write(LogStreamKind::Stdout, "own " + job.inputJson);
        return Outcome();
    });
    m->runtime.release();
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 8; ++thread) {
            threads.emplace_back([this, thread, &wrong] {
                for (int i = 0; i < 10; ++i) {
                    const int number = thread * 100 + i;
                    const ExecutionRecord record = m->wait(m->submit(m->numbered(number)));
                    if (record.status != ExecutionStatus::Success
                        || record.logs != u"started %1\nown %1"_s.arg(number))
                        ++wrong;
                }
            });
        }
    }
    QCOMPARE(wrong.load(), 0);
    QCOMPARE(m->runtime.inputs().size(), 80);
}

void ExecutionQueueTest::cancelEndsAWaitingRunAtOnce()
{
    RunLimits limits;
    limits.maxConcurrent = 1;
    m->start(limits);
    const ExecutionId running = m->submit(m->numbered(1));
    QVERIFY(m->runtime.waitForStarted(1));
    std::atomic<bool> told = false;
    const ExecutionId waiting = m->submit(m->numbered(2), [&told](const ExecutionEvent &event) {
        told = event.kind == ExecutionEvent::Kind::Finished;
    });
    QVERIFY(m->service->cancel(localTenant(), waiting, {}));
    const ExecutionRecord record = m->wait(waiting); // the slot is held all the while
    QCOMPARE(record.status, ExecutionStatus::Cancelled);
    QCOMPARE(record.reason, u"cancelled"_s);
    QVERIFY(told);
    m->runtime.release();
    QCOMPARE(m->wait(running).status, ExecutionStatus::Success);
    QCOMPARE(m->runtime.inputs(), QByteArrayList{"1"_ba});
}

void ExecutionQueueTest::cancelStopsARunningRun()
{
    m->start();
    const ExecutionId id = m->submit(m->numbered(1));
    QVERIFY(m->runtime.waitForStarted(1));
    QVERIFY(m->service->cancel(localTenant(), id, {}));
    const ExecutionRecord record = m->wait(id);
    QCOMPARE(record.status, ExecutionStatus::Cancelled);
    QCOMPARE(record.error, u"execution was cancelled"_s);
    QCOMPARE(record.logs, u"started 1\n"_s);
    QVERIFY(!record.exitCode);
}

void ExecutionQueueTest::cancelIsIdempotentAndKnowsItsTenant()
{
    m->start();
    const ExecutionId id = m->submit(m->numbered(1));
    QVERIFY(m->runtime.waitForStarted(1));
    const auto foreign = m->service->cancel({u"somebody-else"_s}, id, {});
    QVERIFY(!foreign);
    QCOMPARE(foreign.error().code, ErrorCode::NotFound);
    QVERIFY(m->service->cancel(localTenant(), id, {}));
    QVERIFY(m->service->cancel(localTenant(), id, {}));
    QCOMPARE(m->wait(id).status, ExecutionStatus::Cancelled);
    QVERIFY(m->service->cancel(localTenant(), id, {}));
    for (const QString &unknown : {newUuid(), u"no-uuid"_s, QString()}) {
        const auto nothing = m->service->cancel(localTenant(), {unknown}, {});
        QVERIFY(!nothing);
        QCOMPARE(nothing.error().code, ErrorCode::NotFound);
    }
}

void ExecutionQueueTest::cancelReachesRunsOfOtherInstances()
{
    m->start();
    const ExecutionId id = m->submit(m->numbered(1));
    QVERIFY(m->runtime.waitForStarted(1));
    const InstanceLock lock = m->must(InstanceLock::acquire(m->instances()));
    const auto other = m->makeService(m->runtime, lock);
    QVERIFY(other->cancel(localTenant(), id, {}));
    QCOMPARE(m->wait(id).status, ExecutionStatus::Cancelled);
    QVERIFY(other->cancel(localTenant(), id, {}));
}

void ExecutionQueueTest::waitsForRunsOfOtherInstances()
{
    m->start();
    const ExecutionId id = m->submit(m->numbered(1));
    QVERIFY(m->runtime.waitForStarted(1));
    const InstanceLock lock = m->must(InstanceLock::acquire(m->instances()));
    const auto other = m->makeService(m->runtime, lock);
    Result<ExecutionRecord> record;
    {
        std::jthread waiter([&] { record = other->wait(localTenant(), id); });
        m->runtime.release();
    }
    QVERIFY(record);
    QCOMPARE(record->status, ExecutionStatus::Success);
}

void ExecutionQueueTest::endsTheWaitForADeadInstance()
{
    const InstanceId dead{newUuid()};
    ExecutionRecord record;
    record.id = {newUuid()};
    record.tenant = localTenant();
    record.skillName = u"held"_s;
    record.instance = dead;
    record.input = *JsonText::parse("{}");
    record.createdAt = QDateTime::currentDateTimeUtc();
    m->must(m->metadata->insertExecution(record).map([] { return 0; }));
    ExecutionService service({
        .metadata = *m->metadata,
        .blobs = *m->blobs,
        .registry = *m->registry,
        .sandbox = m->runtime,
        .instance = m->instance->id(),
        .runDirectory = m->instance->directory(),
        .limits = {},
        .reclaimLost = [&] { (void)m->metadata->failLost(dead, record.createdAt); },
    });
    const auto ended = service.wait(localTenant(), record.id);
    QVERIFY(ended);
    QCOMPARE(ended->status, ExecutionStatus::Failed);
    QCOMPARE(ended->reason, u"lost"_s);
}

void ExecutionQueueTest::followsTheLogOfOtherInstances()
{
    m->start();
    const ExecutionId id = m->submit(m->numbered(1));
    QVERIFY(m->runtime.waitForStarted(1));
    const InstanceLock lock = m->must(InstanceLock::acquire(m->instances()));
    const auto other = m->makeService(m->runtime, lock);
    QCOMPARE(m->must(m->service->logs(localTenant(), id)), u"started 1\n"_s);
    QCOMPARE(m->must(other->logs(localTenant(), id)), u"started 1\n"_s);
    QVERIFY(!other->logs({u"somebody-else"_s}, id));
    m->runtime.setBody([](const SandboxJob &, OutputSink &sink) -> Result<Outcome> {
        sink.write(LogStreamKind::Stdout, "the end\n");
        return Outcome();
    });
    m->runtime.release();
    m->wait(id);
    QCOMPARE(m->must(other->logs(localTenant(), id)), u"started 1\nthe end\n"_s);
    QTRY_VERIFY(QDir(m->instance->directory()).isEmpty()); // the store has it now
}

void ExecutionQueueTest::destructionCancelsAndRecordsEverything()
{
    RunLimits limits;
    limits.maxConcurrent = 2;
    m->start(limits);
    QList<ExecutionId> ids;
    for (int i = 0; i < 6; ++i)
        ids += m->submit(m->numbered(i));
    QVERIFY(m->runtime.waitForStarted(2));
    QVERIFY(m->service->cancel(localTenant(), ids[5], {}));
    m->service.reset();
    for (const ExecutionId &id : std::as_const(ids))
        QCOMPARE(m->stored(id).status, ExecutionStatus::Cancelled);
    QCOMPARE(m->runtime.inputs().size(), 2);
    QVERIFY(QDir(m->instance->directory()).isEmpty());
}

QTEST_GUILESS_MAIN(ExecutionQueueTest)
#include "test_execution_queue.moc"
