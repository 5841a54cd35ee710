#include "engine/storage/sql_connection.h"

#include "engine/base/ids.h"
#include "engine/base/outage.h"

#include <atomic>
#include <mutex>
#include <thread>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A prepared statement keeps what was bound to it, and so does the database; a statement that
/// carried a long log is not kept.
constexpr qsizetype largestKeptValue = 16 * 1024;

bool hasLargeValue(const QVariantList &values)
{
    return std::any_of(values.begin(), values.end(), [](const QVariant &value) {
        return value.userType() == QMetaType::QString && value.toString().size() > largestKeptValue;
    });
}

} // namespace

// --- SqlRows

SqlRows::SqlRows(const SqlDialect &dialect, QSqlQuery *cached, std::unique_ptr<QSqlQuery> own)
    : m_dialect(dialect)
    , m_own(std::move(own))
    , m_query(m_own ? m_own.get() : cached)
{
}

SqlRows::SqlRows(SqlRows &&other) noexcept
    : m_dialect(other.m_dialect)
    , m_own(std::move(other.m_own))
    , m_query(std::exchange(other.m_query, nullptr))
{
}

SqlRows::~SqlRows()
{
    if (m_query)
        m_query->finish();
}

Result<bool> SqlRows::next()
{
    if (m_query->next())
        return true;
    if (m_query->lastError().isValid())
        return fail(m_dialect.translate(m_query->lastError()));
    return false;
}

QDateTime SqlRows::time(int column) const
{
    return isNull(column) ? QDateTime() : QDateTime::fromMSecsSinceEpoch(integer(column), Qt::UTC);
}

// --- SqlConnection

Result<std::unique_ptr<SqlConnection>> SqlConnection::open(const SqlDialect &dialect)
{
    const QString name = u"skillbox-"_s + newUuid();
    auto database = dialect.connect(name);
    if (!database)
        return fail(database.error());
    return std::unique_ptr<SqlConnection>(new SqlConnection(dialect, name, std::move(*database)));
}

SqlConnection::SqlConnection(const SqlDialect &dialect, QString name, QSqlDatabase database)
    : m_dialect(dialect)
    , m_name(std::move(name))
    , m_database(std::move(database))
{
}

SqlConnection::~SqlConnection()
{
    // In this order: Qt warns of a connection "still in use" while a handle lives. Statements go
    // first, unless the connection is lost: theirs would be asked to forget them, in vain.
    if (m_failure != Failure::ConnectionLost) {
        m_statements.clear();
        m_dialect.closing(m_database);
    }
    m_database.close();
    m_database = {};
    QSqlDatabase::removeDatabase(m_name);
}

Error SqlConnection::failed(const QSqlError &error)
{
    m_failure = m_dialect.isConnectionLost(error) ? Failure::ConnectionLost
        : m_dialect.mayRepeat(error)              ? Failure::Repeatable
                                                  : Failure::Final;
    return m_dialect.translate(error);
}

Result<SqlRows> SqlConnection::run(const QString &sql, const QVariantList &values)
{
    if (m_failure != Failure::ConnectionLost)
        m_failure = Failure::Final; // of an earlier statement; it says nothing about this one
    std::unique_ptr<QSqlQuery> own;
    if (values.isEmpty()) {
        // Nothing to bind: BEGIN and its like cannot be prepared in every database.
        own = std::make_unique<QSqlQuery>(m_database);
        if (!own->exec(sql))
            return fail(failed(own->lastError()));
        return SqlRows(m_dialect, nullptr, std::move(own));
    }
    QSqlQuery *query = nullptr;
    const bool keep = !hasLargeValue(values);
    if (keep) {
        if (const auto found = m_statements.find(sql); found != m_statements.end())
            query = found->second.get();
    }
    if (!query) {
        own = std::make_unique<QSqlQuery>(m_database);
        own->setForwardOnly(true); // else Qt copies every row it passes
        if (!own->prepare(sql))
            return fail(failed(own->lastError()));
        query = own.get();
        if (keep)
            m_statements.emplace(sql, std::move(own));
    }
    for (qsizetype i = 0; i < values.size(); ++i)
        query->bindValue(static_cast<int>(i), values[i]);
    if (!query->exec()) {
        Error error = failed(query->lastError());
        query->finish();
        return fail(std::move(error));
    }
    return SqlRows(m_dialect, query, std::move(own));
}

