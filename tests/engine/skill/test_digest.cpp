#include "engine/skill/digest.h"

#include "engine/base/sha256.h"
#include "tests/support/tree_fixture.h"
#include "tests/support/zip_builder.h"

#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

class TestDigest : public QObject
{
    Q_OBJECT

    static QList<PackedFile> someFiles()
    {
        return {{u"SKILL.md"_s, 3, false, Sha256::of("abc")},
                {u"scripts/main.py"_s, 0, true, Sha256::of({})}};
    }

private Q_SLOTS:
    void isTheHashOfTheDocumentedText()
    {
        const QByteArray text =
            "skillbox-tree-v1\n"
            "SKILL.md\0-\0003\0"
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\n"
            "scripts/main.py\0x\0000\0"
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n"_ba;
        QCOMPARE(treeDigest(someFiles()), u"sha256:"_s + Sha256::of(text));
    }

    void staysWhatItEverWas()
    {
        // Published versions are known by this: a change here breaks every store there is.
        QCOMPARE(treeDigest(someFiles()),
                 u"sha256:d06849ef16810e8d2ed2a52b7a81a1e4843c328d67f3e4877229c81e3016506f"_s);
        QCOMPARE(treeDigest({}), u"sha256:"_s + Sha256::of("skillbox-tree-v1\n"));
    }

    void doesNotDependOnTheOrderGiven()
    {
        QList<PackedFile> reversed = someFiles();
        std::reverse(reversed.begin(), reversed.end());
        QCOMPARE(treeDigest(reversed), treeDigest(someFiles()));
    }

    void sortsByUtf8Bytes()
    {
        // U+FF5E before U+1F600 in UTF-8, after it in UTF-16.
        QList<PackedFile> files;
        for (const auto &path : {u"\U0001F600"_s, u"\uFF5E"_s, u"a/b"_s, u"a"_s, u"a-b"_s})
            files.append(PackedFile{path, 0, false, {}});
        sortByPath(files);
        QStringList paths;
        for (const PackedFile &file : files)
            paths.append(file.path);
        QCOMPARE(paths, QStringList({u"a"_s, u"a-b"_s, u"a/b"_s, u"\uFF5E"_s, u"\U0001F600"_s}));
    }

    void changesWithWhatMatters()
    {
        QSet<QString> digests{treeDigest(someFiles())};
        const auto add = [&digests](void (*change)(QList<PackedFile> &)) {
            QList<PackedFile> files = someFiles();
            change(files);
            digests.insert(treeDigest(files));
        };
        add([](QList<PackedFile> &files) { files[0].path = u"SKILL.mD"_s; });
        add([](QList<PackedFile> &files) { files[0].executable = true; });
        add([](QList<PackedFile> &files) { files[0].sha256 = Sha256::of("abd"); });
        add([](QList<PackedFile> &files) { files.removeLast(); });
        QCOMPARE(digests.size(), 5);
    }

    void isTheSameForFolderAndForEveryWayToPackIt()
    {
        QTemporaryDir dir;
        writeFile(dir.filePath(u"skill/SKILL.md"_s), "abc");
        writeFile(dir.filePath(u"skill/scripts/main.py"_s), "", true);
        const auto digestOf = [&dir](const QByteArray &zip) {
            static int count = 0;
            writeFile(dir.filePath(u"skill.zip"_s), zip);
            const auto content = unpackArchive(dir.filePath(u"skill.zip"_s),
                                               dir.filePath(u"out%1"_s.arg(++count)));
            return content ? content->digest : content.error().message;
        };
        const QString expected = treeDigest(someFiles());
        QCOMPARE(describeDirectory(dir.filePath(u"skill"_s))->digest, expected);
        const auto packed = packDirectory(dir.filePath(u"skill"_s), dir.filePath(u"packed.zip"_s));
        QVERIFY(packed);
        QCOMPARE(packed->digest, expected);
        QCOMPARE(digestOf(readFile(dir.filePath(u"packed.zip"_s))), expected);
        const quint32 runnable = S_IFREG | 0755;
        QCOMPARE(digestOf(buildZip({{.name = "scripts/main.py", .mode = runnable, .method = 0},
                                    {.name = "SKILL.md", .content = "abc", .method = 0}})),
                 expected);
        QCOMPARE(digestOf(buildZip(
                     {{.name = "top/", .mode = S_IFDIR | 0700, .method = 0},
                      {.name = "top/SKILL.md", .content = "abc", .mode = S_IFREG | 0600},
                      {.name = "__MACOSX/x", .content = "litter"},
                      {.name = "top/empty/", .mode = S_IFDIR | 0700, .method = 0},
                      {.name = "top/scripts/main.py", .mode = runnable, .descriptor = true}})),
                 expected);
    }
};

QTEST_GUILESS_MAIN(TestDigest)
#include "test_digest.moc"
