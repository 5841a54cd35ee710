#include "engine/storage/store_snapshot.h"

#include "engine/storage/migration.h"
#include "engine/storage/sql_connection.h"

#include <limits>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A statement with a value is read row by row; see SqlConnection::run().
const auto everyRow = u" LIMIT ?"_s;
const QVariantList noLimit{std::numeric_limits<qint64>::max()};

Result<void> visitRows(Result<SqlRows> rows,
                       const std::function<Result<void>(const SqlRows &)> &visit)
{
    if (!rows)
        return fail(rows.error());
    for (;;) {
        const auto more = rows->next();
        if (!more)
            return fail(more.error());
        if (!*more)
            return {};
        if (auto visited = visit(*rows); !visited)
            return visited;
    }
}

} // namespace

Result<std::unique_ptr<StoreSnapshot>> StoreSnapshot::take(const SqlDialect &dialect)
{
    auto connection = SqlConnection::open(dialect);
    if (!connection)
        return fail(connection.error());
    if (auto begun = (*connection)->change(dialect.beginSnapshot()); !begun)
        return fail(begun.error());
    std::unique_ptr<StoreSnapshot> snapshot(new StoreSnapshot(std::move(*connection)));
    // The first statement that reads a table fixes the moment.
    if (auto read = snapshot->m_connection->change(u"SELECT 1 FROM tenants LIMIT 1"_s); !read)
        return fail(read.error());
    auto tables = storedTables(*snapshot->m_connection);
    if (!tables)
        return fail(tables.error());
    snapshot->m_tables = std::move(*tables);
    return snapshot;
}

StoreSnapshot::StoreSnapshot(std::unique_ptr<SqlConnection> connection)
    : m_connection(std::move(connection))
{
}

StoreSnapshot::~StoreSnapshot()
{
    (void)m_connection->change(u"ROLLBACK"_s); // it wrote nothing
}

Result<void> StoreSnapshot::eachBlob(const std::function<Result<void>(const BlobId &)> &visit)
{
    QStringList parts;
    for (const StoredTable &table : m_tables) {
        for (const StoredColumn &column : table.columns) {
            if (column.isBlob())
                parts.append(
                    u"SELECT %1 AS name FROM %2 WHERE %1 <> ''"_s.arg(column.name, table.name));
        }
    }
    return visitRows(m_connection->run(u"SELECT name FROM ("_s + parts.join(u" UNION "_s)
                                           + u") AS named ORDER BY name"_s + everyRow,
                                       noLimit),
                     [&](const SqlRows &row) { return visit(BlobId{row.text(0)}); });
}

Result<void> StoreSnapshot::eachRow(const StoredTable &table,
                                    const std::function<Result<void>(const QJsonObject &)> &visit)
{
    return visitRows(
        m_connection->run(u"SELECT %1 FROM %2 ORDER BY %3"_s.arg(table.columnNames().join(u", "_s),
                                                                 table.name, table.order)
                              + everyRow,
                          noLimit),
        [&](const SqlRows &row) {
            QJsonObject values;
            for (int i = 0; i < table.columns.size(); ++i) {
                const StoredColumn &column = table.columns[i];
                values[column.name] = row.isNull(i)              ? QJsonValue(QJsonValue::Null)
                    : column.kind == StoredColumn::Kind::Integer ? QJsonValue(row.integer(i))
                                                                 : QJsonValue(row.text(i));
            }
            return visit(values);
        });
}

int storeSchema()
{
    // The same numbers in every database.
    return migrationsFor(u"sqlite"_s).constLast().number;
}

} // namespace skillbox
