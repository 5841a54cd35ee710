#include "engine/base/clock.h"
#include "engine/engine.h"
#include "engine/instance_lock.h"
#include "tests/support/tree_fixture.h"

#include <QTemporaryDir>
#include <QTest>

#include <sys/stat.h>

using namespace Qt::StringLiterals;
using namespace skillbox;

/// What a data directory may be when an engine is opened in it.
class EngineOpenTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void init() { m_root = std::make_unique<QTemporaryDir>(); }
    void makesAPrivateDirectoryWithItsParents();
    void keepsTheModeOfADirectoryThatIsThere();
    void leavesNothingOfItselfBehind();
    void refusesPlacesItCannotUse_data();
    void refusesPlacesItCannotUse();
    void manyEnginesShareADirectory();
    void endsTheRunsOfDeadInstances();
    void leavesTheRunsOfLivingInstancesAlone();

private:
    static EngineConfig at(const QString &directory)
    {
        EngineConfig config;
        config.dataDirectory = directory;
        config.launcherPath = u"/nowhere/skillbox-sandbox"_s; // nothing runs here
        return config;
    }
    static ExecutionRecord unfinished(const InstanceId &instance)
    {
        ExecutionRecord record;
        record.id = {newUuid()};
        record.tenant = localTenant();
        record.skillName = u"some"_s;
        record.input = *JsonText::parse("{}");
        record.instance = instance;
        record.createdAt = nowUtc();
        return record;
    }
    std::unique_ptr<QTemporaryDir> m_root;
};

void EngineOpenTest::makesAPrivateDirectoryWithItsParents()
{
    const QString data = m_root->filePath(u"a/b/data"_s);
    QVERIFY(Engine::create(at(data)));
    struct stat status {
    };
    QCOMPARE(::stat(QFile::encodeName(data).constData(), &status), 0);
    QCOMPARE(status.st_mode & 07777, mode_t(0700));
}

void EngineOpenTest::keepsTheModeOfADirectoryThatIsThere()
{
    const QByteArray data = QFile::encodeName(m_root->filePath(u"data"_s));
    QCOMPARE(::mkdir(data.constData(), 0755), 0);
    QVERIFY(Engine::create(at(m_root->filePath(u"data"_s))));
    struct stat status {
    };
    QCOMPARE(::stat(data.constData(), &status), 0);
    QCOMPARE(status.st_mode & 0777, mode_t(0755));
}

void EngineOpenTest::leavesNothingOfItselfBehind()
{
    const QString data = m_root->filePath(u"data"_s);
    QVERIFY(Engine::create(at(data)));
    QVERIFY(QDir(data + u"/instances"_s).isEmpty());
}

void EngineOpenTest::refusesPlacesItCannotUse_data()
{
    QTest::addColumn<QString>("path");
    QTest::newRow("a file") << u"file"_s;
    QTest::newRow("below a file") << u"file/data"_s;
    QTest::newRow("deep below a file") << u"file/a/b/data"_s;
    QTest::newRow("not writable") << u"/proc/self"_s;
    QTest::newRow("cannot be made") << u"/proc/skillbox/data"_s;
    QTest::newRow("a broken link") << u"link"_s;
}

void EngineOpenTest::refusesPlacesItCannotUse()
{
    QFETCH(QString, path);
    test::writeFile(m_root->filePath(u"file"_s), "content");
    QVERIFY(QFile::link(u"nowhere/at/all"_s, m_root->filePath(u"link"_s)));
    const QString data = QDir(m_root->path()).absoluteFilePath(path);
    const auto engine = Engine::create(at(data));
    QVERIFY(!engine);
    QCOMPARE(engine.error().code, ErrorCode::StorageUnavailable);
    const QString message = engine.error().message;
    QVERIFY2(message.startsWith(u"the data directory \"%1\" cannot be used: "_s.arg(data)),
             qPrintable(message));
    QVERIFY2(!message.contains(u'\n') && !message.endsWith(u"Success"_s), qPrintable(message));
    QCOMPARE(test::readFile(m_root->filePath(u"file"_s)), "content"_ba);
}

void EngineOpenTest::manyEnginesShareADirectory()
{
    const QString data = m_root->filePath(u"data"_s);
    std::vector<std::unique_ptr<Engine>> engines;
    for (int i = 0; i < 4; ++i) {
        auto engine = Engine::create(at(data));
        QVERIFY2(engine, engine ? "" : qPrintable(engine.error().message));
        engines.push_back(std::move(*engine));
    }
    QCOMPARE(QDir(data + u"/instances"_s).entryList({u"*.lock"_s}).size(), 4);
}

void EngineOpenTest::endsTheRunsOfDeadInstances()
{
    const QString data = m_root->filePath(u"data"_s);
    const InstanceId dead{newUuid()};
    const ExecutionRecord record = unfinished(dead);
    {
        const auto engine = Engine::create(at(data));
        QVERIFY(engine);
        QVERIFY((*engine)->metadata().insertExecution(record));
        test::writeFile(data + u"/instances/%1/%2.log"_s.arg(dead.value, record.id.value), "half");
        test::writeFile(data + u"/instances/%1.lock"_s.arg(dead.value), "");
    }
    const auto engine = Engine::create(at(data));
    QVERIFY(engine);
    const auto found = (*engine)->executions().find(localTenant(), record.id);
    QVERIFY(found);
    QCOMPARE(found->status, ExecutionStatus::Failed);
    QCOMPARE(found->reason, u"lost"_s);
    QVERIFY(found->finishedAt.isValid());
    QVERIFY(!QFile::exists(data + u"/instances/"_s + dead.value));
    QVERIFY(!QFile::exists(data + u"/instances/%1.lock"_s.arg(dead.value)));
}

void EngineOpenTest::leavesTheRunsOfLivingInstancesAlone()
{
    const QString data = m_root->filePath(u"data"_s);
    const auto first = Engine::create(at(data));
    QVERIFY(first);
    const QStringList locks = QDir(data + u"/instances"_s).entryList({u"*.lock"_s});
    QCOMPARE(locks.size(), 1);
    const ExecutionRecord record = unfinished({locks[0].chopped(5)});
    QVERIFY((*first)->metadata().insertExecution(record));
    const auto second = Engine::create(at(data));
    QVERIFY(second);
    QCOMPARE((*second)->executions().find(localTenant(), record.id)->status,
             ExecutionStatus::Queued);
}

QTEST_GUILESS_MAIN(EngineOpenTest)
#include "test_engine_open.moc"
