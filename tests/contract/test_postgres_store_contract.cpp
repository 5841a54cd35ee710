#include "engine/storage/postgres_store.h"
#include "tests/contract/metadata_store_contract.h"
#include "tests/support/postgres_server.h"
#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;

/// The contract on a real Postgres, and what only a server can do to a store.
class TestPostgresStoreContract : public MetadataStoreContract
{
    Q_OBJECT

protected:
    void makeEmptyStore() override { QVERIFY(m_server.empty()); }
    Result<std::unique_ptr<MetadataStore>> openStore() override
    {
        return openPostgresStore(m_server.dsn());
    }
    bool runSql(const QString &statement) override { return m_server.sql(statement); }
    QStringList helperArguments() const override { return {u"postgres"_s, m_server.dsn()}; }

private Q_SLOTS:
    void initTestCase();
    void goesOnAfterARestartOfTheServer();
    void saysThatTheServerIsGone();
    void refusesADatabaseOfAnotherProgram();
    void refusesANewerSchema();
    void readsAnAddress_data();
    void readsAnAddress();

private:
    PostgresServer m_server;
};

void TestPostgresStoreContract::initTestCase()
{
    switch (m_server.start()) {
    case PostgresServer::Start::Running: return;
    case PostgresServer::Start::NotInstalled:
        QSKIP("Postgres is not installed: package postgresql");
    case PostgresServer::Start::Failed: QFAIL(qPrintable(m_server.complaint()));
    }
}

void TestPostgresStoreContract::goesOnAfterARestartOfTheServer()
{
    const ExecutionRecord before = someExecution(localTenant());
    VERIFY_OK(m_store->insertExecution(before));
    QVERIFY2(m_server.restart(), qPrintable(m_server.complaint()));
    // The connection that this thread has is dead; each kind of call makes a new one by itself.
    QVERIFY(m_store->findExecution(localTenant(), before.id).value());
    QVERIFY2(m_server.restart(), qPrintable(m_server.complaint()));
    QVERIFY(m_store->finishExecution(finished(before)).value());
    QVERIFY2(m_server.restart(), qPrintable(m_server.complaint()));
    VERIFY_OK(m_store->insertExecution(someExecution(localTenant())));
    QCOMPARE(m_store->listExecutions(localTenant(), {}).value().size(), 2);
}

void TestPostgresStoreContract::saysThatTheServerIsGone()
{
    const auto nobody = openPostgresStore(u"postgres://skillbox:secret@/x?host=/nonexistent"_s);
    VERIFY_FAILS(nobody, ErrorCode::StorageUnavailable, u"cannot be reached"_s);
    QVERIFY(!nobody.error().message.contains(u"secret"_s));
    QVERIFY(!nobody.error().detail.contains(u"secret"_s));
}

void TestPostgresStoreContract::refusesADatabaseOfAnotherProgram()
{
    m_store.reset();
    makeEmptyStore();
    QVERIFY(m_server.sql(u"CREATE TABLE files (name text)"_s));
    VERIFY_FAILS(openStore(), ErrorCode::StorageCorrupt, u"another program"_s);
}

void TestPostgresStoreContract::refusesANewerSchema()
{
    QVERIFY(m_server.sql(u"UPDATE skillbox_schema SET version = 9999"_s));
    VERIFY_FAILS(openStore(), ErrorCode::StorageTooNew, u"its schema is 9999"_s);
}

void TestPostgresStoreContract::readsAnAddress_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("complaint");
    QTest::newRow("other scheme") << u"mysql://h/d"_s << u"its scheme is \"mysql\""_s;
    QTest::newRow("no host") << u"postgres:///d"_s << u"names no host"_s;
    QTest::newRow("no database") << u"postgres://u:geheim@h"_s << u"names no database"_s;
    QTest::newRow("unknown parameter") << u"postgres://u:geheim@h/d?x=1"_s << u"parameter \"x\""_s;
    QTest::newRow("a parameter that is more")
        << u"postgres://h/d?sslmode=a;password%3Db"_s << u"semicolon"_s;
    QTest::newRow("not a URL") << u"postgres://u:a b@h:port/d"_s << u"no URL"_s;
}

void TestPostgresStoreContract::readsAnAddress()
{
    QFETCH(QString, text);
    QFETCH(QString, complaint);
    const auto store = openPostgresStore(text);
    VERIFY_FAILS(store, ErrorCode::BadRequest, complaint);
    QVERIFY(!store.error().message.contains(u"geheim"_s));
}

QTEST_GUILESS_MAIN(TestPostgresStoreContract)
#include "test_postgres_store_contract.moc"
