#include "engine/registry/registry.h"

#include "engine/base/sha256.h"
#include "engine/storage/directory_blob_store.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/skill_folder.h"
#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <thread>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

class TestRegistry : public QObject
{
    Q_OBJECT

    struct Parts {
        QTemporaryDir directory;
        std::unique_ptr<MetadataStore> metadata;
        std::unique_ptr<DirectoryBlobStore> blobs;
        std::unique_ptr<SkillCache> cache;
        std::unique_ptr<Registry> registry;
    };
    std::unique_ptr<Parts> d;

    QString in(const QString &name) const { return d->directory.filePath(name); }
    QString sources() const { return in(u"sources"_s); }
    static SkillRef ref(const QString &name, const QString &version = {})
    {
        return {localTenant(), name, version};
    }
    Result<Published> publish(const SkillFolder &skill)
    {
        return d->registry->publishDirectory(localTenant(), skill.write(sources()),
                                             Origin{u"me"_s});
    }
    QStringList blobFiles() const
    {
        QStringList files;
        for (const QString &entry : allEntries(in(u"blobs"_s))) {
            if (QFileInfo(in(u"blobs/"_s + entry)).isFile())
                files.append(entry);
        }
        return files;
    }
    QStringList actions() const
    {
        QStringList actions;
        const auto records = d->metadata->listAudit(localTenant(), {}).value();
        for (const AuditRecord &record : records)
            actions.append(record.action + u' ' + record.target + u' ' + record.actor);
        return actions;
    }
    static QStringList versionsOf(const QList<SkillVersionRecord> &rows)
    {
        QStringList versions;
        for (const SkillVersionRecord &row : rows)
            versions.append(row.name + u'@' + row.version);
        return versions;
    }

private Q_SLOTS:
    void init()
    {
        d = std::make_unique<Parts>();
        d->metadata = openSqliteStore(in(u"skillbox.db"_s)).value();
        d->blobs = DirectoryBlobStore::open(in(u"blobs"_s)).value();
        d->cache = SkillCache::open(in(u"cache"_s)).value();
        d->registry = std::make_unique<Registry>(*d->metadata, *d->blobs, *d->cache,
                                                 ArchiveLimits{});
    }
    void cleanup()
    {
        // Nothing temporary stays, whatever happened.
        QCOMPARE(QDir(in(u"cache"_s)).entryList({u".tmp-*"_s}, QDir::AllEntries | QDir::Hidden),
                 QStringList());
        d.reset();
    }

    // --- Publishing

    void publishesAFolder()
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

    void keepsAZipByteForByte()
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

    void publishingTheSameAgainChangesNothing()
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

    void sameContentInAnotherZipKeepsTheFirst()
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

    void refusesOtherContentForTheSameVersion()
    {
        VERIFY_OK(publish({}));
        const QStringList blobs = blobFiles();
        const auto other = publish({.script = "print('other')\n"});
        VERIFY_FAILS(other, ErrorCode::VersionExists, u"word-counter 1.0.0"_s);
        QCOMPARE(blobFiles(), blobs);
        QCOMPARE(actions().size(), 1);
        VERIFY_OK(publish({.version = u"1.0.1"_s, .script = "print('other')\n"}));
    }

    void refusesWhatTheCheckerRefuses()
    {
        const QString folder = sources() + u"/bad"_s;
        writeFile(folder + u"/SKILL.md"_s, "---\nname: word-counter\n---\nNo description.\n");
        const auto published = d->registry->publishDirectory(localTenant(), folder,
                                                             Origin{u"me"_s});
        QVERIFY(!published);
        QCOMPARE(published.error().code, ErrorCode::InvalidSkill);
        const QString firstLine = published.error().message.section(u'\n', 0, 0);
        QVERIFY2(firstLine.contains(u"SKILL.md:"_s), qPrintable(firstLine));
        QVERIFY2(firstLine.contains(u"description"_s), qPrintable(firstLine));
        QVERIFY(blobFiles().isEmpty());
        QVERIFY(allEntries(in(u"cache"_s)).isEmpty());
        QVERIFY(actions().isEmpty());
    }

