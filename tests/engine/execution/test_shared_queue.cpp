#include "engine/base/clock.h"
#include "engine/execution/execution_service.h"
#include "engine/instance_lock.h"
#include "engine/lost_runs.h"
#include "engine/storage/directory_blob_store.h"
#include "engine/storage/postgres_store.h"
#include "tests/engine/execution/held_runtime.h"
#include "tests/support/forwarding_store.h"
#include "tests/support/postgres_server.h"
#include "tests/support/skill_folder.h"
#include "tests/support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;
using namespace skillbox;

namespace {

constexpr int patience = 30'000;

template<typename T>
T must(Result<T> result)
{
    if (!result)
        qFatal("%s %s", qPrintable(result.error().message), qPrintable(result.error().detail));
    return std::move(*result);
}

/// A store whose engine was cut off from it just before it marks a run as running.
class CutOffStore final : public ForwardingStore
{
public:
    using ForwardingStore::ForwardingStore;

    Result<bool> markRunning(const TenantId &tenant, const ExecutionId &id,
                             const QDateTime &startedAt, const InstanceId &instance) override
    {
        {
            std::unique_lock lock(m_mutex);
            m_isAsking = true;
            m_changed.wait(lock, [this] { return m_isConnected; });
        }
        return ForwardingStore::markRunning(tenant, id, startedAt, instance);
    }
    void cut()
    {
        const std::lock_guard lock(m_mutex);
        m_isConnected = false;
        m_isAsking = false;
    }
    void connect()
    {
        const std::lock_guard lock(m_mutex);
        m_isConnected = true;
        m_changed.notify_all();
    }
    bool isAsking()
    {
        const std::lock_guard lock(m_mutex);
        return m_isAsking;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_isConnected = true;
    bool m_isAsking = false;
};

/// What an observer was told.
struct Told {
    std::mutex mutex;
    QList<ExecutionEvent> events;

    ExecutionObserver observer()
    {
        return [this](const ExecutionEvent &event) {
            const std::lock_guard lock(mutex);
            events += event;
        };
    }
    QList<ExecutionEvent> all()
    {
        const std::lock_guard lock(mutex);
        return events;
    }
    bool isOver()
    {
        const std::lock_guard lock(mutex);
        return !events.isEmpty() && events.constLast().kind == ExecutionEvent::Kind::Finished;
    }
    QString log()
    {
        const std::lock_guard lock(mutex);
        QString text;
        for (const ExecutionEvent &event : std::as_const(events))
            text += event.text;
        return text;
    }
};

} // namespace

/// Services of several machines (each with a data directory of its own) on one Postgres and one
/// blob store, with runtimes in the test's hand.
class SharedQueueTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();

    void tellsNewsToWhoeverWatches();
    void runsWhatAnotherCannotStart();
    void carriesWholeRequestsAcross();
    void refusesWhereTheQueueIsFull();
    void holdsATenantToItsRunsOverAllServers();
    void runsManyOnThreeServersOnce();
    void cancelsWhatNobodyHasTaken();
    void cancelsAndFollowsOnAnotherServer();
    void anotherTakesWhatADeadServerHadNotBegun();
    void aServerThatWasCutOffRecordsNothing();
    void aDrainingServerWaitsForWhatOthersRun();
    void aLoneDrainingServerWaitsForItsOwnRunsOnly();
    void aDrainingServerTellsWhoeverFollowsThatItLeaves();
    void keepsWhatWaitsThroughARestartOfAll();

private:
    struct Server {
        QTemporaryDir directory;
        std::unique_ptr<MetadataStore> metadata;
        std::unique_ptr<DirectoryBlobStore> blobs;
        std::unique_ptr<SkillCache> cache;
        std::unique_ptr<Registry> registry;
        std::optional<InstanceLock> instance;
        HeldRuntime runtime;
        std::unique_ptr<ExecutionService> service;

        ExecutionService *operator->() const { return service.get(); }
        ExecutionId submit(int number, ExecutionObserver observer = {},
                           const TenantId &tenant = localTenant())
        {
            ExecutionRequest request;
            request.tenant = tenant;
            request.origin.actor = u"tester"_s;
            request.skill = u"held"_s;
            request.input = *JsonText::parse(QByteArray::number(number));
            return must(service->submit(request, std::move(observer)));
        }
        ExecutionRecord wait(const ExecutionId &id) const
        {
            return must(service->wait(localTenant(), id));
        }
        ExecutionRecord find(const ExecutionId &id) const
        {
            return must(service->find(localTenant(), id));
        }
        void dies() const { QVERIFY(metadata->renewLease(instance->id(), -1s)); }
    };
    std::unique_ptr<Server> makeServer(const RunLimits &limits, MetadataStore *metadata = nullptr);
    static RunLimits placesFor(int count)
    {
        RunLimits limits;
        limits.maxConcurrent = count;
        return limits;
    }

