#include "tests/contract/metadata_store_contract.h"

#include "tests/support/store_helper_process.h"
#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

// What tenants may use, what they keep, and how that is removed after its time.

namespace skillbox::test {
namespace {

const TenantId local = localTenant();
const TenantId other{u"other"_s};
constexpr SessionBounds roomy{1 << 20, 100};

AuditRecord change(const TenantId &tenant)
{
    return {tenant, at(1), u"me"_s, u"tenant.update"_s, tenant.value, {}};
}

/// Gives the tenant these settings.
Result<std::optional<TenantRecord>> give(MetadataStore &store, const TenantId &tenant,
                                         const TenantSettings &settings)
{
    return store.changeTenant(tenant, at(1), u"me"_s, [&](TenantSettings &own) {
        own = settings;
        return std::optional(change(tenant));
    });
}

FileRecord upload(const TenantId &tenant, qint64 bytes, const QString &name = u"a"_s)
{
    return {.id = {newUuid()},
            .tenant = tenant,
            .name = name,
            .session = {},
            .execution = {},
            .blob = blobNamed(name),
            .contentType = u"text/plain"_s,
            .sizeBytes = bytes,
            .version = 1,
            .parent = {},
            .createdAt = at(0),
            .updatedAt = at(0)};
}

/// A run that is over, with two artifacts of 12 bytes and a log.
ExecutionRecord keepRun(MetadataStore &store, qint64 second, const QString &name = u"x"_s)
{
    ExecutionRecord run = finished(someExecution(local, second));
    ExecutionRecord begun = run;
    begun.status = ExecutionStatus::Queued;
    if (!store.insertExecution(begun))
        return {};
    run.artifacts = {someArtifact(name + u"/1"_s), someArtifact(name + u"/2"_s)};
    return store.finishExecution(run).value_or(false) ? run : ExecutionRecord();
}

qint64 usedBy(MetadataStore &store, const TenantId &tenant)
{
    const auto room = store.storageRoom(tenant);
    return room ? room->used : -1;
}

} // namespace

void MetadataStoreContract::keepsTheSettingsOfATenant()
{
    m_store->setTenantDefaults({.storageBytes = 100});
    const TenantSettings settings{.maxConcurrent = 4, .storageBytes = 0, .logDays = 30};
    const auto given = give(*m_store, other, settings);
    VERIFY_OK(given);
    QCOMPARE((*given)->settings, settings);
    QCOMPARE((*given)->updatedBy, u"me"_s);
    const auto found = m_store->findTenant(other);
    VERIFY_OK(found);
    QCOMPARE((*found)->settings, settings);
    QVERIFY((*found)->createdAt.isValid());
    QCOMPARE((*found)->updatedAt, at(1));
    QCOMPARE(m_store->listAudit(other, {}).value().size(), 1);
    // Its own 0 is no limit, whatever the others have.
    QCOMPARE(m_store->storageRoom(other).value().limit, 0);
    QCOMPARE(m_store->storageRoom(local).value().limit, 100);

    // Who says nothing changes nothing.
    const auto same = m_store->changeTenant(other, at(9), u"you"_s, [](TenantSettings &own) {
        own.logDays = 1;
        return std::optional<AuditRecord>();
    });
    VERIFY_OK(same);
    QCOMPARE((*same)->settings, settings);
    QCOMPARE((*same)->updatedBy, u"me"_s);
    QVERIFY(!give(*m_store, {u"nobody"_s}, settings).value());
    const auto all = m_store->tenantRecords();
    VERIFY_OK(all);
    QCOMPARE(all->size(), 2);
    QCOMPARE(all->at(0).id, local);
    QCOMPARE(all->at(0).settings, TenantSettings());
    QVERIFY(!all->at(0).updatedAt.isValid());
}

void MetadataStoreContract::holdsATenantToItsRunsPerMinute()
{
    QCOMPARE(m_store->takeRun(local).value().limit, 0);
    m_store->setTenantDefaults({.runsPerMinute = 3});
    for (qint64 left = 2; left >= 0; --left) {
        const auto ticket = m_store->takeRun(local);
        VERIFY_OK(ticket);
        QVERIFY(ticket->allowed);
        QCOMPARE(ticket->limit, 3);
        QCOMPARE(ticket->remaining, left);
        QVERIFY(ticket->refillsIn > 0ms && ticket->refillsIn <= 60s);
    }
    const auto refused = m_store->takeRun(local);
    VERIFY_OK(refused);
    QVERIFY(!refused->allowed);
    QCOMPARE(refused->remaining, 0);
    QVERIFY2(refused->retryAfter > 0ms && refused->retryAfter <= 60s,
             qPrintable(QString::number(refused->retryAfter.count())));
    QVERIFY(m_store->takeRun(other).value().allowed);
    VERIFY_OK(give(*m_store, local, {.runsPerMinute = 0}));
    QVERIFY(m_store->takeRun(local).value().allowed);
}

void MetadataStoreContract::bringsARunBackAfterItsMinute_data()
{
    QTest::addColumn<int>("limit");
    QTest::addColumn<int>("marks"); // times that are kept of so many runs
    QTest::newRow("the time of every run") << 7 << 7;
    QTest::newRow("the time of every third run") << 250 << 84;
}

void MetadataStoreContract::bringsARunBackAfterItsMinute()
{
    QFETCH(int, limit);
    QFETCH(int, marks);
    VERIFY_OK(give(*m_store, local, {.runsPerMinute = limit}));
    const auto takeAll = [&] {
        int taken = 0;
        for (;; ++taken) {
            const auto ticket = m_store->takeRun(local);
            if (!ticket)
                qFatal("%s", qPrintable(ticket.error().detail));
            if (!ticket->allowed || taken > limit)
                return taken;
        }
    };
    const auto makeOlder = [&](int seconds) {
        QStringList times;
        for (int mark = 0; mark < marks; ++mark) {
            times += u"CAST(CAST(substr(times, length(times) - %1, 13) AS BIGINT) - %2 AS TEXT)"_s
                         .arg((marks - mark) * 13 - 1)
                         .arg(seconds * 1000);
        }
        return runSql(
            u"UPDATE tenant_rates SET last_at = last_at - %1, times = "_s.arg(seconds * 1000)
            + times.join(u" || "_s));
    };
    for (int minute = 0; minute < 2; ++minute) {
        QCOMPARE(takeAll(), limit);
        QVERIFY(makeOlder(25));
        const auto refused = m_store->takeRun(local);
        VERIFY_OK(refused);
        QVERIFY(!refused->allowed);
        QCOMPARE(refused->remaining, 0);
        QVERIFY2(refused->retryAfter > 0ms && refused->retryAfter <= 35s,
                 qPrintable(QString::number(refused->retryAfter.count())));
        QVERIFY(makeOlder(36));
    }
    // Without a pause each comes back a minute after it was taken, too.
    QCOMPARE(takeAll(), limit);
    QVERIFY(makeOlder(20));
    QVERIFY(runSql(u"UPDATE tenant_rates SET times = "
                   u"CAST(CAST(substr(times, 1, 13) AS BIGINT) - 41000 AS TEXT)"
                   u" || substr(times, 14)"_s));
    QVERIFY(m_store->takeRun(local).value().allowed);
    QVERIFY(!m_store->takeRun(local).value().allowed);
}

void MetadataStoreContract::manyThreadsTakeTheRunsThereAre()
{
    // One comes back after a minute: more than the threads take.
    VERIFY_OK(give(*m_store, local, {.runsPerMinute = 2}));
    std::atomic<int> allowed = 0;
    std::atomic<int> failures = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 6; ++i) {
            threads.emplace_back([&] {
                for (int run = 0; run < 3; ++run) {
                    const auto ticket = m_store->takeRun(local);
                    allowed += ticket && ticket->allowed ? 1 : 0;
                    failures += ticket ? 0 : 1;
                }
            });
        }
    }
    QCOMPARE(failures, 0);
    QCOMPARE(allowed, 2);
}

