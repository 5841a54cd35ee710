#include "tests/engine/execution/service_fixture.h"

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace skillbox;

namespace {

using Kind = ExecutionEvent::Kind;

/// What a subscriber was told so far.
class Told
{
public:
    ExecutionObserver observer()
    {
        return [this](const ExecutionEvent &event) {
            const std::lock_guard lock(m_mutex);
            m_events += event;
        };
    }
    QList<ExecutionEvent> events() const
    {
        const std::lock_guard lock(m_mutex);
        return m_events;
    }
    qsizetype count() const { return events().size(); }
    bool ended() const
    {
        const std::lock_guard lock(m_mutex);
        return !m_events.isEmpty() && m_events.last().kind == Kind::Finished;
    }
    QString text() const
    {
        QString all;
        for (const ExecutionEvent &event : events())
            all += event.text;
        return all;
    }

private:
    mutable std::mutex m_mutex;
    QList<ExecutionEvent> m_events;
};

} // namespace

class ExecutionEventsTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m = std::make_unique<ServiceFixture>(); }
    void cleanup() { m.reset(); }

    void tellsALiveRunFromItsBeginning();
    void goesOnAfterANumber_data();
    void goesOnAfterANumber();
    void knowsWhatEndedLately();
    void tellsAnOldRunFromItsRecord();
    void manySubscribersSeeTheSame();
    void aSlowSubscriberHoldsUpNoRun();
    void leavingStopsTheCalls();
    void maySayGoodbyeFromWithinACall();
    void aSubscriberThatThrowsHarmsNobody();
    void mayOutliveTheService();
    void knowsItsTenant();
    void followsARunOfAnotherProcess();
    void comesBackToARunOfAnotherProcess();
    void seesTheEndOfALostRun();
    void forgetsRunsThatWroteALot();

private:
    std::unique_ptr<ExecutionSubscription> follow(ExecutionService &service, const ExecutionId &id,
                                                  Told &told, qint64 after = 0)
    {
        return m->must(service.subscribe(localTenant(), id, after, told.observer()));
    }
    /// A run that says some lines once it is let go.
    ExecutionId begin(int lines = 3)
    {
        m->runtime.setBody([lines](const SandboxJob &, OutputSink &sink) -> Result<Outcome> {
            for (int i = 0; i < lines; ++i) {
                sink.write(i % 2 ? LogStreamKind::Stderr : LogStreamKind::Stdout,
                           "line ü " + QByteArray::number(i) + '\n');
            }
            return Outcome();
        });
        const ExecutionId id = m->submit(m->numbered(1));
        const bool started = m->runtime.waitForStarted(1);
        return started ? id : ExecutionId();
    }
    std::unique_ptr<ServiceFixture> m;
};

void ExecutionEventsTest::tellsALiveRunFromItsBeginning()
{
    m->start();
    const ExecutionId id = begin();
    Told told;
    const auto subscription = follow(*m->service, id, told);
    QTRY_COMPARE(told.count(), 2); // it runs and has said one line, before anyone asked
    m->runtime.release();
    QTRY_VERIFY(told.ended());
    const auto events = told.events();
    QCOMPARE(events.size(), 6);
    for (qsizetype i = 0; i < events.size(); ++i)
        QCOMPARE(events[i].seq, i + 1);
    QCOMPARE(events[0].kind, Kind::State);
    QCOMPARE(events[0].status, ExecutionStatus::Running);
    QCOMPARE(events[1].text, u"started 1\n"_s);
    QCOMPARE(events[3].text, u"line ü 1\n"_s);
    QCOMPARE(events[3].stream, LogStreamKind::Stderr);
    QCOMPARE(events[5].status, ExecutionStatus::Success);
    QCOMPARE(m->stored(id).status, ExecutionStatus::Success);
}

void ExecutionEventsTest::goesOnAfterANumber_data()
{
    QTest::addColumn<int>("after");
    QTest::addColumn<int>("first");
    QTest::newRow("all") << 0 << 1;
    QTest::newRow("some") << 3 << 4;
    QTest::newRow("the last") << 5 << 6;
    QTest::newRow("all were seen") << 6 << 6;
    QTest::newRow("of another life") << 1000 << 6;
    QTest::newRow("negative") << -5 << 1;
}

void ExecutionEventsTest::goesOnAfterANumber()
{
    QFETCH(int, after);
    QFETCH(int, first);
    m->start();
    const ExecutionId id = begin();
    m->runtime.release();
    m->wait(id);
    Told told;
    const auto subscription = follow(*m->service, id, told, after);
    QTRY_VERIFY(told.ended());
    const auto events = told.events();
    QCOMPARE(events.first().seq, first);
    QCOMPARE(events.last().seq, 6);
    QCOMPARE(events.size(), 7 - first);
}

