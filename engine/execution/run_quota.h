#pragma once

#include "engine/base/result.h"
#include "engine/storage/metadata_store.h"

namespace skillbox {

/// Takes one of the runs that the tenant may begin. RateLimited where there is none now: the error
/// has one item {quota, limit, remaining, retry_after_ms}.
Result<void> takeRunOf(const TenantId &tenant, MetadataStore &metadata);

} // namespace skillbox
