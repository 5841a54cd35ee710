#include "engine/instance_lock.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <sys/wait.h>

#include <atomic>
#include <csignal>
#include <thread>

using namespace Qt::StringLiterals;
using namespace skillbox;

class InstanceLockTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void makesItsDirectoryAndRemovesItAtTheEnd();
    void aLivingInstanceCannotBeClaimed();
    void killReleasesTheLock();
    void aDeadInstanceIsClaimedByOne();
    void whatIsLeftStaysForTheNext();
    void anInstanceWithoutFilesIsDead();
    void idsThatAreNoUuidsNameNothing();
    void saysWhereItCannotWrite();
    void manyStartAndCleanAtOnce();
};

void InstanceLockTest::makesItsDirectoryAndRemovesItAtTheEnd()
{
    QTemporaryDir directory;
    const QString instances = directory.filePath(u"instances"_s);
    QString path;
    {
        const auto lock = InstanceLock::acquire(instances);
        QVERIFY(lock);
        path = lock->directory();
        QVERIFY(isUuid(lock->id().value));
        QVERIFY(QFileInfo(path).isDir());
        QCOMPARE(QFile::permissions(instances) & (QFile::ReadGroup | QFile::ReadOther),
                 QFile::Permissions());
        QFile log(path + u"/some.log"_s);
        QVERIFY(log.open(QIODevice::WriteOnly));
        QCOMPARE(DeadInstance::candidates(instances).size(), 1);
    }
    QVERIFY(QDir(instances).isEmpty());
}

void InstanceLockTest::aLivingInstanceCannotBeClaimed()
{
    QTemporaryDir directory;
    const auto lock = InstanceLock::acquire(directory.path());
    QVERIFY(lock);
    QVERIFY(!DeadInstance::claim(directory.path(), lock->id()));
    QVERIFY(QFileInfo(lock->directory()).isDir());
}

void InstanceLockTest::killReleasesTheLock()
{
    QTemporaryDir directory;
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = InstanceLock::acquire(directory.path());
        ::raise(lock ? SIGKILL : SIGABRT);
    }
    int status = 0;
    QCOMPARE(::waitpid(child, &status, 0), child);
    QCOMPARE(WTERMSIG(status), SIGKILL);

    const QList<InstanceId> left = DeadInstance::candidates(directory.path());
    QCOMPARE(left.size(), 1);
    {
        const auto dead = DeadInstance::claim(directory.path(), left[0]);
        QVERIFY(dead);
        QVERIFY(dead->id() == left[0]);
    }
    QVERIFY(QDir(directory.path()).isEmpty());
}

void InstanceLockTest::aDeadInstanceIsClaimedByOne()
{
    QTemporaryDir directory;
    const InstanceId id{newUuid()};
    const auto first = DeadInstance::claim(directory.path(), id);
    QVERIFY(first);
    QVERIFY(!DeadInstance::claim(directory.path(), id));
}

void InstanceLockTest::whatIsLeftStaysForTheNext()
{
    QTemporaryDir directory;
    const InstanceId id{newUuid()};
    {
        auto dead = DeadInstance::claim(directory.path(), id);
        QVERIFY(dead);
        dead->leave();
    }
    QCOMPARE(DeadInstance::candidates(directory.path()).size(), 1);
    QVERIFY(DeadInstance::claim(directory.path(), id));
}

void InstanceLockTest::anInstanceWithoutFilesIsDead()
{
    QTemporaryDir directory;
    QVERIFY(DeadInstance::claim(directory.path(), {newUuid()}));
}

void InstanceLockTest::idsThatAreNoUuidsNameNothing()
{
    QTemporaryDir directory;
    QVERIFY(QDir(directory.path()).mkdir(u"a"_s));
    QVERIFY(!DeadInstance::claim(directory.filePath(u"a"_s), {u"../b"_s}));
    QVERIFY(!DeadInstance::claim(directory.filePath(u"a"_s), {}));
    QCOMPARE(QDir(directory.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
             QStringList{u"a"_s});
}

void InstanceLockTest::saysWhereItCannotWrite()
{
    const auto lock = InstanceLock::acquire(u"/proc/skillbox-instances"_s);
    QVERIFY(!lock);
    QCOMPARE(lock.error().code, ErrorCode::StorageUnavailable);
    QVERIFY2(lock.error().message.contains(u"/proc/skillbox-instances"_s),
             qPrintable(lock.error().message));
}

void InstanceLockTest::manyStartAndCleanAtOnce()
{
    QTemporaryDir directory;
    std::atomic<int> failures = 0;
    std::atomic<bool> over = false;
    {
        std::jthread cleaner([&] {
            while (!over) {
                for (const InstanceId &id : DeadInstance::candidates(directory.path()))
                    (void)DeadInstance::claim(directory.path(), id);
            }
        });
        std::vector<std::jthread> starters;
        for (int i = 0; i < 4; ++i) {
            starters.emplace_back([&] {
                for (int round = 0; round < 60; ++round) {
                    const auto lock = InstanceLock::acquire(directory.path());
                    // Whoever has a lock keeps its directory, whatever the cleaner does.
                    if (!lock || !QFileInfo(lock->directory()).isDir()
                        || !QFile::exists(lock->directory() + u".lock"_s))
                        ++failures;
                }
            });
        }
        starters.clear();
        over = true;
    }
    QCOMPARE(failures.load(), 0);
    QVERIFY(QDir(directory.path()).isEmpty());
}

QTEST_GUILESS_MAIN(InstanceLockTest)
#include "test_instance_lock.moc"
