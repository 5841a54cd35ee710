#include "tests/contract/metadata_store_contract.h"

#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox::test {
namespace {

const TenantId local = localTenant();
const TenantId other{u"other"_s};

QStringList idsOf(const QList<ExecutionRecord> &rows)
{
    QStringList ids;
    for (const auto &row : rows)
        ids.append(row.id.value);
    return ids;
}

void compareExecutions(const ExecutionRecord &seen, const ExecutionRecord &expected)
{
    QCOMPARE(seen.id.value, expected.id.value);
    QCOMPARE(seen.tenant.value, expected.tenant.value);
    QCOMPARE(seen.skillName, expected.skillName);
    QCOMPARE(seen.skillVersion, expected.skillVersion);
    QCOMPARE(seen.skillDigest, expected.skillDigest);
    QCOMPARE(seen.entrypoint, expected.entrypoint);
    QCOMPARE(seen.session, expected.session);
    QCOMPARE(seen.status, expected.status);
    QCOMPARE(seen.reason, expected.reason);
    QCOMPARE(seen.input.bytes(), expected.input.bytes());
    QCOMPARE(seen.output.bytes(), expected.output.bytes());
    QCOMPARE(seen.error, expected.error);
    QCOMPARE(seen.logs, expected.logs);
    QCOMPARE(seen.exitCode, expected.exitCode);
    QCOMPARE(seen.durationMs, expected.durationMs);
    QCOMPARE(seen.sandbox, expected.sandbox);
    QCOMPARE(seen.caller, expected.caller);
    QCOMPARE(seen.instance.value, expected.instance.value);
    QCOMPARE(seen.cancelRequested, expected.cancelRequested);
    QCOMPARE(seen.createdAt, expected.createdAt);
    QCOMPARE(seen.startedAt, expected.startedAt);
    QCOMPARE(seen.finishedAt, expected.finishedAt);
}

} // namespace

void MetadataStoreContract::findsAnExecutionAsItWasInserted()
{
    ExecutionRecord record = someExecution(local);
    record.session = u"s-1"_s;
    record.error = u"early \"error\""_s;
    VERIFY_OK(m_store->insertExecution(record));
    const auto found = m_store->findExecution(local, record.id);
    VERIFY_OK(found);
    QVERIFY(found->has_value());
    compareExecutions(**found, record);
    QVERIFY(!m_store->insertExecution(record)); // an id is used once
    QVERIFY(!m_store->findExecution(local, {newUuid()}).value());
}

void MetadataStoreContract::finishesWithArtifactsThatAreFiles()
{
    ExecutionRecord record = someExecution(local);
    record.session = u"s-1"_s;
    VERIFY_OK(m_store->insertExecution(record));
    record = finished(record);
    record.artifacts = {someArtifact(u"charts/b.png"_s), someArtifact(u"a.csv"_s)};
    QVERIFY(m_store->finishExecution(record).value());

    const auto found = m_store->findExecution(local, record.id).value();
    compareExecutions(*found, record);
    QCOMPARE(found->artifacts.size(), 2);
    QCOMPARE(found->artifacts[0].path, u"a.csv"_s);
    const ArtifactRecord &seen = found->artifacts[1];
    const ArtifactRecord &expected = record.artifacts[0];
    QCOMPARE(seen.path, expected.path);
    QCOMPARE(seen.file.value, expected.file.value);
    QCOMPARE(seen.blob.sha256, expected.blob.sha256);
    QCOMPARE(seen.sizeBytes, expected.sizeBytes);
    QCOMPARE(seen.contentType, expected.contentType);

    const auto file = m_store->findFile(local, expected.file).value();
    QVERIFY(file.has_value());
    QCOMPARE(file->name, u"charts/b.png"_s);
    QCOMPARE(file->session, u"s-1"_s);
    QCOMPARE(file->execution.value, record.id.value);
    QCOMPARE(file->blob.sha256, expected.blob.sha256);
    QCOMPARE(file->contentType, expected.contentType);
    QCOMPARE(file->sizeBytes, expected.sizeBytes);
    QCOMPARE(file->version, 1);
    QVERIFY(file->parent.isEmpty());
    QCOMPARE(file->createdAt, record.finishedAt);
    QVERIFY(!m_store->findFile(local, {newUuid()}).value());
}

