#include "engine/engine.h"
#include "tests/support/ceph_server.h"
#include "tests/support/postgres_server.h"
#include "tests/support/skill_folder.h"
#include "tests/support/verify_result.h"

#include <QBuffer>
#include <QFileInfo>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

using namespace Qt::StringLiterals;
using namespace skillbox;

/// Engines of different machines (each with a data directory of its own) on one Postgres.
class SharedStoreTest : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void init();
    void oneFindsWhatTheOtherRan();
    void oneRunsWhatTheOtherPublished();
    void oneCancelsWhatTheOtherRuns();
    void aKilledEngineIsFoundByItsLease();
    void aLivingEngineKeepsItsRuns();
    void goesOnAfterARestartOfTheDatabase();

private:
    QString data(const QString &name) const { return m_directory->filePath(name); }
    Result<std::unique_ptr<Engine>> open(const QString &name)
    {
        EngineConfig config;
        config.dataDirectory = data(name);
        config.launcherPath = QStringLiteral(SKILLBOX_LAUNCHER);
        config.databaseDsn = m_server.dsn();
        config.s3 = m_s3;
        return Engine::create(config);
    }
    ExecutionRequest request(const QByteArray &script)
    {
        test::SkillFolder folder{.script = script};
        ExecutionRequest made;
        made.tenant = localTenant();
        made.directory = folder.write(data(u"skills"_s));
        return made;
    }

    test::PostgresServer m_server;
    std::unique_ptr<QTemporaryDir> m_directory;
    S3Config m_s3;
};

void SharedStoreTest::initTestCase()
{
    switch (m_server.start()) {
    case test::PostgresServer::Start::Running: return;
    case test::PostgresServer::Start::NotInstalled:
        QSKIP("Postgres is not installed: package postgresql");
    case test::PostgresServer::Start::Failed: QFAIL(qPrintable(m_server.complaint()));
    }
}

void SharedStoreTest::init()
{
    m_directory = std::make_unique<QTemporaryDir>();
    QVERIFY(m_server.empty());
    m_s3 = {};
}

