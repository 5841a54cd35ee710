#pragma once

#include "engine/storage/records.h"
#include "engine/storage/store_tables.h"

#include <functional>
#include <memory>

namespace skillbox {

class SqlDialect;

/// Everything that a store holds, of all tenants, as it was at one moment: what others write
/// meanwhile is not seen. Used on the thread that took it; the store must outlive it.
class StoreSnapshot
{
public:
    static Result<std::unique_ptr<StoreSnapshot>> take(const SqlDialect &dialect);
    ~StoreSnapshot();
    StoreSnapshot(const StoreSnapshot &) = delete;
    StoreSnapshot &operator=(const StoreSnapshot &) = delete;

    const QList<StoredTable> &tables() const { return m_tables; }

    /// Each blob that a record refers to, once, in the order of its name. Both stop with the first
    /// error of `visit`, which must not call this object; neither holds more than a row.
    Result<void> eachBlob(const std::function<Result<void>(const BlobId &)> &visit);
    /// Each row of one of tables(), in the order of its key: texts, whole numbers and null.
    Result<void> eachRow(const StoredTable &table,
                         const std::function<Result<void>(const QJsonObject &)> &visit);

private:
    explicit StoreSnapshot(std::unique_ptr<SqlConnection> connection);

    std::unique_ptr<SqlConnection> m_connection;
    QList<StoredTable> m_tables;
};

/// The number of the schema that this program writes.
int storeSchema();

} // namespace skillbox