    test::PostgresServer m_postgres;
    std::unique_ptr<QTemporaryDir> m_shared;
};

void SharedQueueTest::initTestCase()
{
    switch (m_postgres.start()) {
    case test::PostgresServer::Start::Running: return;
    case test::PostgresServer::Start::NotInstalled:
        QSKIP("Postgres is not installed: package postgresql");
    case test::PostgresServer::Start::Failed: QFAIL(qPrintable(m_postgres.complaint()));
    }
}

void SharedQueueTest::init()
{
    m_shared = std::make_unique<QTemporaryDir>();
    QVERIFY(m_postgres.empty());
    const auto first = makeServer(placesFor(1));
    must(first->metadata->endLease(first->instance->id()).map([] { return 0; }));
    test::SkillFolder skill{.name = u"held"_s, .version = u"1.0.0"_s};
    must(first->registry->publishDirectory(
        localTenant(), skill.write(m_shared->filePath(u"skills"_s)), Origin{u"tester"_s}));
}

std::unique_ptr<SharedQueueTest::Server> SharedQueueTest::makeServer(const RunLimits &limits,
                                                                     MetadataStore *metadata)
{
    auto server = std::make_unique<Server>();
    const QString instances = server->directory.filePath(u"instances"_s);
    server->metadata = must(openPostgresStore(m_postgres.dsn()));
    MetadataStore &store = metadata ? *metadata : *server->metadata;
    server->blobs = must(DirectoryBlobStore::open(m_shared->filePath(u"blobs"_s)));
    server->cache = must(SkillCache::open(server->directory.filePath(u"cache"_s)));
    server->registry = std::make_unique<Registry>(store, *server->blobs, *server->cache,
                                                  ArchiveLimits());
    server->instance.emplace(must(InstanceLock::acquire(instances)));
    must(server->metadata->renewLease(server->instance->id(), 1h).map([] { return 0; }));
    server->service = std::make_unique<ExecutionService>(ExecutionService::Parts{
        .metadata = store,
        .blobs = *server->blobs,
        .registry = *server->registry,
        .sandbox = server->runtime,
        .instance = server->instance->id(),
        .runDirectory = server->instance->directory(),
        .limits = limits,
        .reclaimLost = [&own = *server->metadata,
                        instances] { reclaimLostRuns(own, instances, 1 << 20, Sharing::Network); },
        .liveLogs = LiveLogs::InStore,
    });
    return server;
}

void SharedQueueTest::tellsNewsToWhoeverWatches()
{
    std::mutex mutex;
    QList<StoreNews> heard;
    const auto has = [&](const StoreNews &news) {
        const std::lock_guard lock(mutex);
        return heard.contains(news);
    };
    const auto teller = must(openPostgresStore(m_postgres.dsn()));
    const auto hearer = must(openPostgresStore(m_postgres.dsn()));
    const auto watch = hearer->watch([&](const QList<StoreNews> &news) {
        const std::lock_guard lock(mutex);
        heard += news;
    });
    QVERIFY(watch != nullptr);
    QTRY_VERIFY_WITH_TIMEOUT(has(StoreNews{}), patience); // it listens from here on
    QList<StoreNews> many;                                // more than one notification can carry
    for (int i = 0; i < 500; ++i)
        many.append({StoreNews::Kind::Ended, {newUuid()}});
    many.append({StoreNews::Kind::Waiting, {}});
    VERIFY_OK(teller->announce(many));
    for (const StoreNews &news : std::as_const(many))
        QTRY_VERIFY_WITH_TIMEOUT(has(news), patience);
    // Whatever was told while the connection was lost is made up for by one word.
    {
        const std::lock_guard lock(mutex);
        heard.clear();
    }
    QVERIFY2(m_postgres.restart(), qPrintable(m_postgres.complaint()));
    QTRY_VERIFY_WITH_TIMEOUT(has(StoreNews{}), patience);
    const StoreNews last{StoreNews::Kind::CancelWanted, {newUuid()}};
    VERIFY_OK(teller->announce({last}));
    QTRY_VERIFY_WITH_TIMEOUT(has(last), patience);
}