void SharedStoreTest::oneRunsWhatTheOtherPublished()
{
    test::CephServer objects;
    switch (objects.start()) {
    case test::CephServer::Start::Running: break;
    case test::CephServer::Start::NotInstalled:
        QSKIP("no S3 store to test with, as root: packages ceph-mon ceph-osd radosgw");
    case test::CephServer::Start::Failed: QFAIL(qPrintable(objects.complaint()));
    }
    m_s3 = objects.config(u"team"_s);
    auto a = open(u"a"_s);
    VERIFY_OK(a);
    auto b = open(u"b"_s);
    VERIFY_OK(b);
    const test::SkillFolder folder{
        .script = "import os\n"
                  "data = open('/sandbox/input/' + os.listdir('/sandbox/input')[0]).read()\n"
                  "open(os.environ['SANDBOX_FILES_DIR'] + 'out.txt', 'w').write(data * 2)\n"};
    const auto published = (*a)->registry().publishDirectory(localTenant(),
                                                             folder.write(data(u"skills"_s)),
                                                             Origin{u"me"_s});
    VERIFY_OK(published);
    QByteArray bytes(300'000, 'i');
    QBuffer source(&bytes);
    QVERIFY(source.open(QIODevice::ReadOnly));
    const auto file = (*a)->files().create(localTenant(), {.name = u"in.txt"_s, .contentType = {}, .session = {}}, source,
                                           Origin{u"me"_s});
    VERIFY_OK(file);

    ExecutionRequest request;
    request.tenant = localTenant();
    request.skill = folder.name;
    request.inputFiles = {file->id};
    const auto id = (*b)->executions().submit(request);
    VERIFY_OK(id);
    const auto record = (*a)->executions().wait(localTenant(), *id);
    VERIFY_OK(record);
    QVERIFY2(record->status == ExecutionStatus::Success, qPrintable(record->error + record->logs));
    QCOMPARE(record->artifacts.size(), 1);
    const auto artifact = (*a)->executions().openArtifact(record->artifacts.first());
    VERIFY_OK(artifact);
    QVERIFY((*artifact)->readAll() == bytes + bytes);
    // Neither keeps a copy of its own for ever.
    for (const QString &name : {u"a/blobs"_s, u"b/blobs"_s})
        QVERIFY(!QFileInfo::exists(data(name)));
    a->reset();
    b->reset();
}

void SharedStoreTest::oneFindsWhatTheOtherRan()
{
    auto a = open(u"a"_s);
    VERIFY_OK(a);
    auto b = open(u"b"_s);
    VERIFY_OK(b);
    const auto id = (*a)->executions().submit(request("print('here')\n"));
    VERIFY_OK(id);
    const auto record = (*b)->executions().wait(localTenant(), *id);
    VERIFY_OK(record);
    QCOMPARE(record->status, ExecutionStatus::Success);
    QCOMPARE(record->logs, u"here\n"_s);
}

void SharedStoreTest::oneCancelsWhatTheOtherRuns()
{
    auto a = open(u"a"_s);
    VERIFY_OK(a);
    auto b = open(u"b"_s);
    VERIFY_OK(b);
    const auto id = (*a)->executions().submit(request("import time\ntime.sleep(1000)\n"));
    VERIFY_OK(id);
    VERIFY_OK((*b)->executions().cancel(localTenant(), *id, {}));
    const auto record = (*b)->executions().wait(localTenant(), *id);
    VERIFY_OK(record);
    QCOMPARE(record->status, ExecutionStatus::Cancelled);
}

void SharedStoreTest::aKilledEngineIsFoundByItsLease()
{
    QProcess helper;
    helper.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    helper.start(QStringLiteral(SKILLBOX_RUN_HELPER),
                 {QStringLiteral(SKILLBOX_LAUNCHER), data(u"a"_s),
                  request("import time\nprint('ready', flush=True)\ntime.sleep(1000)\n").directory,
                  m_server.dsn()});
    QByteArray said;
    QTRY_VERIFY_WITH_TIMEOUT((said += helper.readAllStandardOutput()).contains("ready\n")
                                 && said.contains("id "),
                             20'000);
    const ExecutionId id{
        QString::fromLatin1(said.sliced(said.indexOf("id ") + 3, newUuid().size()))};
    auto b = open(u"b"_s);
    VERIFY_OK(b);
    helper.kill();
    QVERIFY(helper.waitForFinished());
    // Nothing on this machine says so; its lease does, once it is over. Not to wait for that long:
    QVERIFY(m_server.sql(u"UPDATE leases SET expires_at = 0"_s));
    const auto record = (*b)->executions().wait(localTenant(), id);
    VERIFY_OK(record);
    QCOMPARE(record->status, ExecutionStatus::Failed);
    QCOMPARE(record->reason, u"lost"_s);
}

void SharedStoreTest::aLivingEngineKeepsItsRuns()
{
    auto a = open(u"a"_s);
    VERIFY_OK(a);
    const auto id = (*a)->executions().submit(request("import time\ntime.sleep(1000)\n"));
    VERIFY_OK(id);
    // An engine that starts looks for the dead; this one must not be among them.
    auto b = open(u"b"_s);
    VERIFY_OK(b);
    QVERIFY(!isFinal((*b)->executions().find(localTenant(), *id)->status));
    VERIFY_OK((*a)->executions().cancel(localTenant(), *id, {}));
    QCOMPARE((*a)->executions().wait(localTenant(), *id)->status, ExecutionStatus::Cancelled);
}

void SharedStoreTest::goesOnAfterARestartOfTheDatabase()
{
    auto a = open(u"a"_s);
    VERIFY_OK(a);
    const auto id = (*a)->executions().submit(request("import time\ntime.sleep(1)\nprint(1)\n"));
    VERIFY_OK(id);
    QVERIFY2(m_server.restart(), qPrintable(m_server.complaint()));
    const auto record = (*a)->executions().wait(localTenant(), *id);
    VERIFY_OK(record);
    QCOMPARE(record->status, ExecutionStatus::Success);
    QCOMPARE((*a)->executions().list(localTenant(), {})->size(), 1);
}

QTEST_GUILESS_MAIN(SharedStoreTest)
#include "test_shared_store.moc"
