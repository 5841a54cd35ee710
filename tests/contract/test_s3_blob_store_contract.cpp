#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/storage/s3_blob_store.h"
#include "engine/storage/s3_client.h"
#include "tests/contract/blob_store_contract.h"
#include "tests/support/ceph_server.h"
#include "tests/support/request_proxy.h"
#include "tests/support/verify_result.h"

#include <QBuffer>
#include <QDir>
#include <QProcess>
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
    void readsASmallBlobWithOneRequest();
    void putsALargeBlobInParts();
    void putsASmallBlobWithOneRequest();
    void doesNotSendWhatIsThere();
    void leavesNothingOfAnUploadThatFails();
    void tidiesWhatWasGivenUp();
    void reachesTheStoreInEveryWay_data();
    void reachesTheStoreInEveryWay();
    void trustsNoOtherAuthority();
    void givesLinks_data();
    void givesLinks();
    void refusesWhatWasChangedOnTheWay();
    void saysWhatIsWrongWithTheConnection_data();
    void saysWhatIsWrongWithTheConnection();

private:
    QString spool() const { return m_directory->filePath(u"spool"_s); }
    std::unique_ptr<S3Client> client() const { return S3Client::create(m_config).value(); }
    /// The store behind something that listens; the bucket is there.
    std::unique_ptr<BlobStore> storeBehind(const RequestProxy &proxy) const
    {
        S3Config config = m_config;
        config.endpoint = proxy.endpoint();
        return openS3BlobStore(config, spool()).value();
    }
    Result<StoredBlob> putInto(BlobStore &store, QByteArray bytes) const
    {
        QBuffer source(&bytes);
        source.open(QIODevice::ReadOnly);
        return store.put(source, 1 << 30);
    }
    int uploadsUnderWay() const
    {
        const auto listed = client()->send({.query = {{"uploads", ""}}});
        return listed && listed->isSuccess() ? static_cast<int>(listed->body.count("<UploadId>"))
                                             : -1;
    }
    /// What a client without any key of its own gets: the status, the two headers that the link
    /// speaks of, and the body.
    static QByteArrayList fetch(const QString &url)
    {
        QProcess python;
        python.start(u"/usr/bin/python3"_s,
                     {u"-c"_s,
                      // Whatever the host is called, it is this machine.
                      u"import sys, urllib.request, urllib.error, urllib.parse\n"
                      u"u = urllib.parse.urlsplit(sys.argv[1])\n"
                      u"r = urllib.request.Request(sys.argv[1].replace(u.netloc, 'localhost:%d' % "
                      u"u.port, 1))\n"
                      u"r.add_unredirected_header('Host', u.netloc)\n"
                      u"try: a = urllib.request.urlopen(r, timeout=20)\n"
                      u"except urllib.error.HTTPError as e: a = e\n"
                      u"print(a.status, a.headers.get('Content-Type'), sep='\\n')\n"
                      u"print(a.headers.get('Content-Disposition'))\n"
                      u"sys.stdout.flush(); sys.stdout.buffer.write(a.read())"_s,
                      url});
        python.waitForFinished(60'000);
        QByteArray said = python.readAllStandardOutput();
        QByteArrayList parts;
        for (int i = 0; i < 3; ++i) {
            parts.append(said.left(said.indexOf('\n')));
            said = said.mid(said.indexOf('\n') + 1);
        }
        return parts + QByteArrayList{said};
    }

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

void TestS3BlobStoreContract::readsASmallBlobWithOneRequest()
{
    RequestProxy proxy(QUrl(m_config.endpoint));
    const auto store = storeBehind(proxy);
    for (const QByteArray &bytes : {QByteArray("small"), QByteArray()}) {
        const auto stored = putInto(*store, bytes);
        VERIFY_OK(stored);
        proxy.takeRequests();
        const auto opened = store->open(stored->id);
        VERIFY_OK(opened);
        QCOMPARE((*opened)->size(), bytes.size());
        QCOMPARE((*opened)->readAll(), bytes);
        QCOMPARE(proxy.takeRequests().size(), 1);
    }
}

void TestS3BlobStoreContract::putsALargeBlobInParts()
{
    RequestProxy proxy(QUrl(m_config.endpoint));
    const auto store = storeBehind(proxy);
    proxy.takeRequests();
    QByteArray bytes(40 << 20, 'x'); // 16 MiB, 16 MiB and 8
    for (qsizetype i = 0; i < bytes.size(); i += 4096)
        bytes[i] = static_cast<char>(i >> 12);
    const auto stored = putInto(*store, bytes);
    VERIFY_OK(stored);
    QCOMPARE(stored->id.sha256, Sha256::of(bytes));
    const QByteArrayList requests = proxy.takeRequests();
    QCOMPARE(std::count_if(requests.begin(), requests.end(),
                           [](const QByteArray &line) { return line.contains("partNumber="); }),
             3);
    const auto opened = store->open(stored->id);
    VERIFY_OK(opened);
    QVERIFY((*opened)->readAll() == bytes);
    QCOMPARE(uploadsUnderWay(), 0);
    // Said by the store itself: the tag of an object in parts ends with their number.
    const QByteArray name = stored->id.sha256.toLatin1();
    const auto head = client()->send(
        {.method = "HEAD", .key = "blobs/" + name.first(2) + '/' + name.sliced(2)});
    VERIFY_OK(head);
    QVERIFY2(head->headers.value("etag").endsWith("-3\""), head->headers.value("etag").constData());

    VERIFY_OK(putInto(*store, bytes)); // once more
    for (const QByteArray &line : proxy.takeRequests())
        QVERIFY2(!line.contains("partNumber="), line.constData());
}

void TestS3BlobStoreContract::putsASmallBlobWithOneRequest()
{
    RequestProxy proxy(QUrl(m_config.endpoint));
    const auto store = storeBehind(proxy);
    for (int round = 0; round < 2; ++round) { // also when it is there
        proxy.takeRequests();
        VERIFY_OK(putInto(*store, "small"));
        QCOMPARE(proxy.takeRequests().size(), 1);
    }
}

void TestS3BlobStoreContract::doesNotSendWhatIsThere()
{
    const QByteArray bytes(300'000, 's');
    const auto first = put(bytes);
    VERIFY_OK(first);
    const QByteArray name = first->id.sha256.toLatin1();
    const QByteArray key = "blobs/" + name.first(2) + '/' + name.sliced(2);
    // What is there under the name is not written over, only made new.
    QByteArray other(300'000, 'o');
    QBuffer source(&other);
    QVERIFY(source.open(QIODevice::ReadOnly));
    QVERIFY(client()
                ->send({.method = "PUT",
                        .key = key,
                        .upload = &source,
                        .uploadHash = Sha256::of(other).toLatin1()})
                ->isSuccess());
    VERIFY_OK(put(bytes));
    QCOMPARE(client()->send({.key = key})->body, other);
    // One of another size is not what the name says.
    other += "!";
    QVERIFY(client()
                ->send({.method = "PUT",
                        .key = key,
                        .upload = &source,
                        .uploadHash = Sha256::of(other).toLatin1()})
                ->isSuccess());
    VERIFY_OK(put(bytes));
    QCOMPARE(client()->send({.key = key})->body, bytes);
}

void TestS3BlobStoreContract::leavesNothingOfAnUploadThatFails()
{
    RequestProxy proxy(QUrl(m_config.endpoint));
    const auto store = storeBehind(proxy);
    proxy.breakWhere([](const QByteArray &line) { return line.contains("partNumber=2"); });
    const auto refused = putInto(*store, QByteArray(20 << 20, 'y'));
    QVERIFY(!refused);
    QCOMPARE(refused.error().code, ErrorCode::StorageUnavailable);
    QCOMPARE(uploadsUnderWay(), 0);
    QCOMPARE(everythingKept(), QStringList());
    const QByteArrayList requests = proxy.takeRequests();
    QVERIFY(std::count_if(requests.begin(), requests.end(),
                          [](const QByteArray &line) { return line.contains("partNumber=2"); })
            >= 5); // it was tried again, and only that part
    QCOMPARE(std::count_if(requests.begin(), requests.end(),
                           [](const QByteArray &line) { return line.contains("partNumber=1"); }),
             1);
}

void TestS3BlobStoreContract::tidiesWhatWasGivenUp()
{
    QBuffer nothing;
    QVERIFY(nothing.open(QIODevice::ReadOnly));
    const auto begun = client()->send({.method = "POST",
                                       .key = "blobs/ab/cd",
                                       .query = {{"uploads", ""}},
                                       .upload = &nothing,
                                       .uploadHash = Sha256::of({}).toLatin1()});
    VERIFY_OK(begun);
    QVERIFY(begun->isSuccess());
    const auto blob = put("a blob stays");
    VERIFY_OK(blob);
    QByteArray bytes = "made again at will";
    QBuffer source(&bytes);
    QVERIFY(source.open(QIODevice::ReadOnly));
    VERIFY_OK(m_store->keepCopy(Sha256::of("name"), source));
    QCOMPARE(everythingKept().size(), 2);
    VERIFY_OK(m_store->tidy(nowUtc().addSecs(-3600)));
    QCOMPARE(uploadsUnderWay(), 1); // it may be going on
    QCOMPARE(everythingKept().size(), 2);
    VERIFY_OK(m_store->tidy(nowUtc().addSecs(3600)));
    QCOMPARE(uploadsUnderWay(), 0);
    QCOMPARE(everythingKept().size(), 1);
    QVERIFY(m_store->contains(blob->id).value());
}

void TestS3BlobStoreContract::reachesTheStoreInEveryWay_data()
{
    QTest::addColumn<bool>("tls");
    QTest::addColumn<bool>("bucketInHost");
    QTest::newRow("bucket in the host") << false << true;
    QTest::newRow("TLS") << true << false;
    QTest::newRow("TLS and bucket in the host") << true << true;
}

void TestS3BlobStoreContract::reachesTheStoreInEveryWay()
{
    QFETCH(bool, tls);
    QFETCH(bool, bucketInHost);
    const QString bucket = tls && bucketInHost ? u"tls-bucket"_s : u"way-%1"_s.arg(++m_buckets);
    S3Config config = tls ? m_server.tlsConfig(bucket) : m_server.config(bucket);
    config.bucketInHost = bucketInHost;
    config.endpoint.replace(u"127.0.0.1"_s, u"localhost"_s);
    config.publicEndpoint = config.endpoint;
    const auto store = openS3BlobStore(config, spool());
    VERIFY_OK(store);
    const auto stored = putInto(**store, QByteArray(3 << 20, 'w'));
    VERIFY_OK(stored);
    const auto opened = (*store)->open(stored->id);
    VERIFY_OK(opened);
    QCOMPARE((*opened)->readAll().size(), 3 << 20);
    QCOMPARE((*store)
                 ->listPutBefore(QLatin1StringView(stored->id.sha256.first(2).toLatin1()),
                                 nowUtc().addSecs(60))
                 ->size(),
             1);
    const auto link = (*store)->linkToCopy(Sha256::of("none"), {});
    VERIFY_OK(link);
    QVERIFY(!*link);
    QVERIFY((*store)->remove(stored->id).value());
}

void TestS3BlobStoreContract::trustsNoOtherAuthority()
{
    S3Config config = m_server.tlsConfig(u"bucket"_s);
    config.caFile.clear(); // the system's, which do not know the test's
    VERIFY_FAILS(openS3BlobStore(config, spool()), ErrorCode::StorageUnavailable,
                 u"cannot be reached"_s);
}

void TestS3BlobStoreContract::givesLinks_data()
{
    QTest::addColumn<bool>("bucketInHost");
    QTest::addColumn<QByteArray>("disposition");
    const QByteArray odd =
        "attachment; filename=\"a b'%25;.tar.gz\"; filename*=UTF-8''%C3%BC%20%F0%9F%98%80";
    QTest::newRow("plain") << false << "attachment; filename=\"run.tar.gz\""_ba;
    QTest::newRow("odd name") << false << odd;
    QTest::newRow("bucket in the host") << true << odd;
}

void TestS3BlobStoreContract::givesLinks()
{
    QFETCH(bool, bucketInHost);
    QFETCH(QByteArray, disposition);
    QVERIFY(!m_store->givesLinks()); // it was told no public endpoint
    S3Config config = m_config;
    config.bucketInHost = bucketInHost;
    config.publicEndpoint = m_config.endpoint;
    config.publicEndpoint.replace(u"127.0.0.1"_s, u"localhost"_s); // another name than ours
    if (bucketInHost)
        config.endpoint = config.publicEndpoint;
    const auto store = openS3BlobStore(config, spool()).value();
    QVERIFY(store->givesLinks());
    const QString name = Sha256::of("run 1");
    const LinkAnswer as{.contentType = u"application/gzip"_s,
                        .contentDisposition = disposition,
                        .lifetime = std::chrono::seconds(600)};
    QVERIFY(!store->linkToCopy(name, as).value());
    QByteArray bytes = "an archive";
    QBuffer source(&bytes);
    QVERIFY(source.open(QIODevice::ReadOnly));
    VERIFY_OK(store->keepCopy(name, source));
    // Whoever opens the store finds it, too.
    for (BlobStore *asked : {store.get(), openS3BlobStore(config, spool()).value().release()}) {
        const std::unique_ptr<BlobStore> owned(asked == store.get() ? nullptr : asked);
        const auto link = asked->linkToCopy(name, as);
        VERIFY_OK(link);
        QVERIFY(*link);
        QVERIFY((*link)->startsWith(bucketInHost ? u"http://bucket-"_s : u"http://localhost:"_s));
        QVERIFY(!(*link)->contains(config.secretKey));
        QCOMPARE(fetch(**link), (QByteArrayList{"200", "application/gzip", disposition, bytes}));
        // Neither another object, nor another name for it, nor a longer time.
        for (const auto &[from, to] :
             {std::pair(u"/copies/"_s, u"/blobs/"_s), std::pair(u"gzip"_s, u"html"_s),
              std::pair(u"Expires=600"_s, u"Expires=60000"_s)}) {
            QString changed = **link;
            QVERIFY(changed.contains(from));
            changed.replace(from, to);
            QCOMPARE(fetch(changed).first(), "403"_ba);
        }
    }
    LinkAnswer brief = as;
    brief.lifetime = std::chrono::seconds(1);
    const QString link = store->linkToCopy(name, brief).value().value();
    QTRY_COMPARE_WITH_TIMEOUT(fetch(link).first(), "403"_ba, 30'000);
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
