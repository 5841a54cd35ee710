#pragma once

#include "engine/storage/metadata_store.h"

#include <chrono>
#include <memory>

namespace skillbox {

/// The embedded store: one SQLite file in WAL mode, shared by any number of engine processes on
/// this machine. Opens or creates `path` and applies the missing migrations in one transaction.
/// Errors name the file and what to do: StorageTooNew (written by a newer Skillbox),
/// StorageUnavailable (read-only, full, locked by another process for over five seconds, not a
/// directory, no permission), StorageCorrupt (not a database). `busyTimeout` is how long any call
/// waits for another process. The folder must exist.
Result<std::unique_ptr<MetadataStore>>
openSqliteStore(const QString &path,
                std::chrono::milliseconds busyTimeout = std::chrono::milliseconds(5000));

} // namespace skillbox