void ExecutionEventsTest::knowsWhatEndedLately()
{
    m->start();
    const ExecutionId id = begin();
    m->runtime.release();
    m->wait(id);
    Told told;
    const auto subscription = follow(*m->service, id, told);
    QTRY_VERIFY(told.ended());
    QCOMPARE(told.count(), 6);
}

void ExecutionEventsTest::tellsAnOldRunFromItsRecord()
{
    m->start();
    const ExecutionId id = begin();
    m->runtime.release();
    m->wait(id);
    m->service.reset();
    m->start(); // another life
    Told told;
    auto subscription = follow(*m->service, id, told);
    QTRY_VERIFY(told.ended());
    QCOMPARE(told.count(), 2);
    QCOMPARE(told.events()[0].kind, Kind::Log);
    QCOMPARE(told.text(), m->stored(id).logs);
    QCOMPARE(told.events()[1].seq, 2);
    // Who saw more of it than that in the life before gets the end.
    Told again;
    subscription = follow(*m->service, id, again, 5);
    QTRY_VERIFY(again.ended());
    QCOMPARE(again.count(), 1);
}

void ExecutionEventsTest::manySubscribersSeeTheSame()
{
    m->start();
    const ExecutionId id = begin(500);
    std::vector<std::unique_ptr<Told>> all;
    std::vector<std::unique_ptr<ExecutionSubscription>> subscriptions;
    for (int i = 0; i < 10; ++i) {
        all.push_back(std::make_unique<Told>());
        subscriptions.push_back(follow(*m->service, id, *all.back()));
        if (i == 4)
            m->runtime.release(); // the others come while it is at it
    }
    for (const auto &told : all) {
        QTRY_VERIFY(told->ended());
        QCOMPARE(told->count(), 503);
        QCOMPARE(told->text(), m->stored(id).logs);
    }
}

void ExecutionEventsTest::aSlowSubscriberHoldsUpNoRun()
{
    m->start();
    const ExecutionId id = begin(50);
    std::mutex held;
    std::unique_lock hold(held);
    std::atomic<int> calls = 0;
    const auto subscription = m->must(
        m->service->subscribe(localTenant(), id, 0, [&](const ExecutionEvent &) {
            ++calls;
            const std::lock_guard wait(held);
        }));
    QTRY_COMPARE(calls.load(), 1);
    m->runtime.release();
    QCOMPARE(m->wait(id).status, ExecutionStatus::Success); // while the subscriber is stuck
    QCOMPARE(calls.load(), 1);
    hold.unlock();
    QTRY_COMPARE(calls.load(), 53);
}

void ExecutionEventsTest::leavingStopsTheCalls()
{
    m->start();
    const ExecutionId id = begin(1000);
    std::atomic<int> calls = 0;
    std::atomic<bool> inside = false;
    bool left = false;
    auto subscription = m->must(
        m->service->subscribe(localTenant(), id, 0, [&](const ExecutionEvent &) {
            inside = true;
            ++calls;
            if (left)
                qFatal("called after its subscription was gone");
            inside = false;
        }));
    m->runtime.release();
    QTRY_VERIFY(calls > 5);
    subscription.reset();
    QVERIFY(!inside);
    left = true;
    const int before = calls;
    m->wait(id);
    // One that comes after it shows that the feed went past the first.
    Told told;
    const auto other = follow(*m->service, id, told);
    QTRY_VERIFY(told.ended());
    QCOMPARE(calls.load(), before);
}

void ExecutionEventsTest::maySayGoodbyeFromWithinACall()
{
    m->start();
    const ExecutionId id = begin();
    std::atomic<int> calls = 0;
    std::unique_ptr<ExecutionSubscription> subscription;
    std::mutex mutex; // until the subscription is known
    std::unique_lock known(mutex);
    subscription = m->must(m->service->subscribe(localTenant(), id, 0, [&](const auto &) {
        const std::lock_guard wait(mutex);
        ++calls;
        subscription.reset();
    }));
    known.unlock();
    m->runtime.release();
    m->wait(id);
    Told told;
    const auto other = follow(*m->service, id, told);
    QTRY_VERIFY(told.ended());
    QCOMPARE(calls.load(), 1);
}

void ExecutionEventsTest::aSubscriberThatThrowsHarmsNobody()
{
    QTest::ignoreMessage(QtWarningMsg, "a subscriber threw and is not told any more");
    m->start();
    const ExecutionId id = begin();
    std::atomic<int> calls = 0;
    const auto bad = m->must(
        m->service->subscribe(localTenant(), id, 0, [&](const ExecutionEvent &) {
            ++calls;
            throw std::runtime_error("no");
        }));
    Told told;
    const auto good = follow(*m->service, id, told);
    m->runtime.release();
    QTRY_VERIFY(told.ended());
    QCOMPARE(calls.load(), 1);
    QCOMPARE(told.count(), 6);
}

