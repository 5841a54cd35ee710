#pragma once

#include "engine/storage/metadata_store.h"

#include <chrono>
#include <memory>

namespace skillbox {

/// The team's store: one Postgres database, shared by any number of engines on any machines. Opens
/// it and applies the missing migrations in one transaction; several engines may do that at once.
/// `dsn` as in parsePostgresDsn(). Errors name the database without its password: BadRequest (the
/// address is not one), StorageUnavailable (not reached, not let in), StorageTooNew, StorageCorrupt
/// (the tables of another program). A connection that breaks is made again at the next call.
Result<std::unique_ptr<MetadataStore>>
openPostgresStore(const QString &dsn,
                  std::chrono::milliseconds statementTimeout = std::chrono::seconds(30));

} // namespace skillbox
