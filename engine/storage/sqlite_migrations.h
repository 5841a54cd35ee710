#pragma once

#include "engine/storage/migration.h"

namespace skillbox {

/// Brings the schema up to date in one exclusive transaction; does nothing, cheaply, when it is.
/// StorageTooNew when it is past the last of `migrations`, StorageCorrupt when the database is that
/// of another program. Several processes may do it at once.
Result<void> migrateSqlite(SqlConnection &connection, const QList<Migration> &migrations);

} // namespace skillbox
