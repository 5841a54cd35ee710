#include "tests/engine/execution/service_fixture.h"

#include <QElapsedTimer>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace skillbox;

class ExecutionDrainTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m = std::make_unique<ServiceFixture>(); }
    void cleanup() { m.reset(); }

    void waitsForWhatRunsAndTakesNothingNew();
    void cancelsWhatIsLeftAfterItsTime();
    void ofNothingIsDoneAtOnce();
    void saysItsLoad();
    void tellsTheEndOfEachRun();

private:
    std::unique_ptr<ServiceFixture> m;
};

void ExecutionDrainTest::waitsForWhatRunsAndTakesNothingNew()
{
    RunLimits limits;
    limits.maxConcurrent = 2;
    m->start(limits);
    QList<ExecutionId> ids;
    for (int i = 0; i < 5; ++i)
        ids += m->submit(m->numbered(i));
    QVERIFY(m->runtime.waitForStarted(2));
    std::atomic<bool> drained = false;
    std::jthread drain([&] {
        m->service->drain(60s);
        drained = true;
    });
    Result<ExecutionId> refused;
    QTRY_VERIFY(!(refused = m->service->submit(m->numbered(9))));
    QCOMPARE(refused.error().code, ErrorCode::Busy);
    QVERIFY(!drained);
    m->runtime.release();
    QTRY_VERIFY(drained);
    int ended = 0;
    for (const ExecutionId &id : std::as_const(ids))
        ended += m->stored(id).status == ExecutionStatus::Success;
    QCOMPARE(ended, 5); // those that waited, too
}

void ExecutionDrainTest::cancelsWhatIsLeftAfterItsTime()
{
    RunLimits limits;
    limits.maxConcurrent = 2;
    m->start(limits);
    QList<ExecutionId> ids;
    for (int i = 0; i < 5; ++i)
        ids += m->submit(m->numbered(i));
    QVERIFY(m->runtime.waitForStarted(2));
    QElapsedTimer timer;
    timer.start();
    m->service->drain(50ms);
    QVERIFY(timer.elapsed() >= 50);
    for (const ExecutionId &id : std::as_const(ids))
        QCOMPARE(m->stored(id).status, ExecutionStatus::Cancelled);
    QCOMPARE(m->runtime.inputs().size(), 2);
    QCOMPARE(m->service->load().queued, 0);
    QCOMPARE(m->service->load().running, 0);
}

void ExecutionDrainTest::ofNothingIsDoneAtOnce()
{
    m->start();
    QElapsedTimer timer;
    timer.start();
    m->service->drain(60s);
    QVERIFY(timer.elapsed() < 10'000);
    m->service->drain(0ms);
}

void ExecutionDrainTest::saysItsLoad()
{
    RunLimits limits;
    limits.maxConcurrent = 2;
    m->start(limits);
    QCOMPARE(m->service->load().running, 0);
    QList<ExecutionId> ids;
    for (int i = 0; i < 5; ++i)
        ids += m->submit(m->numbered(i));
    QVERIFY(m->runtime.waitForStarted(2));
    QCOMPARE(m->service->load().running, 2);
    QCOMPARE(m->service->load().queued, 3);
    m->runtime.release();
    for (const ExecutionId &id : std::as_const(ids))
        m->wait(id);
    QCOMPARE(m->service->load().running, 0);
    QCOMPARE(m->service->load().queued, 0);
}

void ExecutionDrainTest::tellsTheEndOfEachRun()
{
    m->start();
    struct End {
        ExecutionStatus status;
        RunTimings timings;
    };
    QMap<QString, End> ends; // no lock: wait() says that it is over
    std::mutex mutex;
    m->service->onFinished([&](const ExecutionRecord &record, const RunTimings &timings) {
        const std::lock_guard lock(mutex);
        QCOMPARE(m->stored(record.id).status, record.status);
        ends.insert(record.id.value, {record.status, timings});
    });
    m->runtime.setBody([](const SandboxJob &, OutputSink &) -> Result<Outcome> {
        Outcome outcome;
        outcome.setupTime = 1234us;
        return outcome;
    });
    const ExecutionId good = m->submit(m->numbered(1));
    QVERIFY(m->runtime.waitForStarted(1));
    const ExecutionId stopped = m->submit(m->numbered(2));
    QVERIFY(m->runtime.waitForStarted(2));
    QVERIFY(m->service->cancel(localTenant(), stopped, {}));
    m->wait(stopped);
    m->runtime.release();
    m->wait(good);
    auto forbidden = m->request();
    forbidden.environment = {{u"PATH"_s, u"x"_s}};
    const ExecutionId refused = m->submit(forbidden);
    m->wait(refused);
    const std::lock_guard lock(mutex);
    QCOMPARE(ends.size(), 3);
    QCOMPARE(ends[good.value].status, ExecutionStatus::Success);
    QCOMPARE(ends[good.value].timings.setup, 1234us);
    QVERIFY(ends[good.value].timings.held > 0us);
    QCOMPARE(ends[stopped.value].status, ExecutionStatus::Cancelled);
    QCOMPARE(ends[refused.value].status, ExecutionStatus::Failed);
}

QTEST_GUILESS_MAIN(ExecutionDrainTest)
#include "test_execution_drain.moc"