void MetadataStoreContract::keepsWhatWasKnownWhenItWasInserted()
{
    ExecutionRecord record = someExecution(local);
    VERIFY_OK(m_store->insertExecution(record));
    ExecutionRecord altered = finished(record);
    altered.input = *JsonText::parse("{}");
    altered.caller = u"somebody else"_s;
    altered.createdAt = at(99);
    altered.skillName = u"another"_s;
    QVERIFY(m_store->finishExecution(altered).value());
    const auto found = m_store->findExecution(local, record.id).value();
    QCOMPARE(found->input.bytes(), record.input.bytes());
    QCOMPARE(found->caller, record.caller);
    QCOMPARE(found->createdAt, record.createdAt);
    QCOMPARE(found->skillName, record.skillName);
}

void MetadataStoreContract::theFirstToFinishWins()
{
    ExecutionRecord record = someExecution(local);
    VERIFY_OK(m_store->insertExecution(record));
    ExecutionRecord late = finished(record);
    late.status = ExecutionStatus::Cancelled;
    late.artifacts = {someArtifact(u"late.txt"_s)};
    QVERIFY(m_store->finishExecution(finished(record)).value());
    QVERIFY(!m_store->finishExecution(late).value());
    const auto found = m_store->findExecution(local, record.id).value();
    QCOMPARE(found->status, ExecutionStatus::Success);
    QVERIFY(found->artifacts.isEmpty());
    QVERIFY(!m_store->isBlobReferenced(late.artifacts[0].blob).value());
    QVERIFY(!m_store->finishExecution(finished(someExecution(local))).value()); // never inserted
}

void MetadataStoreContract::refusesToFinishWithAnUnfinishedStatus()
{
    const ExecutionRecord record = someExecution(local);
    VERIFY_OK(m_store->insertExecution(record));
    QVERIFY(!m_store->finishExecution(record));
    QCOMPARE(m_store->findExecution(local, record.id).value()->status, ExecutionStatus::Queued);
}

void MetadataStoreContract::keepsNothingOfAFinishThatFails()
{
    ExecutionRecord record = someExecution(local);
    VERIFY_OK(m_store->insertExecution(record));
    ExecutionRecord broken = finished(record);
    broken.artifacts = {someArtifact(u"same"_s), someArtifact(u"same"_s)};
    QVERIFY(!m_store->finishExecution(broken));
    const auto found = m_store->findExecution(local, record.id).value();
    QCOMPARE(found->status, ExecutionStatus::Queued);
    QVERIFY(found->logs.isEmpty());
    QVERIFY(!m_store->findFile(local, broken.artifacts[0].file).value());
    QVERIFY(!m_store->isBlobReferenced(broken.artifacts[0].blob).value());
    QVERIFY(m_store->finishExecution(finished(record)).value()); // and it can still be finished
}

void MetadataStoreContract::marksOnlyAQueuedExecutionRunning()
{
    const ExecutionRecord record = someExecution(local);
    VERIFY_OK(m_store->insertExecution(record));
    QVERIFY(m_store->markRunning(local, record.id, at(3)).value());
    const auto found = m_store->findExecution(local, record.id).value();
    QCOMPARE(found->status, ExecutionStatus::Running);
    QCOMPARE(found->startedAt, at(3));
    QVERIFY(!m_store->markRunning(local, record.id, at(4)).value());
    QVERIFY(m_store->finishExecution(finished(record)).value());
    QVERIFY(!m_store->markRunning(local, record.id, at(5)).value());
    QVERIFY(!m_store->markRunning(local, {newUuid()}, at(5)).value());
}

