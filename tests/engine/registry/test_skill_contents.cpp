#include "engine/registry/registry.h"

#include "engine/storage/directory_blob_store.h"
#include "engine/storage/sqlite_store.h"
#include "tests/engine/registry/patch_text.h"
#include "tests/support/skill_folder.h"
#include "tests/support/verify_result.h"

#include <QBuffer>
#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

/// What is inside of versions, and versions that are made of fields.
class TestSkillContents : public QObject
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
    static Origin by() { return {u"me"_s, {}, {}}; }
    SkillTree treeOf(const SkillFolder &skill)
    {
        const auto published = d->registry->publishDirectory(localTenant(),
                                                             skill.write(in(u"sources"_s)), by());
        if (!published) {
            QTest::qFail(qPrintable(published.error().message), __FILE__, __LINE__);
            return {};
        }
        return d->registry->openTree(published->record).value();
    }
    static QByteArray contentOf(const SkillTree &tree, const QString &path)
    {
        const auto file = readSkillFile(tree, path);
        return file ? file->content : QByteArray();
    }
    static const FileDiff *diffOf(const QList<FileDiff> &diffs, const QString &path)
    {
        const auto found = std::find_if(diffs.begin(), diffs.end(),
                                        [&](const FileDiff &diff) { return diff.path == path; });
        return found == diffs.end() ? nullptr : &*found;
    }
    /// The hunks behind the lines that name the file.
    static QByteArray hunksOf(const FileDiff &diff)
    {
        const qsizetype at = diff.diff.indexOf("@@ ");
        return at < 0 ? QByteArray() : diff.diff.mid(at);
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
        QCOMPARE(QDir(in(u"cache"_s)).entryList({u".tmp-*"_s}, QDir::AllEntries | QDir::Hidden),
                 QStringList());
        d.reset();
    }

    // --- Files

    void readsTextAndBinaryFiles()
    {
        SkillFolder skill;
        skill.files = {{u"data/bytes.bin"_s, QByteArray("\x00\xff\x01", 3)},
                       {u"data/empty.txt"_s, ""},
                       {u"data/latin1.txt"_s, "caf\xe9"},
                       {u"data/umlaut.txt"_s, "caf\xc3\xa9"}};
        const SkillTree tree = treeOf(skill);
        const auto files = readSkillFiles(tree);
        VERIFY_OK(files);
        QStringList shown;
        for (const SkillFile &file : *files) {
            shown.append(file.path + u' ' + (file.isText ? u"text"_s : u"binary"_s) + u' '
                         + QString::number(file.size));
            QCOMPARE(file.content.size(), file.size);
            QVERIFY(!file.omitted);
        }
        QCOMPARE(shown.filter(u"data/"_s),
                 QStringList({u"data/bytes.bin binary 3"_s, u"data/empty.txt text 0"_s,
                              u"data/latin1.txt binary 4"_s, u"data/umlaut.txt text 5"_s}));
        QVERIFY(shown.contains(u"main.py text 17"_s));
        QCOMPARE(contentOf(tree, u"data/bytes.bin"_s), QByteArray("\x00\xff\x01", 3));
    }

    void readsOnlyFilesOfTheSkill_data()
    {
        QTest::addColumn<QString>("path");
        QTest::newRow("absent") << u"nothing.txt"_s;
        QTest::newRow("above") << u"../../skillbox.db"_s;
        QTest::newRow("absolute") << u"/etc/passwd"_s;
        QTest::newRow("folder") << u"data"_s;
        QTest::newRow("empty") << QString();
        QTest::newRow("other spelling") << u"./main.py"_s;
    }
    void readsOnlyFilesOfTheSkill()
    {
        QFETCH(QString, path);
        SkillFolder skill;
        skill.files = {{u"data/a.txt"_s, "a"}};
        const auto file = readSkillFile(treeOf(skill), path);
        QVERIFY(!file);
        QCOMPARE(file.error().code, ErrorCode::NotFound);
    }

    void leavesOutWhatIsTooMuch()
    {
        SkillFolder skill;
        QByteArray noise(maxShownBytes, '.'); // random bytes, so that it packs below the ratio
        for (qsizetype i = 0; i < noise.size(); i += 2)
            noise[i] = static_cast<char>('a' + (i * 7919 + i / 97) % 26);
        skill.files = {{u"a-large.txt"_s, noise}, {u"b-small.txt"_s, "small"}};
        const SkillTree tree = treeOf(skill);
        const auto files = readSkillFiles(tree);
        VERIFY_OK(files);
        for (const SkillFile &file : *files) {
            if (file.path == u"a-large.txt"_s) {
                QVERIFY(file.omitted);
                QVERIFY(file.content.isEmpty());
                QCOMPARE(file.size, maxShownBytes);
            } else {
                QVERIFY2(!file.omitted, qPrintable(file.path));
            }
        }
        QCOMPARE(contentOf(tree, u"a-large.txt"_s).size(), maxShownBytes); // alone it fits
    }

    // --- Differences

    void saysWhatBecameOfEachFile()
    {
        SkillFolder before;
        before.files = {{u"gone.txt"_s, "bye\n"},
                        {u"same.txt"_s, "same\n"},
                        {u"tool.bin"_s, QByteArray("\x00\x01", 2)}};
        SkillFolder after = before;
        after.version = u"1.1.0"_s;
        after.script = "print('counted')\nprint('twice')\n";
        after.files.remove(u"gone.txt"_s);
        after.files[u"new file.txt"_s] = "hello";
        after.files[u"tool.bin"_s] = QByteArray("\x00\x02", 2);
        const SkillTree from = treeOf(before);
        const SkillTree to = treeOf(after);
        const auto diffs = diffSkillTrees(from, to);
        VERIFY_OK(diffs);
        QStringList changes;
        for (const FileDiff &diff : *diffs)
            changes.append(diff.path + u' ' + fileChangeName(diff.change));
        QCOMPARE(changes,
                 QStringList({u"SKILL.md modified"_s, u"gone.txt removed"_s, u"main.py modified"_s,
                              u"new file.txt added"_s, u"same.txt unchanged"_s,
                              u"tool.bin modified"_s}));
        QCOMPARE(diffOf(*diffs, u"main.py"_s)->diff,
                 "diff --git a/main.py b/main.py\n--- a/main.py\n+++ b/main.py\n"
                 "@@ -1,1 +1,2 @@\n print('counted')\n+print('twice')\n"_ba);
        QCOMPARE(diffOf(*diffs, u"gone.txt"_s)->diff,
                 "diff --git a/gone.txt b/gone.txt\ndeleted file mode 100644\n--- a/gone.txt\n"
                 "+++ /dev/null\n@@ -1,1 +0,0 @@\n-bye\n"_ba);
        QCOMPARE(diffOf(*diffs, u"new file.txt"_s)->diff,
                 "diff --git a/new file.txt b/new file.txt\nnew file mode 100644\n"
                 "--- /dev/null\n+++ b/new file.txt\t\n@@ -0,0 +1,1 @@\n+hello\n"
                 "\\ No newline at end of file\n"_ba);
        QVERIFY(diffOf(*diffs, u"same.txt"_s)->diff.isEmpty());
        QVERIFY(diffOf(*diffs, u"tool.bin"_s)->binary);
        QVERIFY(diffOf(*diffs, u"tool.bin"_s)
                    ->diff.endsWith("Binary files a/tool.bin and b/tool.bin differ\n"));
        QCOMPARE(patchText(contentOf(from, u"SKILL.md"_s), hunksOf(*diffOf(*diffs, u"SKILL.md"_s))),
                 std::optional(contentOf(to, u"SKILL.md"_s)));
    }

    void showsAChangedExecutableBit()
    {
        const SkillFolder before;
        const SkillTree from = treeOf(before);
        SkillFolder after;
        after.version = u"1.1.0"_s;
        const QString folder = after.write(in(u"sources"_s));
        QFile script(folder + u"/main.py"_s);
        QVERIFY(script.setPermissions(script.permissions() | QFile::ExeOwner));
        const auto published = d->registry->publishDirectory(localTenant(), folder, by());
        VERIFY_OK(published);
        const auto diffs = diffSkillTrees(from, d->registry->openTree(published->record).value());
        VERIFY_OK(diffs);
        QCOMPARE(diffOf(*diffs, u"main.py"_s)->diff,
                 "diff --git a/main.py b/main.py\nold mode 100644\nnew mode 100755\n"_ba);
        QCOMPARE(diffOf(*diffs, u"main.py"_s)->change, FileChange::Modified);
    }

    void doesNotCompareLongTexts()
    {
        SkillFolder before;
        QByteArray text;
        for (int i = 0; text.size() <= maxComparedBytes; ++i)
            text += "line number " + QByteArray::number(i * 2654435761U) + '\n';
        before.files = {{u"long.txt"_s, text}};
        SkillFolder after = before;
        after.version = u"1.1.0"_s;
        after.files[u"long.txt"_s].append("more\n");
        const auto diffs = diffSkillTrees(treeOf(before), treeOf(after));
        VERIFY_OK(diffs);
        const FileDiff *diff = diffOf(*diffs, u"long.txt"_s);
        QVERIFY(diff->omitted);
        QCOMPARE(diff->change, FileChange::Modified);
        QVERIFY(!diff->diff.contains("@@"));
    }

    void gitAppliesTheDiff()
    {
        const QString git = QStandardPaths::findExecutable(u"git"_s);
        if (git.isEmpty())
            QSKIP("git is not installed");
        SkillFolder before;
        before.files = {{u"a b \"c\".txt"_s, "one\ntwo"}, {u"gone.txt"_s, "bye\n"}};
        SkillFolder after;
        after.version = u"2.0.0"_s;
        after.files = {{u"a b \"c\".txt"_s, "one\nTWO"}, {u"new/é.txt"_s, "hello\n"}};
        const SkillTree from = treeOf(before);
        const SkillTree to = treeOf(after);
        const auto diffs = diffSkillTrees(from, to);
        VERIFY_OK(diffs);
        QByteArray patch;
        for (const FileDiff &diff : *diffs)
            patch += diff.diff;
        const QString work = in(u"work"_s);
        for (const PackedFile &file : from.files)
            writeFile(work + u'/' + file.path, contentOf(from, file.path));
        writeFile(in(u"changes.patch"_s), patch);
        QProcess apply;
        apply.setWorkingDirectory(work);
        apply.start(git, {u"apply"_s, in(u"changes.patch"_s)});
        QVERIFY(apply.waitForFinished());
        QVERIFY2(apply.exitCode() == 0, apply.readAllStandardError() + patch);
        for (const PackedFile &file : to.files) {
            QFile made(work + u'/' + file.path);
            QVERIFY2(made.open(QIODevice::ReadOnly), qPrintable(file.path));
            QCOMPARE(made.readAll(), contentOf(to, file.path));
        }
        QVERIFY(!QFile::exists(work + u"/gone.txt"_s));
    }

    // --- Fields

    void publishesFields_data()
    {
        QTest::addColumn<QString>("lang");
        QTest::addColumn<QString>("script");
        QTest::newRow("python") << u"python"_s << u"main.py"_s;
        QTest::newRow("node") << u"node"_s << u"main.js"_s;
        QTest::newRow("bash") << u"bash"_s << u"main.sh"_s;
    }
    void publishesFields()
    {
        QFETCH(QString, lang);
        QFETCH(QString, script);
        const SkillFields fields{.name = u"greeter"_s,
                                 .description = u"Says: \"hello\" # and 'bye' — to {all}"_s,
                                 .code = u"code é\n"_s,
                                 .language = *languageFromName(lang),
                                 .instructions = u"\n# How\n---\nname: other\n"_s,
                                 .version = u"2.1.0"_s};
        const auto published = d->registry->publishFields(localTenant(), fields, by());
        VERIFY_OK(published);
        QVERIFY(published->created);
        const SkillVersionRecord &record = published->record;
        QCOMPARE(record.name, u"greeter"_s);
        QCOMPARE(record.description, fields.description);
        QCOMPARE(record.version, u"2.1.0"_s);
        QCOMPARE(record.language, lang);
        QCOMPARE(record.mode, u"executable"_s);
        QCOMPARE(record.instructions, u"# How\n---\nname: other"_s);
        const SkillTree tree = d->registry->openTree(record).value();
        QCOMPARE(contentOf(tree, script), fields.code.toUtf8());

        const auto again = d->registry->publishFields(localTenant(), fields, by());
        VERIFY_OK(again);
        QVERIFY(!again->created);
    }

    void publishesInstructionsAlone()
    {
        const auto published = d->registry->publishFields(
            localTenant(),
            {.name = u"guide"_s, .description = u"How to."_s, .code = {}, .instructions = u"Do."_s},
            by());
        VERIFY_OK(published);
        QCOMPARE(published->record.mode, u"cognitive"_s);
    }

    void refusesBadFields_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("description");
        QTest::addColumn<QString>("version");
        QTest::newRow("path as name") << u"../../evil"_s << u"d"_s << u"1.0.0"_s;
        QTest::newRow("empty name") << QString() << u"d"_s << u"1.0.0"_s;
        QTest::newRow("line breaks in name") << u"a\nversion: 9.9.9"_s << u"d"_s << u"1.0.0"_s;
        QTest::newRow("no description") << u"skill"_s << QString() << u"1.0.0"_s;
        QTest::newRow("no version") << u"skill"_s << u"d"_s << u"one"_s;
        QTest::newRow("NUL in description")
            << u"skill"_s << QString(u"a"_s + QChar(0) + u"b"_s) << u"1.0.0"_s;
    }
    void refusesBadFields()
    {
        QFETCH(QString, name);
        QFETCH(QString, description);
        QFETCH(QString, version);
        const SkillFields fields{.name = name,
                                 .description = description,
                                 .code = u"x"_s,
                                 .instructions = {},
                                 .version = version};
        const auto published = d->registry->publishFields(localTenant(), fields, by());
        QVERIFY(!published);
        QCOMPARE(published.error().code, ErrorCode::InvalidSkill);
        QVERIFY(!published.error().items.isEmpty());
        QVERIFY2(!published.error().message.contains(d->directory.path()),
                 qPrintable(published.error().message));
        const auto inspected = d->registry->inspectFields(fields);
        QVERIFY(!inspected);
        QCOMPARE(inspected.error().items, published.error().items);
        QCOMPARE(d->metadata->listVersions(localTenant(), {}).value().size(), 0);
    }

    // --- Checking without publishing

    void inspectsWithoutStoring()
    {
        const SkillFolder skill;
        const QString archive = in(u"skill.zip"_s);
        VERIFY_OK(packDirectory(skill.write(in(u"sources"_s)), archive));
        QFile file(archive);
        QVERIFY(file.open(QIODevice::ReadOnly));
        const auto inspected = d->registry->inspectArchive(file);
        VERIFY_OK(inspected);
        QCOMPARE(inspected->record.name, skill.name);
        QVERIFY(inspected->record.digest.startsWith(u"sha256:"_s));
        QCOMPARE(d->metadata->listVersions(localTenant(), {}).value().size(), 0);
        QVERIFY(QDir(in(u"blobs"_s)).entryList(QDir::Files).isEmpty());
    }

    void namesEveryFindingOfABadArchive_data()
    {
        QTest::addColumn<QByteArray>("content");
        QTest::newRow("no zip") << "this is not a zip"_ba;
        QTest::newRow("nothing") << ""_ba;
    }
    void namesEveryFindingOfABadArchive()
    {
        QFETCH(QByteArray, content);
        QBuffer archive(&content);
        archive.open(QIODevice::ReadOnly);
        const auto inspected = d->registry->inspectArchive(archive);
        QVERIFY(!inspected);
        QCOMPARE(inspected.error().code, ErrorCode::InvalidSkill);
        QCOMPARE(inspected.error().items.size(), 1);
        QCOMPARE(inspected.error().items[0].toObject().value("message"_L1).toString(),
                 inspected.error().message);
        QVERIFY(!inspected.error().message.contains(d->directory.path()));
    }
};

QTEST_GUILESS_MAIN(TestSkillContents)

#include "test_skill_contents.moc"
