#include "tests/server/api/api_fixture.h"
#include "tests/support/ceph_server.h"

#include <QProcess>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

namespace {

/// Writes as many bytes as it is asked for, which do not compress, and a small file.
constexpr auto filesScript = R"(
import json, os, random
count = json.loads(os.environ['SANDBOX_INPUT']).get('bytes', 10)
folder = os.environ['SANDBOX_FILES_DIR']
with open(folder + 'data.bin', 'wb') as f: f.write(random.Random(1).randbytes(count))
with open(folder + 'ü "1".txt', 'w') as f: f.write('small')
)";

QByteArrayList namesIn(const QByteArray &archive)
{
    QProcess tar;
    tar.start(u"tar"_s, {u"-tz"_s, u"--quoting-style=literal"_s});
    if (!tar.waitForStarted())
        return {};
    tar.write(archive);
    tar.closeWriteChannel();
    tar.waitForFinished();
    return tar.readAllStandardOutput().trimmed().split('\n');
}

} // namespace

/// `files_url` with files in a real S3 store that clients reach: it leads there, past the server.
class StoreLinksApiTest : public QObject
{
    Q_OBJECT

    CephServer m_ceph;
    std::unique_ptr<ApiFixture> m_api;

    QString linkOf(const QByteArray &input, QString *id = nullptr)
    {
        const HttpAnswer answer = m_api->post(u"/v1/executions"_s,
                                              R"({"skill":"files","input":)" + input + '}');
        if (id)
            *id = answer.object()["execution_id"_L1].toString();
        return answer.object()["files_url"_L1].toString();
    }
    QString endpoint() const { return m_ceph.config({}).endpoint; }
    HttpAnswer fetch(const QString &url) { return m_api->send({.target = url, .key = {}}); }

private Q_SLOTS:
    void initTestCase()
    {
        switch (m_ceph.start()) {
        case CephServer::Start::Running: break;
        case CephServer::Start::NotInstalled:
            QSKIP("no S3 store to test with, as root: packages ceph-mon ceph-osd radosgw");
        case CephServer::Start::Failed: QFAIL(qPrintable(m_ceph.complaint()));
        }
        EngineConfig config;
        config.s3 = m_ceph.config(u"links"_s);
        config.s3.publicEndpoint = config.s3.endpoint;
        m_api = ApiFixture::start({}, config);
        QVERIFY(m_api);
        QVERIFY(m_api->publish(u"files"_s, filesScript));
    }

    void leadToTheStore()
    {
        QString id;
        const QString url = linkOf("{}", &id);
        QVERIFY2(url.startsWith(endpoint() + u"/links/"_s), qPrintable(url));
        const HttpAnswer archive = fetch(url);
        QCOMPARE(archive.status, 200);
        QCOMPARE(archive.header("Content-Type"), "application/gzip");
        QVERIFY2(archive.header("Content-Disposition").contains(id.toLatin1() + ".tar.gz"),
                 archive.header("Content-Disposition").constData());
        QCOMPARE(namesIn(archive.body), (QByteArrayList{"data.bin", "ü \"1\".txt"}));
        // Signed anew at each read, for the same archive.
        const QString again =
            m_api->get(u"/v1/executions/"_s + id).object()["files_url"_L1].toString();
        QCOMPARE(fetch(again).body, archive.body);
        QVERIFY(again.contains(u"X-Amz-Expires=3600"_s));
    }

    void areNotForOthers()
    {
        QString id;
        const QString url = linkOf("{}", &id);
        const HttpAnswer other = m_api->send(
            {.target = u"/v1/executions/"_s + id, .key = m_api->key(Role::Admin, u"other"_s)});
        QCOMPARE(other.status, 404);
        QVERIFY(!other.body.contains("files_url"));
        QString changed = url;
        changed.replace(u"Expires=3600"_s, u"Expires=360000"_s);
        QCOMPARE(fetch(changed).status, 403);
        // The same files of another run are another archive: its name does not tell of this one.
        const QString second = linkOf("{}");
        QVERIFY(QUrl(second).path() != QUrl(url).path());
    }

    void largeArchivesAreMadeByTheFirstWhoFetchesThem()
    {
        QString id;
        const QString first = linkOf(R"({"bytes":12000000})", &id);
        QVERIFY2(first.startsWith(m_api->url()), qPrintable(first)); // the result does not wait
        const HttpAnswer archive = fetch(first);
        QCOMPARE(archive.status, 200);
        const QString url =
            m_api->get(u"/v1/executions/"_s + id).object()["files_url"_L1].toString();
        QVERIFY2(url.startsWith(endpoint()), qPrintable(url));
        QVERIFY(fetch(url).body == archive.body);
        QCOMPARE(fetch(first).status, 200); // still good
    }

    void ofOneServerAreGoodAtAllOthers()
    {
        EngineConfig config;
        config.s3 = m_ceph.config(u"links"_s);
        const auto other = ApiFixture::start({}, config);
        QVERIFY(other);
        QString link = linkOf(R"({"bytes":9000000})");
        QVERIFY(link.startsWith(m_api->url()));
        link.replace(m_api->url(), other->url());
        // Its records are others here; but the signature is not what it stumbles over.
        QCOMPARE(fetch(link).status, 404);
        link.replace(u"signature="_s, u"signature=0"_s);
        QCOMPARE(fetch(link).status, 403);
    }

    void needNoServer()
    {
        const QString url = linkOf("{}");
        m_api->stopServer();
        QCOMPARE(fetch(url).status, 200);
    }
};

QTEST_GUILESS_MAIN(StoreLinksApiTest)
#include "test_store_links_api.moc"
