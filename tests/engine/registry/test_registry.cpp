#include "tests/engine/registry/registry_test.h"
#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox::test {

void TestRegistry::init()
{
    d = std::make_unique<Parts>();
    d->metadata = openSqliteStore(in(u"skillbox.db"_s)).value();
    d->blobs = DirectoryBlobStore::open(in(u"blobs"_s)).value();
    d->cache = SkillCache::open(in(u"cache"_s)).value();
    d->registry = std::make_unique<Registry>(*d->metadata, *d->blobs, *d->cache, ArchiveLimits{});
}

void TestRegistry::cleanup()
{
    // Nothing temporary stays, whatever happened.
    QCOMPARE(QDir(in(u"cache"_s)).entryList({u".tmp-*"_s}, QDir::AllEntries | QDir::Hidden),
             QStringList());
    d.reset();
}

// --- Publishing
void TestRegistry::publishesAFolder()
{
    SkillFolder skill;
    skill.header = "license: MIT\ncompatibility: Python 3.9+\nimage: python:3.12-slim\n"
                   "timeout: 90s\nresources:\n  cpu: 0.5\n  memory: 256Mi\n"
                   "allowed-tools: Read Write\nx-team: core\nmetadata:\n  author: somebody\n";
    skill.files = {{u"schemas/input.json"_s, "{\"type\":\"object\"}"},
                   {u"data/words.txt"_s, "a\nb\n"}};
    const auto published = publish(skill);
    VERIFY_OK(published);
    QVERIFY(published->created);
    const SkillVersionRecord &record = published->record;
    QCOMPARE(record.name, u"word-counter"_s);
    QCOMPARE(record.version, u"1.0.0"_s);
    QCOMPARE(record.description, skill.description);
    QCOMPARE(record.language, u"python"_s);
    QCOMPARE(record.mode, u"executable"_s);
    QCOMPARE(record.instructions, u"# Counting\nGive it a text."_s);
    QCOMPARE(record.publishedBy, u"me"_s);
    QVERIFY(record.publishedAt.isValid());
    QVERIFY(record.digest.startsWith(u"sha256:"_s));

    const QJsonObject &manifest = record.manifest;
    QCOMPARE(manifest.value("license"_L1), u"MIT"_s);
    QCOMPARE(manifest.value("compatibility"_L1), u"Python 3.9+"_s);
    QCOMPARE(manifest.value("image"_L1), u"python:3.12-slim"_s);
    QCOMPARE(manifest.value("timeout"_L1), u"1m30s"_s);
    QCOMPARE(manifest.value("resources"_L1),
             QJsonObject({{u"cpu"_s, u"0.5"_s}, {u"memory"_s, u"256Mi"_s}}));
    QCOMPARE(manifest.value("allowed_tools"_L1), QJsonArray({u"Read"_s, u"Write"_s}));
    QCOMPARE(manifest.value("unknown_keys"_L1), QJsonArray({u"x-team"_s}));
    QCOMPARE(manifest.value("metadata"_L1).toObject().value("author"_L1), u"somebody"_s);
    QCOMPARE(manifest.value("entrypoint"_L1), u"main.py"_s);
    QCOMPARE(manifest.value("schemas"_L1).toObject().value("input"_L1),
             QJsonObject({{u"type"_s, u"object"_s}}));
    QStringList files;
    const QJsonArray entries = manifest.value("files"_L1).toArray();
    for (const QJsonValue &file : entries)
        files.append(u"%1 %2"_s.arg(file[u"path"].toString()).arg(file[u"size_bytes"].toInt()));
    QCOMPARE(files.filter(u"words"_s), QStringList({u"data/words.txt 4"_s}));
    QCOMPARE(files.size(), 4);

    const auto found = d->registry->find(ref(u"word-counter"_s, u"1.0.0"_s));
    VERIFY_OK(found);
    QCOMPARE(found->manifest, manifest);
    QCOMPARE(actions(), QStringList({u"skill.publish word-counter@1.0.0 me"_s}));
    QVERIFY(allEntries(in(u"sources/word-counter"_s)).size() == 6); // untouched
}

void TestRegistry::keepsAZipByteForByte()
{
    const QString zip = in(u"skill.zip"_s);
    VERIFY_OK(packDirectory(SkillFolder{}.write(sources()), zip));
    const QByteArray bytes = readFile(zip);
    const auto published = d->registry->publishArchive(localTenant(), zip, Origin{u"me"_s});
    VERIFY_OK(published);
    QCOMPARE(published->record.archive.sha256, Sha256::of(bytes));
    QCOMPARE(published->record.archiveBytes, bytes.size());
    const auto archive = d->registry->openArchive(published->record);
    VERIFY_OK(archive);
    QCOMPARE((*archive)->readAll(), bytes);
    QCOMPARE(readFile(zip), bytes);
}

void TestRegistry::publishingTheSameAgainChangesNothing()
{
    const auto first = publish({});
    VERIFY_OK(first);
    const QStringList blobs = blobFiles();
    const auto second = publish({});
    VERIFY_OK(second);
    QVERIFY(!second->created);
    QCOMPARE(second->record.publishedAt, first->record.publishedAt);
    QCOMPARE(second->record.digest, first->record.digest);
    QCOMPARE(blobFiles(), blobs);
    QCOMPARE(actions().size(), 1);
}