void SharedQueueTest::runsWhatAnotherCannotStart()
{
    const auto a = makeServer(placesFor(1));
    a->service->shareQueue();
    const ExecutionId held = a->submit(1);
    QVERIFY(a->runtime.waitForStarted(1));
    Told told;
    const ExecutionId id = a->submit(2, told.observer());
    QCOMPARE(a->find(id).status, ExecutionStatus::Queued);
    QVERIFY(a->find(id).instance.isEmpty());

    const auto b = makeServer(placesFor(1));
    b->service->shareQueue();
    QVERIFY(b->runtime.waitForStarted(1));
    QCOMPARE(b->runtime.inputs(), QByteArrayList{"2"_ba});
    b->runtime.release();
    const ExecutionRecord record = a->wait(id); // an observer is told everything by then
    QCOMPARE(record.status, ExecutionStatus::Success);
    QCOMPARE(record.instance, b->instance->id());
    QCOMPARE(record.logs, u"started 2\n"_s);
    const auto events = told.all();
    QVERIFY(events.size() >= 3);
    QCOMPARE(events.first().kind, ExecutionEvent::Kind::State);
    QCOMPARE(events.first().status, ExecutionStatus::Running);
    QCOMPARE(events.last().kind, ExecutionEvent::Kind::Finished);
    QCOMPARE(told.log(), record.logs);
    a->runtime.release();
    QCOMPARE(a->wait(held).instance, a->instance->id());
    QCOMPARE(a->runtime.inputs().size(), 1);
}

void SharedQueueTest::carriesWholeRequestsAcross()
{
    const auto a = makeServer(placesFor(1));
    a->service->shareQueue();
    a->submit(1);
    QVERIFY(a->runtime.waitForStarted(1));
    ExecutionRequest request;
    request.tenant = localTenant();
    request.origin = {u"key-1"_s, u"192.0.2.7"_s, u"request-9"_s};
    request.skill = u"held"_s;
    request.version = u"latest"_s;
    request.input = *JsonText::parse("{\"n\":1.0}");
    request.environment = {{u"COLOUR"_s, u"blau ü"_s}};
    request.timeout = 1500ms;
    request.traceparent = u"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"_s;
    const ExecutionId id = must(a->service->submit(request));

    const auto b = makeServer(placesFor(1));
    std::mutex mutex;
    std::optional<SandboxJob> job;
    b->runtime.setBody([&](const SandboxJob &given, OutputSink &) -> Result<Outcome> {
        const std::lock_guard lock(mutex);
        job = given;
        return Outcome();
    });
    b->runtime.release();
    std::optional<RunTimings> timings;
    b->service->onFinished([&](const ExecutionRecord &, const RunTimings &seen) {
        const std::lock_guard lock(mutex);
        timings = seen;
    });
    b->service->shareQueue();
    QCOMPARE(b->wait(id).status, ExecutionStatus::Success);
    const std::lock_guard lock(mutex);
    QVERIFY(job && timings);
    QCOMPARE(job->inputJson, "{\"n\":1.0}"_ba);
    QCOMPARE(job->environment[u"COLOUR"_s], u"blau ü"_s);
    QCOMPARE(job->environment[u"TRACEPARENT"_s], request.traceparent);
    QCOMPARE(job->policy.limits.wallClock, *request.timeout);
    QCOMPARE(timings->requestId, u"request-9"_s);
    QVERIFY(timings->queued > 0us);
    const auto audit = must(b->metadata->listAudit(localTenant(), {}));
    QCOMPARE(audit.last().action, u"execution.finish"_s);
    QCOMPARE(audit.last().actor, u"key-1"_s);
    QCOMPARE(audit.last().address, u"192.0.2.7"_s);
    a->runtime.release();
}

void SharedQueueTest::refusesWhereTheQueueIsFull()
{
    RunLimits limits = placesFor(1);
    limits.maxQueue = 1;
    const auto a = makeServer(limits);
    const auto b = makeServer(limits);
    a->service->shareQueue();
    const ExecutionId held = a->submit(1);
    QVERIFY(a->runtime.waitForStarted(1));
    const ExecutionId waiting = a->submit(2);
    ExecutionRequest third;
    third.tenant = localTenant();
    third.skill = u"held"_s;
    const auto refused = a->service->submit(third);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::Busy);
    QCOMPARE(must(a->service->list(localTenant(), {})).size(), 2);
    a->runtime.release();
    QCOMPARE(a->wait(held).status, ExecutionStatus::Success);
    QCOMPARE(a->wait(waiting).status, ExecutionStatus::Success);
    QCOMPARE(a->wait(must(a->service->submit(third))).status, ExecutionStatus::Success);
}