void MetadataStoreContract::countsWhatATenantKeeps()
{
    QCOMPARE(usedBy(*m_store, local), 0);
    VERIFY_OK(m_store->insertVersion(someVersion(local, u"a"_s, u"1.0.0"_s)));
    VERIFY_OK(m_store->insertVersion(someVersion(local, u"a"_s, u"1.0.0"_s))); // there already
    QCOMPARE(usedBy(*m_store, local), 321);
    const FileRecord file = upload(local, 1000);
    VERIFY_OK(m_store->insertFile(file));
    QCOMPARE(usedBy(*m_store, local), 1321);
    const ExecutionRecord run = keepRun(*m_store, 0);
    QCOMPARE(usedBy(*m_store, local), 1345); // an artifact and its file count once
    const FileId artifact = run.artifacts[0].file;
    VERIFY_OK(m_store->insertFileVersion(artifact, upload(local, 100)));
    QCOMPARE(usedBy(*m_store, local), 1445);
    VERIFY_OK(m_store->deleteFile(local, artifact));
    QCOMPARE(usedBy(*m_store, local), 1445); // the run says that it made it, and has it
    VERIFY_OK(m_store->changeSession(local, u"s"_s,
                                     {{u"p"_s, blobNamed(u"1"_s), 10, false, at(1)},
                                      {u"q"_s, blobNamed(u"2"_s), 20, false, at(1)}},
                                     {}, roomy));
    QCOMPARE(usedBy(*m_store, local), 1475);
    VERIFY_OK(m_store->changeSession(local, u"s"_s, {{u"p"_s, blobNamed(u"3"_s), 15, false, at(2)}},
                                     {u"q"_s}, roomy));
    QCOMPARE(usedBy(*m_store, local), 1460);
    QCOMPARE(usedBy(*m_store, other), 0);
    VERIFY_OK(m_store->deleteSession(local, u"s"_s));
    VERIFY_OK(m_store->deleteFile(local, file.id));
    VERIFY_OK(m_store->deleteVersion(local, u"a"_s, u"1.0.0"_s));
    QCOMPARE(usedBy(*m_store, local), 124);
    QCOMPARE(m_store->findTenant(local).value()->storedBytes, 124);
}

