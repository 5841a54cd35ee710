#include "tests/contract/metadata_store_contract.h"

#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

#include <algorithm>
#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;

// Files, sessions, idempotency keys, and the cursors of lists.

namespace skillbox::test {
namespace {

using State = IdempotencyClaim::State;

const TenantId local = localTenant();
const TenantId other{u"other"_s};
const InstanceId instanceA{u"instance-a"_s};
constexpr SessionBounds roomy{1 << 20, 100};

FileRecord someFile(const TenantId &tenant, const QString &name, qint64 second = 0)
{
    return {.id = {newUuid()},
            .tenant = tenant,
            .name = name,
            .session = {},
            .execution = {},
            .blob = blobNamed(name),
            .contentType = u"text/plain"_s,
            .sizeBytes = 12,
            .version = 1,
            .parent = {},
            .createdAt = at(second),
            .updatedAt = at(second)};
}

SessionFileRecord sessionFile(const QString &path, const QString &content, qint64 size = 10)
{
    return {.path = path,
            .blob = blobNamed(content),
            .sizeBytes = size,
            .executable = false,
            .updatedAt = at(1)};
}

QStringList pathsOf(const QList<SessionFileRecord> &files)
{
    QStringList paths;
    for (const SessionFileRecord &file : files)
        paths.append(file.path);
    return paths;
}

QStringList sortedNames(const QList<BlobId> &blobs)
{
    QStringList names;
    for (const BlobId &blob : blobs)
        names.append(blob.sha256);
    names.sort();
    return names;
}

AuditRecord someAudit(const QString &action)
{
    AuditRecord audit;
    audit.tenant = local;
    audit.at = at(1);
    audit.actor = u"me"_s;
    audit.action = action;
    audit.target = u"x"_s;
    return audit;
}

} // namespace

// --- Cursors

void MetadataStoreContract::pagesExecutionsByTheirCursor()
{
    QStringList expected;
    for (int i = 0; i < 23; ++i) {
        ExecutionRecord record = someExecution(local, i / 5); // five of the same moment
        record.skillName = i % 2 ? u"odd"_s : u"even"_s;
        VERIFY_OK(m_store->insertExecution(record));
        expected.prepend(record.id.value);
    }
    VERIFY_OK(m_store->insertExecution(someExecution(other)));

    QStringList seen;
    ExecutionFilter filter{.limit = 4};
    for (;;) {
        const auto page = m_store->listExecutions(local, filter);
        VERIFY_OK(page);
        for (const ExecutionRecord &row : *page)
            seen.append(row.id.value);
        filter.before = cursorAfter(*page);
        if (!filter.before)
            break;
        // What begins meanwhile does not move the pages that follow.
        VERIFY_OK(m_store->insertExecution(someExecution(local, 1000)));
    }
    QCOMPARE(seen, expected);

    filter = {.skill = u"odd"_s, .limit = 5};
    int odd = 0;
    do {
        const auto page = m_store->listExecutions(local, filter);
        VERIFY_OK(page);
        odd += static_cast<int>(page->size());
        filter.before = cursorAfter(*page);
    } while (filter.before);
    QCOMPARE(odd, 11);
}

void MetadataStoreContract::pagesSkillsByTheirCursor()
{
    QStringList expected;
    for (const QString &name : {u"a"_s, u"b"_s, u"c"_s}) {
        for (int i = 4; i >= 0; --i)
            expected.append(u"%1@1.0.%2"_s.arg(name).arg(i));
    }
    for (QString row : expected) {
        const qsizetype split = row.indexOf(u'@');
        const int number = row.last(1).toInt();
        QVERIFY(m_store->insertVersion(
            someVersion(local, row.first(split), row.sliced(split + 1), number / 2)));
    }
    // Two of the same moment come in the order of their insertion, the last one first.
    QStringList seen;
    SkillFilter filter{.limit = 2};
    for (;;) {
        auto page = m_store->listVersions(local, filter);
        VERIFY_OK(page);
        for (const SkillVersionRecord &row : *page)
            seen.append(row.name + u'@' + row.version);
        std::reverse(page->begin(), page->end()); // the cursor does not mind the order of the rows
        filter.after = cursorAfter(*page);
        if (!filter.after)
            break;
    }
    QStringList sorted = seen;
    sorted.sort();
    QStringList all = expected;
    all.sort();
    QCOMPARE(sorted, all);
    QStringList whole;
    const auto rows = m_store->listVersions(local, {});
    VERIFY_OK(rows);
    for (const SkillVersionRecord &row : *rows)
        whole.append(row.name + u'@' + row.version);
    QCOMPARE(seen, whole);
}

void MetadataStoreContract::keepsTheLogOfWhatIsLost()
{
    const ExecutionRecord record = someExecution(local);
    VERIFY_OK(m_store->insertExecution(record));
    VERIFY_OK(m_store->markRunning(local, record.id, at(3)));
    const auto lost = m_store->failLost(record.instance, at(5), [&](const ExecutionId &id) {
        return u"the log of "_s + id.value;
    });
    VERIFY_OK(lost);
    QCOMPARE(lost->size(), 1);
    const auto found = m_store->findExecution(local, record.id);
    VERIFY_OK(found);
    QCOMPARE((*found)->logs, u"the log of "_s + record.id.value);
    QCOMPARE((*found)->durationMs, 2000);
    QCOMPARE((*found)->input.bytes(), record.input.bytes());
    const auto audit = m_store->listAudit(local, {});
    VERIFY_OK(audit);
    QCOMPARE(audit->size(), 1);
    QCOMPARE(audit->first().action, u"execution.finish"_s);
    QCOMPARE(audit->first().target, record.id.value);
    QCOMPARE(audit->first().details[u"reason"_s].toString(), u"lost"_s);
}

// --- Files

void MetadataStoreContract::findsAFileAsItWasInserted()
{
    FileRecord record = someFile(local, u"Zahlen – ü 😀.csv"_s, 7);
    record.session = u"work"_s;
    const AuditRecord audit = someAudit(u"file.create"_s);
    VERIFY_OK(m_store->insertFile(record, &audit));
    const auto found = m_store->findFile(local, record.id);
    VERIFY_OK(found);
    QVERIFY(*found);
    QCOMPARE((*found)->name, record.name);
    QCOMPARE((*found)->session, record.session);
    QCOMPARE((*found)->blob, record.blob);
    QCOMPARE((*found)->contentType, record.contentType);
    QCOMPARE((*found)->sizeBytes, record.sizeBytes);
    QCOMPARE((*found)->version, 1);
    QVERIFY((*found)->parent.isEmpty());
    QCOMPARE((*found)->createdAt, record.createdAt);
    QCOMPARE((*found)->updatedAt, record.updatedAt);
    QVERIFY(!m_store->findFile(other, record.id).value());
    QCOMPARE(m_store->listAudit(local, {}).value().size(), 1);
    QVERIFY(m_store->isBlobReferenced(record.blob).value());
    QVERIFY(!m_store->insertFile(record)); // the same id twice
}

void MetadataStoreContract::numbersTheVersionsOfAFile()
{
    FileRecord first = someFile(local, u"a"_s);
    first.session = u"work"_s;
    VERIFY_OK(m_store->insertFile(first));
    FileRecord draft = someFile(local, u"b"_s, 1);
    draft.session = u"elsewhere"_s;
    const auto second = m_store->insertFileVersion(first.id, draft);
    VERIFY_OK(second);
    QVERIFY(*second);
    QCOMPARE((*second)->version, 2);
    QCOMPARE((*second)->parent, first.id);
    QCOMPARE((*second)->session, u"work"_s);
    const auto third = m_store->insertFileVersion(draft.id, someFile(local, u"c"_s, 2));
    VERIFY_OK(third);
    QCOMPARE((*third)->version, 3);
    QCOMPARE((*third)->parent, first.id);

    for (const FileId &member : {first.id, draft.id, (*third)->id}) {
        const auto chain = m_store->listFileVersions(local, member);
        VERIFY_OK(chain);
        QCOMPARE(chain->size(), 3);
        QCOMPARE(chain->at(0).version, 3);
        QCOMPARE(chain->at(2).id, first.id);
    }
    QVERIFY(m_store->listFileVersions(other, first.id).value().isEmpty());
    FileRecord foreign = someFile(other, u"d"_s);
    QVERIFY(!m_store->insertFileVersion(first.id, foreign).value());
    QVERIFY(!m_store->findFile(other, foreign.id).value());
    QVERIFY(!m_store->insertFileVersion({newUuid()}, someFile(local, u"e"_s)).value());
}

void MetadataStoreContract::deletesOneVersionOfAFileOnly()
{
    const FileRecord first = someFile(local, u"a"_s);
    VERIFY_OK(m_store->insertFile(first));
    const FileRecord second = someFile(local, u"b"_s, 1);
    QVERIFY(m_store->insertFileVersion(first.id, second).value());
    const AuditRecord audit = someAudit(u"file.delete"_s);
    QVERIFY(!m_store->deleteFile(other, first.id, &audit).value());
    QVERIFY(m_store->listAudit(local, {}).value().isEmpty());
    const auto gone = m_store->deleteFile(local, first.id, &audit);
    VERIFY_OK(gone);
    QCOMPARE((*gone)->blob, first.blob);
    QVERIFY(!m_store->deleteFile(local, first.id, &audit).value());
    QCOMPARE(m_store->listAudit(local, {}).value().size(), 1);
    QVERIFY(!m_store->isBlobReferenced(first.blob).value());
    // The chain keeps its root's name and numbers on.
    QCOMPARE(m_store->listFileVersions(local, second.id).value().size(), 1);
    const auto third = m_store->insertFileVersion(second.id, someFile(local, u"c"_s, 2));
    VERIFY_OK(third);
    QCOMPARE((*third)->version, 3);
    QCOMPARE((*third)->parent, first.id);
}

void MetadataStoreContract::listsFilesNewestFirst()
{
    QStringList expected;
    for (int i = 0; i < 6; ++i) {
        FileRecord record = someFile(local, u"file-%1"_s.arg(i), i / 2);
        record.session = i % 2 ? u"odd"_s : QString();
        VERIFY_OK(m_store->insertFile(record));
        expected.prepend(record.name);
    }
    VERIFY_OK(m_store->insertFile(someFile(other, u"theirs"_s)));
    const ExecutionRecord run = someExecution(local, 100);
    VERIFY_OK(m_store->insertExecution(run));
    ExecutionRecord ended = finished(run);
    ended.artifacts = {someArtifact(u"out.png"_s)};
    QVERIFY(m_store->finishExecution(ended).value());
    expected.prepend(u"out.png"_s);

    const auto names = [this](const FileFilter &filter) {
        QStringList seen;
        const auto files = m_store->listFiles(local, filter);
        for (const FileRecord &file : files.value())
            seen.append(file.name);
        return seen;
    };
    QCOMPARE(names({}), expected);
    QCOMPARE(names({.limit = 3, .offset = 2}), expected.mid(2, 3));
    QCOMPARE(names({.session = u"odd"_s}), (QStringList{u"file-5"_s, u"file-3"_s, u"file-1"_s}));
    QCOMPARE(names({.execution = run.id}), QStringList{u"out.png"_s});
    QCOMPARE(names({.session = u"none"_s}), QStringList());
}

// --- Sessions

void MetadataStoreContract::changesASessionAllOrNothing()
{
    const AuditRecord audit = someAudit(u"session.write"_s);
    auto given = m_store->changeSession(
        local, u"s"_s, {sessionFile(u"b"_s, u"one"_s), sessionFile(u"a/x"_s, u"two"_s)}, {}, roomy,
        &audit);
    VERIFY_OK(given);
    QVERIFY(given->isEmpty());
    QCOMPARE(pathsOf(m_store->listSessionFiles(local, u"s"_s).value()),
             (QStringList{u"a/x"_s, u"b"_s}));
    QVERIFY(m_store->isBlobReferenced(blobNamed(u"two"_s)).value());

    SessionFileRecord changed = sessionFile(u"b"_s, u"three"_s, 20);
    changed.executable = true;
    changed.updatedAt = at(9);
    given = m_store->changeSession(local, u"s"_s, {changed}, {u"a/x"_s, u"never"_s}, roomy);
    VERIFY_OK(given);
    QCOMPARE(sortedNames(*given), sortedNames({blobNamed(u"one"_s), blobNamed(u"two"_s)}));
    const auto found = m_store->findSessionFile(local, u"s"_s, u"b"_s);
    VERIFY_OK(found);
    QVERIFY(*found);
    QCOMPARE((*found)->blob, changed.blob);
    QCOMPARE((*found)->sizeBytes, 20);
    QVERIFY((*found)->executable);
    QCOMPARE((*found)->updatedAt, at(9));
    QVERIFY(!m_store->findSessionFile(other, u"s"_s, u"b"_s).value());
    QVERIFY(!m_store->findSessionFile(local, u"t"_s, u"b"_s).value());
    QCOMPARE(m_store->listAudit(local, {}).value().size(), 1);
}

void MetadataStoreContract::holdsASessionToItsBounds_data()
{
    QTest::addColumn<SessionBounds>("bounds");
    QTest::newRow("files") << SessionBounds{1000, 2};
    QTest::newRow("bytes") << SessionBounds{29, 100};
}

void MetadataStoreContract::holdsASessionToItsBounds()
{
    QFETCH(SessionBounds, bounds);
    VERIFY_OK(m_store->changeSession(
        local, u"s"_s, {sessionFile(u"a"_s, u"1"_s), sessionFile(u"b"_s, u"2"_s)}, {}, bounds));
    const AuditRecord audit = someAudit(u"session.write"_s);
    const auto refused = m_store->changeSession(local, u"s"_s, {sessionFile(u"c"_s, u"3"_s)}, {},
                                                bounds, &audit);
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::TooLarge);
    QCOMPARE(pathsOf(m_store->listSessionFiles(local, u"s"_s).value()),
             (QStringList{u"a"_s, u"b"_s}));
    QVERIFY(!m_store->isBlobReferenced(blobNamed(u"3"_s)).value());
    QVERIFY(m_store->listAudit(local, {}).value().isEmpty());
    // What is taken away in the same change makes room.
    VERIFY_OK(
        m_store->changeSession(local, u"s"_s, {sessionFile(u"c"_s, u"3"_s)}, {u"a"_s}, bounds));
    // Another session has bounds of its own.
    VERIFY_OK(m_store->changeSession(local, u"t"_s, {sessionFile(u"c"_s, u"3"_s)}, {}, bounds));
}

