#include "server/api/url_signer.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include <thread>
#include <vector>

using namespace Qt::StringLiterals;
using namespace skillbox;

class UrlSignerTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void verifiesWhatItSigned();
    void eachPartCounts_data();
    void eachPartCounts();
    void serversWithOneSecretAgree();
    void theKeyIsPrivateAndStays();
    void processesThatStartAtOnceAgree();
    void refusesAKeyFileThatIsNone_data();
    void refusesAKeyFileThatIsNone();
};

static const QString id = u"11111111-2222-4333-8444-555555555555"_s;

void UrlSignerTest::verifiesWhatItSigned()
{
    const UrlSigner signer(QByteArray(32, 'k'));
    const QByteArray signature = signer.sign("archive", {u"acme"_s}, id, 1'800'000'000);
    QCOMPARE(signature.size(), 64);
    QVERIFY(signer.verify("archive", {u"acme"_s}, id, 1'800'000'000, signature));
    QVERIFY(!UrlSigner(QByteArray(32, 'j'))
                 .verify("archive", {u"acme"_s}, id, 1'800'000'000, signature));
}

void UrlSignerTest::eachPartCounts_data()
{
    QTest::addColumn<QByteArray>("purpose");
    QTest::addColumn<QString>("tenant");
    QTest::addColumn<QString>("name");
    QTest::addColumn<qint64>("expires");
    QTest::newRow("purpose") << QByteArray("other") << u"acme"_s << id << qint64(100);
    QTest::newRow("tenant") << QByteArray("archive") << u"acm"_s << id << qint64(100);
    QTest::newRow("id") << QByteArray("archive") << u"acme"_s << id.chopped(1) + u'6'
                        << qint64(100);
    QTest::newRow("expiry") << QByteArray("archive") << u"acme"_s << id << qint64(101);
    QTest::newRow("moved boundary")
        << QByteArray("archive") << u"acme\n"_s + id << QString() << qint64(100);
}

void UrlSignerTest::eachPartCounts()
{
    QFETCH(QByteArray, purpose);
    QFETCH(QString, tenant);
    QFETCH(QString, name);
    QFETCH(qint64, expires);
    const UrlSigner signer(QByteArray(32, 'k'));
    const QByteArray signature = signer.sign("archive", {u"acme"_s}, id, 100);
    QVERIFY(!signer.verify(purpose, {tenant}, name, expires, signature));
    for (const QByteArray &wrong : {QByteArray(), signature.chopped(1), signature + '0',
                                    signature.toUpper() + 'x', QByteArray(64, '0')})
        QVERIFY(!signer.verify("archive", {u"acme"_s}, id, 100, wrong));
}

void UrlSignerTest::serversWithOneSecretAgree()
{
    const UrlSigner one = UrlSigner::sharedBy("secret");
    const QByteArray signature = one.sign("archive", {u"acme"_s}, id, 1'800'000'000);
    QVERIFY(
        UrlSigner::sharedBy("secret").verify("archive", {u"acme"_s}, id, 1'800'000'000, signature));
    QVERIFY(!UrlSigner::sharedBy("Secret").verify("archive", {u"acme"_s}, id, 1'800'000'000,
                                                  signature));
    QVERIFY(!UrlSigner("secret").verify("archive", {u"acme"_s}, id, 1'800'000'000, signature));
}

void UrlSignerTest::theKeyIsPrivateAndStays()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(u"key"_s);
    const auto first = UrlSigner::open(path);
    QVERIFY(first);
    QCOMPARE(QFile::permissions(path)
                 & (QFile::ReadGroup | QFile::ReadOther | QFile::WriteGroup | QFile::WriteOther),
             QFile::Permissions());
    const auto second = UrlSigner::open(path);
    QVERIFY(second);
    QCOMPARE(second->sign("x", {}, id, 1), first->sign("x", {}, id, 1));
    QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden), QStringList{u"key"_s});
}

void UrlSignerTest::processesThatStartAtOnceAgree()
{
    QTemporaryDir folder;
    std::vector<QByteArray> signatures(8);
    {
        std::vector<std::jthread> threads;
        for (QByteArray &signature : signatures) {
            threads.emplace_back([&signature, path = folder.filePath(u"key"_s)] {
                if (const auto signer = UrlSigner::open(path))
                    signature = signer->sign("x", {}, id, 1);
            });
        }
    }
    for (const QByteArray &signature : signatures) {
        QVERIFY(!signature.isEmpty());
        QCOMPARE(signature, signatures.front());
    }
}

void UrlSignerTest::refusesAKeyFileThatIsNone_data()
{
    QTest::addColumn<int>("bytes");
    QTest::newRow("empty") << 0;
    QTest::newRow("short") << 31;
    QTest::newRow("long") << 33;
}

void UrlSignerTest::refusesAKeyFileThatIsNone()
{
    QFETCH(int, bytes);
    QTemporaryDir folder;
    QFile file(folder.filePath(u"key"_s));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(QByteArray(bytes, 'x'));
    file.close();
    const auto signer = UrlSigner::open(file.fileName());
    QVERIFY(!signer);
    QCOMPARE(signer.error().code, ErrorCode::StorageUnavailable);
    QVERIFY(!UrlSigner::open(folder.filePath(u"no/such/folder/key"_s)));
}

QTEST_GUILESS_MAIN(UrlSignerTest)
#include "test_url_signer.moc"