void MetadataStoreContract::refusesWhatATenantMayNotKeep_data()
{
    QTest::addColumn<int>("what");
    QTest::newRow("a version") << 0;
    QTest::newRow("a file") << 1;
    QTest::newRow("a file's version") << 2;
    QTest::newRow("a session") << 3;
    QTest::newRow("artifacts") << 4;
}

void MetadataStoreContract::refusesWhatATenantMayNotKeep()
{
    QFETCH(int, what);
    const FileRecord first = upload(local, 90);
    VERIFY_OK(m_store->insertFile(first));
    ExecutionRecord run = someExecution(local);
    VERIFY_OK(m_store->insertExecution(run));
    VERIFY_OK(give(*m_store, local, {.storageBytes = 100}));
    const qsizetype audited = m_store->listAudit(local, {}).value().size();
    const AuditRecord audit = change(local);
    Result<void> done;
    const auto take = [&](const auto &result) {
        if (!result)
            done = fail(result.error());
    };
    if (what == 0)
        take(m_store->insertVersion(someVersion(local, u"a"_s, u"1.0.0"_s), &audit));
    else if (what == 1)
        take(m_store->insertFile(upload(local, 11), &audit));
    else if (what == 2)
        take(m_store->insertFileVersion(first.id, upload(local, 11), &audit));
    else if (what == 3)
        take(m_store->changeSession(local, u"s"_s, {{u"p"_s, blobNamed(u"1"_s), 11, false, at(1)}},
                                    {}, roomy, &audit));
    else {
        run = finished(run);
        run.artifacts = {someArtifact(u"a"_s)};
        take(m_store->finishExecution(run, &audit));
        QVERIFY(!isFinal(m_store->findExecution(local, run.id).value()->status));
    }
    QVERIFY(!done);
    QCOMPARE(done.error().code, ErrorCode::TooLarge);
    QVERIFY2(done.error().message.contains(u"may keep 100"_s), qPrintable(done.error().message));
    QCOMPARE(done.error().items.at(0)[u"limit"_s].toInt(), 100);
    QCOMPARE(usedBy(*m_store, local), 90);
    QCOMPARE(m_store->listAudit(local, {}).value().size(), audited);
    VERIFY_OK(m_store->insertFile(upload(local, 10)));
    // A lower limit takes nothing away.
    VERIFY_OK(give(*m_store, local, {.storageBytes = 1}));
    QCOMPARE(m_store->listFiles(local, {}).value().size(), 2);
}

