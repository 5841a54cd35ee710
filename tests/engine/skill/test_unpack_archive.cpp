#include "engine/skill/archive.h"

#include "tests/support/tree_fixture.h"
#include "tests/support/zip_builder.h"

#include <QProcess>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <sys/stat.h>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

Q_DECLARE_METATYPE(skillbox::ErrorCode)

/// What unpackArchive accepts and what it makes of it.
class TestUnpackArchive : public QObject
{
    Q_OBJECT

    QTemporaryDir m_dir;

    QString target() const { return m_dir.filePath(u"out"_s); }
    Result<SkillContent> unpack(const QByteArray &zip, const ArchiveLimits &limits = {})
    {
        QDir(target()).removeRecursively();
        writeFile(m_dir.filePath(u"skill.zip"_s), zip);
        return unpackArchive(m_dir.filePath(u"skill.zip"_s), target(), limits);
    }
    static ZipEntry manifest() { return {"SKILL.md", "---\nname: a\n---\n"}; }

private Q_SLOTS:
    void init() { QVERIFY(m_dir.isValid()); }

    void unpacksFilesAndFolders()
    {
        const auto content = unpack(buildZip({
            manifest(),
            {.name = "scripts/", .mode = S_IFDIR | 0755, .method = 0},
            {.name = "scripts/main.py", .content = "print(1)\n", .mode = S_IFREG | 0711},
            {.name = "stored.bin", .content = QByteArray(1000, 'x'), .method = 0},
            {.name = "empty", .method = 0},
        }));
        QVERIFY2(content, content ? "" : qPrintable(content.error().message));
        QCOMPARE(content->paths(),
                 QStringList({u"SKILL.md"_s, u"empty"_s, u"scripts/main.py"_s, u"stored.bin"_s}));
        QCOMPARE(content->totalBytes(), 16 + 0 + 9 + 1000);
        QCOMPARE(content->files[2].executable, true);
        QCOMPARE(content->files[0].executable, false);
        QCOMPARE(readFile(target() + u"/scripts/main.py"_s), "print(1)\n");
        QCOMPARE(readFile(target() + u"/stored.bin"_s), QByteArray(1000, 'x'));
        QCOMPARE(allEntries(target()),
                 QStringList({u"SKILL.md"_s, u"empty"_s, u"scripts"_s, u"scripts/main.py"_s,
                              u"stored.bin"_s}));
    }

    void normalisesModesWhateverTheUmask()
    {
        const mode_t before = umask(0077);
        const auto content = unpack(buildZip({
            {.name = "SKILL.md", .content = "x", .mode = S_IFREG | 0600},
            {.name = "bin/tool", .content = "x", .mode = S_IFREG | 0777},
        }));
        umask(before);
        QVERIFY(content);
        const auto modeOf = [this](const QString &path) {
            struct stat status = {};
            stat(qPrintable(target() + path), &status);
            return status.st_mode & 07777;
        };
        QCOMPARE(modeOf(u"/SKILL.md"_s), 0444u);
        QCOMPARE(modeOf(u"/bin/tool"_s), 0555u);
        QCOMPARE(modeOf(u"/bin"_s), 0755u);
        QCOMPARE(modeOf({}), 0755u);
    }

    void stripsTheOnlyTopFolder()
    {
        const auto content = unpack(buildZip({
            {.name = "word-counter/", .mode = S_IFDIR | 0755, .method = 0},
            {.name = "word-counter/SKILL.md", .content = "x"},
            {.name = "word-counter/a/SKILL.md", .content = "y"},
        }));
        QVERIFY(content);
        QCOMPARE(content->paths(), QStringList({u"SKILL.md"_s, u"a/SKILL.md"_s}));
    }

    void leavesTheTopFolderWhenTheManifestIsAtTheRoot()
    {
        const auto content = unpack(buildZip({{"a/SKILL.md", "x"}, {"SKILL.md", "y"}}));
        QVERIFY(content);
        QCOMPARE(content->paths(), QStringList({u"SKILL.md"_s, u"a/SKILL.md"_s}));
    }

    void acceptsLowerCaseManifestName()
    {
        const auto content = unpack(buildZip({{"top/skill.md", "x"}}));
        QVERIFY(content);
        QCOMPARE(content->paths(), QStringList({u"skill.md"_s}));
    }

    void dropsDesktopLitter()
    {
        const auto content = unpack(buildZip({
            {"top/SKILL.md", "x"},
            {"top/.DS_Store", "x"},
            {"top/img/Thumbs.db", "x"},
            {"__MACOSX/top/._SKILL.md", "x"},
            {.name = "__MACOSX/", .mode = S_IFDIR | 0755, .method = 0},
            {".DS_Store", "x"},
        }));
        QVERIFY(content);
        QCOMPARE(content->paths(), QStringList({u"SKILL.md"_s}));
        QCOMPARE(allEntries(target()), QStringList({u"SKILL.md"_s}));
    }

