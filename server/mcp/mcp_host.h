#pragma once

#include "engine/engine.h"
#include "server/mcp/catalog.h"

#include <QSet>

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace skillbox {

class McpSession;

/// How often a change of the catalog is looked for while anybody is there to be told.
struct McpTiming {
    std::chrono::milliseconds watch{500};
};

/// What the sessions of a process share: the catalogs, and the thread that notices when one
/// changes, by whatever process. Every change of a skill writes an audit record, and the end of a
/// tenant's audit chain is one row: so to look costs a query, and nothing while no session is open.
/// Thread-safe. Goes after the
/// sessions and before the engine.
class McpHost
{
public:
    explicit McpHost(Engine &engine, McpTiming timing = {});
    ~McpHost();
    McpHost(const McpHost &) = delete;
    McpHost &operator=(const McpHost &) = delete;

    Engine &engine() { return m_engine; }
    Result<std::shared_ptr<const Catalog>> catalog(const TenantId &tenant, const QStringList &tags);

    /// From now on until it goes the session is told of changes.
    void join(const std::shared_ptr<McpSession> &session);
    /// Called on the watching thread now and then while sessions are open; one at a time.
    void onWatch(std::function<void()> callback);

private:
    struct Shown {
        std::atomic<bool> isStale = true;
        std::mutex mutex; ///< guards what follows; held while the list is read, so it is read once
        std::shared_ptr<const Catalog> catalog;
    };
    using ShownKey = std::pair<TenantId, QStringList>;

    void watch(const std::stop_token &stop);
    void look();
    /// Names of the skills that changed since `seq`, which moves on; `*`: any of them may have.
    Result<QSet<QString>> changesSince(const TenantId &tenant, qint64 &seq);

    Engine &m_engine;
    const McpTiming m_timing;
    std::mutex m_mutex; ///< guards what follows
    std::condition_variable_any m_wake;
    std::map<ShownKey, std::shared_ptr<Shown>> m_shown;
    std::vector<std::weak_ptr<McpSession>> m_sessions;
    std::map<TenantId, qint64> m_seen; ///< of those with sessions: the audit's last record
    std::function<void()> m_onWatch;
    std::jthread m_watcher; // the last member: goes first
};

} // namespace skillbox