void ExecutionEventsTest::mayOutliveTheService()
{
    m->start();
    const ExecutionId id = begin();
    Told told;
    auto subscription = follow(*m->service, id, told);
    m->service.reset();
    subscription.reset();
    QCOMPARE(m->stored(id).status, ExecutionStatus::Cancelled);
}

void ExecutionEventsTest::knowsItsTenant()
{
    m->start();
    const ExecutionId id = begin();
    const auto subscribe = [&](const TenantId &tenant, const ExecutionId &which) {
        return m->service->subscribe(tenant, which, 0, [](const ExecutionEvent &) {});
    };
    const TenantId other{u"somebody-else"_s};
    QCOMPARE(subscribe(other, id).error().code, ErrorCode::NotFound);
    m->runtime.release();
    m->wait(id);
    QCOMPARE(subscribe(other, id).error().code, ErrorCode::NotFound);
    for (const QString &unknown : {newUuid(), u"no-uuid"_s, QString()}) {
        const auto nothing = subscribe(localTenant(), {unknown});
        QCOMPARE(nothing.error().code, ErrorCode::NotFound);
    }
}

void ExecutionEventsTest::followsARunOfAnotherProcess()
{
    m->start();
    const ExecutionId id = begin();
    const InstanceLock lock = m->must(InstanceLock::acquire(m->instances()));
    const auto other = m->makeService(m->runtime, lock);
    Told told;
    const auto subscription = follow(*other, id, told);
    QTRY_COMPARE(told.text(), u"started 1\n"_s); // from its live log
    QVERIFY(!told.ended());
    m->runtime.release();
    QTRY_VERIFY(told.ended());
    QCOMPARE(told.text(), m->stored(id).logs);
    const auto events = told.events();
    QCOMPARE(events.first().kind, Kind::State);
    QCOMPARE(events.last().status, ExecutionStatus::Success);
    for (qsizetype i = 0; i < events.size(); ++i)
        QCOMPARE(events[i].seq, i + 1);
}

void ExecutionEventsTest::comesBackToARunOfAnotherProcess()
{
    m->start();
    const ExecutionId id = begin();
    const InstanceLock lock = m->must(InstanceLock::acquire(m->instances()));
    const auto other = m->makeService(m->runtime, lock);
    Told told;
    auto subscription = follow(*other, id, told);
    QTRY_COMPARE(told.count(), 2);
    subscription.reset();
    m->runtime.release();
    m->wait(id);
    Told later;
    subscription = follow(*other, id, later, 2);
    QTRY_VERIFY(later.ended());
    QCOMPARE(later.events().first().seq, 3);
    QCOMPARE(told.text() + later.text(), m->stored(id).logs);
}

void ExecutionEventsTest::seesTheEndOfALostRun()
{
    m->start();
    ExecutionRecord record;
    record.id = {newUuid()};
    record.tenant = localTenant();
    record.skillName = u"held"_s;
    record.instance = {newUuid()};
    record.input = *JsonText::parse("{}");
    record.createdAt = QDateTime::currentDateTimeUtc();
    m->must(m->metadata->insertExecution(record).map([] { return 0; }));
    Told told;
    const auto subscription = follow(*m->service, record.id, told);
    m->must(m->metadata->failLost(record.instance, record.createdAt,
                                  [](const ExecutionId &) { return u"last words\n"_s; }));
    QTRY_VERIFY(told.ended());
    QCOMPARE(told.text(), u"last words\n"_s);
    QCOMPARE(told.events().last().status, ExecutionStatus::Failed);
}

void ExecutionEventsTest::forgetsRunsThatWroteALot()
{
    m->start();
    m->runtime.setBody([](const SandboxJob &, OutputSink &sink) -> Result<Outcome> {
        sink.write(LogStreamKind::Stdout, QByteArray(1'000'000, 'x'));
        return Outcome();
    });
    m->runtime.release();
    QList<ExecutionId> ids;
    for (int i = 0; i < 10; ++i) {
        ids += m->submit(m->numbered(i));
        m->wait(ids.last());
    }
    // All can still be followed: the first from the store, the last as it was.
    Told first;
    const auto old = follow(*m->service, ids.first(), first);
    QTRY_VERIFY(first.ended());
    QCOMPARE(first.count(), 2);
    Told last;
    const auto young = follow(*m->service, ids.last(), last);
    QTRY_VERIFY(last.ended());
    QCOMPARE(last.count(), 4);
    QCOMPARE(last.text(), m->stored(ids.last()).logs);
}

QTEST_GUILESS_MAIN(ExecutionEventsTest)
#include "test_execution_events.moc"
