#include "engine/storage/postgres_store.h"

#include "engine/storage/migration.h"
#include "engine/storage/postgres_dialect.h"
#include "engine/storage/sql_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Held while the schema is looked at and changed; see the dialect's other locks.
constexpr int schemaLock = 0x536b6c61;

Result<qint64> number(SqlConnection &connection, const QString &sql)
{
    return firstRow(connection.run(sql),
                    [](const SqlRows &row) { return Result<qint64>(row.integer(0)); })
        .map([](const std::optional<qint64> &found) { return found.value_or(0); });
}

/// The schema's number; 0: there is none yet, and nothing of anybody else's in its place.
Result<qint64> schemaVersion(SqlConnection &connection)
{
    const auto ours = number(connection,
                             u"SELECT count(*) FROM pg_catalog.pg_tables"
                             u" WHERE schemaname = current_schema() AND tablename = 'skillbox_schema'"_s);
    if (!ours)
        return fail(ours.error());
    if (*ours != 0)
        return number(connection, u"SELECT version FROM skillbox_schema"_s);
    const auto others = number(connection,
                               u"SELECT count(*) FROM pg_catalog.pg_tables"
                               u" WHERE schemaname = current_schema()"
                               u" AND tablename IN ('tenants', 'keys', 'skills', 'executions',"
                               u" 'artifacts', 'files', 'audit')"_s);
    if (!others)
        return fail(others.error());
    if (*others != 0) {
        return fail(ErrorCode::StorageCorrupt,
                    u"The database %1 has tables of another program; give Skillbox a database of its"
                    u" own."_s.arg(connection.dialect().storeName()));
    }
    return 0;
}

Result<void> migrate(SqlConnection &connection)
{
    const QList<Migration> migrations = migrationsFor(u"postgres"_s);
    const int target = migrations.constLast().number;
    const auto current = schemaVersion(connection);
    if (!current)
        return fail(current.error());
    if (*current > target)
        return fail(newerSchema(connection.dialect(), *current, target));
    if (*current == target)
        return {};

    auto transaction = SqlWrite::begin(connection, SqlWrite::Others::Wait);
    if (!transaction)
        return fail(transaction.error());
    if (auto locked = connection.change(u"SELECT pg_advisory_xact_lock(%1)"_s.arg(schemaLock)); !locked)
        return fail(locked.error());
    // Another engine may have done it while we waited.
    const auto version = schemaVersion(connection);
    if (!version)
        return fail(version.error());
    if (*version >= target)
        return {};
    if (auto done = applyMigrations(connection, migrations, *version); !done)
        return done;
    for (const QString &statement :
         {u"CREATE TABLE IF NOT EXISTS skillbox_schema (version INTEGER NOT NULL)"_s,
          u"DELETE FROM skillbox_schema"_s,
          u"INSERT INTO skillbox_schema (version) VALUES (%1)"_s.arg(target)}) {
        if (auto done = connection.change(statement); !done)
            return fail(done.error());
    }
    return transaction->commit();
}

} // namespace

Result<std::unique_ptr<MetadataStore>> openPostgresStore(const QString &dsn,
                                                         std::chrono::milliseconds statementTimeout)
{
    auto parsed = parsePostgresDsn(dsn);
    if (!parsed)
        return fail(parsed.error());
    auto store = std::make_unique<SqlStore>(
        std::make_unique<const PostgresDialect>(std::move(*parsed), statementTimeout));
    if (auto prepared = store->prepare(migrate); !prepared)
        return fail(prepared.error());
    return store;
}

} // namespace skillbox