    void acceptsLegalOddities_data()
    {
        QTest::addColumn<QByteArray>("zip");
        QTest::addColumn<QString>("path");
        QTest::newRow("two dots inside a name")
            << buildZip({manifest(), {"a..b.txt", "x"}}) << u"a..b.txt"_s;
        QTest::newRow("name of three dots") << buildZip({manifest(), {"...", "x"}}) << u"..."_s;
        QTest::newRow("dot component") << buildZip({manifest(), {"./d/./x", "x"}}) << u"d/x"_s;
        QTest::newRow("dot folder entry")
            << buildZip({{.name = "./", .mode = S_IFDIR | 0755, .method = 0}, {"./SKILL.md", "x"}})
            << u"SKILL.md"_s;
        QTest::newRow("colon later in a name")
            << buildZip({manifest(), {"12:30.txt", "x"}}) << u"12:30.txt"_s;
        QTest::newRow("UTF-8 name without the flag")
            << buildZip({manifest(), {.name = "é", .content = "x", .flags = 0}}) << u"é"_s;
        QTest::newRow("UTF-8 name") << buildZip({manifest(), {"日本/語", "x"}}) << u"日本/語"_s;
        QTest::newRow("length behind the data")
            << buildZip({manifest(), {.name = "a", .content = "xy", .descriptor = true}}) << u"a"_s;
        QTest::newRow("length behind the data, no signature") << buildZip(
            {{.name = "a", .content = "xy", .descriptor = true, .descriptorSignature = false},
             manifest()}) << u"a"_s;
        QTest::newRow("stored, length behind the data") << buildZip(
            {manifest(), {.name = "a", .content = "xy", .method = 0, .descriptor = true}})
                                                        << u"a"_s;
        QTest::newRow("archive comment")
            << buildZip({manifest()}, {.comment = QByteArray(40, 'c')}) << u"SKILL.md"_s;
        QTest::newRow("made on DOS")
            << buildZip({{.name = "SKILL.md", .content = "x", .host = 0, .attributes = 0x20}})
            << u"SKILL.md"_s;
        QTest::newRow("Unicode path field with the same name")
            << buildZip({{.name = "SKILL.md",
                          .content = "x",
                          .centralExtra = extraField(
                              0x7075, "\1" + littleEndian(crc32Of("SKILL.md")) + "SKILL.md")}})
            << u"SKILL.md"_s;
        QTest::newRow("unknown extra field") << buildZip({{.name = "SKILL.md",
                                                           .content = "x",
                                                           .localExtra = extraField(0xcafe, "zz"),
                                                           .centralExtra = extraField(0xcafe, {})}})
                                             << u"SKILL.md"_s;
        const auto wide = [](quint64 n) { return littleEndian(n); };
        QTest::newRow("room for Zip64 sizes in the local header")
            << buildZip({{.name = "SKILL.md",
                          .content = "xyz",
                          .method = 0,
                          .localSize = 0xffffffff,
                          .localPackedSize = 0xffffffff,
                          .localExtra = extraField(1, wide(3) + wide(3))}})
            << u"SKILL.md"_s;
        QTest::newRow("folder deflated to two bytes") << buildZip(
            {manifest(), {.name = "d/", .mode = S_IFDIR | 0755, .packed = "\3\0"_ba}, {"d/x", "x"}})
                                                      << u"d/x"_s;
        ZipEntry first = manifest();
        ZipEntry second{"z", "zz"};
        QByteArray reordered = buildZip({first, second});
        // The directory may name the entries in another order than they lie in the file.
        const qsizetype a = reordered.indexOf("PK\1\2");
        const qsizetype b = reordered.indexOf("PK\1\2", a + 4);
        const qsizetype e = reordered.indexOf("PK\5\6");
        reordered = reordered.first(a) + reordered.sliced(b, e - b) + reordered.sliced(a, b - a)
            + reordered.sliced(e);
        QTest::newRow("directory in another order") << reordered << u"z"_s;
    }
    void acceptsLegalOddities()
    {
        QFETCH(QByteArray, zip);
        QFETCH(QString, path);
        const auto content = unpack(zip);
        QVERIFY2(content, content ? "" : qPrintable(content.error().message));
        QVERIFY(content->paths().contains(path));
        QVERIFY(QFile::exists(target() + u'/' + path));
    }