void MetadataStoreContract::deletesASessionAndSaysItsBlobs()
{
    VERIFY_OK(
        m_store->changeSession(local, u"s"_s,
                               {sessionFile(u"a"_s, u"same"_s), sessionFile(u"b"_s, u"same"_s),
                                sessionFile(u"c"_s, u"else"_s)},
                               {}, roomy));
    VERIFY_OK(m_store->changeSession(other, u"s"_s, {sessionFile(u"a"_s, u"same"_s)}, {}, roomy));
    const AuditRecord audit = someAudit(u"session.delete"_s);
    const auto given = m_store->deleteSession(local, u"s"_s, &audit);
    VERIFY_OK(given);
    QCOMPARE(sortedNames(*given), sortedNames({blobNamed(u"same"_s), blobNamed(u"else"_s)}));
    QVERIFY(m_store->deleteSession(local, u"s"_s, &audit).value().isEmpty());
    QCOMPARE(m_store->listAudit(local, {}).value().size(), 1);
    QVERIFY(m_store->listSessionFiles(local, u"s"_s).value().isEmpty());
    QCOMPARE(m_store->listSessionFiles(other, u"s"_s).value().size(), 1);
    QVERIFY(m_store->isBlobReferenced(blobNamed(u"same"_s)).value());
}