void MetadataStoreContract::manyThreadsKeepNoMoreThanTheyMay()
{
    VERIFY_OK(give(*m_store, local, {.storageBytes = 100}));
    std::atomic<int> kept = 0;
    std::atomic<int> strange = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 6; ++i) {
            threads.emplace_back([&] {
                for (int file = 0; file < 4; ++file) {
                    const auto inserted = m_store->insertFile(upload(local, 10));
                    kept += inserted ? 1 : 0;
                    strange += !inserted && inserted.error().code != ErrorCode::TooLarge ? 1 : 0;
                }
            });
        }
    }
    QCOMPARE(strange, 0);
    QCOMPARE(kept, 10);
    QCOMPARE(usedBy(*m_store, local), 100);
}

void MetadataStoreContract::reapsTheOldestFirst()
{
    const ExecutionRecord old = keepRun(*m_store, 0, u"old"_s);
    const ExecutionRecord older = keepRun(*m_store, -100, u"older"_s);
    const ExecutionRecord young = keepRun(*m_store, 1000, u"young"_s);
    const ExecutionRecord unfinished = someExecution(local, -200);
    VERIFY_OK(m_store->insertExecution(unfinished));
    const FileRecord uploaded = upload(local, 7);
    VERIFY_OK(m_store->insertFile(uploaded));
    const auto added = m_store->insertFileVersion(old.artifacts[0].file, upload(local, 5));
    VERIFY_OK(added);
    const auto reap = [&](Retained what, int most) {
        return m_store->reap(local, what, at(500), most).value();
    };
    const auto logsOf = [&](const ExecutionRecord &run) {
        return m_store->findExecution(local, run.id).value()->logs;
    };
    QCOMPARE(reap(Retained::Logs, 1).logs, 1);
    QVERIFY(logsOf(older).isEmpty());
    QVERIFY(!logsOf(old).isEmpty());
    const Reaped rest = reap(Retained::Logs, 10);
    QCOMPARE(rest.logs, 1);
    QCOMPARE(rest.steps, 1);
    QVERIFY(logsOf(old).isEmpty());
    QVERIFY(!logsOf(young).isEmpty());

    const Reaped three = reap(Retained::Artifacts, 3);
    QCOMPARE(three.artifacts, 3);
    QCOMPARE(three.bytes, 36);
    QCOMPARE(three.blobs.size(), 3);
    QVERIFY(m_store->findExecution(local, older.id).value()->artifacts.isEmpty());
    QCOMPARE(m_store->findExecution(local, old.id).value()->artifacts.size(), 1);
    QVERIFY(!m_store->findFile(local, older.artifacts[0].file).value());
    QCOMPARE(reap(Retained::Artifacts, 3).artifacts, 1);
    QCOMPARE(reap(Retained::Artifacts, 3).steps, 0);
    // What somebody added is theirs.
    QVERIFY(m_store->findFile(local, (*added)->id).value());
    QVERIFY(m_store->findFile(local, uploaded.id).value());

    QCOMPARE(m_store->reap(other, Retained::Executions, at(500), 10).value().steps, 0);
    QCOMPARE(reap(Retained::Executions, 1).executions, 1);
    QVERIFY(!m_store->findExecution(local, older.id).value());
    QCOMPARE(reap(Retained::Executions, 10).executions, 1);
    QVERIFY(!m_store->findExecution(local, old.id).value());
    QVERIFY(m_store->findExecution(local, unfinished.id).value());
    QCOMPARE(m_store->findExecution(local, young.id).value()->artifacts.size(), 2);
    // A record takes with it what was kept longer than it.
    const Reaped last = m_store->reap(local, Retained::Executions, at(5000), 10).value();
    QCOMPARE(last.executions, 1);
    QCOMPARE(last.artifacts, 2);
    QCOMPARE(last.blobs.size(), 2);
    QVERIFY(!m_store->findFile(local, young.artifacts[0].file).value());
    QCOMPARE(usedBy(*m_store, local), 12);

    Reaped sum;
    const auto note = [&](const Reaped &reaped) {
        sum = reaped;
        return change(local);
    };
    QVERIFY(m_store->auditReaped(local, note).value());
    QCOMPARE(sum.logs, 2);
    QCOMPARE(sum.artifacts, 6);
    QCOMPARE(sum.executions, 3);
    QCOMPARE(sum.bytes, 72);
    QVERIFY(!m_store->auditReaped(local, note).value());
    QCOMPARE(m_store->listAudit(local, {}).value().size(), 1);
}

