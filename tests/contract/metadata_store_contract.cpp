#include "tests/contract/metadata_store_contract.h"

#include "tests/support/store_helper_process.h"
#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox::test {
namespace {

const TenantId local = localTenant();
const TenantId other{u"other"_s};

QStringList namesOf(const QList<SkillVersionRecord> &rows)
{
    QStringList names;
    for (const auto &row : rows)
        names.append(row.name + u'@' + row.version);
    return names;
}

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

void MetadataStoreContract::init()
{
    // QtSql complains on the console of connections that are shared between threads or left open.
    QTest::failOnWarning(QRegularExpression(u".*"_s));
    makeEmptyStore();
    auto store = openStore();
    VERIFY_OK(store);
    m_store = std::move(*store);
    VERIFY_OK(m_store->addTenant(other, at(0)));
}

void MetadataStoreContract::cleanup()
{
    m_store.reset();
}

// --- Tenants

void MetadataStoreContract::hasTheLocalTenantFromTheStart()
{
    const auto added = m_store->addTenant(local, at(0));
    VERIFY_OK(added);
    QVERIFY(!*added);
}

void MetadataStoreContract::addsATenantOnce()
{
    QVERIFY(m_store->addTenant({u"acme"_s}, at(0)).value());
    QVERIFY(!m_store->addTenant({u"acme"_s}, at(1)).value());
}

void MetadataStoreContract::refusesRecordsOfUnknownTenants()
{
    const TenantId nobody{u"nobody"_s};
    QVERIFY(!m_store->insertVersion(someVersion(nobody, u"a"_s, u"1.0.0"_s)));
    QVERIFY(!m_store->insertExecution(someExecution(nobody)));
    QVERIFY(!m_store->appendAudit({nobody, at(0), u"me"_s, u"x"_s, u"y"_s, {}}));
}

// --- Skills

void MetadataStoreContract::findsAVersionAsItWasInserted()
{
    SkillVersionRecord record = someVersion(local, u"word-counter"_s, u"1.2.3-rc.1+b7"_s, 5);
    record.description = u"Zählt Wörter \"in\" Text; 数える 😀"_s;
    record.manifest = {{u"files"_s, QJsonArray{QJsonObject{{u"path"_s, u"main.py"_s}}}},
                       {u"timeout"_s, u"60s"_s}};
    record.yankedAt = at(6);
    record.yankReason = u"broken"_s;
    QCOMPARE(m_store->insertVersion(record).value(), InsertOutcome::Inserted);

    const auto found = m_store->findVersion(local, record.name, record.version);
    VERIFY_OK(found);
    QVERIFY(found->has_value());
    const SkillVersionRecord &seen = **found;
    QCOMPARE(seen.tenant.value, record.tenant.value);
    QCOMPARE(seen.name, record.name);
    QCOMPARE(seen.version, record.version);
    QCOMPARE(seen.digest, record.digest);
    QCOMPARE(seen.archive.sha256, record.archive.sha256);
    QCOMPARE(seen.archiveBytes, record.archiveBytes);
    QCOMPARE(seen.description, record.description);
    QCOMPARE(seen.language, record.language);
    QCOMPARE(seen.mode, record.mode);
    QCOMPARE(seen.instructions, record.instructions);
    QCOMPARE(seen.manifest, record.manifest);
    QCOMPARE(seen.publishedBy, record.publishedBy);
    QCOMPARE(seen.publishedAt, record.publishedAt);
    QCOMPARE(seen.yankedAt, record.yankedAt);
    QCOMPARE(seen.yankReason, record.yankReason);
}

void MetadataStoreContract::answersNothingForAMissingVersion()
{
    const auto found = m_store->findVersion(local, u"none"_s, u"1.0.0"_s);
    VERIFY_OK(found);
    QVERIFY(!found->has_value());
    QVERIFY(!m_store->setYanked(local, u"none"_s, u"1.0.0"_s, at(0), {}).value());
    QVERIFY(!m_store->deleteVersion(local, u"none"_s, u"1.0.0"_s).value());
    QVERIFY(m_store->availableVersions(local, u"none"_s).value().isEmpty());
}

void MetadataStoreContract::insertingTheSameContentAgainChangesNothing()
{
    const SkillVersionRecord first = someVersion(local, u"a"_s, u"1.0.0"_s, 1);
    QCOMPARE(m_store->insertVersion(first).value(), InsertOutcome::Inserted);
    SkillVersionRecord again = first;
    again.publishedAt = at(9);
    again.description = u"changed"_s;
    QCOMPARE(m_store->insertVersion(again).value(), InsertOutcome::AlreadyThere);
    const auto found = m_store->findVersion(local, u"a"_s, u"1.0.0"_s).value();
    QCOMPARE(found->publishedAt, at(1));
    QCOMPARE(found->description, first.description);
}

void MetadataStoreContract::insertingOtherContentIsAConflict()
{
    SkillVersionRecord record = someVersion(local, u"a"_s, u"1.0.0"_s);
    const QString digest = record.digest;
    QCOMPARE(m_store->insertVersion(record).value(), InsertOutcome::Inserted);
    record.digest = u"sha256:ff"_s;
    QCOMPARE(m_store->insertVersion(record).value(), InsertOutcome::Conflict);
    QCOMPARE(m_store->findVersion(local, u"a"_s, u"1.0.0"_s).value()->digest, digest);
}

void MetadataStoreContract::listsVersionsByNameThenNewestFirst()
{
    for (const auto &[name, version, second] :
         QList<std::tuple<QString, QString, int>>{{u"b"_s, u"1.0.0"_s, 3},
                                                  {u"a"_s, u"1.0.0"_s, 1},
                                                  {u"a"_s, u"0.9.0"_s, 4},
                                                  {u"a"_s, u"2.0.0"_s, 2}})
        VERIFY_OK(m_store->insertVersion(someVersion(local, name, version, second)));
    QCOMPARE(namesOf(m_store->listVersions(local, {}).value()),
             QStringList({u"a@0.9.0"_s, u"a@2.0.0"_s, u"a@1.0.0"_s, u"b@1.0.0"_s}));
    QCOMPARE(namesOf(m_store->listVersions(local, {.name = u"b"_s}).value()),
             QStringList({u"b@1.0.0"_s}));
    QCOMPARE(m_store->availableVersions(local, u"a"_s).value(),
             QStringList({u"0.9.0"_s, u"2.0.0"_s, u"1.0.0"_s}));
}

void MetadataStoreContract::listsVersionsInPages()
{
    for (int i = 0; i < 5; ++i)
        VERIFY_OK(m_store->insertVersion(someVersion(local, u"s%1"_s.arg(i), u"1.0.0"_s)));
    QStringList seen;
    for (int offset = 0; offset < 6; offset += 2)
        seen += namesOf(m_store->listVersions(local, {.limit = 2, .offset = offset}).value());
    QCOMPARE(seen, namesOf(m_store->listVersions(local, {}).value()));
    QCOMPARE(seen.size(), 5);
    QVERIFY(m_store->listVersions(local, {.limit = 0}).value().isEmpty());
    QVERIFY(m_store->listVersions(local, {.limit = -1}).value().isEmpty());
}

void MetadataStoreContract::searchesNameDescriptionAndInstructions_data()
{
    QTest::addColumn<QString>("query");
    QTest::addColumn<QStringList>("expected");
    const QStringList csv{u"csv-to-json@1.0.0"_s};
    const QStringList both{u"csv-to-json@1.0.0"_s, u"word-counter@1.0.0"_s};
    QTest::newRow("name") << u"csv"_s << csv;
    QTest::newRow("name with its hyphens") << u"csv-to-json"_s << csv;
    QTest::newRow("half a name") << u"csv-to-js"_s << csv;
    QTest::newRow("description") << u"converts"_s << csv;
    QTest::newRow("instructions") << u"delimiter"_s << csv;
    QTest::newRow("last word half typed") << u"converts tab"_s << csv;
    QTest::newRow("other words are whole") << u"conv tables"_s << QStringList();
    QTest::newRow("one letter") << u"t"_s << both;
    QTest::newRow("any order") << u"tables converts"_s << csv;
    QTest::newRow("all must match") << u"converts words"_s << QStringList();
    QTest::newRow("case") << u"CONVERTS"_s << csv;
    QTest::newRow("accents") << u"uberflussig"_s << QStringList{u"word-counter@1.0.0"_s};
    QTest::newRow("Chinese") << u"数え"_s << QStringList{u"word-counter@1.0.0"_s};
    QTest::newRow("blank is no search") << u"  "_s << both;
    // Nothing a person types is query syntax.
    QTest::newRow("operator") << u"csv OR word"_s << QStringList();
    QTest::newRow("negation") << u"csv NOT word"_s << QStringList();
    QTest::newRow("column") << u"name:csv"_s << QStringList();
    QTest::newRow("near") << u"NEAR(csv word)"_s << QStringList();
    QTest::newRow("star") << u"c* converts"_s << QStringList();
    QTest::newRow("caret") << u"^csv"_s << csv;
    QTest::newRow("quote") << u"\"csv"_s << csv;
    QTest::newRow("quotes in the word") << u"c\"sv"_s << QStringList();
    QTest::newRow("only quotes") << u"\"\""_s << QStringList();
    QTest::newRow("only punctuation") << u"*** () ^"_s << QStringList();
    QTest::newRow("brackets and a word") << u"( csv )"_s << csv;
    QTest::newRow("apostrophe") << u"'; DROP TABLE skills; --"_s << QStringList();
    QTest::newRow("NUL") << QString(u"csv\0word"_s) << QStringList();
    QTest::newRow("very long") << QString(100'000, u'x') << QStringList();
}

void MetadataStoreContract::searchesNameDescriptionAndInstructions()
{
    QFETCH(QString, query);
    QFETCH(QStringList, expected);
    SkillVersionRecord csv = someVersion(local, u"csv-to-json"_s, u"1.0.0"_s);
    csv.description = u"Converts tables into objects"_s;
    csv.instructions = u"The delimiter is found by itself."_s;
    SkillVersionRecord words = someVersion(local, u"word-counter"_s, u"1.0.0"_s);
    words.description = u"Counts words; überflüssig ones too"_s;
    words.instructions = u"数える text"_s;
    SkillVersionRecord foreign = csv;
    foreign.tenant = other;
    for (const auto &record : {csv, words, foreign})
        VERIFY_OK(m_store->insertVersion(record));
    const auto rows = m_store->listVersions(local, {.query = query});
    VERIFY_OK(rows);
    QCOMPARE(namesOf(*rows), expected);
}

void MetadataStoreContract::forgetsDeletedVersionsInSearch()
{
    VERIFY_OK(m_store->insertVersion(someVersion(local, u"alpha"_s, u"1.0.0"_s)));
    VERIFY_OK(m_store->insertVersion(someVersion(local, u"alpha"_s, u"2.0.0"_s)));
    QVERIFY(m_store->deleteVersion(local, u"alpha"_s, u"1.0.0"_s).value());
    QCOMPARE(namesOf(m_store->listVersions(local, {.query = u"alph"_s}).value()),
             QStringList({u"alpha@2.0.0"_s}));
}

void MetadataStoreContract::yanksAndUnyanks()
{
    VERIFY_OK(m_store->insertVersion(someVersion(local, u"a"_s, u"1.0.0"_s)));
    QVERIFY(m_store->setYanked(local, u"a"_s, u"1.0.0"_s, at(7), u"leaks"_s).value());
    auto record = m_store->findVersion(local, u"a"_s, u"1.0.0"_s).value();
    QCOMPARE(record->yankedAt, at(7));
    QCOMPARE(record->yankReason, u"leaks"_s);
    QVERIFY(m_store->availableVersions(local, u"a"_s).value().isEmpty());
    QVERIFY(m_store->setYanked(local, u"a"_s, u"1.0.0"_s, {}, u"ignored"_s).value());
    record = m_store->findVersion(local, u"a"_s, u"1.0.0"_s).value();
    QVERIFY(!record->yankedAt.isValid());
    QVERIFY(record->yankReason.isEmpty());
    QCOMPARE(m_store->availableVersions(local, u"a"_s).value(), QStringList({u"1.0.0"_s}));
}

void MetadataStoreContract::deletesAVersionAndKeepsItsExecutions()
{
    VERIFY_OK(m_store->insertVersion(someVersion(local, u"word-counter"_s, u"1.0.0"_s)));
    const ExecutionRecord run = someExecution(local);
    VERIFY_OK(m_store->insertExecution(run));
    QVERIFY(m_store->deleteVersion(local, u"word-counter"_s, u"1.0.0"_s).value());
    QVERIFY(!m_store->findVersion(local, u"word-counter"_s, u"1.0.0"_s).value());
    QVERIFY(m_store->findExecution(local, run.id).value());
    // The name is free again, for other content too.
    SkillVersionRecord again = someVersion(local, u"word-counter"_s, u"1.0.0"_s);
    again.digest = u"sha256:ee"_s;
    QCOMPARE(m_store->insertVersion(again).value(), InsertOutcome::Inserted);
}

void MetadataStoreContract::writesTheAuditRecordWithTheChangeOnly()
{
    const auto audit = [](const QString &action) {
        return AuditRecord{local, at(1), u"me"_s, action, u"a@1.0.0"_s, {{u"k"_s, 1}}};
    };
    const AuditRecord publish = audit(u"skill.publish"_s);
    const AuditRecord yank = audit(u"skill.yank"_s);
    const AuditRecord remove = audit(u"skill.delete"_s);
    const SkillVersionRecord record = someVersion(local, u"a"_s, u"1.0.0"_s);
    VERIFY_OK(m_store->setYanked(local, u"a"_s, u"1.0.0"_s, at(1), {}, &yank)); // nothing there
    VERIFY_OK(m_store->deleteVersion(local, u"a"_s, u"1.0.0"_s, &remove));
    VERIFY_OK(m_store->insertVersion(record, &publish));
    VERIFY_OK(m_store->insertVersion(record, &publish)); // the second changes nothing
    VERIFY_OK(m_store->setYanked(local, u"a"_s, u"1.0.0"_s, at(1), {}, &yank));
    VERIFY_OK(m_store->deleteVersion(local, u"a"_s, u"1.0.0"_s, &remove));
    QStringList actions;
    const auto entries = m_store->listAudit(local, 100, 0).value();
    for (const auto &entry : entries)
        actions.append(entry.action);
    QCOMPARE(actions, QStringList({u"skill.publish"_s, u"skill.yank"_s, u"skill.delete"_s}));

    // An audit record that cannot be written takes the change with it.
    AuditRecord impossible = publish;
    impossible.tenant = {u"nobody"_s};
    QVERIFY(!m_store->insertVersion(record, &impossible));
    QVERIFY(!m_store->findVersion(local, u"a"_s, u"1.0.0"_s).value());
}

// --- Executions

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
    QCOMPARE(rows[0].output.bytes(), record.output.bytes());
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

// --- Blobs and audit

void MetadataStoreContract::knowsWhichBlobsAreReferred()
{
    const SkillVersionRecord version = someVersion(other, u"a"_s, u"1.0.0"_s);
    VERIFY_OK(m_store->insertVersion(version));
    QVERIFY(m_store->isBlobReferenced(version.archive).value());
    QVERIFY(!m_store->isBlobReferenced(blobNamed(u"nothing"_s)).value());
    SkillVersionRecord twin = version;
    twin.tenant = local;
    VERIFY_OK(m_store->insertVersion(twin));
    VERIFY_OK(m_store->deleteVersion(other, u"a"_s, u"1.0.0"_s));
    QVERIFY(m_store->isBlobReferenced(version.archive).value());
    VERIFY_OK(m_store->deleteVersion(local, u"a"_s, u"1.0.0"_s));
    QVERIFY(!m_store->isBlobReferenced(version.archive).value());

    ExecutionRecord run = someExecution(local);
    VERIFY_OK(m_store->insertExecution(run));
    run = finished(run);
    run.artifacts = {someArtifact(u"a"_s)};
    VERIFY_OK(m_store->finishExecution(run));
    QVERIFY(m_store->isBlobReferenced(run.artifacts[0].blob).value());
}

void MetadataStoreContract::releasesOnlyUnreferredBlobs()
{
    const SkillVersionRecord version = someVersion(local, u"a"_s, u"1.0.0"_s);
    VERIFY_OK(m_store->insertVersion(version));
    int calls = 0;
    const auto count = [&]() -> Result<void> {
        ++calls;
        return {};
    };
    QVERIFY(!m_store->releaseBlob(version.archive, count).value());
    QCOMPARE(calls, 0);
    QVERIFY(m_store->releaseBlob(blobNamed(u"nothing"_s), count).value());
    QCOMPARE(calls, 1);
    const auto failed = m_store->releaseBlob(blobNamed(u"nothing"_s), []() -> Result<void> {
        return fail(ErrorCode::StorageUnavailable, u"Not now."_s);
    });
    VERIFY_FAILS(failed, ErrorCode::StorageUnavailable, u"Not now"_s);
}

void MetadataStoreContract::keepsAuditInOrder()
{
    for (int i = 0; i < 5; ++i) {
        VERIFY_OK(m_store->appendAudit(
            {local, at(10 - i), u"me"_s, u"a%1"_s.arg(i), u"t"_s, {{u"n"_s, i}}}));
    }
    const auto all = m_store->listAudit(local, 100, 0).value();
    QCOMPARE(all.size(), 5);
    QCOMPARE(all[4].action, u"a4"_s);
    QCOMPARE(all[4].at, at(6));
    QCOMPARE(all[4].details, QJsonObject({{u"n"_s, 4}}));
    const auto page = m_store->listAudit(local, 2, 3).value();
    QCOMPARE(page.size(), 2);
    QCOMPARE(page[0].action, u"a3"_s);
}

void MetadataStoreContract::separatesTenants()
{
    ExecutionRecord run = someExecution(local);
    VERIFY_OK(m_store->insertExecution(run));
    VERIFY_OK(m_store->insertVersion(someVersion(local, u"a"_s, u"1.0.0"_s)));
    VERIFY_OK(m_store->appendAudit({local, at(0), u"me"_s, u"x"_s, u"y"_s, {}}));

    QVERIFY(!m_store->findVersion(other, u"a"_s, u"1.0.0"_s).value());
    QVERIFY(m_store->availableVersions(other, u"a"_s).value().isEmpty());
    QVERIFY(m_store->listVersions(other, {}).value().isEmpty());
    QVERIFY(!m_store->setYanked(other, u"a"_s, u"1.0.0"_s, at(1), {}).value());
    QVERIFY(!m_store->deleteVersion(other, u"a"_s, u"1.0.0"_s).value());
    QVERIFY(!m_store->findExecution(other, run.id).value());
    QVERIFY(m_store->listExecutions(other, {}).value().isEmpty());
    QVERIFY(!m_store->markRunning(other, run.id, at(1)).value());
    QVERIFY(!m_store->requestCancel(other, run.id).value());
    ExecutionRecord stolen = finished(run);
    stolen.tenant = other;
    stolen.artifacts = {someArtifact(u"a"_s)};
    QVERIFY(!m_store->finishExecution(stolen).value());
    QVERIFY(m_store->listAudit(other, 10, 0).value().isEmpty());

    run = finished(run);
    run.artifacts = {someArtifact(u"a"_s)};
    VERIFY_OK(m_store->finishExecution(run));
    QVERIFY(!m_store->findFile(other, run.artifacts[0].file).value());
    // Another tenant may have the same names with other content.
    SkillVersionRecord theirs = someVersion(other, u"a"_s, u"1.0.0"_s);
    theirs.digest = u"sha256:dd"_s;
    QCOMPARE(m_store->insertVersion(theirs).value(), InsertOutcome::Inserted);
}

// --- Threads and processes

void MetadataStoreContract::keepsEverythingAcrossReopening()
{
    const ExecutionRecord run = someExecution(local);
    VERIFY_OK(m_store->insertExecution(run));
    m_store.reset();
    auto again = openStore();
    VERIFY_OK(again);
    QVERIFY((*again)->findExecution(local, run.id).value());
    auto second = openStore(); // two at once in one process, too
    VERIFY_OK(second);
    QVERIFY((*second)->findExecution(local, run.id).value());
}

void MetadataStoreContract::eightThreadsWriteAndRead()
{
    constexpr int threads = 8;
    constexpr int runs = 25;
    std::atomic<int> failures = 0;
    std::vector<std::jthread> workers;
    for (int t = 0; t < threads; ++t) {
        workers.emplace_back([&, t] {
            const TenantId tenant = t % 2 == 0 ? local : other;
            for (int i = 0; i < runs; ++i) {
                ExecutionRecord record = someExecution(tenant, i);
                bool ok = m_store->insertExecution(record).has_value();
                ok = ok && m_store->markRunning(tenant, record.id, at(i)).value_or(false);
                record = finished(record);
                record.artifacts = {someArtifact(u"f"_s)};
                ok = ok && m_store->finishExecution(record).value_or(false);
                const auto found = m_store->findExecution(tenant, record.id);
                ok = ok && found && *found && (*found)->artifacts.size() == 1;
                ok = ok && m_store->listExecutions(tenant, {.limit = 5}).has_value();
                failures += ok ? 0 : 1;
            }
        });
    }
    workers.clear(); // joins
    QCOMPARE(failures.load(), 0);
    QCOMPARE(m_store->listExecutions(local, {.limit = 1000}).value().size(), threads / 2 * runs);
    QCOMPARE(m_store->listExecutions(other, {.limit = 1000}).value().size(), threads / 2 * runs);
}

void MetadataStoreContract::oneOfManyThreadsFinishes()
{
    for (int round = 0; round < 10; ++round) {
        const ExecutionRecord record = someExecution(local);
        VERIFY_OK(m_store->insertExecution(record));
        std::atomic<int> winners = 0;
        std::vector<std::jthread> workers;
        for (int t = 0; t < 8; ++t) {
            workers.emplace_back([&] {
                if (m_store->finishExecution(finished(record)).value_or(false))
                    ++winners;
            });
        }
        workers.clear();
        QCOMPARE(winners.load(), 1);
    }
}

void MetadataStoreContract::twoProcessesOpenAFreshStoreAtOnce()
{
    for (int round = 0; round < 5; ++round) {
        m_store.reset();
        makeEmptyStore();
        std::vector<std::unique_ptr<HelperProcess>> helpers;
        for (int i = 0; i < 4; ++i) {
            helpers.push_back(std::make_unique<HelperProcess>(
                helperArguments() + QStringList{u"insert-executions"_s, u"3"_s}));
        }
        for (auto &helper : helpers)
            QVERIFY2(helper->succeeds(), qPrintable(helper->complaint()));
        auto store = openStore();
        VERIFY_OK(store);
        QCOMPARE((*store)->listExecutions(local, {.limit = 100}).value().size(), 12);
    }
}

void MetadataStoreContract::twoProcessesWriteAtOnce()
{
    HelperProcess a(helperArguments() + QStringList{u"insert-executions"_s, u"200"_s});
    HelperProcess b(helperArguments() + QStringList{u"insert-executions"_s, u"200"_s});
    for (int i = 0; i < 100; ++i)
        VERIFY_OK(m_store->insertExecution(someExecution(local)));
    QVERIFY2(a.succeeds(), qPrintable(a.complaint()));
    QVERIFY2(b.succeeds(), qPrintable(b.complaint()));
    QCOMPARE(m_store->listExecutions(local, {.limit = 1000}).value().size(), 500);
}

void MetadataStoreContract::survivesTheDeathOfAWriter()
{
    for (int round = 0; round < 3; ++round) {
        HelperProcess writer(helperArguments() + QStringList{u"finish-executions"_s, u"0"_s});
        QVERIFY2(writer.saysLines(20 + round * 7), qPrintable(writer.complaint()));
        writer.kill(); // SIGKILL, in the middle of whatever it does
        // The helper says the id of each execution after it was told that it is finished.
        for (const QByteArray &id : writer.lines()) {
            const auto found = m_store->findExecution(local, {QString::fromLatin1(id)});
            VERIFY_OK(found);
            QVERIFY(found->has_value());
            QCOMPARE((*found)->status, ExecutionStatus::Success);
            QCOMPARE((*found)->artifacts.size(), 3);
        }
        // And whatever else is there is whole: queued without, or final with its artifacts.
        const auto rows = m_store->listExecutions(local, {.limit = 10'000}).value();
        for (const auto &row : rows) {
            const auto whole = m_store->findExecution(local, row.id).value();
            QCOMPARE(whole->artifacts.size(), isFinal(whole->status) ? 3 : 0);
        }
        m_store.reset();
        auto store = openStore();
        VERIFY_OK(store);
        m_store = std::move(*store);
        VERIFY_OK(m_store->insertExecution(someExecution(local)));
    }
}

} // namespace skillbox::test
