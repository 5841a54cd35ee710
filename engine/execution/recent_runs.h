#pragma once

#include "engine/execution/event_feed.h"

#include <deque>
#include <map>

namespace skillbox {

/// The events of runs that have ended lately or that another process carries out, for those who
/// come late or come back; bounded in number and size, the oldest give way. Not thread-safe.
class RecentRuns
{
public:
    struct Run {
        std::shared_ptr<RunEvents> events;
        EventFeed::Refresh refresh = {}; ///< of a run in another process
    };

    void add(const ExecutionId &id, Run run)
    {
        if (m_runs.contains(id))
            std::erase(m_order, id);
        m_runs.insert_or_assign(id, std::move(run));
        m_order.push_back(id);
        while (m_order.size() > maxRuns || (!m_order.empty() && bytes() > maxBytes)) {
            m_runs.erase(m_order.front());
            m_order.pop_front();
        }
    }
    /// Nothing: not known, or another tenant's.
    std::optional<Run> find(const TenantId &tenant, const ExecutionId &id) const
    {
        const auto found = m_runs.find(id);
        if (found == m_runs.end() || found->second.events->tenant() != tenant)
            return std::nullopt;
        return found->second;
    }

private:
    static constexpr size_t maxRuns = 64;
    static constexpr qint64 maxBytes = 8LL << 20;

    qint64 bytes() const
    {
        qint64 sum = 0;
        for (const auto &[id, run] : m_runs)
            sum += run.events->bytes();
        return sum;
    }
    std::map<ExecutionId, Run> m_runs;
    std::deque<ExecutionId> m_order; ///< oldest first
};

} // namespace skillbox