void SharedQueueTest::holdsATenantToItsRunsOverAllServers()
{
    const auto a = makeServer(placesFor(4));
    const auto b = makeServer(placesFor(4));
    must(a->metadata->changeTenant(localTenant(), nowUtc(), u"tester"_s,
                                   [](TenantSettings &settings) {
                                       settings.maxConcurrent = 2;
                                       AuditRecord audit;
                                       audit.tenant = localTenant();
                                       audit.at = nowUtc();
                                       audit.action = u"tenant.change"_s;
                                       return audit;
                                   }));
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    for (Server *server : {a.get(), b.get()}) {
        server->runtime.setBody([&](const SandboxJob &, OutputSink &) -> Result<Outcome> {
            const int now = ++running;
            for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) { }
            std::this_thread::yield();
            --running;
            return Outcome();
        });
        server->runtime.release();
        server->service->shareQueue();
    }
    QList<ExecutionId> ids;
    for (int i = 0; i < 12; ++i)
        ids += (i % 2 ? a : b)->submit(i);
    for (const ExecutionId &id : std::as_const(ids))
        QCOMPARE(a->wait(id).status, ExecutionStatus::Success);
    QVERIFY2(most <= 2, qPrintable(QString::number(most)));
    QCOMPARE(a->runtime.inputs().size() + b->runtime.inputs().size(), 12);
}

void SharedQueueTest::runsManyOnThreeServersOnce()
{
    constexpr int each = 20;
    std::vector<std::unique_ptr<Server>> servers;
    for (int i = 0; i < 3; ++i) {
        servers.push_back(makeServer(placesFor(2)));
        servers.back()->runtime.release();
        servers.back()->service->shareQueue();
    }
    std::atomic<int> wrong = 0;
    {
        std::vector<std::jthread> clients;
        for (int s = 0; s < 3; ++s) {
            clients.emplace_back([&, s] {
                QList<ExecutionId> ids;
                std::vector<std::unique_ptr<Told>> told;
                for (int i = 0; i < each; ++i) {
                    told.push_back(std::make_unique<Told>());
                    ids += servers[s]->submit(s * each + i, told.back()->observer());
                }
                for (int i = 0; i < each; ++i) {
                    const ExecutionRecord record = servers[s]->wait(ids[i]);
                    const bool good = record.status == ExecutionStatus::Success && told[i]->isOver()
                        && told[i]->log() == record.logs
                        && record.logs == u"started %1\n"_s.arg(s * each + i);
                    wrong += !good;
                }
            });
        }
    }
    QCOMPARE(wrong.load(), 0);
    QByteArrayList inputs;
    for (const auto &server : servers)
        inputs += server->runtime.inputs();
    QCOMPARE(inputs.size(), 3 * each);
    QCOMPARE(QSet<QByteArray>(inputs.begin(), inputs.end()).size(), 3 * each);
    QCOMPARE(must(servers[0]->metadata->countWaiting()), 0);
}

void SharedQueueTest::cancelsWhatNobodyHasTaken()
{
    const auto a = makeServer(placesFor(1));
    const auto b = makeServer(placesFor(1));
    a->service->shareQueue();
    a->submit(1);
    QVERIFY(a->runtime.waitForStarted(1));
    Told told;
    const ExecutionId waiting = a->submit(2, told.observer());
    VERIFY_OK(b->service->cancel(localTenant(), waiting, {u"somebody"_s, {}, {}}));
    const ExecutionRecord record = b->find(waiting); // at once, while the slot is held
    QCOMPARE(record.status, ExecutionStatus::Cancelled);
    QCOMPARE(record.reason, u"cancelled"_s);
    QCOMPARE(a->wait(waiting).status, ExecutionStatus::Cancelled);
    QVERIFY(told.isOver());
    VERIFY_OK(b->service->cancel(localTenant(), waiting, {}));
    a->runtime.release();
}