Result<qint64> SqlConnection::change(const QString &sql, const QVariantList &values)
{
    auto rows = run(sql, values);
    if (!rows)
        return fail(rows.error());
    return rows->affected();
}

// --- SqlWrite

Result<SqlWrite> SqlWrite::begin(SqlConnection &connection, Others others)
{
    const SqlDialect &dialect = connection.dialect();
    if (auto begun = connection.change(others == Others::Wait ? dialect.beginExclusive()
                                                              : dialect.beginWrite());
        !begun)
        return fail(begun.error());
    return SqlWrite(connection);
}

SqlWrite::~SqlWrite()
{
    // SQLite may have rolled back by itself (a full disk does that), and a connection that is lost
    // took the transaction with it; the failure says nothing new.
    if (m_connection && m_connection->lastFailure() != SqlConnection::Failure::ConnectionLost)
        (void)m_connection->change(u"ROLLBACK"_s);
}

Result<void> SqlWrite::commit()
{
    if (auto committed = m_connection->change(u"COMMIT"_s); !committed)
        return fail(committed.error());
    m_connection = nullptr;
    return {};
}

// --- SqlConnections

struct SqlConnections::Shared {
    std::unique_ptr<const SqlDialect> dialect;
    std::mutex mutex;
    std::unordered_map<std::thread::id, std::unique_ptr<SqlConnection>> byThread;
    std::atomic<bool> reached = false; ///< there was a connection once
    Outage outage;

    std::unique_ptr<SqlConnection> take(std::thread::id thread)
    {
        const std::lock_guard lock(mutex);
        const auto found = byThread.find(thread);
        if (found == byThread.end())
            return nullptr;
        auto connection = std::move(found->second);
        byThread.erase(found);
        return connection;
    }
};

namespace {

/// Closes what a thread opened when the thread ends.
class ThreadEnd
{
public:
    ~ThreadEnd()
    {
        for (const auto &store : m_stores) {
            if (const auto shared = store.lock())
                shared->take(std::this_thread::get_id());
        }
    }
    void watch(const std::shared_ptr<SqlConnections::Shared> &shared)
    {
        std::erase_if(m_stores, [](const auto &store) { return store.expired(); });
        m_stores.push_back(shared);
    }

private:
    std::vector<std::weak_ptr<SqlConnections::Shared>> m_stores;
};

} // namespace

SqlConnections::SqlConnections(std::unique_ptr<const SqlDialect> dialect)
    : m_shared(std::make_shared<Shared>())
{
    m_shared->dialect = std::move(dialect);
}

SqlConnections::~SqlConnections()
{
    decltype(m_shared->byThread) connections;
    {
        const std::lock_guard lock(m_shared->mutex);
        connections.swap(m_shared->byThread);
    }
    connections.clear(); // before the dialect that they refer to
}

const SqlDialect &SqlConnections::dialect() const
{
    return *m_shared->dialect;
}

Result<SqlConnection *> SqlConnections::current()
{
    const auto thread = std::this_thread::get_id();
    std::unique_ptr<SqlConnection> lost; // closed when the mutex is free again
    {
        const std::lock_guard lock(m_shared->mutex);
        if (const auto found = m_shared->byThread.find(thread); found != m_shared->byThread.end()) {
            if (found->second->lastFailure() != SqlConnection::Failure::ConnectionLost)
                return found->second.get();
            lost = std::move(found->second);
            m_shared->byThread.erase(found);
        }
    }
    lost.reset();
    const auto deadline = m_shared->outage.deadline(
        m_shared->reached ? m_shared->dialect->patience() : std::chrono::milliseconds(0));
    const auto open = [this] {
        auto opened = SqlConnection::open(*m_shared->dialect);
        if (opened || opened.error().code == ErrorCode::StorageUnavailable)
            m_shared->outage.note(opened.has_value());
        return opened;
    };
    auto opened = open();
    for (auto pause = std::chrono::milliseconds(50);
         !opened && opened.error().code == ErrorCode::StorageUnavailable
         && std::chrono::steady_clock::now() + pause < deadline;
         pause = std::min(pause * 2, std::chrono::milliseconds(1000))) {
        std::this_thread::sleep_for(pause);
        opened = open();
    }
    if (!opened)
        return fail(opened.error());
    m_shared->reached = true;
    thread_local ThreadEnd end;
    end.watch(m_shared);
    SqlConnection *connection = opened->get();
    const std::lock_guard lock(m_shared->mutex);
    m_shared->byThread.emplace(thread, std::move(*opened));
    return connection;
}

} // namespace skillbox
