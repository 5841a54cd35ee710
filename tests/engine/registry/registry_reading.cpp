#include "tests/engine/registry/registry_test.h"
#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

#include <atomic>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox::test {

// --- Resolving
void TestRegistry::resolvesToAReadOnlyTree()
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
    QVERIFY(!(script.permissions() & (QFile::WriteOwner | QFile::WriteGroup | QFile::WriteOther)));
    QCOMPARE(d->registry->resolve(ref(u"word-counter"_s, u"1.0.0"_s))->directory,
             resolved->directory);
}

void TestRegistry::unpacksAgainWhenTheCacheIsGone()
{
    VERIFY_OK(publish({}));
    QVERIFY(QDir(in(u"cache"_s)).removeRecursively());
    d->cache = SkillCache::open(in(u"cache"_s)).value();
    d->registry = std::make_unique<Registry>(*d->metadata, *d->blobs, *d->cache, ArchiveLimits{});
    const auto resolved = d->registry->resolve(ref(u"word-counter"_s));
    VERIFY_OK(resolved);
    QCOMPARE(readFile(resolved->directory + u"/main.py"_s), "print('counted')\n");
}

void TestRegistry::saysThatAStoredArchiveIsDamagedOrGone()
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

void TestRegistry::choosesTheLatest_data()
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
    QTest::newRow("all yanked") << QStringList{u"1.0.0"_s} << QStringList{u"1.0.0"_s} << QString();
}

void TestRegistry::choosesTheLatest()
{
    QFETCH(QStringList, versions);
    QFETCH(QStringList, yanked);
    QFETCH(QString, expected);
    for (const QString &version : versions)
        VERIFY_OK(publish({.version = version}));
    for (const QString &version : yanked)
        VERIFY_OK(d->registry->yank(ref(u"word-counter"_s, version), u"broken"_s, Origin{u"me"_s}));
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

void TestRegistry::refusesAYankedVersionToRunButShowsIt()
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

void TestRegistry::aTagIsTheVersionItIsOn()
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
    VERIFY_FAILS(d->registry->removeTag(localTenant(), name, u"stable"_s, by), ErrorCode::NotFound,
                 u"stable"_s);
    VERIFY_FAILS(d->registry->find(ref(name, u"stable"_s)), ErrorCode::NotFound, u"stable"_s);
    VERIFY_OK(d->registry->tags(localTenant(), name));
    VERIFY_FAILS(d->registry->tags(localTenant(), u"none"_s), ErrorCode::NotFound, u"none"_s);
}

void TestRegistry::aDeletedVersionLosesItsTags()
{
    VERIFY_OK(publish({}));
    VERIFY_OK(d->registry->setTag(ref(u"word-counter"_s, u"1.0.0"_s), u"stable"_s, {}));
    VERIFY_OK(d->registry->remove(ref(u"word-counter"_s, u"1.0.0"_s), {}));
    VERIFY_FAILS(d->registry->find(ref(u"word-counter"_s, u"stable"_s)), ErrorCode::NotFound,
                 u"stable"_s);
}

void TestRegistry::refusesBadTags_data()
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

void TestRegistry::refusesBadTags()
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

void TestRegistry::takesTheLongestTag()
{
    VERIFY_OK(publish({}));
    const QString tag = u"v1.0-rc_2"_s + QString(55, u'x');
    VERIFY_OK(d->registry->setTag(ref(u"word-counter"_s, u"1.0.0"_s), tag, {}));
    VERIFY_OK(d->registry->resolve(ref(u"word-counter"_s, tag)));
}

void TestRegistry::namesWhatIsNotThere()
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

void TestRegistry::refusesBadReferences_data()
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

void TestRegistry::refusesBadReferences()
{
    QFETCH(QString, name);
    QFETCH(QString, version);
    QFETCH(QString, rule);
    VERIFY_FAILS(d->registry->find(ref(name, version)), ErrorCode::BadRequest, rule);
    VERIFY_FAILS(d->registry->resolve(ref(name, version)), ErrorCode::BadRequest, rule);
    VERIFY_FAILS(d->registry->remove(ref(name, version), {}), ErrorCode::BadRequest, rule);
    VERIFY_FAILS(d->registry->yank(ref(name, version), {}, {}), ErrorCode::BadRequest, rule);
}

void TestRegistry::changesOnlyANamedVersion()
{
    VERIFY_OK(publish({}));
    for (const QString &version : {QString(), u"latest"_s}) {
        const SkillRef vague = ref(u"word-counter"_s, version);
        VERIFY_FAILS(d->registry->remove(vague, {}), ErrorCode::BadRequest, u"Name the version"_s);
        VERIFY_FAILS(d->registry->yank(vague, {}, {}), ErrorCode::BadRequest,
                     u"Name the version"_s);
        VERIFY_FAILS(d->registry->unyank(vague, {}), ErrorCode::BadRequest, u"Name the version"_s);
    }
    VERIFY_OK(d->registry->resolve(ref(u"word-counter"_s)));
}

void TestRegistry::resolvesAFolderThatWasNeverPublished()
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
void TestRegistry::listsByNameThenHighestVersion()
{
    for (const QString &version : {u"1.10.0"_s, u"2.0.0-rc.1"_s, u"1.9.0"_s})
        VERIFY_OK(publish({.version = version}));
    VERIFY_OK(publish({.name = u"alpha"_s}));
    const auto rows = d->registry->list(localTenant(), {});
    VERIFY_OK(rows);
    QCOMPARE(versionsOf(*rows),
             QStringList({u"alpha@1.0.0"_s, u"word-counter@2.0.0-rc.1"_s, u"word-counter@1.10.0"_s,
                          u"word-counter@1.9.0"_s}));
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
void TestRegistry::removesTheArchiveWithItsLastVersion()
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

void TestRegistry::publishingWhileOthersRemoveKeepsTheArchive()
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

void TestRegistry::eightThreadsPublishTheSame()
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

} // namespace skillbox::test