    void refusesWhatIsNoSkill()
    {
        QVERIFY(QDir().mkpath(in(u"empty"_s)));
        writeFile(in(u"text.zip"_s), "not a zip");
        const TenantId tenant = localTenant();
        VERIFY_FAILS(d->registry->publishDirectory(tenant, in(u"none"_s), {}), ErrorCode::Io,
                     in(u"none"_s));
        VERIFY_FAILS(d->registry->publishDirectory(tenant, in(u"empty"_s), {}),
                     ErrorCode::InvalidSkill, in(u"empty"_s));
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

    void refusesAnArchiveOverTheLimit()
    {
        Registry strict(*d->metadata, *d->blobs, *d->cache, ArchiveLimits{.archiveBytes = 100});
        const QString zip = in(u"skill.zip"_s);
        VERIFY_OK(packDirectory(SkillFolder{}.write(sources()), zip));
        const auto published = strict.publishArchive(localTenant(), zip, Origin{u"me"_s});
        VERIFY_FAILS(published, ErrorCode::TooLarge, u"100"_s);
        QVERIFY(blobFiles().isEmpty());
    }

    void refusesAnUnknownTenant()
    {
        const auto published = d->registry->publishDirectory({u"nobody"_s},
                                                             SkillFolder{}.write(sources()),
                                                             Origin{u"me"_s});
        QVERIFY(!published);
        QVERIFY(blobFiles().isEmpty());
    }

    void publishesASkillWithoutAScript()
    {
        const auto published = publish({.script = {}});
        VERIFY_OK(published);
        QCOMPARE(published->record.mode, u"cognitive"_s);
        QCOMPARE(published->record.language, QString());
        const auto resolved = d->registry->resolve(ref(u"word-counter"_s));
        VERIFY_OK(resolved);
        QVERIFY(!resolved->entrypoint);
    }

    // --- Resolving

    void resolvesToAReadOnlyTree()
    {
        const auto published = publish({});
        VERIFY_OK(published);
        const auto resolved = d->registry->resolve(ref(u"word-counter"_s));
        VERIFY_OK(resolved);
        QCOMPARE(resolved->name, u"word-counter"_s);
        QCOMPARE(resolved->version, u"1.0.0"_s);
        QCOMPARE(resolved->digest, published->record.digest);
        QCOMPARE(resolved->files, QStringList({u"SKILL.md"_s, u"main.py"_s}));
        QVERIFY(resolved->entrypoint.has_value());
        QCOMPARE(resolved->entrypoint->path, u"main.py"_s);
        QCOMPARE(resolved->manifest.instructions, u"# Counting\nGive it a text."_s);
        const QFileInfo script(resolved->directory + u"/main.py"_s);
        QCOMPARE(readFile(script.filePath()), "print('counted')\n");
        QVERIFY(
            !(script.permissions() & (QFile::WriteOwner | QFile::WriteGroup | QFile::WriteOther)));
        QCOMPARE(d->registry->resolve(ref(u"word-counter"_s, u"1.0.0"_s))->directory,
                 resolved->directory);
    }

    void unpacksAgainWhenTheCacheIsGone()
    {
        VERIFY_OK(publish({}));
        QVERIFY(QDir(in(u"cache"_s)).removeRecursively());
        d->cache = SkillCache::open(in(u"cache"_s)).value();
        d->registry = std::make_unique<Registry>(*d->metadata, *d->blobs, *d->cache,
                                                 ArchiveLimits{});
        const auto resolved = d->registry->resolve(ref(u"word-counter"_s));
        VERIFY_OK(resolved);
        QCOMPARE(readFile(resolved->directory + u"/main.py"_s), "print('counted')\n");
    }

    void saysThatAStoredArchiveIsDamagedOrGone()
    {
        const auto published = publish({});
        VERIFY_OK(published);
        QDir(in(u"cache"_s)).removeRecursively();
        QVERIFY(QDir().mkpath(in(u"cache"_s)));
        const QString blob = d->blobs->pathOf(published->record.archive);
        const QByteArray bytes = readFile(blob);
        QVERIFY(QFile::remove(blob));
        VERIFY_FAILS(d->registry->resolve(ref(u"word-counter"_s)), ErrorCode::StorageCorrupt,
                     u"word-counter 1.0.0 is missing"_s);
        writeFile(blob, QByteArray(bytes).replace(40, 10, "0123456789"));
        VERIFY_FAILS(d->registry->resolve(ref(u"word-counter"_s)), ErrorCode::StorageCorrupt,
                     u"word-counter 1.0.0 is damaged"_s);
        QVERIFY(allEntries(in(u"cache"_s)).isEmpty());
        // Publishing the same content again mends it.
        QVERIFY(QFile::remove(blob));
        VERIFY_OK(publish({}));
        QCOMPARE(readFile(blob), bytes);
        VERIFY_OK(d->registry->resolve(ref(u"word-counter"_s)));
    }

    void choosesTheLatest_data()
    {
        QTest::addColumn<QStringList>("versions");
        QTest::addColumn<QStringList>("yanked");
        QTest::addColumn<QString>("expected"); // empty: none
        QTest::newRow("highest, not last published")
            << QStringList{u"1.10.0"_s, u"1.9.0"_s, u"1.2.0"_s} << QStringList() << u"1.10.0"_s;
        QTest::newRow("no pre-release")
            << QStringList{u"1.0.0"_s, u"2.0.0-rc.1"_s} << QStringList() << u"1.0.0"_s;
        QTest::newRow("pre-releases only")
            << QStringList{u"1.0.0-rc.2"_s, u"1.0.0-rc.10"_s} << QStringList() << u"1.0.0-rc.10"_s;
        QTest::newRow("not a yanked one")
            << QStringList{u"1.0.0"_s, u"1.1.0"_s} << QStringList{u"1.1.0"_s} << u"1.0.0"_s;
        QTest::newRow("a pre-release when the releases are yanked")
            << QStringList{u"1.0.0"_s, u"2.0.0-a"_s} << QStringList{u"1.0.0"_s} << u"2.0.0-a"_s;
        QTest::newRow("of equal ones the last published")
            << QStringList{u"1.0.0+a"_s, u"1.0.0+b"_s} << QStringList() << u"1.0.0+b"_s;
        QTest::newRow("all yanked")
            << QStringList{u"1.0.0"_s} << QStringList{u"1.0.0"_s} << QString();
    }
    void choosesTheLatest()
    {
        QFETCH(QStringList, versions);
        QFETCH(QStringList, yanked);
        QFETCH(QString, expected);
        for (const QString &version : versions)
            VERIFY_OK(publish({.version = version}));
        for (const QString &version : yanked)
            VERIFY_OK(
                d->registry->yank(ref(u"word-counter"_s, version), u"broken"_s, Origin{u"me"_s}));
        const auto rows = d->registry->list(localTenant(), {});
        VERIFY_OK(rows);
        for (const QString &text : {QString(), u"latest"_s}) {
            const auto found = d->registry->find(ref(u"word-counter"_s, text));
            const auto resolved = d->registry->resolve(ref(u"word-counter"_s, text));
            if (expected.isEmpty()) {
                VERIFY_FAILS(found, ErrorCode::NotFound, u"word-counter is yanked"_s);
                VERIFY_FAILS(resolved, ErrorCode::SkillNotAvailable, u"word-counter is yanked"_s);
                QVERIFY(Registry::latestOnly(*rows).isEmpty());
            } else {
                VERIFY_OK(found);
                QCOMPARE(found->version, expected);
                VERIFY_OK(resolved);
                QCOMPARE(resolved->version, expected);
                QCOMPARE(versionsOf(Registry::latestOnly(*rows)),
                         QStringList({u"word-counter@"_s + expected}));
            }
        }
    }

    void refusesAYankedVersionToRunButShowsIt()
    {
        VERIFY_OK(publish({}));
        const auto yanked = d->registry->yank(ref(u"word-counter"_s, u"1.0.0"_s), u"it leaks"_s,
                                              Origin{u"me"_s});
        VERIFY_OK(yanked);
        QVERIFY(yanked->yankedAt.isValid());
        VERIFY_FAILS(d->registry->resolve(ref(u"word-counter"_s, u"1.0.0"_s)),
                     ErrorCode::SkillNotAvailable, u"it leaks"_s);
        VERIFY_OK(d->registry->find(ref(u"word-counter"_s, u"1.0.0"_s)));
        const auto back = d->registry->unyank(ref(u"word-counter"_s, u"1.0.0"_s), Origin{u"you"_s});
        VERIFY_OK(back);
        QVERIFY(!back->yankedAt.isValid());
        VERIFY_OK(d->registry->resolve(ref(u"word-counter"_s)));
        QCOMPARE(actions().mid(1),
                 QStringList({u"skill.yank word-counter@1.0.0 me"_s,
                              u"skill.unyank word-counter@1.0.0 you"_s}));
    }

    void aTagIsTheVersionItIsOn()
    {
        VERIFY_OK(publish({.version = u"1.0.0"_s}));
        VERIFY_OK(publish({.version = u"2.0.0"_s}));
        const QString name = u"word-counter"_s;
        const Origin by{u"me"_s, u"192.0.2.1"_s, u"r-9"_s};
        const auto set = d->registry->setTag(ref(name, u"1.0.0"_s), u"stable"_s, by);
        VERIFY_OK(set);
        QCOMPARE(set->version, u"1.0.0"_s);
        QCOMPARE(set->setBy, u"me"_s);
        QCOMPARE(d->registry->find(ref(name, u"stable"_s))->version, u"1.0.0"_s);
        QCOMPARE(d->registry->resolve(ref(name, u"stable"_s))->version, u"1.0.0"_s);
        VERIFY_OK(d->registry->setTag(ref(name, u"2.0.0"_s), u"stable"_s, by));
        QCOMPARE(d->registry->resolve(ref(name, u"stable"_s))->version, u"2.0.0"_s);
        QCOMPARE(d->registry->tags(localTenant(), name)->size(), 1);

        const AuditRecord audit = d->metadata->listAudit(localTenant(), {})->constLast();
        QCOMPARE(audit.action, u"skill.tag"_s);
        QCOMPARE(audit.target, u"word-counter@2.0.0"_s);
        QCOMPARE(audit.details, QJsonObject({{u"tag"_s, u"stable"_s}}));
        QCOMPARE(audit.address, u"192.0.2.1"_s);
        QCOMPARE(audit.requestId, u"r-9"_s);

        VERIFY_OK(d->registry->yank(ref(name, u"2.0.0"_s), {}, by));
        VERIFY_FAILS(d->registry->resolve(ref(name, u"stable"_s)), ErrorCode::SkillNotAvailable,
                     u"2.0.0"_s);
        VERIFY_OK(d->registry->removeTag(localTenant(), name, u"stable"_s, by));
        VERIFY_FAILS(d->registry->removeTag(localTenant(), name, u"stable"_s, by),
                     ErrorCode::NotFound, u"stable"_s);
        VERIFY_FAILS(d->registry->find(ref(name, u"stable"_s)), ErrorCode::NotFound, u"stable"_s);
        VERIFY_OK(d->registry->tags(localTenant(), name));
        VERIFY_FAILS(d->registry->tags(localTenant(), u"none"_s), ErrorCode::NotFound, u"none"_s);
    }

    void aDeletedVersionLosesItsTags()
    {
        VERIFY_OK(publish({}));
        VERIFY_OK(d->registry->setTag(ref(u"word-counter"_s, u"1.0.0"_s), u"stable"_s, {}));
        VERIFY_OK(d->registry->remove(ref(u"word-counter"_s, u"1.0.0"_s), {}));
        VERIFY_FAILS(d->registry->find(ref(u"word-counter"_s, u"stable"_s)), ErrorCode::NotFound,
                     u"stable"_s);
    }

    void refusesBadTags_data()
    {
        QTest::addColumn<QString>("version");
        QTest::addColumn<QString>("tag");
        QTest::addColumn<QString>("rule");
        const QString ok = u"1.0.0"_s;
        const QString tagRule = u"is not a tag"_s;
        QTest::newRow("empty") << ok << QString() << tagRule;
        QTest::newRow("latest") << ok << u"latest"_s << u"always the newest"_s;
        QTest::newRow("a version") << ok << u"1.0.0"_s << tagRule;
        QTest::newRow("digit first") << ok << u"1st"_s << tagRule;
        QTest::newRow("upper case") << ok << u"Stable"_s << tagRule;
        QTest::newRow("space") << ok << u"a b"_s << tagRule;
        QTest::newRow("slash") << ok << u"a/b"_s << tagRule;
        QTest::newRow("other script") << ok << u"ä"_s << tagRule;
        QTest::newRow("65 characters") << ok << QString(65, u'a') << tagRule;
        QTest::newRow("on latest") << QString() << u"stable"_s << u"Name the version"_s;
        QTest::newRow("on a tag") << u"old"_s << u"stable"_s << u"\"old\" is not enough"_s;
    }
    void refusesBadTags()
    {
        QFETCH(QString, version);
        QFETCH(QString, tag);
        QFETCH(QString, rule);
        VERIFY_OK(publish({}));
        VERIFY_FAILS(d->registry->setTag(ref(u"word-counter"_s, version), tag, {}),
                     ErrorCode::BadRequest, rule);
        QVERIFY(d->registry->tags(localTenant(), u"word-counter"_s)->isEmpty());
        QCOMPARE(actions().size(), 1);
    }

    void takesTheLongestTag()
    {
        VERIFY_OK(publish({}));
        const QString tag = u"v1.0-rc_2"_s + QString(55, u'x');
        VERIFY_OK(d->registry->setTag(ref(u"word-counter"_s, u"1.0.0"_s), tag, {}));
        VERIFY_OK(d->registry->resolve(ref(u"word-counter"_s, tag)));
    }

    void namesWhatIsNotThere()
    {
        VERIFY_OK(publish({}));
        VERIFY_FAILS(d->registry->find(ref(u"none"_s)), ErrorCode::NotFound, u"named none"_s);
        VERIFY_FAILS(d->registry->resolve(ref(u"none"_s, u"latest"_s)), ErrorCode::NotFound,
                     u"named none"_s);
        const SkillRef missing = ref(u"word-counter"_s, u"9.9.9"_s);
        VERIFY_FAILS(d->registry->resolve(missing), ErrorCode::NotFound, u"9.9.9"_s);
        VERIFY_FAILS(d->registry->yank(missing, {}, {}), ErrorCode::NotFound, u"9.9.9"_s);
        VERIFY_FAILS(d->registry->unyank(missing, {}), ErrorCode::NotFound, u"9.9.9"_s);
        VERIFY_FAILS(d->registry->remove(missing, {}), ErrorCode::NotFound, u"9.9.9"_s);
        const SkillRef foreign{{u"other"_s}, u"word-counter"_s, u"1.0.0"_s};
        VERIFY_FAILS(d->registry->resolve(foreign), ErrorCode::NotFound, u"word-counter"_s);
        VERIFY_FAILS(d->registry->remove(foreign, {}), ErrorCode::NotFound, u"word-counter"_s);
        QCOMPARE(actions().size(), 1);
    }

    void refusesBadReferences_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("version");
        QTest::addColumn<QString>("rule");
        const QString ok = u"word-counter"_s;
        const QString nameRule = u"must begin with a letter or digit"_s;
        const QString versionRule = u"MAJOR.MINOR.PATCH"_s;
        QTest::newRow("no name") << QString() << QString() << nameRule;
        QTest::newRow("path") << u"../x"_s << QString() << nameRule;
        QTest::newRow("space") << u"a b"_s << QString() << nameRule;
        QTest::newRow("hyphen first") << u"-a"_s << QString() << nameRule;
        QTest::newRow("other script") << u"wörter"_s << QString() << nameRule;
        QTest::newRow("129 characters") << QString(129, u'a') << QString() << nameRule;
        QTest::newRow("quote") << u"a'; DROP TABLE skills"_s << QString() << nameRule;
        QTest::newRow("two numbers") << ok << u"1.0"_s << versionRule;
        QTest::newRow("LATEST") << ok << u"LATEST"_s << versionRule;
        QTest::newRow("path in version") << ok << u"../1.0.0"_s << versionRule;
        QTest::newRow("leading zero") << ok << u"1.01.0"_s << versionRule;
    }
    void refusesBadReferences()
    {
        QFETCH(QString, name);
        QFETCH(QString, version);
        QFETCH(QString, rule);
        VERIFY_FAILS(d->registry->find(ref(name, version)), ErrorCode::BadRequest, rule);
        VERIFY_FAILS(d->registry->resolve(ref(name, version)), ErrorCode::BadRequest, rule);
        VERIFY_FAILS(d->registry->remove(ref(name, version), {}), ErrorCode::BadRequest, rule);
        VERIFY_FAILS(d->registry->yank(ref(name, version), {}, {}), ErrorCode::BadRequest, rule);
    }

