#pragma once

#include "engine/storage/postgres_dsn.h"
#include "engine/storage/sql_dialect.h"

#include <chrono>

namespace skillbox {

/// Postgres through Qt's QPSQL driver. Writers run side by side; those that add to one tenant's
/// audit chain wait for each other, and a change of a tenant's settings waits for all.
class PostgresDialect final : public SqlDialect
{
public:
    /// `statementTimeout` bounds every statement, waiting for locks included.
    PostgresDialect(PostgresDsn dsn, std::chrono::milliseconds statementTimeout)
        : m_dsn(std::move(dsn))
        , m_statementTimeout(statementTimeout)
    {
    }

    QString storeName() const override { return m_dsn.display(); }
    Result<QSqlDatabase> connect(const QString &connectionName) const override;
    void closing(const QSqlDatabase &) const override { }
    QString beginWrite() const override;
    QString beginExclusive() const override;
    QString lockAuditChain() const override;
    QString lockRunCount() const override;
    bool joinsChanges() const override { return true; }
    QString takeUnlocked() const override;
    QString isAmong(const QString &query) const override;
    QString keepUnchanged() const override;
    QString announcement() const override;
    std::unique_ptr<StoreWatch> watch(StoreNewsHandler handler) const override;
    bool mayRepeat(const QSqlError &error) const override;
    std::chrono::milliseconds patience() const override;
    bool isConnectionLost(const QSqlError &error) const override;
    QString beginSnapshot() const override;
    QString liftTimeouts() const override;
    QString columnsQuery() const override;
    QString continueNumbers(const QString &table, const QString &column) const override;
    QString nowMilliseconds() const override;
    QString searchCondition() const override;
    std::optional<QString> searchArgument(const QString &typed) const override;
    Error translate(const QSqlError &error) const override;

private:
    const PostgresDsn m_dsn;
    const std::chrono::milliseconds m_statementTimeout;
};

} // namespace skillbox
