#include "engine/storage/sqlite_migrations.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// `Sklb`: says in the file's header whose database it is (PRAGMA application_id).
constexpr qint64 applicationId = 0x536b6c62;

Result<qint64> readNumber(SqlConnection &connection, const QString &sql)
{
    return firstRow(connection.run(sql),
                    [](const SqlRows &row) { return Result<qint64>(row.integer(0)); })
        .map([](const std::optional<qint64> &number) { return number.value_or(0); });
}

/// Whether the schema is already at `target`; an error for a store that we must not touch.
Result<bool> isCurrent(SqlConnection &connection, int target, qint64 *version)
{
    const auto found = readNumber(connection, u"PRAGMA user_version"_s);
    if (!found)
        return fail(found.error());
    const auto owner = readNumber(connection, u"PRAGMA application_id"_s);
    if (!owner)
        return fail(owner.error());
    *version = *found;
    const QString store = connection.dialect().storeName();
    if (*owner != applicationId) {
        const auto tables = readNumber(connection, u"SELECT count(*) FROM sqlite_schema"_s);
        if (!tables)
            return fail(tables.error());
        if (*owner != 0 || *found != 0 || *tables != 0) {
            return fail(ErrorCode::StorageCorrupt,
                        u"%1 is a database of another program; move it away or choose another data"
                        u" directory."_s.arg(store));
        }
    }
    if (*found > target) {
        return fail(newerSchema(connection.dialect(), *found, target));
    }
    return *found == target;
}

} // namespace

Result<void> migrateSqlite(SqlConnection &connection, const QList<Migration> &migrations)
{
    const int target = migrations.isEmpty() ? 0 : migrations.constLast().number;
    qint64 version = 0;
    // In a transaction, or the parts of what it sees would not belong together where another
    // process is just making the store.
    if (auto begun = connection.change(u"BEGIN"_s); !begun)
        return fail(begun.error());
    const auto current = isCurrent(connection, target, &version);
    (void)connection.change(u"ROLLBACK"_s); // nothing was written
    if (!current)
        return fail(current.error());
    if (*current)
        return {};

    if (auto begun = connection.change(u"BEGIN EXCLUSIVE"_s); !begun)
        return fail(begun.error());
    const auto apply = [&]() -> Result<void> {
        // Another process may have done it while we waited.
        const auto now = isCurrent(connection, target, &version);
        if (!now)
            return fail(now.error());
        if (*now)
            return {};
        if (auto done = applyMigrations(connection, migrations, version); !done)
            return done;
        for (const QString &pragma : {u"PRAGMA application_id = %1"_s.arg(applicationId),
                                      u"PRAGMA user_version = %1"_s.arg(target)}) {
            if (auto set = connection.change(pragma); !set)
                return fail(set.error());
        }
        if (auto committed = connection.change(u"COMMIT"_s); !committed)
            return fail(committed.error());
        return {};
    };
    auto applied = apply();
    if (!applied || version == target)
        (void)connection.change(u"ROLLBACK"_s); // nothing of ours is in it, or nothing may stay
    return applied;
}

} // namespace skillbox
