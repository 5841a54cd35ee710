#include "engine/storage/sqlite_store.h"

#include "engine/storage/audit_chain.h"
#include "engine/storage/sqlite_dialect.h"
#include "engine/storage/sqlite_migrations.h"
#include "tests/support/store_helper_process.h"
#include "tests/support/store_records.h"
#include "tests/support/tree_fixture.h"
#include "tests/support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>

#include <thread>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

class TestSqliteStore : public QObject
{
    Q_OBJECT

    std::unique_ptr<QTemporaryDir> m_directory;
    QString m_path;

    /// How many descriptors of this process are files of the store.
    int openFiles() const
    {
        int count = 0;
        const QDir descriptors(u"/proc/self/fd"_s);
        const QStringList names = descriptors.entryList(QDir::Files | QDir::System);
        for (const QString &name : names)
            count += QFile::symLinkTarget(descriptors.filePath(name)).startsWith(m_path) ? 1 : 0;
        return count;
    }
    Result<void> migrate(const QList<Migration> &migrations)
    {
        const SqliteDialect dialect(m_path, 1000ms);
        auto connection = SqlConnection::open(dialect);
        if (!connection)
            return fail(connection.error());
        return migrateSqlite(**connection, migrations);
    }
    /// The first column of the first row.
    QString ask(const QString &sql)
    {
        const SqliteDialect dialect(m_path, 1000ms);
        auto connection = SqlConnection::open(dialect).value();
        return firstRow(connection->run(sql),
                        [](const SqlRows &row) { return Result<QString>(row.text(0)); })
            .value()
            .value_or(u"nothing"_s);
    }

private Q_SLOTS:
    void init()
    {
        QTest::failOnWarning(QRegularExpression(u".*"_s));
        m_directory = std::make_unique<QTemporaryDir>();
        m_path = m_directory->filePath(u"skillbox.db"_s);
    }

    void keepsItsFilesToTheirOwner()
    {
        const auto store = openSqliteStore(m_path).value();
        QVERIFY(store->addTenant({u"acme"_s}, nowUtc()));
        const QFileInfoList files = QDir(m_directory->path()).entryInfoList(QDir::Files);
        QVERIFY(files.size() >= 2); // the log beside the database
        for (const QFileInfo &file : files) {
            const auto others = QFileDevice::ReadGroup | QFileDevice::WriteGroup
                | QFileDevice::ReadOther | QFileDevice::WriteOther;
            QVERIFY2(!(file.permissions() & others), qPrintable(file.fileName()));
        }
    }

    // --- Connections

    void closesTheConnectionOfAThreadThatEnds()
    {
        const auto store = openSqliteStore(m_path).value();
        VERIFY_OK(store->listVersions(localTenant(), {}));
        const int before = openFiles();
        QVERIFY(before > 0);
        for (int i = 0; i < 20; ++i) {
            std::jthread thread(
                [&] { QVERIFY(store->insertExecution(someExecution(localTenant()))); });
        }
        // SQLite closes a descriptor later when another connection holds a lock on the file, which
        // closing would drop (POSIX), and uses it again; there is one too many, not twenty.
        QVERIFY(openFiles() <= before + 1);
        // A QThread ends in another way than a std::thread.
        const std::unique_ptr<QThread> thread(QThread::create(
            [&] { QVERIFY(store->insertExecution(someExecution(localTenant()))); }));
        thread->start();
        QVERIFY(thread->wait());
        // wait() returns while the thread still destroys what is local to it.
        QTRY_VERIFY(openFiles() <= before + 1);
    }