void SharedQueueTest::cancelsAndFollowsOnAnotherServer()
{
    const auto a = makeServer(placesFor(1));
    const auto b = makeServer(placesFor(1));
    a->service->shareQueue();
    Told here;
    const ExecutionId id = a->submit(1, here.observer());
    QVERIFY(a->runtime.waitForStarted(1));
    Told there;
    const auto following = b->service->subscribe(localTenant(), id, 0, there.observer());
    VERIFY_OK(following);
    // While it runs, with the numbers that the events have where it runs.
    QTRY_COMPARE_WITH_TIMEOUT(there.all().size(), 2, patience);
    QCOMPARE(there.log(), u"started 1\n"_s);
    QCOMPARE(there.all()[1].seq, here.all()[1].seq);
    QCOMPARE(must(b->service->logs(localTenant(), id)), u"started 1\n"_s);
    QVERIFY(!b->service->logs({u"somebody-else"_s}, id));

    VERIFY_OK(b->service->cancel(localTenant(), id, {}));
    QCOMPARE(b->wait(id).status, ExecutionStatus::Cancelled);
    QTRY_VERIFY_WITH_TIMEOUT(there.isOver(), patience);
    QCOMPARE(there.log(), b->find(id).logs);
    QVERIFY(must(b->metadata->readLog(localTenant(), id, 0)).isEmpty());
}

void SharedQueueTest::anotherTakesWhatADeadServerHadNotBegun()
{
    const auto store = must(openPostgresStore(m_postgres.dsn()));
    CutOffStore cutOff(*store);
    const auto a = makeServer(placesFor(1), &cutOff);
    a->service->shareQueue();
    const ExecutionId before = a->submit(1);
    QVERIFY(a->runtime.waitForStarted(1));
    cutOff.cut();
    Told told;
    const ExecutionId id = a->submit(2, told.observer());
    a->runtime.release();
    QCOMPARE(a->wait(before).status, ExecutionStatus::Success);
    QTRY_VERIFY_WITH_TIMEOUT(cutOff.isAsking(), patience);
    QCOMPARE(a->find(id).instance, a->instance->id());
    a->dies();
    const auto b = makeServer(placesFor(1));
    b->runtime.release();
    b->service->shareQueue();
    const ExecutionRecord record = b->wait(id);
    QCOMPARE(record.status, ExecutionStatus::Success);
    QCOMPARE(record.instance, b->instance->id());
    // It comes back, finds that the run is another one's, and tells whoever waits there.
    cutOff.connect();
    QCOMPARE(a->wait(id).status, ExecutionStatus::Success);
    QTRY_VERIFY_WITH_TIMEOUT(told.isOver(), patience);
    QCOMPARE(a->runtime.inputs(), QByteArrayList{"1"_ba});
    QCOMPARE(told.all().constLast().status, ExecutionStatus::Success);
}

void SharedQueueTest::aServerThatWasCutOffRecordsNothing()
{
    const auto a = makeServer(placesFor(1));
    a->service->shareQueue();
    Told told;
    const ExecutionId id = a->submit(1, told.observer());
    QVERIFY(a->runtime.waitForStarted(1));
    // What it had said is all that is known of it.
    QTRY_COMPARE_WITH_TIMEOUT(must(a->metadata->readLog(localTenant(), id, 0)).size(), 1, patience);
    a->dies();
    const auto b = makeServer(placesFor(1));
    const ExecutionRecord lost = b->wait(id);
    QCOMPARE(lost.status, ExecutionStatus::Failed);
    QCOMPARE(lost.reason, u"lost"_s);
    QCOMPARE(lost.logs, u"started 1\n"_s);
    a->runtime.release();
    QTRY_VERIFY_WITH_TIMEOUT(told.isOver(), patience);
    QCOMPARE(told.all().constLast().status, ExecutionStatus::Failed);
    const ExecutionRecord still = a->wait(id);
    QCOMPARE(still.reason, u"lost"_s);
    QCOMPARE(still.finishedAt, lost.finishedAt);
    int finishes = 0;
    for (const AuditRecord &record : must(a->metadata->listAudit(localTenant(), {})))
        finishes += record.action == u"execution.finish"_s;
    QCOMPARE(finishes, 1);
}

