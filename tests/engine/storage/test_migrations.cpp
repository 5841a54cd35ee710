#include "engine/storage/audit_chain.h"
#include "engine/storage/migration.h"
#include "engine/storage/postgres_dialect.h"
#include "engine/storage/postgres_store.h"
#include "engine/storage/sqlite_dialect.h"
#include "engine/storage/sqlite_migrations.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/postgres_server.h"
#include "tests/support/store_records.h"
#include "tests/support/verify_result.h"

#include <QTemporaryDir>
#include <QTest>

using namespace skillbox;
using namespace skillbox::test;
using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

/// Stores of every earlier schema, each with what was put into it in its time, opened today.
class TestMigrations : public QObject
{
    Q_OBJECT

    PostgresServer m_postgres;
    bool m_hasPostgres = false;
    std::unique_ptr<QTemporaryDir> m_directory;
    bool m_inPostgres = false;

    QString path() const { return m_directory->filePath(u"skillbox.db"_s); }
    std::unique_ptr<const SqlDialect> dialect() const
    {
        if (m_inPostgres) {
            return std::make_unique<const PostgresDialect>(
                parsePostgresDsn(m_postgres.dsn()).value(), 30'000ms);
        }
        return std::make_unique<const SqliteDialect>(path(), 1000ms);
    }
    Result<std::unique_ptr<MetadataStore>> open() const
    {
        return m_inPostgres ? openPostgresStore(m_postgres.dsn()) : openSqliteStore(path());
    }
    static QList<Migration> upTo(const QString &database, int number)
    {
        return migrationsFor(database).first(number);
    }
    /// Brings the schema from the number before to this one, as the version of that time did.
    Result<void> step(SqlConnection &connection, int number)
    {
        if (!m_inPostgres)
            return migrateSqlite(connection, upTo(u"sqlite"_s, number));
        auto transaction = SqlWrite::begin(connection);
        if (!transaction)
            return fail(transaction.error());
        if (auto done = applyMigrations(connection, upTo(u"postgres"_s, number), number - 1); !done)
            return done;
        if (auto done = setSchema(connection, number); !done)
            return done;
        return transaction->commit();
    }
    Result<void> setSchema(SqlConnection &connection, int number)
    {
        const QStringList statements = m_inPostgres
            ? QStringList{u"CREATE TABLE IF NOT EXISTS skillbox_schema (version INTEGER NOT NULL)"_s,
                          u"DELETE FROM skillbox_schema"_s,
                          u"INSERT INTO skillbox_schema (version) VALUES (%1)"_s.arg(number)}
            : QStringList{u"PRAGMA user_version = %1"_s.arg(number)};
        for (const QString &statement : statements) {
            if (auto done = connection.change(statement); !done)
                return fail(done.error());
        }
        return {};
    }
    /// What was put into a store while its schema had this number.
    static Result<void> fill(SqlConnection &connection, int number)
    {
        QFile file(QStringLiteral(SKILLBOX_FIXTURES)
                   + u"/%1.sql"_s.arg(number, 4, 10, QChar(u'0')));
        if (!file.open(QIODevice::ReadOnly)) {
            return fail(ErrorCode::NotFound,
                        u"a new migration needs a fixture: %1"_s.arg(file.fileName()));
        }
        for (const QString &statement : splitSqlScript(QString::fromUtf8(file.readAll()))) {
            if (auto done = connection.change(statement); !done)
                return fail(done.error());
        }
        return {};
    }
    void makeStore(int schema)
    {
        const auto kind = dialect();
        const auto connection = SqlConnection::open(*kind).value();
        for (int number = 1; number <= schema; ++number) {
            VERIFY_OK(step(*connection, number));
            VERIFY_OK(fill(*connection, number));
        }
    }
    static void verifyChain(MetadataStore &store, const TenantId &tenant, int records)
    {
        QString previous;
        const auto audit = store.listAudit(tenant, {});
        VERIFY_OK(audit);
        QCOMPARE(audit->size(), records);
        for (const AuditRecord &record : *audit) {
            QCOMPARE(record.previousHash, previous);
            QCOMPARE(record.hash, auditHash(record));
            previous = record.hash;
        }
        QCOMPARE(store.auditHead(tenant).value()->hash, previous);
    }

private Q_SLOTS:
    void initTestCase()
    {
        const auto started = m_postgres.start();
        QVERIFY2(started != PostgresServer::Start::Failed, qPrintable(m_postgres.complaint()));
        m_hasPostgres = started == PostgresServer::Start::Running;
    }

    void keepsEverything_data()
    {
        QTest::addColumn<bool>("inPostgres");
        QTest::addColumn<int>("schema");
        for (const bool inPostgres : {false, true}) {
            for (int schema = 1; schema <= migrationsFor(u"sqlite"_s).size(); ++schema)
                QTest::addRow("%s %d", inPostgres ? "postgres" : "sqlite", schema)
                    << inPostgres << schema;
        }
    }
    void keepsEverything()
    {
        QFETCH(bool, inPostgres);
        QFETCH(int, schema);
        if (inPostgres && !m_hasPostgres)
            QSKIP("Postgres is not installed: package postgresql");
        m_inPostgres = inPostgres;
        m_directory = std::make_unique<QTemporaryDir>();
        if (inPostgres)
            QVERIFY(m_postgres.empty());
        makeStore(schema);
        if (QTest::currentTestFailed())
            return;

        const auto opened = open();
        VERIFY_OK(opened);
        MetadataStore &store = **opened;
        const TenantId acme{u"acme"_s};
        QCOMPARE(store.listTenants().value().size(), schema >= 2 ? 3 : 2);
        const auto key = store.findKeyByHash(Sha256::of("the key")).value();
        QVERIFY(key);
        QCOMPARE(key->role, u"publisher"_s);
        QCOMPARE(key->lastUsedAt, at(2));

        QCOMPARE(store.listVersions(acme, {}).value().size(), 2);
        const auto version = store.findVersion(acme, u"word-counter"_s, u"1.0.0"_s).value();
        QVERIFY(version);
        QCOMPARE(version->instructions, u"# Zählen; it's easy"_s);
        QCOMPARE(version->archive, blobNamed(u"zip 1"_s));
        QCOMPARE(store.findVersion(acme, u"word-counter"_s, u"1.1.0"_s).value()->yankReason,
                 u"wrong"_s);
        QCOMPARE(store.listVersions(acme, {.query = u"zahlen"_s}).value().size(), 1);
        QCOMPARE(store.findTag(acme, u"word-counter"_s, u"stable"_s).value()->version, u"1.0.0"_s);
        if (schema >= 4) {
            const auto findings = store.findVersion(localTenant(), u"word-counter"_s, u"2.0.0"_s)
                                      .value();
            QVERIFY(findings);
            QCOMPARE(findings->findings.size(), 1);
        }

        const ExecutionId done{u"22222222-2222-4222-8222-222222222222"_s};
        const auto run = store.findExecution(acme, done).value();
        QVERIFY(run);
        QCOMPARE(run->input.bytes(), "{\"n\":1.0}"_ba);
        QCOMPARE(run->output.bytes(), "[1.10,12345678901234567890]"_ba);
        QCOMPARE(run->logs, u"one; two"_s);
        QCOMPARE(run->artifacts.size(), 1);
        QCOMPARE(run->artifacts[0].path, u"a/b c.txt"_s);
        QCOMPARE(store.listExecutions(acme, {}).value().size(), schema >= 6 ? 4 : 2);
        QCOMPARE(store.listFiles(acme, {}).value().size(), 2);
        for (const char *blob : {"zip 1", "zip 2", "artifact", "upload"})
            QVERIFY(store.isBlobReferenced(blobNamed(QLatin1StringView(blob))).value());
        if (schema >= 3) {
            const auto notes = store.findSessionFile(acme, u"s-1"_s, u"deep/er/notes.md"_s).value();
            QVERIFY(notes && notes->executable);
            const auto claim = store.claimIdempotency(acme, u"key-1"_s, u"hash"_s, {u"i"_s}, at(20),
                                                      at(30));
            VERIFY_OK(claim);
            QCOMPARE(claim->state, IdempotencyClaim::State::Replay);
            QCOMPARE(claim->body, "{\"ok\":true}"_ba);
        }
        if (schema >= 6) {
            QCOMPARE(store.countWaiting().value(), 1);
            QCOMPARE(
                store.readLog(acme, {u"22222222-2222-4222-8222-222222222225"_s}, 0).value().size(),
                1);
        }
        const auto tenant = store.findTenant(acme).value();
        QVERIFY(tenant);
        QCOMPARE(tenant->storedBytes, 100 + 200 + 30 + 4000 + (schema >= 3 ? 500 : 0));
        QCOMPARE(tenant->settings.logDays, schema >= 7 ? std::optional<qint64>(30) : std::nullopt);
        QCOMPARE(store.othersTakeRuns({u"me"_s}).value(), schema >= 8);
        store.setTenantDefaults({.runsPerMinute = 2});
        QCOMPARE(store.takeRun(acme).value().allowed, schema < 9);

        verifyChain(store, acme, 2);
        verifyChain(store, localTenant(), 1);
        if (schema >= 2)
            verifyChain(store, {u"beta"_s}, 1);

        // It is a store of today.
        VERIFY_OK(store.appendAudit({acme, at(40), u"t"_s, u"x"_s, {}, {}}));
        verifyChain(store, acme, 3);
        ExecutionRecord next = someExecution(acme, 50);
        VERIFY_OK(store.insertExecution(next));
        QVERIFY(store.finishExecution(finished(next)).value());
        QCOMPARE(store.listExecutions(acme, {.limit = 1}).value()[0].id.value, next.id.value);
    }

    void refusesAStoreOfALaterVersion_data()
    {
        QTest::addColumn<bool>("inPostgres");
        QTest::newRow("sqlite") << false;
        QTest::newRow("postgres") << true;
    }
    void refusesAStoreOfALaterVersion()
    {
        QFETCH(bool, inPostgres);
        if (inPostgres && !m_hasPostgres)
            QSKIP("Postgres is not installed: package postgresql");
        m_inPostgres = inPostgres;
        m_directory = std::make_unique<QTemporaryDir>();
        if (inPostgres)
            QVERIFY(m_postgres.empty());
        VERIFY_OK(open());
        const int later = static_cast<int>(migrationsFor(u"sqlite"_s).size()) + 1;
        const auto kind = dialect();
        const auto connection = SqlConnection::open(*kind).value();
        VERIFY_OK(setSchema(*connection, later));
        VERIFY_FAILS(open(), ErrorCode::StorageTooNew, u"its schema is %1"_s.arg(later));
    }

    /// What has been applied somewhere is not changed any more: another migration is added.
    void neverChange()
    {
        QFile list(QStringLiteral(SKILLBOX_FIXTURES) + u"/migrations.sha256"_s);
        QVERIFY(list.open(QIODevice::ReadOnly));
        const QByteArrayList lines = list.readAll().trimmed().split('\n');
        QCOMPARE(lines.size(), 2 * migrationsFor(u"sqlite"_s).size()); // a new one is listed, too
        for (const QByteArray &line : lines) {
            QFile file(u":/skillbox/migrations/"_s + QString::fromLatin1(line.mid(66)));
            QVERIFY2(file.open(QIODevice::ReadOnly), line.constData());
            QCOMPARE(Sha256::of(file.readAll()).toLatin1(), line.first(64));
        }
        QCOMPARE(migrationsFor(u"postgres"_s).size(), migrationsFor(u"sqlite"_s).size());
    }
};

QTEST_GUILESS_MAIN(TestMigrations)
#include "test_migrations.moc"
