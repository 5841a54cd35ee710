#pragma once

#include "engine/storage/sql_dialect.h"

#include <chrono>

namespace skillbox {

/// SQLite through Qt's QSQLITE driver. Searching uses FTS5.
class SqliteDialect final : public SqlDialect
{
public:
    /// `path` is absolute. `busyTimeout` is how long a statement waits for another process.
    SqliteDialect(QString path, std::chrono::milliseconds busyTimeout)
        : m_path(std::move(path))
        , m_busyTimeout(busyTimeout)
    {
    }

    QString storeName() const override { return m_path; }
    Result<QSqlDatabase> connect(const QString &connectionName) const override;
    void closing(const QSqlDatabase &database) const override;
    QString beginWrite() const override;
    QString beginSnapshot() const override;
    QString columnsQuery() const override;
    QString nowMilliseconds() const override;
    QString searchCondition() const override;
    std::optional<QString> searchArgument(const QString &typed) const override;
    Error translate(const QSqlError &error) const override;

private:
    Result<void> prepareSession(const QSqlDatabase &database) const;

    const QString m_path;
    const std::chrono::milliseconds m_busyTimeout;
};

} // namespace skillbox