// --- Idempotency keys

void MetadataStoreContract::takesAKeyForOneRequest()
{
    const auto claim = [this](const TenantId &tenant, const QString &hash) {
        return m_store->claimIdempotency(tenant, u"k"_s, hash, instanceA, at(0), at(100)).value();
    };
    QCOMPARE(claim(local, u"h"_s).state, State::Claimed);
    QCOMPARE(claim(local, u"h"_s).state, State::Running);
    QCOMPARE(claim(local, u"g"_s).state, State::Mismatch);
    QCOMPARE(claim(other, u"g"_s).state, State::Claimed);
    VERIFY_OK(m_store->releaseIdempotency(local, u"k"_s));
    QCOMPARE(claim(local, u"g"_s).state, State::Claimed);
}

void MetadataStoreContract::replaysTheAnswerOfAKey()
{
    const auto claim = [this] {
        return m_store->claimIdempotency(local, u"k"_s, u"h"_s, instanceA, at(0), at(100)).value();
    };
    QCOMPARE(claim().state, State::Claimed);
    const ExecutionRecord run = someExecution(local);
    VERIFY_OK(m_store->insertExecution(run));
    QVERIFY(m_store->bindIdempotency(local, u"k"_s, run.id, instanceA).value());
    QCOMPARE(claim().state, State::Running);
    QCOMPARE(claim().execution, run.id);
    // The run is over, its answer was never written down: whoever asks can make it.
    QVERIFY(m_store->finishExecution(finished(run)).value());
    QCOMPARE(claim().state, State::Replay);
    QCOMPARE(claim().status, 0);
    QCOMPARE(claim().execution, run.id);
    const QByteArray body = "{\"text\":\"ü 😀\"}";
    VERIFY_OK(m_store->completeIdempotency(local, u"k"_s, 200, body));
    QCOMPARE(claim().state, State::Replay);
    QCOMPARE(claim().status, 200);
    QCOMPARE(claim().body, body);
    VERIFY_OK(m_store->releaseIdempotency(local, u"k"_s)); // too late: it was answered
    QCOMPARE(claim().state, State::Replay);
}

