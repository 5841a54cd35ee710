#include "engine/execution/run_quota.h"

using namespace Qt::StringLiterals;

namespace skillbox {

Result<void> takeRunOf(const TenantId &tenant, MetadataStore &metadata)
{
    const auto ticket = metadata.takeRun(tenant);
    if (!ticket)
        return fail(ticket.error());
    if (ticket->allowed)
        return {};
    const qint64 wait = ticket->retryAfter.count();
    return fail(
        Error{.code = ErrorCode::RateLimited,
              .message = u"the tenant \"%1\" may begin %2 runs a minute; try again in %3 s"_s
                             .arg(tenant.value)
                             .arg(ticket->limit)
                             .arg((wait + 999) / 1000),
              .detail = {},
              .items = {QJsonObject{{u"quota"_s, u"runs_per_minute"_s},
                                    {u"limit"_s, ticket->limit},
                                    {u"remaining"_s, ticket->remaining},
                                    {u"retry_after_ms"_s, wait}}}});
}

} // namespace skillbox
