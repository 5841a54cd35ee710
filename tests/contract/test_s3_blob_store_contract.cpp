#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/storage/s3_blob_store.h"
#include "engine/storage/s3_client.h"
#include "tests/contract/blob_store_contract.h"
#include "tests/support/ceph_server.h"
#include "tests/support/verify_result.h"

#include <QBuffer>
#include <QDir>
#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

/// The contract on a real S3 store, and what only such a store can do.
class TestS3BlobStoreContract : public BlobStoreContract
{
    Q_OBJECT

protected:
    void makeEmptyStore() override
    {
        m_config = m_server.config(u"bucket-%1"_s.arg(++m_buckets));
        m_directory = std::make_unique<QTemporaryDir>();
    }
    Result<std::unique_ptr<BlobStore>> openStore() override
    {
        return openS3BlobStore(m_config, spool());
    }
    QStringList helperArguments() const override
    {
        return {u"s3"_s,
                QStringList{m_config.endpoint, m_config.accessKey, m_config.secretKey,
                            m_config.bucket, spool()}
                    .join(u'|')};
    }
    QStringList everythingKept() const override
    {
        QStringList all = QDir(spool()).entryList(QDir::Files | QDir::Hidden);
        const auto listed = client()->send({.query = {{"list-type", "2"}}});
        const QString xml = listed ? QString::fromUtf8(listed->body) : u"?"_s;
        static const QRegularExpression key(u"<Key>([^<]*)</Key>"_s);
        for (const QRegularExpressionMatch &match : key.globalMatch(xml))
            all.append(match.captured(1));
        return all;
    }

private Q_SLOTS:
    void initTestCase();
    void takesEveryKey_data();
    void takesEveryKey();
    void readsAnyPartOfALargeBlob();
    void refusesWhatWasChangedOnTheWay();
    void saysWhatIsWrongWithTheConnection_data();
    void saysWhatIsWrongWithTheConnection();

private:
    QString spool() const { return m_directory->filePath(u"spool"_s); }
    std::unique_ptr<S3Client> client() const { return S3Client::create(m_config).value(); }

    CephServer m_server;
    S3Config m_config;
    std::unique_ptr<QTemporaryDir> m_directory;
    int m_buckets = 0;
};

void TestS3BlobStoreContract::initTestCase()
{
    switch (m_server.start()) {
    case CephServer::Start::Running: return;
    case CephServer::Start::NotInstalled:
        QSKIP("no S3 store to test with, as root: packages ceph-mon ceph-osd radosgw");
    case CephServer::Start::Failed: QFAIL(qPrintable(m_server.complaint()));
    }
}

void TestS3BlobStoreContract::takesEveryKey_data()
{
    QTest::addColumn<QByteArray>("key");
    const QByteArrayList keys{"plain",
                              "with space",
                              "plus+equals=colon:at@",
                              "(round)[square]{curly}",
                              "100%25 %41",
                              "tilde~-_.",
                              "a/b//c",
                              "quote'\"`",
                              "ü/日本/😀",
                              "*!$&,;|<>^\\",
                              "?query#fragment"};
    for (const QByteArray &key : keys)
        QTest::newRow(key.constData()) << key;
}

void TestS3BlobStoreContract::takesEveryKey()
{
    QFETCH(QByteArray, key);
    QByteArray bytes = "bytes of " + key;
    QBuffer source(&bytes);
    QVERIFY(source.open(QIODevice::ReadOnly));
    const auto put = client()->send({.method = "PUT",
                                     .key = key,
                                     .upload = &source,
                                     .uploadHash = Sha256::of(bytes).toLatin1()});
    VERIFY_OK(put);
    QVERIFY2(put->isSuccess(), put->body.constData());
    const auto got = client()->send({.key = key, .query = {{"response-content-type", "a/b c+d"}}});
    VERIFY_OK(got);
    QCOMPARE(got->body, bytes);
    QCOMPARE(got->headers.value("content-type"), "a/b c+d"_ba);
}

void TestS3BlobStoreContract::readsAnyPartOfALargeBlob()
{
    QByteArray bytes;
    for (int i = 0; bytes.size() < 5'000'000; ++i)
        bytes += QByteArray::number(i) + '\n';
    const auto stored = put(bytes);
    VERIFY_OK(stored);
    const auto opened = m_store->open(stored->id);
    VERIFY_OK(opened);
    QIODevice &blob = **opened;
    QCOMPARE(blob.size(), bytes.size());
    for (const qint64 at : {qint64(4'000'000), qint64(1'048'570), qint64(0), bytes.size() - 3}) {
        QVERIFY(blob.seek(at));
        QCOMPARE(blob.read(12), bytes.mid(at, 12));
    }
    QVERIFY(blob.atEnd());
    QCOMPARE(blob.read(1), QByteArray());
}

void TestS3BlobStoreContract::refusesWhatWasChangedOnTheWay()
{
    QByteArray bytes = "other bytes";
    QBuffer source(&bytes);
    QVERIFY(source.open(QIODevice::ReadOnly));
    const auto put = client()->send({.method = "PUT",
                                     .key = "tampered",
                                     .upload = &source,
                                     .uploadHash = Sha256::of("what was signed").toLatin1()});
    VERIFY_OK(put);
    QCOMPARE(put->status, 400);
    QVERIFY2(put->body.contains("XAmzContentSHA256Mismatch"), put->body.constData());
    QCOMPARE(client()->send({.method = "HEAD", .key = "tampered"})->status, 404);
}

void TestS3BlobStoreContract::saysWhatIsWrongWithTheConnection_data()
{
    QTest::addColumn<QString>("endpoint");
    QTest::addColumn<QString>("secret");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QString>("mention");
    QTest::newRow("wrong secret") << QString() << u"nonsense"_s << ErrorCode::StorageUnavailable
                                  << u"refuses the key"_s;
    QTest::newRow("nobody there") << u"http://127.0.0.1:1"_s << QString()
                                  << ErrorCode::StorageUnavailable << u"cannot be reached"_s;
    QTest::newRow("no address") << u"ftp://host"_s << QString() << ErrorCode::BadRequest
                                << u"no address of an S3 store"_s;
    QTest::newRow("a path") << u"http://host/path"_s << QString() << ErrorCode::BadRequest
                            << u"no address of an S3 store"_s;
}

void TestS3BlobStoreContract::saysWhatIsWrongWithTheConnection()
{
    QFETCH(QString, endpoint);
    QFETCH(QString, secret);
    QFETCH(ErrorCode, code);
    QFETCH(QString, mention);
    S3Config config = m_config;
    if (!endpoint.isEmpty())
        config.endpoint = endpoint;
    if (!secret.isEmpty())
        config.secretKey = secret;
    const auto store = openS3BlobStore(config, spool());
    VERIFY_FAILS(store, code, mention);
    QVERIFY(!store.error().message.contains(config.secretKey));
}

QTEST_GUILESS_MAIN(TestS3BlobStoreContract)
#include "test_s3_blob_store_contract.moc"
