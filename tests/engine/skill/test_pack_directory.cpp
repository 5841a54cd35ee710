#include "engine/skill/archive.h"

#include "engine/base/sha256.h"
#include "tests/support/tree_fixture.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <utime.h>

#include <atomic>
#include <thread>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

Q_DECLARE_METATYPE(skillbox::ErrorCode)

class TestPackDirectory : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;

    QString skill(const QString &path = {}) const { return m_dir->filePath(u"skill"_s + path); }
    QString zip() const { return m_dir->filePath(u"skill.zip"_s); }
    void makeSkill(const QString &folder)
    {
        writeFile(folder + u"/SKILL.md"_s, "---\nname: word-counter\n---\n");
        writeFile(folder + u"/scripts/main.py"_s, "print('hello')\n", true);
        writeFile(folder + u"/ünï/日本.txt"_s, QByteArray("text\n").repeated(1000));
        writeFile(folder + u"/empty"_s, {});
    }
    Error packError(const ArchiveLimits &limits = {})
    {
        const auto content = packDirectory(skill(), zip(), limits);
        return content ? Error{ErrorCode::Internal, u"was packed"_s} : content.error();
    }

private Q_SLOTS:
    void init()
    {
        m_dir = std::make_unique<QTemporaryDir>();
        QVERIFY(m_dir->isValid());
        makeSkill(skill());
    }

    void unpacksToTheSameContent()
    {
        const auto packed = packDirectory(skill(), zip());
        QVERIFY2(packed, packed ? "" : qPrintable(packed.error().message));
        QCOMPARE(packed->paths(),
                 QStringList({u"SKILL.md"_s, u"empty"_s, u"scripts/main.py"_s, u"ünï/日本.txt"_s}));
        const auto unpacked = unpackArchive(zip(), m_dir->filePath(u"out"_s));
        QVERIFY2(unpacked, unpacked ? "" : qPrintable(unpacked.error().message));
        QCOMPARE(unpacked->digest, packed->digest);
        QCOMPARE(unpacked->paths(), packed->paths());
        QCOMPARE(readFile(m_dir->filePath(u"out/ünï/日本.txt"_s)),
                 QByteArray("text\n").repeated(1000));
        QVERIFY(QFileInfo(m_dir->filePath(u"out/scripts/main.py"_s)).isExecutable());
    }

    void givesTheSameBytesWhereverAndWheneverItIsPacked()
    {
        QVERIFY(packDirectory(skill(), zip()));
        const QByteArray first = readFile(zip());

        // The same files made in another order, at another time, under another umask, as a person
        // with another locale and time zone.
        const QString other = m_dir->filePath(u"other"_s);
        const mode_t umaskBefore = umask(0077);
        writeFile(other + u"/ünï/日本.txt"_s, QByteArray("text\n").repeated(1000));
        QVERIFY(QDir().mkpath(other + u"/an/empty/folder"_s));
        writeFile(other + u"/scripts/main.py"_s, "print('hello')\n", true);
        writeFile(other + u"/empty"_s, {});
        writeFile(other + u"/SKILL.md"_s, "---\nname: word-counter\n---\n");
        QCOMPARE(chmod(qPrintable(other + u"/scripts/main.py"_s), 0700), 0);
        QCOMPARE(chmod(qPrintable(other + u"/empty"_s), 0600), 0);
        umask(umaskBefore);
        const utimbuf longAgo{86400, 86400};
        QCOMPARE(utime(qPrintable(other + u"/SKILL.md"_s), &longAgo), 0);
        const QByteArray zoneBefore = qgetenv("TZ");
        const QByteArray localeBefore = setlocale(LC_ALL, nullptr);
        qputenv("TZ", "Asia/Tokyo");
        tzset();
        setlocale(LC_ALL, "C");
        const auto packed = packDirectory(other, zip());
        setlocale(LC_ALL, localeBefore.constData());
        zoneBefore.isNull() ? qunsetenv("TZ") : qputenv("TZ", zoneBefore);
        tzset();
        QVERIFY2(packed, packed ? "" : qPrintable(packed.error().message));
        QCOMPARE(readFile(zip()).toHex(), first.toHex());
    }

    void writesNoTimesNoOwnersAndPlainModes()
    {
        QVERIFY(packDirectory(skill(), zip()));
        QProcess python;
        python.start(
            u"python3"_s,
            {u"-c"_s,
             u"import sys, zipfile\n"
             "for i in zipfile.ZipFile(sys.argv[1]).infolist():\n"
             "    print(i.filename, i.date_time[:3], oct(i.external_attr >> 16), i.create_system,"
             " i.extra.hex())\n"_s,
             zip()});
        if (!python.waitForStarted())
            QSKIP("python3 is not installed");
        QVERIFY(python.waitForFinished());
        // UT without any time in it; ux with owner and group 0.
        const QByteArray extra = "5554010000"
                                 "75780b00"
                                 "0104"
                                 "00000000"
                                 "04"
                                 "00000000";
        const QByteArray expected = "SKILL.md (1980, 1, 1) 0o100644 3 " + extra + "\n"
            + "empty (1980, 1, 1) 0o100644 3 " + extra + "\n"
            + "scripts/main.py (1980, 1, 1) 0o100755 3 " + extra + "\n"
            + "ünï/日本.txt (1980, 1, 1) 0o100644 3 " + extra + "\n";
        QCOMPARE(python.readAllStandardOutput(), expected);
    }

    void isReadByOtherTools()
    {
        QVERIFY(packDirectory(skill(), zip()));
        QProcess unzip;
        unzip.start(u"unzip"_s, {u"-tqq"_s, zip()});
        if (!unzip.waitForStarted())
            QSKIP("unzip is not installed");
        QVERIFY(unzip.waitForFinished());
        QCOMPARE(unzip.exitCode(), 0);
    }

    void skipsWhatIsNotTheSkill()
    {
        const auto before = describeDirectory(skill());
        QVERIFY(before);
        for (const auto &path :
             {u"/.git/config"_s, u"/scripts/__pycache__/main.pyc"_s, u"/node_modules/.cache/x"_s,
              u"/a/node_modules/.cache/x"_s, u"/__MACOSX/x"_s, u"/.skillbox-0.tmp"_s,
              u"/.DS_Store"_s, u"/img/Thumbs.db"_s})
            writeFile(skill(path), "x");
        const auto packed = packDirectory(skill(), zip());
        QVERIFY(packed);
        QCOMPARE(packed->digest, before->digest);
        writeFile(skill(u"/node_modules/a.js"_s), "x");
        writeFile(skill(u"/.gitignore"_s), "x");
        QCOMPARE(describeDirectory(skill())->paths().size(), before->paths().size() + 2);
    }

    void leavesTheArchiveItselfOut()
    {
        const QString inside = skill(u"/out.zip"_s);
        const auto first = packDirectory(skill(), inside);
        QVERIFY(first);
        const QByteArray bytes = readFile(inside);
        const auto second = packDirectory(skill(), inside);
        QVERIFY(second);
        QCOMPARE(second->digest, first->digest);
        QCOMPARE(readFile(inside), bytes);
    }

    void describesAndCopiesTheSameContent()
    {
        const auto described = describeDirectory(skill());
        QVERIFY(described);
        const auto copied = copyTree(skill(), m_dir->filePath(u"copy"_s));
        QVERIFY2(copied, copied ? "" : qPrintable(copied.error().message));
        const auto packed = packDirectory(skill(), zip());
        QVERIFY(packed);
        QCOMPARE(copied->digest, described->digest);
        QCOMPARE(packed->digest, described->digest);
        QCOMPARE(allEntries(m_dir->filePath(u"copy"_s)), allEntries(skill()));
        QCOMPARE(describeDirectory(m_dir->filePath(u"copy"_s))->digest, described->digest);
        struct stat status = {};
        stat(qPrintable(m_dir->filePath(u"copy/scripts/main.py"_s)), &status);
        QCOMPARE(status.st_mode & 07777, 0555u);
    }

    void refusesWhatIsNeitherFileNorFolder_data()
    {
        QTest::addColumn<QString>("kind");
        QTest::newRow("link to a file") << u"symbolic link"_s;
        QTest::newRow("link to a folder") << u"symbolic link"_s;
        QTest::newRow("dangling link") << u"symbolic link"_s;
        QTest::newRow("pipe") << u"named pipe"_s;
        QTest::newRow("socket") << u"socket"_s;
    }
    void refusesWhatIsNeitherFileNorFolder()
    {
        QFETCH(QString, kind);
        const QByteArray path = QFile::encodeName(skill(u"/scripts/thing"_s));
        const QByteArray tag = QTest::currentDataTag();
        if (tag == "link to a file") {
            QCOMPARE(symlink("main.py", path.constData()), 0);
        } else if (tag == "link to a folder") {
            QCOMPARE(symlink("/etc", path.constData()), 0);
        } else if (tag == "dangling link") {
            QCOMPARE(symlink("nowhere", path.constData()), 0);
        } else if (tag == "pipe") {
            QCOMPARE(mkfifo(path.constData(), 0600), 0);
        } else {
            const int fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
            sockaddr_un address = {};
            address.sun_family = AF_UNIX;
            QVERIFY(path.size() < qsizetype(sizeof address.sun_path));
            memcpy(address.sun_path, path.constData(), static_cast<size_t>(path.size()));
            QCOMPARE(bind(fd, reinterpret_cast<sockaddr *>(&address), sizeof address), 0);
            close(fd);
        }
        const Error error = packError();
        QCOMPARE(error.message,
                 u"\"scripts/thing\" is a %1; a skill holds only files and folders"_s.arg(kind));
        QCOMPARE(error.code, ErrorCode::InvalidSkill);
        QVERIFY(!QFile::exists(zip()));
        QVERIFY(!copyTree(skill(), m_dir->filePath(u"copy"_s)));
        QCOMPARE(
            QDir(m_dir->path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
            QStringList({u"skill"_s}));
    }

    void refusesNamesThatNoArchiveMayHold_data()
    {
        QTest::addColumn<QByteArray>("name");
        QTest::addColumn<QString>("message");
        QTest::newRow("not UTF-8")
            << "caf\xe9"_ba << u"\"caf\\xe9\" has a name that is not UTF-8"_s;
        QTest::newRow("newline") << "a\nb"_ba << u"\"a\\u{a}b\" has a control character"_s;
        QTest::newRow("backslash") << "a\\b"_ba << u"has a backslash"_s;
        QTest::newRow("drive letter") << "C:x"_ba << u"begins with a drive letter"_s;
        QTest::newRow("case") << "skill.MD"_ba << u"differs only in case or composition"_s;
        QTest::newRow("case of a folder") << "SCRIPTS/x"_ba << u"differs only in case"_s;
    }
    void refusesNamesThatNoArchiveMayHold()
    {
        QFETCH(QByteArray, name);
        QFETCH(QString, message);
        const QByteArray path = QFile::encodeName(skill()) + '/' + name;
        if (name.contains('/'))
            mkdir(path.first(path.lastIndexOf('/')).constData(), 0755);
        const int fd = ::open(path.constData(), O_CREAT | O_WRONLY, 0644);
        if (fd < 0)
            QSKIP("the file system here refuses the name itself");
        close(fd);
        const Error error = packError();
        unlink(path.constData()); // QTemporaryDir cannot remove names that are not UTF-8
        QVERIFY2(error.message.contains(message), qPrintable(error.message));
        QCOMPARE(error.code, ErrorCode::InvalidSkill);
        QVERIFY(!QFile::exists(zip()));
    }

    void refusesFolderWithoutManifest()
    {
        QVERIFY(QFile::remove(skill(u"/SKILL.md"_s)));
        QVERIFY(packError().message.contains(u"there is no SKILL.md"_s));
        QVERIFY(!copyTree(skill(), m_dir->filePath(u"copy"_s)));
        QVERIFY(describeDirectory(skill()));
    }

    void refusesWhatIsOverALimit_data()
    {
        QTest::addColumn<QByteArray>("limit");
        QTest::addColumn<QString>("message");
        QTest::newRow("archive")
            << "archive"_ba
            << u"the archive is over the limit of 200 bytes with \"scripts/main.py\""_s;
        QTest::newRow("bytes")
            << "bytes"_ba
            << u"more than 5000 bytes together; the first over it is \"ünï/日本.txt\" with 5000 bytes"_s;
        QTest::newRow("entries")
            << "entries"_ba
            << u"there are more than 3 files; the first over it is \"ünï/日本.txt\""_s;
        QTest::newRow("depth") << "depth"_ba << u"\"scripts/main.py\" lies 2 levels deep"_s;
        QTest::newRow("path") << "path"_ba
                              << u"\"scripts/main.py\" has 15 bytes, over the limit of 14"_s;
    }
    void refusesWhatIsOverALimit()
    {
        QFETCH(QByteArray, limit);
        QFETCH(QString, message);
        ArchiveLimits limits;
        if (limit == "archive")
            limits.archiveBytes = 200;
        else if (limit == "bytes")
            limits.unpackedBytes = 5000;
        else if (limit == "entries")
            limits.entries = 3;
        else if (limit == "depth")
            limits.depth = 1;
        else
            limits.pathBytes = 14;
        const Error error = packError(limits);
        QVERIFY2(error.message.contains(message), qPrintable(error.message));
        QCOMPARE(error.code, ErrorCode::TooLarge);
        QCOMPARE(
            QDir(m_dir->path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
            QStringList({u"skill"_s}));
    }

    void keepsTheOldArchiveOnError()
    {
        QVERIFY(packDirectory(skill(), zip()));
        const QByteArray before = readFile(zip());
        QCOMPARE(symlink("x", qPrintable(skill(u"/link"_s))), 0);
        QVERIFY(!packDirectory(skill(), zip()));
        QCOMPARE(readFile(zip()), before);
    }

    void storesWhatPacksTooWellToBeUnpackedAgain()
    {
        writeFile(skill(u"/zeros"_s), QByteArray(3'000'000, '\0'));
        const auto packed = packDirectory(skill(), zip());
        QVERIFY2(packed, packed ? "" : qPrintable(packed.error().message));
        QVERIFY(QFileInfo(zip()).size() > 3'000'000);
        const auto unpacked = unpackArchive(zip(), m_dir->filePath(u"out"_s));
        QVERIFY2(unpacked, unpacked ? "" : qPrintable(unpacked.error().message));
        QCOMPARE(unpacked->digest, packed->digest);
    }

    void refusesWhatCanNeitherBePackedNorStored()
    {
        writeFile(skill(u"/zeros"_s), QByteArray(3'000'000, '\0') + "PK\7\10");
        const Error error = packError();
        QVERIFY2(error.message.contains(u"\"zeros\" packs smaller than the limit of 100:1"_s),
                 qPrintable(error.message));
        QVERIFY(!QFile::exists(zip()));
    }

    void namesFolderThatIsNotThere()
    {
        const auto content = packDirectory(m_dir->filePath(u"absent"_s), zip());
        QVERIFY(!content);
        QCOMPARE(content.error().code, ErrorCode::Io);
        QVERIFY(content.error().message.contains(u"absent\": No such file or directory"_s));
    }

    void namesFileThatCannotBeRead()
    {
        if (geteuid() == 0)
            QSKIP("root may read everything");
        QCOMPARE(chmod(qPrintable(skill(u"/scripts/main.py"_s)), 0), 0);
        const Error error = packError();
        QCOMPARE(error.code, ErrorCode::Io);
        QCOMPARE(error.message, u"cannot open \"scripts/main.py\": Permission denied"_s);
        QVERIFY(!QFile::exists(zip()));
    }

    void namesArchiveThatCannotBeWritten()
    {
        const auto content = packDirectory(skill(), m_dir->filePath(u"absent/skill.zip"_s));
        QVERIFY(!content);
        QCOMPARE(content.error().code, ErrorCode::Io);
        QVERIFY(content.error().message.contains(u"absent/skill.zip\": No such file"_s));
    }

    void leavesNothingWhenWritingFails()
    {
        // A limit on file sizes fails a write in the middle, as a full disk does.
        writeFile(skill(u"/noise"_s), noise(200'000));
        QVERIFY(packDirectory(skill(), zip()));
        const QString small = m_dir->filePath(u"small"_s);
        QVERIFY(QDir().mkpath(small));
        const auto handlerBefore = signal(SIGXFSZ, SIG_IGN);
        rlimit before = {};
        QCOMPARE(getrlimit(RLIMIT_FSIZE, &before), 0);
        const rlimit lower{100'000, before.rlim_max};
        QCOMPARE(setrlimit(RLIMIT_FSIZE, &lower), 0);
        const auto packed = packDirectory(skill(), small + u"/skill.zip"_s);
        const auto unpacked = unpackArchive(zip(), small + u"/out"_s);
        const auto copied = copyTree(skill(), small + u"/copy"_s);
        setrlimit(RLIMIT_FSIZE, &before);
        signal(SIGXFSZ, handlerBefore);
        QVERIFY(!packed && !unpacked && !copied);
        QCOMPARE(packed.error().message, u"cannot write the archive: File too large"_s);
        QCOMPARE(unpacked.error().message, u"cannot write the file \"noise\": File too large"_s);
        QCOMPARE(copied.error().message, unpacked.error().message);
        QCOMPARE(packed.error().code, ErrorCode::Io);
        QCOMPARE(allEntries(small), QStringList());
    }

    void neverPacksACorruptArchiveWhileFilesChange()
    {
        // A writer keeps changing, growing and shrinking a file. Whatever comes of packing it: an
        // error that names the file, or an archive whose content is the digest it was given.
        const QString busy = skill(u"/busy.bin"_s);
        const QByteArray bytes = noise(1'000'000);
        writeFile(busy, bytes);
        const int fd = ::open(qPrintable(busy), O_RDWR);
        QVERIFY(fd >= 0);
        std::atomic_bool stop = false;
        std::thread writer([&] {
            for (int i = 0; !stop; ++i) {
                const bool done = i % 3 == 0
                    ? ftruncate(fd, 500'000 + i % 1000) == 0
                    : pwrite(fd, bytes.constData(), 100'000, (i % 10) * 100'000) > 0;
                if (!done)
                    break;
            }
        });
        int failed = 0;
        QStringList surprises;
        for (int i = 0; i < 40; ++i) {
            const auto packed = packDirectory(skill(), zip());
            if (!packed) {
                ++failed;
                if (packed.error().message != u"\"busy.bin\" changed while it was read"_s)
                    surprises.append(packed.error().message);
                continue;
            }
            const auto unpacked = unpackArchive(zip(), m_dir->filePath(u"out%1"_s.arg(i)));
            if (!unpacked || unpacked->digest != packed->digest)
                surprises.append(u"an archive that is not what was packed"_s);
        }
        stop = true;
        writer.join();
        close(fd);
        QCOMPARE(surprises, QStringList());
        QVERIFY(failed > 0);
    }

    void doesNotFollowALinkSwappedInWhilePacking()
    {
        // The folder "swap" is exchanged for a link to a folder outside, over and over.
        const QString outside = m_dir->filePath(u"outside"_s);
        writeFile(outside + u"/secret"_s, "secret");
        writeFile(skill(u"/swap/secret"_s), "public");
        QCOMPARE(symlink(qPrintable(outside), qPrintable(skill(u"/link"_s))), 0);
        const QByteArray folder = QFile::encodeName(skill(u"/swap"_s));
        const QByteArray link = QFile::encodeName(m_dir->filePath(u"link"_s));
        QCOMPARE(rename(qPrintable(skill(u"/link"_s)), link.constData()), 0);
        std::atomic_bool stop = false;
        std::thread swapper([&] {
            while (!stop)
                renameat2(AT_FDCWD, folder.constData(), AT_FDCWD, link.constData(),
                          RENAME_EXCHANGE);
        });
        const QString publicDigest = Sha256::of("public");
        bool leaked = false;
        for (int i = 0; i < 300 && !leaked; ++i) {
            const auto content = describeDirectory(skill());
            for (const PackedFile &file : content ? content->files : QList<PackedFile>())
                leaked = leaked || (file.path.endsWith(u"secret"_s) && file.sha256 != publicDigest);
        }
        stop = true;
        swapper.join();
        QVERIFY(!leaked);
    }
};

QTEST_GUILESS_MAIN(TestPackDirectory)
#include "test_pack_directory.moc"