void MetadataStoreContract::goesOnReapingAfterADeath()
{
    constexpr int runs = 60;
    for (int i = 0; i < runs; ++i)
        QVERIFY(!keepRun(*m_store, i, QString::number(i)).id.isEmpty());
    {
        HelperProcess helper(helperArguments() + QStringList{u"reap"_s, u"0"_s});
        QVERIFY(helper.saysLines(5));
        helper.kill();
    }
    while (m_store->reap(local, Retained::Executions, at(10'000), 7).value().steps == 7) { }
    QVERIFY(m_store->listExecutions(local, {}).value().isEmpty());
    QVERIFY(m_store->listFiles(local, {}).value().isEmpty());
    QCOMPARE(usedBy(*m_store, local), 0);
    // Nothing that was removed is missing in the sum, whoever removed it.
    Reaped sum;
    QVERIFY(m_store
                ->auditReaped(local,
                              [&](const Reaped &reaped) {
                                  sum = reaped;
                                  return change(local);
                              })
                .value());
    QCOMPARE(sum.executions, runs);
    QCOMPARE(sum.artifacts, 2 * runs);
    QCOMPARE(sum.bytes, 24 * runs);
}

void MetadataStoreContract::givesADutyToOne()
{
    const InstanceId a{u"a"_s};
    const InstanceId b{u"b"_s};
    QVERIFY(m_store->takeDuty(u"d"_s, a, 1h).value());
    QVERIFY(m_store->takeDuty(u"d"_s, a, 1h).value());
    QVERIFY(!m_store->takeDuty(u"d"_s, b, 1h).value());
    QVERIFY(m_store->takeDuty(u"e"_s, b, 1h).value());
    VERIFY_OK(m_store->endDuty(u"d"_s, b)); // not its own
    QVERIFY(!m_store->takeDuty(u"d"_s, b, 1h).value());
    VERIFY_OK(m_store->endDuty(u"d"_s, a));
    QVERIFY(m_store->takeDuty(u"d"_s, b, 0ms).value());
    QTRY_VERIFY(m_store->takeDuty(u"d"_s, a, 1h).value()); // the other's time is over
}

} // namespace skillbox::test