void SharedQueueTest::aDrainingServerWaitsForWhatOthersRun()
{
    const auto a = makeServer(placesFor(1));
    a->service->shareQueue();
    const ExecutionId held = a->submit(1);
    QVERIFY(a->runtime.waitForStarted(1));
    const auto b = makeServer(placesFor(1)); // takes runs, but has no place now
    b->service->shareQueue();
    b->submit(3);
    QVERIFY(b->runtime.waitForStarted(1));
    QTRY_VERIFY_WITH_TIMEOUT(a->metadata->othersTakeRuns(a->instance->id()).value(), patience);
    Told told;
    const ExecutionId waiting = a->submit(2, told.observer());
    std::atomic<bool> drained = false;
    std::jthread drain([&] {
        a->service->drain(10min);
        drained = true;
    });
    ExecutionRequest another;
    another.tenant = localTenant();
    another.skill = u"held"_s;
    QTRY_VERIFY_WITH_TIMEOUT(!a->service->submit(another), patience);
    a->runtime.release();
    QCOMPARE(a->wait(held).status, ExecutionStatus::Success);
    QVERIFY(!drained);
    b->runtime.release();
    QTRY_VERIFY_WITH_TIMEOUT(drained, patience);
    QVERIFY(told.isOver());
    QCOMPARE(a->find(waiting).instance, b->instance->id());
}

void SharedQueueTest::aLoneDrainingServerWaitsForItsOwnRunsOnly()
{
    const auto a = makeServer(placesFor(1));
    const auto asker = makeServer(placesFor(1)); // alive, but takes nothing: as a command line
    a->service->shareQueue();
    const ExecutionId held = a->submit(1);
    QVERIFY(a->runtime.waitForStarted(1));
    Told told;
    const ExecutionId waiting = a->submit(2, told.observer());
    Result<ExecutionRecord> waited;
    std::jthread waiter([&] { waited = a->service->wait(localTenant(), waiting); });
    std::atomic<bool> drained = false;
    std::jthread drain([&] {
        a->service->drain(10min);
        drained = true;
    });
    ExecutionRequest another;
    another.tenant = localTenant();
    another.skill = u"held"_s;
    QTRY_VERIFY_WITH_TIMEOUT(!a->service->submit(another), patience);
    QVERIFY(!drained);
    a->runtime.release();
    QTRY_VERIFY_WITH_TIMEOUT(drained, patience);
    QCOMPARE(a->find(held).status, ExecutionStatus::Success);
    QVERIFY(!told.isOver());
    QCOMPARE(told.all().constLast().kind, ExecutionEvent::Kind::Left);
    waiter.join();
    QVERIFY(!waited);
    QCOMPARE(waited.error().code, ErrorCode::Busy);
    QCOMPARE(a->find(waiting).status, ExecutionStatus::Queued);
    QVERIFY(a->find(waiting).instance.isEmpty());
    // Its successor, or anybody else, finds it.
    asker->runtime.release();
    asker->service->shareQueue();
    QCOMPARE(asker->wait(waiting).status, ExecutionStatus::Success);
}

void SharedQueueTest::aDrainingServerTellsWhoeverFollowsThatItLeaves()
{
    const auto a = makeServer(placesFor(1));
    const auto b = makeServer(placesFor(1));
    a->service->shareQueue();
    const ExecutionId id = a->submit(1);
    QVERIFY(a->runtime.waitForStarted(1));
    Told there;
    const auto following = b->service->subscribe(localTenant(), id, 0, there.observer());
    VERIFY_OK(following);
    QTRY_COMPARE_WITH_TIMEOUT(there.log(), u"started 1\n"_s, patience);
    b->service->drain(10min); // has nothing of its own
    QTRY_COMPARE_WITH_TIMEOUT(there.all().constLast().kind, ExecutionEvent::Kind::Left, patience);
    Told late;
    const auto again = b->service->subscribe(localTenant(), id, 0, late.observer());
    VERIFY_OK(again);
    QTRY_VERIFY_WITH_TIMEOUT(!late.all().isEmpty()
                                 && late.all().constLast().kind == ExecutionEvent::Kind::Left,
                             patience);
    a->runtime.release();
    QCOMPARE(a->wait(id).status, ExecutionStatus::Success);
    QVERIFY(!there.isOver());
}

void SharedQueueTest::keepsWhatWaitsThroughARestartOfAll()
{
    ExecutionId waiting;
    ExecutionId held;
    {
        const auto a = makeServer(placesFor(1));
        a->service->shareQueue();
        held = a->submit(1);
        QVERIFY(a->runtime.waitForStarted(1));
        waiting = a->submit(2);
        a->service->drain(0ms);
        QCOMPARE(a->find(held).status, ExecutionStatus::Cancelled);
        QCOMPARE(a->find(waiting).status, ExecutionStatus::Queued);
    }
    const auto b = makeServer(placesFor(1));
    b->runtime.release();
    b->service->shareQueue();
    QCOMPARE(b->wait(waiting).status, ExecutionStatus::Success);
}

QTEST_GUILESS_MAIN(SharedQueueTest)
#include "test_shared_queue.moc"
