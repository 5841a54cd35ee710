#include "engine/local_endpoint.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {

class TestLocalEndpoint : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_dir;

    LocalEndpoint endpoint(const QString &address) const
    {
        return {.addresses = {address}, .key = u"secret"_s};
    }

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }

    void isFoundWhileItsServerRunsAndGoneAfterwards()
    {
        {
            const auto file = LocalEndpointFile::publish(m_dir->path(), endpoint(u"http://a"_s));
            QVERIFY(file);
            QCOMPARE(file->path(), m_dir->filePath(u"local.json"_s));
            struct stat info {
            };
            QCOMPARE(::stat(QFile::encodeName(file->path()).constData(), &info), 0);
            QCOMPARE(info.st_mode & 07777, 0600u);
            const QList<LocalEndpoint> live = liveLocalEndpoints(m_dir->path());
            QCOMPARE(live.size(), 1);
            QCOMPARE(live[0].addresses, QStringList{u"http://a"_s});
            QCOMPARE(live[0].key, u"secret"_s);
            QCOMPARE(live[0].pid, qint64(::getpid()));
        }
        QVERIFY(QDir(m_dir->path()).isEmpty());
        QVERIFY(liveLocalEndpoints(m_dir->path()).isEmpty());
    }

    void standsBesideAnotherThatRuns()
    {
        const auto first = LocalEndpointFile::publish(m_dir->path(), endpoint(u"http://a"_s));
        const auto second = LocalEndpointFile::publish(m_dir->path(), endpoint(u"http://b"_s));
        QVERIFY(first && second);
        QVERIFY(first->path() != second->path());
        const QList<LocalEndpoint> live = liveLocalEndpoints(m_dir->path());
        QCOMPARE(live.size(), 2);
        QCOMPARE(live[0].addresses, QStringList{u"http://a"_s});
        QCOMPARE(live[1].addresses, QStringList{u"http://b"_s});
    }

    void isStaleWhenItsServerWasKilled()
    {
        const pid_t child = ::fork();
        if (child == 0) {
            const auto file = LocalEndpointFile::publish(m_dir->path(), endpoint(u"http://a"_s));
            ::_exit(file ? 0 : 1); // without cleaning up, as after SIGKILL
        }
        int status = 0;
        QCOMPARE(::waitpid(child, &status, 0), child);
        QCOMPARE(WEXITSTATUS(status), 0);
        QVERIFY(QFile::exists(m_dir->filePath(u"local.json"_s)));
        QVERIFY(liveLocalEndpoints(m_dir->path()).isEmpty());
        const auto next = LocalEndpointFile::publish(m_dir->path(), endpoint(u"http://b"_s));
        QVERIFY(next);
        QCOMPARE(next->path(), m_dir->filePath(u"local.json"_s));
        QCOMPARE(liveLocalEndpoints(m_dir->path()).size(), 1);
    }

    void isNotBelievedWhenOthersCouldHaveWrittenIt()
    {
        const auto file = LocalEndpointFile::publish(m_dir->path(), endpoint(u"http://a"_s));
        QVERIFY(file);
        QVERIFY(::chmod(QFile::encodeName(file->path()).constData(), 0622) == 0);
        QVERIFY(liveLocalEndpoints(m_dir->path()).isEmpty());
    }

    void saysThatItCannotBeWritten()
    {
        const auto file = LocalEndpointFile::publish(m_dir->filePath(u"none"_s),
                                                     endpoint(u"http://a"_s));
        QVERIFY(!file);
        QCOMPARE(file.error().code, ErrorCode::StorageUnavailable);
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestLocalEndpoint)
#include "test_local_endpoint.moc"
