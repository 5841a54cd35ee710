#include "engine/storage/sqlite_migrations.h"

#include "engine/storage/sql_store.h"

#include <QDir>
#include <QFile>

using namespace Qt::StringLiterals;

/// A static library's resources are dropped by the linker unless something asks for them; the macro
/// must stand outside of any namespace.
static void keepMigrationResources()
{
    Q_INIT_RESOURCE(migrations);
}

namespace skillbox {
namespace {

/// `Sklb`: says in the file's header whose database it is (PRAGMA application_id).
constexpr qint64 applicationId = 0x536b6c62;
constexpr int auditChainMigration = 2;

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
        return fail(ErrorCode::StorageTooNew,
                    u"The store %1 was written by a newer Skillbox (its schema is %2, this one"
                    u" knows up to %3); upgrade Skillbox or choose another data directory."_s
                        .arg(store)
                        .arg(*found)
                        .arg(target));
    }
    return *found == target;
}

} // namespace

QList<Migration> sqliteMigrations()
{
    keepMigrationResources();
    QList<Migration> migrations;
    const QDir folder(u":/skillbox/migrations/sqlite"_s);
    for (const QString &name : folder.entryList(QDir::Files, QDir::Name)) {
        QFile file(folder.filePath(name));
        if (file.open(QIODevice::ReadOnly))
            migrations.append({name.left(4).toInt(), name, QString::fromUtf8(file.readAll())});
        if (!migrations.isEmpty() && migrations.constLast().number == auditChainMigration)
            migrations.last().then = chainOldAudit;
    }
    return migrations;
}

Result<void> migrateSqlite(SqlConnection &connection, const QList<Migration> &migrations)
{
    const int target = migrations.isEmpty() ? 0 : migrations.constLast().number;
    qint64 version = 0;
    const auto current = isCurrent(connection, target, &version);
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
        for (const Migration &migration : migrations) {
            if (migration.number <= version)
                continue;
            for (const QString &statement : splitSqlScript(migration.sql)) {
                if (auto done = connection.change(statement); !done) {
                    Error error = done.error();
                    error.detail = migration.name + u": "_s + error.detail;
                    return fail(std::move(error));
                }
            }
            if (migration.then) {
                if (auto done = migration.then(connection); !done)
                    return fail(done.error());
            }
        }
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

QStringList splitSqlScript(const QString &script)
{
    QStringList statements;
    QString statement;
    const auto at = [&](qsizetype i) { return i < script.size() ? script[i] : QChar(); };
    for (qsizetype i = 0; i < script.size(); ++i) {
        const QChar c = script[i];
        if (c == u'-' && at(i + 1) == u'-') {
            while (i + 1 < script.size() && at(i + 1) != u'\n')
                ++i;
        } else if (c == u'\'' || c == u'"') {
            // A doubled quote inside reads as two strings side by side, which is as good here.
            const qsizetype end = script.indexOf(c, i + 1);
            statement += script.mid(i, end < 0 ? -1 : end - i + 1);
            i = end < 0 ? script.size() : end;
        } else if (c == u';') {
            const QString text = statement.trimmed();
            const bool insideTrigger = text.startsWith("CREATE TRIGGER"_L1, Qt::CaseInsensitive)
                && !text.endsWith("\nEND"_L1, Qt::CaseInsensitive);
            if (insideTrigger) {
                statement += c;
            } else {
                if (!text.isEmpty())
                    statements.append(text);
                statement.clear();
            }
        } else {
            statement += c;
        }
    }
    if (const QString text = statement.trimmed(); !text.isEmpty())
        statements.append(text);
    return statements;
}

} // namespace skillbox
