#include "engine/local_endpoint.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QtTest>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <vector>

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

    void leavesAnothersFileWhenItGoes()
    {
        {
            const auto file = LocalEndpointFile::publish(m_dir->path(), endpoint(u"http://a"_s));
            QVERIFY(file);
            QVERIFY(QFile::remove(file->path()));
            QFile other(file->path());
            QVERIFY(other.open(QIODevice::WriteOnly));
        }
        QVERIFY(QFile::exists(m_dir->filePath(u"local.json"_s)));
    }

    void severalOfOneProcessStandBesideEachOther()
    {
        std::vector<LocalEndpointFile> files;
        for (int i = 0; i < 4; ++i) {
            auto file = LocalEndpointFile::publish(m_dir->path(), endpoint(u"http://%1"_s.arg(i)));
            QVERIFY(file);
            files.push_back(std::move(*file));
        }
        QCOMPARE(liveLocalEndpoints(m_dir->path()).size(), 4);
    }

    void serversThatStartAtOnceGetAFileEach()
    {
        constexpr int servers = 8;
        for (int round = 0; round < 10; ++round) {
            int start[2];
            int ready[2];
            int end[2];
            QVERIFY(::pipe(start) == 0 && ::pipe(ready) == 0 && ::pipe(end) == 0);
            QList<pid_t> children;
            for (int i = 0; i < servers; ++i) {
                children.append(::fork());
                if (children.last() != 0)
                    continue;
                ::close(start[1]);
                ::close(end[1]);
                char byte = 0;
                (void)!::read(start[0], &byte, 1); // until the parent closes its end
                {
                    const auto file = LocalEndpointFile::publish(m_dir->path(),
                                                                 endpoint(u"http://a"_s));
                    byte = file ? 1 : 0;
                    (void)!::write(ready[1], &byte, 1);
                    (void)!::read(end[0], &byte, 1);
                }
                ::_exit(0);
            }
            ::close(start[1]);
            for (int i = 0; i < servers; ++i) {
                char byte = 0;
                QCOMPARE(::read(ready[0], &byte, 1), ssize_t(1));
                QCOMPARE(byte, char(1));
            }
            const qsizetype live = liveLocalEndpoints(m_dir->path()).size();
            ::close(end[1]);
            for (const pid_t child : std::as_const(children))
                ::waitpid(child, nullptr, 0);
            for (const int fd : {start[0], ready[0], ready[1], end[0]})
                ::close(fd);
            QCOMPARE(live, qsizetype(servers));
            QVERIFY(QDir(m_dir->path()).isEmpty(QDir::Files | QDir::Hidden));
        }
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
