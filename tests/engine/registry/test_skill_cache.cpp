#include "engine/registry/skill_cache.h"

#include "engine/base/clock.h"
#include "tests/support/skill_folder.h"
#include "tests/support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>

#include <atomic>
#include <sys/file.h>
#include <thread>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

class TestSkillCache : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_directory;
    QString m_root;
    QString m_folder;
    QString m_zip;

    QStringList trees() const
    {
        return QDir(m_root).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot);
    }

private Q_SLOTS:
    void init()
    {
        m_directory = std::make_unique<QTemporaryDir>();
        m_root = m_directory->filePath(u"data/cache"_s);
        m_zip = m_directory->filePath(u"skill.zip"_s);
        m_folder = SkillFolder{}.write(m_directory->path());
        VERIFY_OK(packDirectory(m_folder, m_zip));
    }

    void unpacksOnce()
    {
        const auto cache = SkillCache::open(m_root).value();
        QCOMPARE(QFileInfo(m_root).permissions() & 0x77, QFile::Permissions());
        SkillContent content;
        const auto tree = cache->addArchive(m_zip, {}, &content);
        VERIFY_OK(tree);
        QCOMPARE(*tree, m_root + u'/' + content.digest.sliced(7));
        QCOMPARE(cache->find(content.digest), *tree);
        const QDateTime made = QFileInfo(*tree + u"/main.py"_s).fileTime(QFile::FileBirthTime);
        QCOMPARE(cache->addArchive(m_zip, {}).value(), *tree);
        QCOMPARE(cache->addDirectory(m_folder, {}).value(), *tree);
        QCOMPARE(QFileInfo(*tree + u"/main.py"_s).fileTime(QFile::FileBirthTime), made);
        QCOMPARE(trees().size(), 1);
        QCOMPARE(SkillCache::open(m_root).value()->find(content.digest), *tree);
    }

    void findsNothingForWhatIsNoDigest_data()
    {
        QTest::addColumn<QString>("digest");
        QTest::newRow("empty") << QString();
        QTest::newRow("unknown") << u"sha256:"_s + QString(64, u'0');
        QTest::newRow("path") << u"sha256:../"_s + QString(61, u'0');
        QTest::newRow("the root itself") << u"sha256:"_s;
        QTest::newRow("other algorithm") << u"sha512:"_s + QString(64, u'0');
    }
    void findsNothingForWhatIsNoDigest()
    {
        QFETCH(QString, digest);
        const auto cache = SkillCache::open(m_root).value();
        QCOMPARE(cache->find(digest), QString());
    }

    void keepsNothingOfABadArchive()
    {
        const auto cache = SkillCache::open(m_root).value();
        writeFile(m_zip, readFile(m_zip).first(100));
        QVERIFY(!cache->addArchive(m_zip, {}));
        QVERIFY(!cache->addArchive(m_directory->filePath(u"none.zip"_s), {}));
        QVERIFY(!cache->addDirectory(m_directory->filePath(u"none"_s), {}));
        QCOMPARE(trees(), QStringList());
    }

    void dropsAStagedTreeThatIsNotKept()
    {
        const auto cache = SkillCache::open(m_root).value();
        {
            const auto staged = cache->stageArchive(m_zip, {});
            VERIFY_OK(staged);
            QCOMPARE(readFile(staged->directory + u"/main.py"_s), "print('counted')\n");
            QCOMPARE(cache->find(staged->content.digest), QString());
        }
        QCOMPARE(trees(), QStringList());
    }

    void sweepsLeftoversOfTheDeadOnly()
    {
        const auto cache = SkillCache::open(m_root).value();
        writeFile(m_root + u"/.tmp-dead/tree/SKILL.md"_s, "half");
        writeFile(m_root + u"/.tmp-deadfile"_s, "half");
        const auto living = cache->stageArchive(m_zip, {});
        VERIFY_OK(living);
        VERIFY_OK(SkillCache::open(m_root));
        QVERIFY(!QFile::exists(m_root + u"/.tmp-dead"_s));
        QVERIFY(!QFile::exists(m_root + u"/.tmp-deadfile"_s));
        QVERIFY(QFile::exists(living->directory + u"/main.py"_s));
    }

    void checksATreeFromBeforeTheMachineStarted()
    {
        SkillContent content;
        const auto tree = SkillCache::open(m_root).value()->addArchive(m_zip, {}, &content);
        VERIFY_OK(tree);
        // Whole: it stays, and is not checked twice.
        const auto changed = [&] {
            return QFileInfo(*tree).fileTime(QFile::FileMetadataChangeTime);
        };
        QTRY_VERIFY(nowUtc() > changed().addMSecs(20)); // the kernel's time stamps lag a little
        const QDateTime start = changed().addMSecs(5);
        auto cache = SkillCache::open(m_root, start).value();
        QCOMPARE(cache->find(content.digest), *tree);
        QVERIFY(changed() >= start);
        QVERIFY(QFile::remove(*tree + u"/main.py"_s));
        writeFile(*tree + u"/main.py"_s, {}); // what a power cut leaves of it
        QCOMPARE(cache->find(content.digest), *tree);
        // Not whole: it goes, and comes again.
        cache = SkillCache::open(m_root, nowUtc().addSecs(3600)).value();
        QCOMPARE(cache->find(content.digest), QString());
        QCOMPARE(trees(), QStringList());
        cache = SkillCache::open(m_root).value();
        QCOMPARE(cache->addArchive(m_zip, {}).value(), *tree);
        QCOMPARE(readFile(*tree + u"/main.py"_s), "print('counted')\n");
    }

    void manyThreadsAddTheSame()
    {
        const auto cache = SkillCache::open(m_root).value();
        std::atomic<int> failures = 0;
        std::vector<std::jthread> workers;
        for (int t = 0; t < 8; ++t) {
            workers.emplace_back([&, t] {
                const auto tree = t % 2 == 0 ? cache->addArchive(m_zip, {})
                                             : cache->addDirectory(m_folder, {});
                if (!tree || readFile(*tree + u"/main.py"_s) != "print('counted')\n")
                    ++failures;
            });
        }
        workers.clear(); // joins
        QCOMPARE(failures.load(), 0);
        QCOMPARE(trees().size(), 1);
    }
};

QTEST_GUILESS_MAIN(TestSkillCache)
#include "test_skill_cache.moc"
