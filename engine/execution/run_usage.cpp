#include "engine/execution/execution_service_p.h"

using namespace std::chrono_literals;

namespace skillbox {

std::optional<RunUsage> ExecutionService::usage(const TenantId &tenant, const ExecutionId &id)
{
    /// The launcher answers in well under a millisecond, unless the machine has much to do.
    constexpr auto patience = 500ms;
    std::shared_ptr<UsageMeter> meter;
    {
        const std::lock_guard lock(d->mutex);
        const auto it = d->live.find(id);
        if (it == d->live.end() || it->second->record.tenant != tenant)
            return std::nullopt;
        meter = it->second->job.usage;
    }
    return meter ? meter->read(patience) : std::nullopt;
}

} // namespace skillbox
