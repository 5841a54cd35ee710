#pragma once

#include "engine/base/result.h"
#include "engine/storage/store_news.h"

#include <QSqlDatabase>
#include <QSqlError>

#include <chrono>
#include <memory>
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
    /// With the tenant for its placeholder: makes the transaction the only one that counts this
    /// tenant's runs under way until it ends. Empty: beginWrite() has done that.
    virtual QString lockRunCount() const { return {}; }
    /// Whether statements that change can be parts of one (`WITH … AS (INSERT …)`), where each
    /// costs a way to the server and back. It has sha256() then, too.
    virtual bool joinsChanges() const { return false; }
    /// After a SELECT: takes the rows for this transaction, without those that another one has.
    virtual QString takeUnlocked() const { return {}; }
    /// After a column: that it is one of what the query, which gives few rows, gives.
    virtual QString isAmong(const QString &query) const;
    /// After a SELECT: keeps the rows as they are until the transaction ends.
    virtual QString keepUnchanged() const { return {}; }
    /// With a text of at most 7,900 bytes for its placeholder: tells it to all who watch. Empty:
    /// there is no way.
    virtual QString announcement() const { return {}; }
    virtual std::unique_ptr<StoreWatch> watch(StoreNewsHandler) const { return nullptr; }
    /// Whether a failed transaction may be made again: it lost to another one, and nothing of it
    /// was kept.
    virtual bool mayRepeat(const QSqlError &) const { return false; }
    /// How long a store that could be reached before is waited for when it cannot: a server that
    /// is started again comes back.
    virtual std::chrono::milliseconds patience() const { return {}; }
    /// Whether the connection is of no more use after this error.
    virtual bool isConnectionLost(const QSqlError &) const { return false; }
    /// Begins a transaction that only reads, and sees the store as it is at its first statement.
    virtual QString beginSnapshot() const = 0;
    /// For the running transaction, which may take hours. Empty: nothing bounds it.
    virtual QString liftTimeouts() const { return {}; }
    /// Rows of name, type and whether NULL is refused (0, 1) for the columns of a table, whose name
    /// is the placeholder; without those that the database derives from others.
    virtual QString columnsQuery() const = 0;
    /// Lets the numbers that the database gives out for a column go on after the largest there is.
    /// Empty: they do by themselves.
    virtual QString continueNumbers(const QString &, const QString &) const { return {}; }
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

inline QString SqlDialect::isAmong(const QString &query) const
{
    return QStringLiteral(" IN (") + query + QLatin1Char(')');
}

} // namespace skillbox