void MetadataStoreContract::forgetsKeysAfterTheirTime()
{
    for (int i = 0; i < 5; ++i) {
        const QString key = QString::number(i);
        QVERIFY(m_store->claimIdempotency(local, key, u"h"_s, instanceA, at(0), at(10 + i)));
        VERIFY_OK(m_store->completeIdempotency(local, key, 200, "old"));
    }
    // One that is over its time is as good as none, swept or not.
    const auto again = m_store->claimIdempotency(local, u"0"_s, u"other"_s, instanceA, at(10),
                                                 at(50));
    QCOMPARE(again.value().state, State::Claimed);
    const auto running = m_store->claimIdempotency(local, u"0"_s, u"other"_s, instanceA, at(10),
                                                   at(50));
    QCOMPARE(running.value().state, State::Running);
    QVERIFY(running.value().body.isEmpty());
    QCOMPARE(m_store->forgetIdempotency(at(13), 2).value(), 2);
    QCOMPARE(m_store->forgetIdempotency(at(13), 100).value(), 1);
    QCOMPARE(m_store->forgetIdempotency(at(13), 100).value(), 0);
    QCOMPARE(
        m_store->claimIdempotency(local, u"4"_s, u"h"_s, instanceA, at(13), at(50)).value().state,
        State::Replay);
}