void MetadataStoreContract::countsTheRunsOfEverySkill()
{
    QCOMPARE(m_store->skillUse(local).value().size(), 0);
    for (const auto &[skill, second] :
         {std::pair{u"b"_s, 3}, std::pair{u"a"_s, 1}, std::pair{u"b"_s, 7}}) {
        ExecutionRecord record = someExecution(local, second);
        record.skillName = skill;
        VERIFY_OK(m_store->insertExecution(record));
    }
    VERIFY_OK(m_store->insertExecution(someExecution(other, 9)));
    const auto use = m_store->skillUse(local).value();
    QCOMPARE(use.size(), 2);
    QCOMPARE(use[0].skill, u"a"_s);
    QCOMPARE(use[0].runs, 1);
    QCOMPARE(use[0].lastRun, at(1));
    QCOMPARE(use[1].skill, u"b"_s);
    QCOMPARE(use[1].runs, 2);
    QCOMPARE(use[1].lastRun, at(7));
}

void MetadataStoreContract::listsExecutionsNewestFirst()
{
    QStringList expected;
    for (const int second : {3, 1, 2, 2, 2}) {
        const ExecutionRecord record = someExecution(local, second);
        VERIFY_OK(m_store->insertExecution(record));
        expected.append(record.id.value);
    }
    // Of one moment, the one inserted last comes first.
    expected = {expected[0], expected[4], expected[3], expected[2], expected[1]};
    QCOMPARE(idsOf(m_store->listExecutions(local, {}).value()), expected);
    QCOMPARE(idsOf(m_store->listExecutions(local, {.limit = 2, .offset = 1}).value()),
             expected.mid(1, 2));

    ExecutionRecord record = finished(someExecution(local, 9));
    record.artifacts = {someArtifact(u"a"_s)};
    ExecutionRecord queued = record;
    queued.status = ExecutionStatus::Queued;
    VERIFY_OK(m_store->insertExecution(queued));
    VERIFY_OK(m_store->finishExecution(record));
    const auto rows = m_store->listExecutions(local, {.limit = 1}).value();
    QCOMPARE(rows[0].id.value, record.id.value);
    QVERIFY(rows[0].logs.isEmpty());
    QVERIFY(rows[0].artifacts.isEmpty());
    QVERIFY(rows[0].output.isEmpty());
    QVERIFY(rows[0].inputExcerpt.isEmpty());
}

void MetadataStoreContract::listsTheBeginningOfInputsWhereAskedFor()
{
    ExecutionRecord record = someExecution(local, 1);
    const QByteArray text = '"' + "ä"_ba.repeated(400) + '"';
    record.input = JsonText::parse(text).value();
    VERIFY_OK(m_store->insertExecution(record));
    const auto rows =
        m_store->listExecutions(local, {.columns = ExecutionColumns::WithInputExcerpt}).value();
    QCOMPARE(rows.size(), 1);
    QCOMPARE(rows[0].inputExcerpt, u'"' + QString(239, u'ä'));
    QVERIFY(rows[0].input.isEmpty());
}

void MetadataStoreContract::filtersExecutions_data()
{
    QTest::addColumn<ExecutionFilter>("filter");
    QTest::addColumn<QString>("expected"); // letters of the executions, newest first
    QTest::newRow("all") << ExecutionFilter{} << u"dcba"_s;
    QTest::newRow("skill") << ExecutionFilter{.skill = u"x"_s} << u"ca"_s;
    QTest::newRow("status") << ExecutionFilter{.status = ExecutionStatus::Success} << u"ba"_s;
    QTest::newRow("session") << ExecutionFilter{.session = u"s"_s} << u"db"_s;
    QTest::newRow("since, inclusive") << ExecutionFilter{.since = at(3)} << u"dc"_s;
    QTest::newRow("until, exclusive") << ExecutionFilter{.until = at(3)} << u"ba"_s;
    QTest::newRow("between") << ExecutionFilter{.since = at(2), .until = at(4)} << u"cb"_s;
    QTest::newRow("together") << ExecutionFilter{.skill = u"y"_s,
                                                 .status = ExecutionStatus::Queued,
                                                 .session = u"s"_s}
                              << u"d"_s;
    QTest::newRow("none") << ExecutionFilter{.skill = u"z"_s} << QString();
}

