#include "engine/storage/store_filling.h"

#include "engine/storage/sql_store.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype rowsAtOnce = 50;
constexpr qsizetype charactersAtOnce = 1 << 20;

Result<bool> hasRows(SqlConnection &connection, const QString &table)
{
    // The tenant of the embedded engine comes with the schema.
    auto rows = connection.run(u"SELECT 1 FROM %1%2 LIMIT 1"_s.arg(
        table, table == "tenants"_L1 ? u" WHERE id <> 'local'"_s : QString()));
    if (!rows)
        return fail(rows.error());
    return rows->next();
}

Result<QVariant> boundValue(const StoredColumn &column, const QJsonValue &value)
{
    const auto wrong = [&] {
        return fail(ErrorCode::BadRequest,
                    u"the column \"%1\" has a value of the wrong kind"_s.arg(column.name));
    };
    if (value.isNull()) {
        if (!column.nullable)
            return wrong();
        return QVariant();
    }
    if (column.kind == StoredColumn::Kind::Integer) {
        constexpr qint64 none = std::numeric_limits<qint64>::min();
        const qint64 number = value.toInteger(none);
        return number == none ? Result<QVariant>(wrong()) : QVariant(number);
    }
    if (!value.isString())
        return wrong();
    QString text = value.toString();
    text.replace(QChar(u'\0'), QChar(QChar::ReplacementCharacter)); // not every database has one
    return QVariant(sqlText(text));
}

} // namespace

Result<std::unique_ptr<StoreFilling>> StoreFilling::begin(const SqlDialect &dialect)
{
    auto connection = SqlConnection::open(dialect);
    if (!connection)
        return fail(connection.error());
    if (auto begun = (*connection)->change(dialect.beginExclusive()); !begun)
        return fail(begun.error());
    std::unique_ptr<StoreFilling> filling(new StoreFilling(std::move(*connection)));
    if (auto prepared = filling->prepare(); !prepared)
        return fail(prepared.error());
    return filling;
}

StoreFilling::StoreFilling(std::unique_ptr<SqlConnection> connection)
    : m_connection(std::move(connection))
{
}

StoreFilling::~StoreFilling()
{
    if (m_open && m_connection->lastFailure() != SqlConnection::Failure::ConnectionLost)
        (void)m_connection->change(u"ROLLBACK"_s);
}

Result<void> StoreFilling::prepare()
{
    const SqlDialect &dialect = m_connection->dialect();
    if (const QString patient = dialect.liftTimeouts(); !patient.isEmpty()) {
        if (auto lifted = m_connection->change(patient); !lifted)
            return fail(lifted.error());
    }
    auto tables = storedTables(*m_connection);
    if (!tables)
        return fail(tables.error());
    m_tables = std::move(*tables);
    for (const StoredTable &table : m_tables) {
        const auto found = hasRows(*m_connection, table.name);
        if (!found)
            return fail(found.error());
        if (*found) {
            return fail(ErrorCode::Conflict,
                        u"the store %1 is not empty: it has %2 already; only an empty store can be"
                        u" filled"_s.arg(dialect.storeName(), table.name));
        }
    }
    for (const QString &table : {u"tenant_usage"_s, u"tenant_rates"_s, u"tenants"_s}) {
        if (auto emptied = m_connection->change(u"DELETE FROM "_s + table); !emptied)
            return fail(emptied.error());
    }
    return {};
}

Result<void> StoreFilling::add(const StoredTable &table, const QStringList &columns,
                               const QJsonObject &row)
{
    if (table.name != m_table || columns != m_columns) {
        if (auto flushed = flush(); !flushed)
            return flushed;
        m_table = table.name;
        m_columns = columns;
    }
    if (row.size() != columns.size())
        return fail(ErrorCode::BadRequest, u"a row has other columns than its table"_s);
    for (const QString &name : columns) {
        const auto column = std::find_if(table.columns.begin(), table.columns.end(),
                                         [&](const StoredColumn &c) { return c.name == name; });
        const auto value = row.constFind(name);
        if (column == table.columns.end() || value == row.constEnd())
            return fail(ErrorCode::BadRequest, u"a row has other columns than its table"_s);
        auto bound = boundValue(*column, *value);
        if (!bound)
            return fail(bound.error());
        if (bound->userType() == QMetaType::QString)
            m_characters += bound->toString().size();
        m_values.append(std::move(*bound));
    }
    if (++m_rows >= rowsAtOnce || m_characters >= charactersAtOnce)
        return flush();
    return {};
}

Result<void> StoreFilling::flush()
{
    if (m_rows == 0)
        return {};
    const QString one = u'(' + QStringList(m_columns.size(), u"?"_s).join(u',') + u')';
    const auto added = m_connection->change(
        u"INSERT INTO %1 (%2) VALUES %3"_s.arg(m_table, m_columns.join(u", "_s),
                                               QStringList(m_rows, one).join(u',')),
        m_values);
    m_values.clear();
    m_rows = 0;
    m_characters = 0;
    if (added)
        return {};
    const Error &error = added.error();
    if (error.code == ErrorCode::StorageUnavailable)
        return fail(error);
    return fail(ErrorCode::BadRequest,
                u"rows of the table \"%1\" contradict each other or those before them"_s.arg(
                    m_table),
                error.detail);
}

Result<qint64> StoreFilling::commit(const QDateTime &at)
{
    if (auto flushed = flush(); !flushed)
        return fail(flushed.error());
    const auto local = firstRow(m_connection->run(u"SELECT 1 FROM tenants WHERE id = 'local'"_s),
                                [](const SqlRows &) { return Result<bool>(true); });
    if (!local)
        return fail(local.error());
    if (!*local)
        return fail(ErrorCode::BadRequest,
                    u"the tenant \"local\" is missing, which every store has"_s);
    if (auto counting = countOn(); !counting)
        return fail(counting.error());
    const auto ended = failUnfinished(*m_connection, at);
    if (!ended)
        return ended;
    if (auto committed = m_connection->change(u"COMMIT"_s); !committed)
        return fail(committed.error());
    m_open = false;
    return ended;
}

/// Numbers that the database gives out go on after those that came with the rows.
Result<void> StoreFilling::countOn()
{
    for (const StoredTable &table : m_tables) {
        if (table.order.contains(u','))
            continue;
        const auto counted = std::find_if(table.columns.begin(), table.columns.end(),
                                          [&](const auto &c) {
                                              return c.name == table.order
                                                  && c.kind == StoredColumn::Kind::Integer;
                                          });
        const QString next = counted == table.columns.end()
            ? QString()
            : m_connection->dialect().continueNumbers(table.name, table.order);
        if (next.isEmpty())
            continue;
        if (auto done = m_connection->change(next); !done)
            return fail(done.error());
    }
    return {};
}

} // namespace skillbox