    void changesOnlyANamedVersion()
    {
        VERIFY_OK(publish({}));
        for (const QString &version : {QString(), u"latest"_s}) {
            const SkillRef vague = ref(u"word-counter"_s, version);
            VERIFY_FAILS(d->registry->remove(vague, {}), ErrorCode::BadRequest,
                         u"Name the version"_s);
            VERIFY_FAILS(d->registry->yank(vague, {}, {}), ErrorCode::BadRequest,
                         u"Name the version"_s);
            VERIFY_FAILS(d->registry->unyank(vague, {}), ErrorCode::BadRequest,
                         u"Name the version"_s);
        }
        VERIFY_OK(d->registry->resolve(ref(u"word-counter"_s)));
    }

    void resolvesAFolderThatWasNeverPublished()
    {
        SkillFolder skill;
        const QString folder = skill.write(sources());
        const auto first = d->registry->resolveDirectory(folder);
        VERIFY_OK(first);
        QCOMPARE(first->name, u"word-counter"_s);
        QCOMPARE(first->entrypoint->path, u"main.py"_s);
        QVERIFY(first->directory.startsWith(in(u"cache"_s)));
        QCOMPARE(d->registry->resolveDirectory(folder)->directory, first->directory);
        // A later change makes another tree and leaves the first, which may be running, alone.
        skill.script = "print('changed')\n";
        skill.write(sources());
        const auto changed = d->registry->resolveDirectory(folder);
        VERIFY_OK(changed);
        QVERIFY(changed->digest != first->digest);
        QCOMPARE(readFile(first->directory + u"/main.py"_s), "print('counted')\n");
        QCOMPARE(readFile(changed->directory + u"/main.py"_s), "print('changed')\n");
        // Its content is known by the same name as if it had been published.
        const auto published = publish(skill);
        VERIFY_OK(published);
        QCOMPARE(published->record.digest, changed->digest);
        QVERIFY(d->registry->list(localTenant(), {})->size() == 1);
    }