void MetadataStoreContract::filtersExecutions()
{
    QFETCH(ExecutionFilter, filter);
    QFETCH(QString, expected);
    QHash<QString, QChar> letters;
    for (int i = 0; i < 4; ++i) {
        ExecutionRecord record = someExecution(local, i + 1);
        record.skillName = i % 2 == 0 ? u"x"_s : u"y"_s;
        record.session = i % 2 == 0 ? QString() : u"s"_s;
        VERIFY_OK(m_store->insertExecution(record));
        if (i < 2)
            VERIFY_OK(m_store->finishExecution(finished(record)));
        letters.insert(record.id.value, QChar(u'a' + i));
    }
    QString seen;
    const auto rows = m_store->listExecutions(local, filter).value();
    for (const auto &row : rows)
        seen += letters.value(row.id.value);
    QCOMPARE(seen, expected);
}

void MetadataStoreContract::keepsLongAndStrangeTexts()
{
    ExecutionRecord record = someExecution(local);
    record.input = *JsonText::parse('"' + QByteArray(3'000'000, 'x') + '"');
    record.caller = u"'; DROP TABLE executions; -- ? :name $1"_s;
    VERIFY_OK(m_store->insertExecution(record));
    record = finished(record);
    record.input = {};
    record.logs = QString(2'000'000, u'é') + u"\r\n\t\u2028😀"_s;
    record.output = *JsonText::parse("{\"é\":[1e300,-0,1.0,null,\"\\u0000\"]}");
    VERIFY_OK(m_store->finishExecution(record));
    const auto found = m_store->findExecution(local, record.id).value();
    QCOMPARE(found->input.bytes().size(), 3'000'002);
    QVERIFY(found->logs == record.logs);
    QCOMPARE(found->output.bytes(), record.output.bytes());
    QCOMPARE(found->caller, record.caller);
}

void MetadataStoreContract::asksForCancelOnlyWhileUnfinished()
{
    const ExecutionRecord a = someExecution(local, 1);
    ExecutionRecord b = someExecution(local, 2);
    b.instance = {u"instance-b"_s};
    for (const auto &record : {a, b})
        VERIFY_OK(m_store->insertExecution(record));
    QVERIFY(m_store->requestCancel(local, a.id).value());
    QVERIFY(m_store->requestCancel(local, a.id).value()); // asking twice is fine
    QVERIFY(m_store->findExecution(local, a.id).value()->cancelRequested);
    QCOMPARE(m_store->cancelRequestsOf(a.instance).value(), QList<ExecutionId>({a.id}));
    QVERIFY(m_store->cancelRequestsOf(b.instance).value().isEmpty());
    VERIFY_OK(m_store->finishExecution(finished(a)));
    QVERIFY(m_store->cancelRequestsOf(a.instance).value().isEmpty());
    QVERIFY(!m_store->requestCancel(local, a.id).value());
    QVERIFY(!m_store->requestCancel(local, {newUuid()}).value());
}

void MetadataStoreContract::knowsWhoseLeaseIsOver()
{
    const InstanceId alive{u"alive"_s};
    const InstanceId late{u"late"_s};
    ExecutionRecord orphan = someExecution(local, 1);
    orphan.instance = {u"never had one"_s};
    VERIFY_OK(m_store->insertExecution(orphan));
    VERIFY_OK(m_store->renewLease(alive, 1h));
    VERIFY_OK(m_store->renewLease(late, -1s));
    QList<InstanceId> dead = m_store->instancesWithoutLease().value();
    std::sort(dead.begin(), dead.end(), [](auto &a, auto &b) { return a.value < b.value; });
    QCOMPARE(dead, QList<InstanceId>({late, orphan.instance}));

    VERIFY_OK(m_store->renewLease(late, 1h)); // it was only slow
    VERIFY_OK(m_store->renewLease(alive, -1s));
    QCOMPARE(m_store->failLost(orphan.instance, at(9), {}).value().size(), 1);
    QCOMPARE(m_store->instancesWithoutLease().value(), QList<InstanceId>({alive}));
    QCOMPARE(m_store->failLost(alive, at(9), {}).value().size(), 0); // its lease goes too
    VERIFY_OK(m_store->endLease(late));
    QVERIFY(m_store->instancesWithoutLease().value().isEmpty());
}

