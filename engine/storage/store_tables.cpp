#include "engine/storage/store_tables.h"

#include "engine/storage/sql_connection.h"

#include <array>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct TableKey {
    QLatin1StringView name;
    QLatin1StringView key;
};

/// A new table is here or in one of the lists below; a test sees to it.
constexpr std::array tableKeys{
    TableKey{"tenants"_L1, "id"_L1},
    TableKey{"tenant_settings"_L1, "tenant"_L1},
    TableKey{"retention_tallies"_L1, "tenant"_L1},
    TableKey{"keys"_L1, "id"_L1},
    TableKey{"skills"_L1, "tenant, name"_L1},
    TableKey{"skill_versions"_L1, "id"_L1},
    TableKey{"tags"_L1, "tenant, name, tag"_L1},
    TableKey{"executions"_L1, "seq"_L1},
    TableKey{"execution_log_parts"_L1, "execution, first_event"_L1},
    TableKey{"artifacts"_L1, "execution, path"_L1},
    TableKey{"files"_L1, "seq"_L1},
    TableKey{"session_files"_L1, "tenant, session, path"_L1},
    TableKey{"idempotency"_L1, "tenant, key"_L1},
    TableKey{"audit"_L1, "seq"_L1},
    TableKey{"audit_heads"_L1, "tenant"_L1},
};

Result<StoredColumn> columnOf(const SqlRows &row)
{
    const QString type = row.text(1).toLower();
    StoredColumn column{.name = row.text(0), .nullable = row.integer(2) == 0};
    if (type == "text"_L1) {
        column.kind = StoredColumn::Kind::Text;
    } else if (type == "integer"_L1 || type == "bigint"_L1 || type == "smallint"_L1) {
        column.kind = StoredColumn::Kind::Integer;
    } else {
        return fail(ErrorCode::Internal,
                    u"a column of the store is of a type that is not copied."_s,
                    column.name + u": "_s + type);
    }
    return column;
}

} // namespace

bool StoredColumn::isBlob() const
{
    return name == "blob"_L1 || name.endsWith("_blob"_L1);
}

QStringList StoredTable::columnNames() const
{
    QStringList names;
    for (const StoredColumn &column : columns)
        names.append(column.name);
    return names;
}

Result<QList<StoredTable>> storedTables(SqlConnection &connection)
{
    QList<StoredTable> tables;
    for (const TableKey &key : tableKeys) {
        const QString name = key.name;
        auto columns = allRows(connection.run(connection.dialect().columnsQuery(), {name}),
                               columnOf);
        if (!columns)
            return fail(columns.error());
        tables.append({name, key.key, std::move(*columns)});
    }
    return tables;
}

QStringList passingTables()
{
    return {u"leases"_s, u"duties"_s, u"tenant_rates"_s, u"execution_log_parts"_s};
}

QStringList derivedTables()
{
    return {u"tenant_usage"_s};
}

} // namespace skillbox