void MetadataStoreContract::freesTheKeysOfADeadInstance()
{
    const auto claim = [this](const QString &key, const InstanceId &instance) {
        return m_store->claimIdempotency(local, key, u"h"_s, instance, at(0), at(100))
            .value()
            .state;
    };
    const InstanceId dead{u"instance-dead"_s};
    QCOMPARE(claim(u"nothing started"_s, dead), State::Claimed);
    QCOMPARE(claim(u"answered"_s, dead), State::Claimed);
    VERIFY_OK(m_store->completeIdempotency(local, u"answered"_s, 404, "{}"));
    QCOMPARE(claim(u"started"_s, dead), State::Claimed);
    ExecutionRecord run = someExecution(local);
    run.instance = dead;
    VERIFY_OK(m_store->insertExecution(run));
    QVERIFY(m_store->bindIdempotency(local, u"started"_s, run.id, dead).value());
    QCOMPARE(claim(u"of the living"_s, instanceA), State::Claimed);

    QCOMPARE(m_store->failLost(dead, at(5)).value().size(), 1);
    QCOMPARE(claim(u"nothing started"_s, instanceA), State::Claimed);
    QCOMPARE(claim(u"answered"_s, instanceA), State::Replay);
    QCOMPARE(claim(u"started"_s, instanceA), State::Replay); // with the lost run
    QCOMPARE(claim(u"of the living"_s, instanceA), State::Running);
}

void MetadataStoreContract::oneOfManyThreadsTakesAKey()
{
    std::atomic<int> taken = 0;
    std::atomic<int> running = 0;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) {
            threads.emplace_back([&] {
                const auto claim = m_store->claimIdempotency(local, u"k"_s, u"h"_s, instanceA,
                                                             at(0), at(100));
                taken += claim && claim->state == State::Claimed;
                running += claim && claim->state == State::Running;
            });
        }
    }
    QCOMPARE(taken.load(), 1);
    QCOMPARE(running.load(), 7);
}

} // namespace skillbox::test