    // --- Listing

    void listsByNameThenHighestVersion()
    {
        for (const QString &version : {u"1.10.0"_s, u"2.0.0-rc.1"_s, u"1.9.0"_s})
            VERIFY_OK(publish({.version = version}));
        VERIFY_OK(publish({.name = u"alpha"_s}));
        const auto rows = d->registry->list(localTenant(), {});
        VERIFY_OK(rows);
        QCOMPARE(versionsOf(*rows),
                 QStringList({u"alpha@1.0.0"_s, u"word-counter@2.0.0-rc.1"_s,
                              u"word-counter@1.10.0"_s, u"word-counter@1.9.0"_s}));
        QCOMPARE(versionsOf(Registry::latestOnly(*rows)),
                 QStringList({u"alpha@1.0.0"_s, u"word-counter@1.10.0"_s}));
        QCOMPARE(versionsOf(*d->registry->list(localTenant(), {.query = u"alph"_s})),
                 QStringList({u"alpha@1.0.0"_s}));
        QCOMPARE(versionsOf(*d->registry->list(localTenant(), {.name = u"alpha"_s})),
                 QStringList({u"alpha@1.0.0"_s}));
        VERIFY_FAILS(d->registry->list(localTenant(), {.name = u"a b"_s}), ErrorCode::BadRequest,
                     u"a b"_s);
    }

