#pragma once

#include "engine/storage/sql_connection.h"

#include <QStringList>

#include <functional>

namespace skillbox {

/// One step of the schema: `resources/migrations/sqlite/NNNN_name.sql`, compiled in.
struct Migration {
    int number = 0;
    QString name;
    QString sql;
    /// What SQL cannot do, after it; may be empty.
    std::function<Result<void>(SqlConnection &)> then = {};
};

/// All there are, by number: 1, 2, 3 … without gaps.
QList<Migration> sqliteMigrations();

/// Brings the schema up to date in one exclusive transaction; does nothing, cheaply, when it is.
/// StorageTooNew when it is past the last of `migrations`, StorageCorrupt when the database is that
/// of another program. Several processes may do it at once.
Result<void> migrateSqlite(SqlConnection &connection, const QList<Migration> &migrations);

/// The statements of a script, without comments. Knows strings and triggers: a trigger ends at a
/// line that begins with `END;`.
QStringList splitSqlScript(const QString &script);

} // namespace skillbox
