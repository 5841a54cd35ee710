#pragma once

#include "engine/storage/sql_dialect.h"

namespace skillbox {

/// Listens on a channel of a Postgres database, on a thread and with a connection of its own, which
/// is made again whenever it is lost. `dialect` must outlive it.
std::unique_ptr<StoreWatch> watchPostgres(const SqlDialect &dialect, QString channel,
                                          StoreNewsHandler handler);

} // namespace skillbox