void TestRegistry::sameContentInAnotherZipKeepsTheFirst()
{
    const auto first = publish({});
    VERIFY_OK(first);
    const QStringList blobs = blobFiles();
    // A comment at the end of a zip changes its bytes and nothing in it.
    const QString zip = in(u"skill.zip"_s);
    VERIFY_OK(packDirectory(in(u"sources/word-counter"_s), zip));
    QByteArray bytes = readFile(zip);
    bytes.replace(bytes.size() - 2, 2, QByteArray("\x02\x00hi", 4));
    writeFile(zip, bytes);
    const auto second = d->registry->publishArchive(localTenant(), zip, Origin{u"me"_s});
    VERIFY_OK(second);
    QVERIFY(!second->created);
    QCOMPARE(second->record.archive.sha256, first->record.archive.sha256);
    QCOMPARE(blobFiles(), blobs);
}

void TestRegistry::refusesOtherContentForTheSameVersion()
{
    VERIFY_OK(publish({}));
    const QStringList blobs = blobFiles();
    const auto other = publish({.script = "print('other')\n"});
    VERIFY_FAILS(other, ErrorCode::VersionExists, u"word-counter 1.0.0"_s);
    QCOMPARE(blobFiles(), blobs);
    QCOMPARE(actions().size(), 1);
    VERIFY_OK(publish({.version = u"1.0.1"_s, .script = "print('other')\n"}));
}

void TestRegistry::refusesWhatTheCheckerRefuses()
{
    const QString folder = sources() + u"/bad"_s;
    writeFile(folder + u"/SKILL.md"_s, "---\nname: word-counter\n---\nNo description.\n");
    const auto published = d->registry->publishDirectory(localTenant(), folder, Origin{u"me"_s});
    QVERIFY(!published);
    QCOMPARE(published.error().code, ErrorCode::InvalidSkill);
    const QString firstLine = published.error().message.section(u'\n', 0, 0);
    QVERIFY2(firstLine.contains(u"SKILL.md:"_s), qPrintable(firstLine));
    QVERIFY2(firstLine.contains(u"description"_s), qPrintable(firstLine));
    QVERIFY(blobFiles().isEmpty());
    QVERIFY(allEntries(in(u"cache"_s)).isEmpty());
    QVERIFY(actions().isEmpty());
}

void TestRegistry::refusesWhatIsNoSkill()
{
    QVERIFY(QDir().mkpath(in(u"empty"_s)));
    writeFile(in(u"text.zip"_s), "not a zip");
    const TenantId tenant = localTenant();
    VERIFY_FAILS(d->registry->publishDirectory(tenant, in(u"none"_s), {}), ErrorCode::Io,
                 in(u"none"_s));
    VERIFY_FAILS(d->registry->publishDirectory(tenant, in(u"empty"_s), {}), ErrorCode::InvalidSkill,
                 in(u"empty"_s));
    VERIFY_FAILS(d->registry->publishArchive(tenant, in(u"none.zip"_s), {}), ErrorCode::Io,
                 in(u"none.zip"_s));
    VERIFY_FAILS(d->registry->publishArchive(tenant, in(u"empty"_s), {}), ErrorCode::Io,
                 in(u"empty"_s));
    const auto text = d->registry->publishArchive(tenant, in(u"text.zip"_s), {});
    QVERIFY(!text);
    QCOMPARE(text.error().code, ErrorCode::InvalidSkill);
    VERIFY_FAILS(d->registry->resolveDirectory(in(u"none"_s)), ErrorCode::Io, in(u"none"_s));
    VERIFY_FAILS(d->registry->resolveDirectory(in(u"empty"_s)), ErrorCode::InvalidSkill,
                 in(u"empty"_s));
    QVERIFY(blobFiles().isEmpty());
    QVERIFY(allEntries(in(u"cache"_s)).isEmpty());
}

void TestRegistry::refusesAnArchiveOverTheLimit()
{
    Registry strict(*d->metadata, *d->blobs, *d->cache, ArchiveLimits{.archiveBytes = 100});
    const QString zip = in(u"skill.zip"_s);
    VERIFY_OK(packDirectory(SkillFolder{}.write(sources()), zip));
    const auto published = strict.publishArchive(localTenant(), zip, Origin{u"me"_s});
    VERIFY_FAILS(published, ErrorCode::TooLarge, u"100"_s);
    QVERIFY(blobFiles().isEmpty());
}

void TestRegistry::refusesAnUnknownTenant()
{
    const auto published = d->registry->publishDirectory({u"nobody"_s},
                                                         SkillFolder{}.write(sources()),
                                                         Origin{u"me"_s});
    QVERIFY(!published);
    QVERIFY(blobFiles().isEmpty());
}

void TestRegistry::publishesASkillWithoutAScript()
{
    const auto published = publish({.script = {}});
    VERIFY_OK(published);
    QCOMPARE(published->record.mode, u"cognitive"_s);
    QCOMPARE(published->record.language, QString());
    const auto resolved = d->registry->resolve(ref(u"word-counter"_s));
    VERIFY_OK(resolved);
    QVERIFY(!resolved->entrypoint);
}

} // namespace skillbox::test

QTEST_GUILESS_MAIN(skillbox::test::TestRegistry)