    void closesTheConnectionsOfThreadsThatOutliveTheStore()
    {
        auto store = openSqliteStore(m_path).value();
        std::atomic<int> used = 0;
        std::atomic<bool> go = false;
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                (void)store->listVersions(localTenant(), {});
                ++used;
                used.notify_all();
                go.wait(false);
            });
        }
        for (int seen = used; seen < 4; seen = used)
            used.wait(seen);
        QVERIFY(openFiles() >= 5);
        store.reset();
        QCOMPARE(openFiles(), 0);
        go = true;
        go.notify_all();
        threads.clear();
        VERIFY_OK(openSqliteStore(m_path));
    }

    void keepsItsLogBetweenProcesses()
    {
        const ExecutionRecord record = someExecution(localTenant());
        {
            const auto store = openSqliteStore(m_path).value();
            VERIFY_OK(store->insertExecution(record));
        }
        // Copying it into the store at every end of a process would cost more than a short run.
        QVERIFY(QFileInfo(m_path + u"-wal"_s).size() > 0);
        QVERIFY(openSqliteStore(m_path).value()->findExecution(localTenant(), record.id).value());
    }

    void logDoesNotGrowForEver_data()
    {
        QTest::addColumn<int>("commitsPerProcess");
        QTest::newRow("short processes") << 1;
        QTest::newRow("one long process") << 300;
    }
    void logDoesNotGrowForEver()
    {
        QFETCH(int, commitsPerProcess);
        ExecutionRecord large = someExecution(localTenant());
        large.logs = QString(50'000, u'l');
        qint64 longest = 0;
        for (int done = 0; done < 300; done += commitsPerProcess) {
            {
                const auto store = openSqliteStore(m_path).value();
                for (int i = 0; i < commitsPerProcess; ++i) {
                    large.id = {newUuid()};
                    VERIFY_OK(store->insertExecution(large));
                }
                longest = qMax(longest, QFileInfo(m_path + u"-wal"_s).size());
            }
            QVERIFY(QFileInfo(m_path + u"-wal"_s).size() <= 1'200'000);
        }
        QVERIFY2(longest < 6'000'000, QByteArray::number(longest).constData());
        QCOMPARE(ask(u"SELECT count(*) FROM executions"_s), u"300"_s);
    }

    void keepsConstraintsAndWalOn()
    {
        VERIFY_OK(openSqliteStore(m_path));
        QCOMPARE(ask(u"PRAGMA journal_mode"_s), u"wal"_s);
        QCOMPARE(ask(u"PRAGMA foreign_keys"_s), u"1"_s);
        QCOMPARE(ask(u"PRAGMA synchronous"_s), u"1"_s);
        QCOMPARE(ask(u"PRAGMA busy_timeout"_s), u"1000"_s);
        QCOMPARE(ask(u"PRAGMA integrity_check"_s), u"ok"_s);
    }

    void staysIntactWhenItsWriterIsKilled()
    {
        VERIFY_OK(openSqliteStore(m_path));
        for (int round = 0; round < 3; ++round) {
            HelperProcess writer({u"sqlite"_s, m_path, u"finish-executions"_s, u"0"_s});
            QVERIFY2(writer.saysLines(15), qPrintable(writer.complaint()));
            writer.kill();
            QCOMPARE(ask(u"PRAGMA integrity_check"_s), u"ok"_s);
            QCOMPARE(ask(u"PRAGMA foreign_key_check"_s), u"nothing"_s);
        }
    }

    // --- Migrations

    void migrationsAreNumberedWithoutGaps()
    {
        const auto migrations = migrationsFor(u"sqlite"_s);
        QVERIFY(!migrations.isEmpty());
        for (int i = 0; i < migrations.size(); ++i) {
            QCOMPARE(migrations[i].number, i + 1);
            QVERIFY2(!splitSqlScript(migrations[i].sql).isEmpty(), qPrintable(migrations[i].name));
        }
    }

    void appliesOnlyWhatIsMissing()
    {
        VERIFY_OK(openSqliteStore(m_path));
        auto migrations = migrationsFor(u"sqlite"_s);
        const int next = migrations.size() + 1;
        migrations.append(
            {next, u"next"_s, u"CREATE TABLE added (x); INSERT INTO added VALUES (7);"_s});
        VERIFY_OK(migrate(migrations));
        VERIFY_OK(migrate(migrations)); // the second time there is nothing to do
        QCOMPARE(ask(u"SELECT count(*) || '/' || max(x) FROM added"_s), u"1/7"_s);
        QCOMPARE(ask(u"PRAGMA user_version"_s), QString::number(next));
    }

    void chainsTheAuditOfAnOlderStore()
    {
        const auto migrations = migrationsFor(u"sqlite"_s);
        VERIFY_OK(migrate(migrations.first(1)));
        {
            const SqliteDialect dialect(m_path, 1000ms);
            auto connection = SqlConnection::open(dialect).value();
            VERIFY_OK(
                connection->change(u"INSERT INTO tenants (id, created_at) VALUES ('b', 0)"_s));
            // More than one page of it, of two tenants in turn.
            VERIFY_OK(connection->change(
                u"INSERT INTO audit (tenant, at, actor, action, target, details)"
                u" WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500)"
                u" SELECT CASE WHEN i % 5 = 0 THEN 'b' ELSE 'local' END, i, 'me', 'x', 'y',"
                u" '{\"b\": 1.0, \"a\":\"\\u00e9\"}' FROM n"_s));
        }
        const auto store = openSqliteStore(m_path).value();
        const QList<std::pair<TenantId, int>> expected{{localTenant(), 2000}, {{u"b"_s}, 500}};
        for (const auto &[tenant, count] : expected) {
            VERIFY_OK(store->appendAudit({tenant, at(1), u"me"_s, u"new"_s, u"y"_s, {}}));
            const auto records = store->listAudit(tenant, {.limit = 10'000}).value();
            QCOMPARE(records.size(), count + 1);
            QString previous;
            for (const AuditRecord &record : records) {
                QCOMPARE(record.previousHash, previous);
                QCOMPARE(record.hash, auditHash(record));
                previous = record.hash;
            }
            QCOMPARE(store->auditHead(tenant).value()->hash, previous);
        }
    }

    void countsWhatTenantsOfAnOlderStoreKeep()
    {
        const auto migrations = migrationsFor(u"sqlite"_s);
        VERIFY_OK(migrate(migrations.first(6)));
        {
            const SqliteDialect dialect(m_path, 1000ms);
            auto connection = SqlConnection::open(dialect).value();
            for (const QString &sql :
                 {u"INSERT INTO tenants (id, created_at) VALUES ('b', 0)"_s,
                  u"INSERT INTO executions (id, tenant, skill_name, status, created_at)"
                  u" VALUES ('run', 'local', 's', 'success', 4711)"_s,
                  u"INSERT INTO artifacts (execution, path, tenant, file, blob, size_bytes,"
                  u" content_type) VALUES ('run', 'a', 'local', 'f1', 'x', 10, 'text/plain')"_s,
                  u"INSERT INTO files (id, tenant, name, execution, blob, content_type, size_bytes,"
                  u" parent, created_at, updated_at) VALUES"
                  u" ('f1', 'local', 'a', 'run', 'x', 't', 10, '', 0, 0),"
                  u" ('f2', 'local', 'a', 'run', 'y', 't', 200, 'f1', 0, 0),"
                  u" ('f3', 'b', 'mine', '', 'x', 't', 3000, '', 0, 0)"_s,
                  u"INSERT INTO session_files (tenant, session, path, blob, size_bytes, updated_at)"
                  u" VALUES ('local', 's', 'p', 'z', 40000, 0)"_s}) {
                VERIFY_OK(connection->change(sql));
            }
        }
        const auto store = openSqliteStore(m_path).value();
        QCOMPARE(store->storageRoom(localTenant()).value().used, 40'210);
        QCOMPARE(store->storageRoom({u"b"_s}).value().used, 3000);
        // Artifacts are as old as their run was.
        const auto before = [](qint64 ms) { return QDateTime::fromMSecsSinceEpoch(ms, Qt::UTC); };
        const auto reap = [&](qint64 ms) {
            return store->reap(localTenant(), Retained::Artifacts, before(ms), 10).value();
        };
        QCOMPARE(reap(4711).artifacts, 0);
        QCOMPARE(reap(4712).artifacts, 1);
    }

    void aMigrationThatFailsLeavesTheOldSchema()
    {
        {
            const auto store = openSqliteStore(m_path).value();
            VERIFY_OK(store->insertExecution(someExecution(localTenant())));
        }
        auto migrations = migrationsFor(u"sqlite"_s);
        const QString before = ask(u"PRAGMA user_version"_s);
        const int next = static_cast<int>(migrations.size()) + 1;
        migrations.append(
            {next, u"half"_s, u"DROP TABLE artifacts; CREATE TABLE artifacts2 (x); nonsense;"_s});
        const auto migrated = migrate(migrations);
        QVERIFY(!migrated);
        QVERIFY2(migrated.error().detail.contains(u"half"_s), qPrintable(migrated.error().detail));
        QCOMPARE(ask(u"PRAGMA user_version"_s), before);
        QCOMPARE(ask(u"SELECT count(*) FROM sqlite_schema WHERE name = 'artifacts2'"_s), u"0"_s);
        const auto store = openSqliteStore(m_path);
        VERIFY_OK(store);
        QCOMPARE((*store)->listExecutions(localTenant(), {}).value().size(), 1);
    }

    void splitsScripts_data()
    {
        QTest::addColumn<QString>("script");
        QTest::addColumn<QStringList>("expected");
        QTest::newRow("nothing") << u" \n-- only a comment\n"_s << QStringList();
        QTest::newRow("two") << u"A; B"_s << QStringList{u"A"_s, u"B"_s};
        QTest::newRow("empty ones") << u";;A;;"_s << QStringList{u"A"_s};
        QTest::newRow("comment") << u"A -- it's; so\n;B;"_s << QStringList{u"A"_s, u"B"_s};
        QTest::newRow("string") << u"A ';--' ;B;"_s << QStringList{u"A ';--'"_s, u"B"_s};
        QTest::newRow("quote in a string")
            << u"A 'it''s;';B"_s << QStringList{u"A 'it''s;'"_s, u"B"_s};
        QTest::newRow("name") << u"A \"x;y\";"_s << QStringList{u"A \"x;y\""_s};
        QTest::newRow("open string") << u"A 'x;y"_s << QStringList{u"A 'x;y"_s};
        QTest::newRow("trigger")
            << u"CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  X;\n  Y;\nEND;\nZ;"_s
            << QStringList{u"CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  X;\n  Y;\nEND"_s, u"Z"_s};
    }
    void splitsScripts()
    {
        QFETCH(QString, script);
        QFETCH(QStringList, expected);
        QCOMPARE(splitSqlScript(script), expected);
    }

    // --- Queries that must not slow down

    void listsNeedNoSorting_data()
    {
        QTest::addColumn<QString>("sql");
        const QString from = u"SELECT id FROM executions WHERE tenant = 'local'"_s;
        const QString order = u" ORDER BY created_at DESC, seq DESC LIMIT 50"_s;
        const QString versions =
            u"SELECT instructions FROM skill_versions v WHERE v.tenant = 'local'"_s;
        const QString byName = u" ORDER BY v.name, v.published_at DESC, v.id DESC LIMIT 50"_s;
        QTest::newRow("versions") << versions + byName;
        QTest::newRow("versions of a skill") << versions + u" AND v.name = 'x'"_s + byName;
        QTest::newRow("all") << from + order;
        QTest::newRow("skill") << from + u" AND skill_name = 'x'"_s + order;
        QTest::newRow("status") << from + u" AND status = 'failed'"_s + order;
        QTest::newRow("session") << from + u" AND session = 's' AND session <> ''"_s + order;
        QTest::newRow("unfinished") << u"SELECT id FROM executions WHERE instance = 'x'"
                                       u" AND status IN ('queued', 'running')"_s;
        QTest::newRow("blob of an artifact") << u"SELECT 1 FROM artifacts WHERE blob = 'x'"_s;
        QTest::newRow("blob of a file") << u"SELECT 1 FROM files WHERE blob = 'x'"_s;
        QTest::newRow("blob of a version")
            << u"SELECT 1 FROM skill_versions WHERE archive_blob = 'x'"_s;
    }
    void listsNeedNoSorting()
    {
        QFETCH(QString, sql);
        VERIFY_OK(openSqliteStore(m_path));
        const SqliteDialect dialect(m_path, 1000ms);
        auto connection = SqlConnection::open(dialect).value();
        const auto plan = allRows(connection->run(u"EXPLAIN QUERY PLAN "_s + sql),
                                  [](const SqlRows &row) { return Result<QString>(row.text(3)); });
        VERIFY_OK(plan);
        const QString text = plan->join(u'\n');
        QVERIFY2(text.contains(u"SEARCH"_s) && text.contains(u"INDEX"_s), qPrintable(text));
        QVERIFY2(!text.contains(u"SCAN"_s) && !text.contains(u"TEMP B-TREE"_s), qPrintable(text));
    }
};

QTEST_GUILESS_MAIN(TestSqliteStore)
#include "test_sqlite_store.moc"
