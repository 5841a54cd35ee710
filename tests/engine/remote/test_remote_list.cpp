#include "engine/remote/remote_list.h"

#include "tests/support/verify_result.h"

#include <QDir>
#include <QFile>
#include <QProcessEnvironment>
#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace skillbox;
using namespace Qt::StringLiterals;

class TestRemoteList : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_home;

    QString folder() const { return m_home->filePath(u"config/skillbox"_s); }
    static Remote team() { return {u"team"_s, u"https://skills.example.com"_s, u"sk-secret"_s}; }
    void write(const QByteArray &bytes) const
    {
        QVERIFY(QDir().mkpath(folder()));
        QFile file(folder() + u"/remotes.json"_s);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(bytes);
    }

private Q_SLOTS:
    void init() { m_home = std::make_unique<QTemporaryDir>(); }

    void keepsRemotesAndTheirKeysApart()
    {
        RemoteList list(folder());
        QCOMPARE(list.load().value().size(), 0);
        VERIFY_OK(list.add(team(), RemoteList::Existing::Refuse));
        VERIFY_OK(list.add({u"lab"_s, u"http://127.0.0.1:1"_s, {}, u"acme"_s, u"/ca.pem"_s},
                           RemoteList::Existing::Refuse));

        const QList<Remote> remotes = RemoteList(folder()).load().value();
        QCOMPARE(remotes.size(), 2);
        QCOMPARE(remotes[0].name, u"lab"_s);
        QCOMPARE(remotes[0].tenant, u"acme"_s);
        QCOMPARE(remotes[0].caFile, u"/ca.pem"_s);
        QCOMPARE(remotes[0].apiKey, QString());
        QCOMPARE(remotes[1].address, u"https://skills.example.com"_s);
        QCOMPARE(remotes[1].apiKey, u"sk-secret"_s);
        QFile file(list.file());
        QVERIFY(file.open(QIODevice::ReadOnly));
        QVERIFY(!file.readAll().contains("sk-secret"));
        const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup
            | QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;
        for (const QString &path : {folder(), list.file(), folder() + u"/remote-keys"_s,
                                    folder() + u"/remote-keys/team"_s})
            QVERIFY2(!(QFile::permissions(path) & others), qPrintable(path));
    }

    void replacesOnlyWhenAskedTo()
    {
        RemoteList list(folder());
        VERIFY_OK(list.add(team(), RemoteList::Existing::Refuse));
        Remote other = team();
        other.address = u"https://other.example.com"_s;
        other.apiKey.clear();
        const auto refused = list.add(other, RemoteList::Existing::Refuse);
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::Conflict);
        QCOMPARE(list.find(u"team"_s).value().apiKey, u"sk-secret"_s);
        VERIFY_OK(list.add(other, RemoteList::Existing::Replace));
        QCOMPARE(list.load().value().size(), 1);
        QCOMPARE(list.find(u"team"_s).value().address, other.address);
        QCOMPARE(list.find(u"team"_s).value().apiKey, QString()); // a new one has no old key
    }

    void removesTheKeyToo()
    {
        RemoteList list(folder());
        QCOMPARE(list.remove(u"team"_s).error().code, ErrorCode::NotFound);
        VERIFY_OK(list.add(team(), RemoteList::Existing::Refuse));
        VERIFY_OK(list.remove(u"team"_s));
        QVERIFY(!QFile::exists(folder() + u"/remote-keys/team"_s));
        QCOMPARE(list.find(u"team"_s).error().code, ErrorCode::NotFound);
    }

    void refusesWhatCannotBeUsed_data()
    {
        QTest::addColumn<QString>("name");
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("key");
        QTest::newRow("no name") << QString() << u"https://a.example"_s << QString();
        QTest::newRow("a path") << u"../team"_s << u"https://a.example"_s << QString();
        QTest::newRow("capital") << u"Team"_s << u"https://a.example"_s << QString();
        QTest::newRow("long") << QString(65, u'a') << u"https://a.example"_s << QString();
        QTest::newRow("taken") << u"local"_s << u"https://a.example"_s << QString();
        QTest::newRow("no address") << u"team"_s << u"a.example"_s << QString();
        QTest::newRow("password") << u"team"_s << u"https://me:pw@a.example"_s << QString();
        QTest::newRow("header") << u"team"_s << u"https://a.example"_s << u"a\r\nX: b"_s;
    }
    void refusesWhatCannotBeUsed()
    {
        QFETCH(QString, name);
        QFETCH(QString, address);
        QFETCH(QString, key);
        const auto added = RemoteList(folder()).add({name, address, key},
                                                    RemoteList::Existing::Refuse);
        QVERIFY(!added);
        QCOMPARE(added.error().code, ErrorCode::BadRequest);
        QVERIFY(!QDir(folder()).exists());
    }

    void refusesAKeyThatOthersCanRead()
    {
        RemoteList list(folder());
        VERIFY_OK(list.add(team(), RemoteList::Existing::Refuse));
        const QString path = folder() + u"/remote-keys/team"_s;
        QVERIFY(QFile::setPermissions(path, QFile::permissions(path) | QFile::ReadOther));
        const auto found = list.find(u"team"_s);
        QVERIFY(!found);
        QCOMPARE(found.error().code, ErrorCode::Forbidden);
        QVERIFY2(found.error().message.contains(u"chmod 600 '"_s + path),
                 qPrintable(found.error().message));
    }

    void saysWhatIsWrongWithTheFile_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::newRow("no JSON") << QByteArray("remotes: []");
        QTest::newRow("another JSON") << QByteArray("[1]");
        QTest::newRow("a name that is a path")
            << QByteArray("{\"remotes\":[{\"name\":\"../x\",\"address\":\"https://a.example\"}]}");
        QTest::newRow("twice") << QByteArray("{\"remotes\":[{\"name\":\"a\"},{\"name\":\"a\"}]}");
        QTest::newRow("huge") << QByteArray(2 << 20, ' ');
    }
    void saysWhatIsWrongWithTheFile()
    {
        QFETCH(QByteArray, bytes);
        write(bytes);
        const auto remotes = RemoteList(folder()).load();
        QVERIFY(!remotes);
        QVERIFY2(remotes.error().message.contains(u"remotes.json"_s),
                 qPrintable(remotes.error().message));
        QVERIFY(!RemoteList(folder()).add(team(), RemoteList::Existing::Refuse)); // and keeps it
        QFile file(folder() + u"/remotes.json"_s);
        QVERIFY(file.open(QIODevice::ReadOnly));
        QCOMPARE(file.readAll(), bytes);
    }

    void keepsWhatSeveralWriteAtOnce()
    {
        std::vector<std::thread> writers;
        for (int i = 0; i < 8; ++i) {
            writers.emplace_back([this, i] {
                RemoteList list(folder());
                for (int k = 0; k < 5; ++k) {
                    (void)list.add({u"r%1-%2"_s.arg(i).arg(k), u"https://a.example"_s, u"sk-1"_s},
                                   RemoteList::Existing::Refuse);
                }
            });
        }
        for (std::thread &writer : writers)
            writer.join();
        QCOMPARE(RemoteList(folder()).load().value().size(), 40);
    }

    void followsTheBaseDirectorySpecification()
    {
        QProcessEnvironment environment;
        environment.insert(u"HOME"_s, u"/home/me"_s);
        QCOMPARE(RemoteList::usualDirectory(environment), u"/home/me/.config/skillbox"_s);
        environment.insert(u"XDG_CONFIG_HOME"_s, u"relative"_s);
        QCOMPARE(RemoteList::usualDirectory(environment), u"/home/me/.config/skillbox"_s);
        environment.insert(u"XDG_CONFIG_HOME"_s, u"/etc/me"_s);
        QCOMPARE(RemoteList::usualDirectory(environment), u"/etc/me/skillbox"_s);
    }
};

QTEST_GUILESS_MAIN(TestRemoteList)
#include "test_remote_list.moc"
