#pragma once

#include "engine/base/result.h"

#include <QSqlDatabase>
#include <QSqlError>

#include <chrono>
#include <optional>

namespace skillbox {

/// What differs between the databases that SqlStore speaks to. Everything else is one SQL text.
/// Immutable and thread-safe.
class SqlDialect
{
public:
    virtual ~SqlDialect() = default;

    /// Names the store in messages: a file's path, a server's address without secrets.
    virtual QString storeName() const = 0;
    /// Opens a connection registered as `connectionName`, for the calling thread alone, with its
    /// session settings made. On an error nothing stays registered.
    virtual Result<QSqlDatabase> connect(const QString &connectionName) const = 0;
    /// A connection of connect() is about to be closed.
    virtual void closing(const QSqlDatabase &database) const = 0;
    /// Begins a transaction that will write, waiting for its turn.
    virtual QString beginWrite() const = 0;
    /// The same, and keeps every other writer out until it ends.
    virtual QString beginExclusive() const { return beginWrite(); }
    /// With the tenant for its placeholder: makes the transaction the only one that adds to this
    /// tenant's audit chain until it ends. Empty: beginWrite() has done that.
    virtual QString lockAuditChain() const { return {}; }
    /// Whether a failed transaction may be made again: it lost to another one, and nothing of it
    /// was kept.
    virtual bool mayRepeat(const QSqlError &) const { return false; }
    /// How long a store that could be reached before is waited for when it cannot: a server that
    /// is started again comes back.
    virtual std::chrono::milliseconds patience() const { return {}; }
    /// Whether the connection is of no more use after this error.
    virtual bool isConnectionLost(const QSqlError &) const { return false; }
    /// The database's clock: milliseconds since 1970 as an expression.
    virtual QString nowMilliseconds() const = 0;
    /// A condition on the rows of skill_versions with one placeholder for searchArgument().
    virtual QString searchCondition() const = 0;
    /// What a person typed, as an argument that cannot be read as query syntax. Nothing: no row can
    /// match it.
    virtual std::optional<QString> searchArgument(const QString &typed) const = 0;
    /// A failure of the database as one sentence naming the store and what to do.
    virtual Error translate(const QSqlError &error) const = 0;
};

} // namespace skillbox
