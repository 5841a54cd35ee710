#pragma once

#include "engine/storage/sql_connection.h"

#include <QStringList>

#include <functional>

namespace skillbox {

/// One step of the schema: `resources/migrations/<database>/NNNN_name.sql`, compiled in.
struct Migration {
    int number = 0;
    QString name;
    QString sql;
    /// What SQL cannot do, after it; may be empty.
    std::function<Result<void>(SqlConnection &)> then = {};
};

/// All there are for a database (`sqlite`, `postgres`), by number: 1, 2, 3 … without gaps. The same
/// number means the same tables in each.
QList<Migration> migrationsFor(const QString &database);

/// Applies those after `version`, in the transaction that the caller has begun.
Result<void> applyMigrations(SqlConnection &connection, const QList<Migration> &migrations,
                             qint64 version);

/// The error of a store whose tables are not those of the schema that it says it has.
Error otherSchema(const SqlDialect &dialect, const QString &detail);
/// The error of a store whose schema is newer than the last migration.
Error newerSchema(const SqlDialect &dialect, qint64 found, int known);

/// The statements of a script, without comments. Knows strings and triggers: a trigger
/// with a body ends at a line that begins with `END;`. A function's body is a string.
QStringList splitSqlScript(const QString &script);

} // namespace skillbox
