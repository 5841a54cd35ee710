#pragma once

#include "engine/storage/sql_dialect.h"

#include <QDateTime>
#include <QSqlQuery>
#include <QVariantList>

#include <memory>
#include <unordered_map>

namespace skillbox {

/// The rows of an executed statement. While it lives the statement holds its read lock, and the
/// same SQL text must not be run again on the connection.
class SqlRows
{
public:
    SqlRows(const SqlDialect &dialect, QSqlQuery *cached, std::unique_ptr<QSqlQuery> own);
    SqlRows(SqlRows &&other) noexcept;
    SqlRows &operator=(SqlRows &&) = delete;
    ~SqlRows();

    /// Steps to the next row; false after the last.
    Result<bool> next();
    qint64 affected() const { return m_query->numRowsAffected(); }

    QString text(int column) const { return m_query->value(column).toString(); }
    qint64 integer(int column) const { return m_query->value(column).toLongLong(); }
    bool isNull(int column) const { return m_query->isNull(column); }
    /// Invalid where NULL.
    QDateTime time(int column) const;

private:
    const SqlDialect &m_dialect;
    std::unique_ptr<QSqlQuery> m_own;
    QSqlQuery *m_query;
};

/// All rows, each made into a value by `read(const SqlRows &)`, which returns a Result.
template<typename Read>
auto allRows(Result<SqlRows> rows, Read &&read)
    -> Result<QList<typename std::invoke_result_t<Read, const SqlRows &>::value_type>>
{
    if (!rows)
        return fail(rows.error());
    QList<typename std::invoke_result_t<Read, const SqlRows &>::value_type> values;
    for (;;) {
        const auto more = rows->next();
        if (!more)
            return fail(more.error());
        if (!*more)
            return values;
        auto value = read(*rows);
        if (!value)
            return fail(value.error());
        values.append(std::move(*value));
    }
}

/// The same for the first row; nullopt if there is none.
template<typename Read>
auto firstRow(Result<SqlRows> rows, Read &&read)
    -> Result<std::optional<typename std::invoke_result_t<Read, const SqlRows &>::value_type>>
{
    if (!rows)
        return fail(rows.error());
    const auto found = rows->next();
    if (!found)
        return fail(found.error());
    if (!*found)
        return std::nullopt;
    auto value = read(*rows);
    if (!value)
        return fail(value.error());
    return std::move(*value);
}

/// One thread's connection. Keeps its prepared statements.
class SqlConnection
{
public:
    static Result<std::unique_ptr<SqlConnection>> open(const SqlDialect &dialect);
    ~SqlConnection();
    SqlConnection(const SqlConnection &) = delete;
    SqlConnection &operator=(const SqlConnection &) = delete;

    /// Runs one statement with `values` for its placeholders, in order.
    Result<SqlRows> run(const QString &sql, const QVariantList &values = {});
    /// The same for a statement without rows; how many rows it touched.
    Result<qint64> change(const QString &sql, const QVariantList &values = {});

    const SqlDialect &dialect() const { return m_dialect; }
    /// What the last failure was: one after which another attempt makes sense.
    enum class Failure { Final, Repeatable, ConnectionLost };
    Failure lastFailure() const { return m_failure; }

private:
    Error failed(const QSqlError &error);
    SqlConnection(const SqlDialect &dialect, QString name, QSqlDatabase database);

    const SqlDialect &m_dialect;
    const QString m_name;
    QSqlDatabase m_database;
    Failure m_failure = Failure::Final;
    std::unordered_map<QString, std::unique_ptr<QSqlQuery>> m_statements;
};

/// A transaction that writes: begun when made, rolled back unless committed.
class SqlWrite
{
public:
    enum class Others { Write, Wait };
    /// `Wait`: no other writer is let in until it ends.
    static Result<SqlWrite> begin(SqlConnection &connection, Others others = Others::Write);
    SqlWrite(SqlWrite &&other) noexcept : m_connection(std::exchange(other.m_connection, nullptr))
    {
    }
    SqlWrite &operator=(SqlWrite &&) = delete;
    ~SqlWrite();

    Result<void> commit();

private:
    explicit SqlWrite(SqlConnection &connection) : m_connection(&connection) { }
    SqlConnection *m_connection;
};

/// QtSql binds a connection to the thread that opened it, so every thread gets its own at its first
/// call. It is closed when the thread ends or when this object goes, whichever is first; no other
/// thread may be inside a call at that moment.
class SqlConnections
{
public:
    explicit SqlConnections(std::unique_ptr<const SqlDialect> dialect);
    ~SqlConnections();

    const SqlDialect &dialect() const;
    /// The calling thread's connection, opened if need be, and again after it was lost.
    Result<SqlConnection *> current();

    struct Shared;

private:
    std::shared_ptr<Shared> m_shared;
};

/// A value for a placeholder. A null QString would become NULL, and no text column takes it.
inline QVariant sqlText(const QString &text)
{
    return text.isNull() ? QString(QLatin1StringView("")) : text;
}
inline QVariant sqlTime(const QDateTime &time)
{
    return time.isValid() ? QVariant(time.toMSecsSinceEpoch()) : QVariant();
}

} // namespace skillbox
