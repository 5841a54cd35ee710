#include "engine/backup/backup_reader.h"
#include "engine/backup/backup_writer.h"
#include "engine/storage/directory_blob_store.h"
#include "engine/storage/postgres_dialect.h"
#include "engine/storage/postgres_store.h"
#include "engine/storage/s3_blob_store.h"
#include "engine/storage/sql_connection.h"
#include "engine/storage/sqlite_dialect.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/ceph_server.h"
#include "tests/support/filled_store.h"
#include "tests/support/postgres_server.h"
#include "tests/support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// A team's store from a person's and back, with the real parts.
class TestBackupBetweenStores : public QObject
{
    Q_OBJECT

    QTemporaryDir m_directory;
    PostgresServer m_postgres;
    CephServer m_ceph;

    QString place(const QString &name) const { return m_directory.filePath(name); }

    /// Every table there is has its place in a backup, or a reason to have none.
    static void knowsEveryTable(const SqlDialect &dialect, const QString &listing)
    {
        const auto connection = SqlConnection::open(dialect).value();
        QStringList known = passingTables() + derivedTables();
        const QList<StoredTable> tables = storedTables(*connection).value();
        for (const StoredTable &table : tables) {
            QVERIFY2(!table.columns.isEmpty(), qPrintable(table.name));
            known.append(table.name);
        }
        const auto names = allRows(connection->run(listing),
                                   [](const SqlRows &row) { return Result<QString>(row.text(0)); });
        VERIFY_OK(names);
        QVERIFY(names->size() > 10);
        for (const QString &name : *names)
            QVERIFY2(known.contains(name), qPrintable(u"store_tables.cpp does not know "_s + name));
    }

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_directory.isValid()); }

    void knowsEveryTableOfSqlite()
    {
        const QString path = place(u"tables.db"_s);
        VERIFY_OK(openSqliteStore(path));
        knowsEveryTable(SqliteDialect(path, 1000ms),
                        u"SELECT name FROM sqlite_schema WHERE type = 'table'"
                        u" AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'skill_search%'"_s);
    }

    void goesToATeamAndBack()
    {
        switch (m_postgres.start()) {
        case PostgresServer::Start::Running: break;
        case PostgresServer::Start::NotInstalled:
            QSKIP("Postgres is not installed: package postgresql");
        case PostgresServer::Start::Failed: QFAIL(qPrintable(m_postgres.complaint()));
        }
        switch (m_ceph.start()) {
        case CephServer::Start::Running: break;
        case CephServer::Start::NotInstalled:
            QSKIP("no S3 store to test with, as root: packages ceph-mon ceph-osd radosgw");
        case CephServer::Start::Failed: QFAIL(qPrintable(m_ceph.complaint()));
        }
        const auto mine = openSqliteStore(place(u"mine.db"_s)).value();
        const auto myBlobs = DirectoryBlobStore::open(place(u"mine"_s)).value();
        fillStores(*mine, *myBlobs);
        const auto ours = openPostgresStore(m_postgres.dsn()).value();
        const auto ourBlobs = openS3BlobStore(m_ceph.config(u"team"_s), place(u"spool"_s)).value();
        const auto again = openSqliteStore(place(u"again.db"_s)).value();
        const auto againBlobs = DirectoryBlobStore::open(place(u"again"_s)).value();

        copy(*mine, *myBlobs, *ours, *ourBlobs);
        if (QTest::currentTestFailed())
            return;
        const ExecutionRecord next = someExecution({u"acme"_s}, 100);
        VERIFY_OK(ours->insertExecution(next));
        // One that has not ended would come back as lost.
        QVERIFY(ours->finishExecution(finished(next)).value());
        VERIFY_OK(ours->appendAudit({{u"acme"_s}, at(9), u"t"_s, u"x"_s, {}, {}}));
        copy(*ours, *ourBlobs, *again, *againBlobs);
        if (QTest::currentTestFailed())
            return;
        QCOMPARE(again->listExecutions({u"acme"_s}, {}).value().first().id.value, next.id.value);
        QCOMPARE(again->findTenant({u"acme"_s}).value()->storedBytes,
                 mine->findTenant({u"acme"_s}).value()->storedBytes);
        knowsEveryTable(
            PostgresDialect(parsePostgresDsn(m_postgres.dsn()).value(), 1000ms),
            u"SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = current_schema()"
            u" AND tablename <> 'skillbox_schema'"_s);
    }

private:
    void copy(MetadataStore &from, BlobStore &fromBlobs, MetadataStore &to, BlobStore &toBlobs)
    {
        QFile file(place(u"backup.tar"_s));
        QVERIFY(file.open(QIODevice::ReadWrite | QIODevice::Truncate));
        const auto written = writeBackup(from, fromBlobs, file, u"1"_s);
        VERIFY_OK(written);
        QVERIFY(file.seek(0));
        const auto read = importBackup(to, toBlobs, file);
        VERIFY_OK(read);
        QCOMPARE(read->digest, written->digest);
        QCOMPARE(allRowsOf(to), allRowsOf(from));
    }
};

QTEST_GUILESS_MAIN(TestBackupBetweenStores)
#include "test_backup_between_stores.moc"