    // --- Removing

    void removesTheArchiveWithItsLastVersion()
    {
        VERIFY_OK(d->metadata->addTenant({u"other"_s}, at(0)));
        VERIFY_OK(publish({}));
        VERIFY_OK(d->registry->publishDirectory({u"other"_s}, in(u"sources/word-counter"_s),
                                                Origin{u"them"_s}));
        QCOMPARE(blobFiles().size(), 1); // the same bytes
        VERIFY_OK(d->registry->remove(ref(u"word-counter"_s, u"1.0.0"_s), Origin{u"me"_s}));
        QCOMPARE(blobFiles().size(), 1);
        VERIFY_OK(d->registry->resolve({{u"other"_s}, u"word-counter"_s, {}}));
        VERIFY_OK(
            d->registry->remove({{u"other"_s}, u"word-counter"_s, u"1.0.0"_s}, Origin{u"them"_s}));
        QVERIFY(blobFiles().isEmpty());
        QCOMPARE(actions(),
                 QStringList({u"skill.publish word-counter@1.0.0 me"_s,
                              u"skill.delete word-counter@1.0.0 me"_s}));
        VERIFY_FAILS(d->registry->resolve(ref(u"word-counter"_s)), ErrorCode::NotFound,
                     u"word-counter"_s);
        VERIFY_OK(publish({.script = "print('reborn')\n"})); // the version is free again
    }