    void readsWhatOtherToolsWrite_data()
    {
        QTest::addColumn<QString>("command");
        QTest::newRow("Info-ZIP") << u"zip -qr ../made.zip top"_s;
        QTest::newRow("Info-ZIP without extra fields") << u"zip -qrX ../made.zip top"_s;
        QTest::newRow("Info-ZIP to a pipe") << u"zip -qr - top | cat > ../made.zip"_s;
        QTest::newRow("Info-ZIP, root of the skill") << u"cd top && zip -qr ../../made.zip ."_s;
        QTest::newRow("Python") << u"python3 -m zipfile -c ../made.zip top"_s;
        QTest::newRow("Python to a pipe")
            << u"python3 -c \"import sys, zipfile; z = zipfile.ZipFile(sys.stdout.buffer, 'w', 8);"
               " z.write('top/SKILL.md'); z.write('top/ünï/a b.txt'); z.write('top/run.sh');"
               " z.close()\" | cat > ../made.zip"_s;
    }
    void readsWhatOtherToolsWrite()
    {
        QFETCH(QString, command);
        const QString tool = command.startsWith(u"cd"_s) ? u"zip"_s : command.section(u' ', 0, 0);
        if (QStandardPaths::findExecutable(tool).isEmpty())
            QSKIP(qPrintable(tool + u" is not installed"_s));
        QTemporaryDir dir;
        const QString top = dir.filePath(u"work/top"_s);
        writeFile(top + u"/SKILL.md"_s, QByteArray("text\n").repeated(100));
        writeFile(top + u"/ünï/a b.txt"_s, "x");
        writeFile(top + u"/run.sh"_s, "ls\n", true);
        QProcess shell;
        shell.setWorkingDirectory(dir.filePath(u"work"_s));
        shell.start(u"sh"_s, {u"-c"_s, command});
        QVERIFY(shell.waitForFinished());
        QCOMPARE(shell.exitCode(), 0);
        const auto content = unpackArchive(dir.filePath(u"made.zip"_s), dir.filePath(u"out"_s));
        QVERIFY2(content, content ? "" : qPrintable(content.error().message));
        QCOMPARE(content->digest, describeDirectory(top)->digest);
    }

    void takesEverythingJustWithinTheLimits()
    {
        const ArchiveLimits limits{.unpackedBytes = 20, .entries = 3, .depth = 3, .pathBytes = 12};
        const auto content = unpack(buildZip({{"top/SKILL.md", "0123456789"},
                                              {"top/a/b/c", "012345678"},
                                              {"top/123456789012", "0"}}),
                                    limits);
        QVERIFY2(content, content ? "" : qPrintable(content.error().message));
    }

    void worksInTheCLocale()
    {
        const QByteArray before = setlocale(LC_ALL, nullptr);
        setlocale(LC_ALL, "C");
        const auto content = unpack(buildZip({manifest(), {"ünï", "x"}}));
        setlocale(LC_ALL, before.constData());
        QVERIFY2(content, content ? "" : qPrintable(content.error().message));
        QCOMPARE(content->paths().last(), u"ünï"_s);
    }

    void refusesFolderThatIsNotEmptyAndLeavesItAlone()
    {
        QVERIFY(unpack(buildZip({manifest()})));
        const auto again = unpackArchive(m_dir.filePath(u"skill.zip"_s), target());
        QVERIFY(!again);
        QVERIFY(again.error().message.contains(u"is not empty"_s));
        QCOMPARE(allEntries(target()), QStringList({u"SKILL.md"_s}));
    }

    void keepsEmptyFolderThatWasThereOnError()
    {
        QDir(target()).removeRecursively();
        QVERIFY(QDir().mkpath(target()));
        writeFile(m_dir.filePath(u"skill.zip"_s),
                  buildZip({manifest(), {.name = "d/e/f", .content = "x", .crc = 1}}));
        QVERIFY(!unpackArchive(m_dir.filePath(u"skill.zip"_s), target()));
        QVERIFY(QFileInfo(target()).isDir());
        QCOMPARE(allEntries(target()), QStringList());
    }

    void refusesTargetThatIsALink()
    {
        QTemporaryDir elsewhere;
        QDir(target()).removeRecursively();
        QVERIFY(QFile::link(elsewhere.path(), target()));
        writeFile(m_dir.filePath(u"skill.zip"_s), buildZip({manifest()}));
        const auto content = unpackArchive(m_dir.filePath(u"skill.zip"_s), target());
        QVERIFY(QFile::remove(target()));
        QVERIFY(!content);
        QCOMPARE(allEntries(elsewhere.path()), QStringList());
    }

    void namesTheArchiveThatCannotBeOpened()
    {
        const auto content = unpackArchive(m_dir.filePath(u"absent.zip"_s), target());
        QVERIFY(!content);
        QCOMPARE(content.error().code, ErrorCode::Io);
        QVERIFY(content.error().message.contains(u"absent.zip\": No such file"_s));
    }

    void doesNotHangOnANamedPipe()
    {
        const QString pipe = m_dir.filePath(u"pipe.zip"_s);
        QCOMPARE(mkfifo(qPrintable(pipe), 0600), 0);
        const auto content = unpackArchive(pipe, target());
        QVERIFY(!content);
        QVERIFY(content.error().message.contains(u"not a regular file"_s));
        QVERIFY(QFile::remove(pipe));
    }
};

QTEST_GUILESS_MAIN(TestUnpackArchive)
#include "test_unpack_archive.moc"
