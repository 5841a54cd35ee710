#include "tests/contract/metadata_store_contract.h"

#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

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

} // namespace

void MetadataStoreContract::findsAVersionAsItWasInserted()
{
    SkillVersionRecord record = someVersion(local, u"word-counter"_s, u"1.2.3-rc.1+b7"_s, 5);
    record.description = u"Zählt Wörter \"in\" Text; 数える 😀"_s;
    record.manifest = {{u"files"_s, QJsonArray{QJsonObject{{u"path"_s, u"main.py"_s}}}},
                       {u"timeout"_s, u"60s"_s}};
    record.yankedAt = at(6);
    record.yankReason = u"broken"_s;
    record.findings = {QJsonObject{{u"id"_s, u"SBX-NET001"_s}, {u"message"_s, u"äöü"_s}}};
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
    QCOMPARE(seen.findings, record.findings);
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

    const auto rows = m_store->listVersions(local, {.columns = SkillColumns::WithoutTexts});
    QCOMPARE(namesOf(rows.value()), namesOf(m_store->listVersions(local, {}).value()));
    QVERIFY(rows->first().manifest.isEmpty());
    QVERIFY(rows->first().instructions.isEmpty());
    QVERIFY(!rows->first().description.isEmpty());
    QVERIFY(rows->first().seq > 0);
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

} // namespace skillbox::test