    void publishingWhileOthersRemoveKeepsTheArchive()
    {
        // Both work on the same bytes; whoever is told that it is published can read it.
        VERIFY_OK(d->metadata->addTenant({u"other"_s}, at(0)));
        const QString folder = SkillFolder{}.write(sources());
        std::atomic<int> failures = 0;
        {
            const std::jthread remover([&](const std::stop_token &stop) {
                const SkillRef theirs{{u"other"_s}, u"word-counter"_s, u"1.0.0"_s};
                while (!stop.stop_requested()) {
                    if (!d->registry->publishDirectory(theirs.tenant, folder, {})
                        || !d->registry->remove(theirs, {}))
                        ++failures;
                }
            });
            for (int i = 0; i < 50; ++i) {
                const auto mine = d->registry->publishDirectory(localTenant(), folder, {});
                if (!mine || !d->registry->openArchive(mine->record))
                    ++failures;
                if (!d->registry->remove(ref(u"word-counter"_s, u"1.0.0"_s), {}))
                    ++failures;
            }
        }
        QCOMPARE(failures.load(), 0);
        QVERIFY(blobFiles().isEmpty());
    }

    void eightThreadsPublishTheSame()
    {
        const QString folder = SkillFolder{}.write(sources());
        std::atomic<int> created = 0;
        std::atomic<int> failures = 0;
        std::vector<std::jthread> workers;
        for (int t = 0; t < 8; ++t) {
            workers.emplace_back([&] {
                const auto published = d->registry->publishDirectory(localTenant(), folder, {});
                const auto resolved = d->registry->resolve(ref(u"word-counter"_s));
                if (!published || !resolved)
                    ++failures;
                else if (published->created)
                    ++created;
            });
        }
        workers.clear(); // joins
        QCOMPARE(failures.load(), 0);
        QCOMPARE(created.load(), 1);
        QCOMPARE(blobFiles().size(), 1);
        QCOMPARE(actions().size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestRegistry)
#include "test_registry.moc"