void MetadataStoreContract::knowsWhetherOthersTakeRuns()
{
    const InstanceId me{u"me"_s};
    const InstanceId another{u"another"_s};
    for (const InstanceId &instance : {me, another})
        VERIFY_OK(m_store->renewLease(instance, 1h));
    VERIFY_OK(m_store->setTakesRuns(me, true));
    QVERIFY(!m_store->othersTakeRuns(me).value());
    QVERIFY(m_store->othersTakeRuns(another).value());
    VERIFY_OK(m_store->setTakesRuns(another, true));
    VERIFY_OK(m_store->setTakesRuns(another, true)); // saying it again is fine
    QVERIFY(m_store->othersTakeRuns(me).value());
    VERIFY_OK(m_store->renewLease(another, 1h)); // goes on with it
    QVERIFY(m_store->othersTakeRuns(me).value());
    VERIFY_OK(m_store->renewLease(another, -1s)); // it is dead
    QVERIFY(!m_store->othersTakeRuns(me).value());
    VERIFY_OK(m_store->renewLease(another, 1h));
    VERIFY_OK(m_store->setTakesRuns(another, false));
    QVERIFY(!m_store->othersTakeRuns(me).value());
    VERIFY_OK(m_store->setTakesRuns({u"nobody"_s}, true)); // who has no lease takes none
    QVERIFY(!m_store->othersTakeRuns(me).value());
}

void MetadataStoreContract::failsWhatADeadInstanceLeft()
{
    const ExecutionRecord queued = someExecution(local, 1);
    ExecutionRecord running = someExecution(other, 2);
    const ExecutionRecord done = someExecution(local, 3);
    ExecutionRecord living = someExecution(local, 4);
    living.instance = {u"instance-b"_s};
    for (const auto &record : {queued, running, done, living})
        VERIFY_OK(m_store->insertExecution(record));
    VERIFY_OK(m_store->markRunning(other, running.id, at(5)));
    VERIFY_OK(m_store->finishExecution(finished(done)));
    auto instances = m_store->instancesWithUnfinished().value();
    std::sort(instances.begin(), instances.end());
    QCOMPARE(instances, QList<InstanceId>({queued.instance, living.instance}));

    QCOMPARE(m_store->failLost(queued.instance, at(9)).value(),
             QList<ExecutionId>({queued.id, running.id}));
    const auto lost = m_store->findExecution(other, running.id).value();
    QCOMPARE(lost->status, ExecutionStatus::Failed);
    QCOMPARE(lost->reason, u"lost"_s);
    QVERIFY(!lost->error.isEmpty());
    QCOMPARE(lost->finishedAt, at(9));
    QCOMPARE(lost->durationMs, 4000);
    QCOMPARE(m_store->findExecution(local, queued.id).value()->durationMs, 0);
    QCOMPARE(m_store->findExecution(local, done.id).value()->status, ExecutionStatus::Success);
    QCOMPARE(m_store->findExecution(local, living.id).value()->status, ExecutionStatus::Queued);
    QCOMPARE(m_store->instancesWithUnfinished().value(), QList<InstanceId>({living.instance}));
    QVERIFY(m_store->failLost(queued.instance, at(10)).value().isEmpty());
    // It came back after all: too late.
    QVERIFY(!m_store->finishExecution(finished(queued)).value());
}

} // namespace skillbox::test
