#include "server/mcp/mcp_host.h"

#include "server/mcp/mcp_session.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(mcpHostLog, "skillbox.mcp")

/// Selections of which the catalog is kept; each has its own only by tags.
constexpr size_t maxShown = 100;
constexpr int auditPage = 500;
/// So many records at once are not looked through any more: the catalog may have changed.
constexpr int maxAuditPages = 10;

} // namespace

McpHost::McpHost(Engine &engine, McpTiming timing)
    : m_engine(engine)
    , m_timing(timing)
    , m_watcher([this](const std::stop_token &stop) { watch(stop); })
{
}

McpHost::~McpHost() = default;

Result<std::shared_ptr<const Catalog>> McpHost::catalog(const TenantId &tenant,
                                                        const QStringList &tags)
{
    std::shared_ptr<Shown> shown;
    {
        const std::lock_guard lock(m_mutex);
        std::shared_ptr<Shown> &slot = m_shown[{tenant, tags}];
        if (!slot)
            slot = std::make_shared<Shown>();
        shown = slot;
        if (m_shown.size() > maxShown) {
            const bool isOurs = m_shown.begin()->second == shown;
            m_shown.erase(isOurs ? std::prev(m_shown.end()) : m_shown.begin());
        }
    }
    const std::lock_guard lock(shown->mutex);
    // First: what changes while it is read makes it stale again.
    if (!shown->isStale.exchange(false))
        return shown->catalog;
    auto read = Catalog::read(m_engine.registry(), tenant, tags, shown->catalog.get());
    if (!read) {
        shown->isStale = true;
        return fail(read.error());
    }
    shown->catalog = *read;
    return *read;
}

void McpHost::join(const std::shared_ptr<McpSession> &session)
{
    const auto head = m_engine.metadata().auditHead(session->tenant());
    const std::lock_guard lock(m_mutex);
    m_sessions.push_back(session);
    if (!m_seen.contains(session->tenant())) {
        m_seen[session->tenant()] = head && *head ? (*head)->seq : 0;
        // Nobody has watched: it may be older than what is noticed from here on.
        for (auto &[key, shown] : m_shown) {
            if (key.first == session->tenant())
                shown = std::make_shared<Shown>();
        }
    }
    m_wake.notify_all();
}

void McpHost::onWatch(std::function<void()> callback)
{
    const std::lock_guard lock(m_mutex);
    m_onWatch = std::move(callback);
}

void McpHost::watch(const std::stop_token &stop)
{
    while (!stop.stop_requested()) {
        std::function<void()> onWatch;
        {
            std::unique_lock lock(m_mutex);
            if (!m_wake.wait(lock, stop, [this] { return !m_sessions.empty(); }))
                return;
            (void)m_wake.wait_for(lock, stop, m_timing.watch, [] { return false; });
            onWatch = m_onWatch;
        }
        if (stop.stop_requested())
            return;
        if (onWatch)
            onWatch();
        look();
    }
}

void McpHost::look()
{
    std::map<TenantId, qint64> seen;
    {
        const std::lock_guard lock(m_mutex);
        std::erase_if(m_sessions, [](const auto &session) { return session.expired(); });
        QSet<TenantId> present;
        for (const auto &weak : m_sessions) {
            if (const auto session = weak.lock())
                present.insert(session->tenant());
        }
        std::erase_if(m_seen, [&](const auto &entry) { return !present.contains(entry.first); });
        seen = m_seen;
    }
    for (auto &[tenant, seq] : seen) {
        const auto changes = changesSince(tenant, seq);
        if (!changes) {
            qCWarning(mcpHostLog, "the catalog cannot be watched: %s",
                      qUtf8Printable(changes.error().message));
            continue;
        }
        std::vector<std::shared_ptr<McpSession>> told;
        {
            const std::lock_guard lock(m_mutex);
            m_seen[tenant] = seq;
            if (changes->isEmpty())
                continue;
            for (const auto &[key, shown] : m_shown) {
                if (key.first == tenant)
                    shown->isStale = true;
            }
            for (const auto &weak : m_sessions) {
                if (auto session = weak.lock(); session && session->tenant() == tenant)
                    told.push_back(std::move(session));
            }
        }
        for (const auto &session : told)
            session->catalogChanged(*changes);
    }
}

Result<QSet<QString>> McpHost::changesSince(const TenantId &tenant, qint64 &seq)
{
    MetadataStore &metadata = m_engine.metadata();
    const auto head = metadata.auditHead(tenant);
    if (!head)
        return fail(head.error());
    QSet<QString> changed;
    if (!*head || (*head)->seq == seq)
        return changed;
    for (int page = 0; page < maxAuditPages; ++page) {
        const auto records = metadata.listAudit(tenant, {.afterSeq = seq, .limit = auditPage});
        if (!records)
            return fail(records.error());
        for (const AuditRecord &record : *records) {
            seq = record.seq;
            if (record.action.startsWith(u"skill."))
                changed.insert(record.target.section(u'@', 0, 0));
        }
        if (records->size() < auditPage)
            return changed;
    }
    seq = (*head)->seq;
    return QSet<QString>{u"*"_s};
}

} // namespace skillbox
