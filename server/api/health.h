#pragma once

#include "server/api/api_services.h"

namespace skillbox {

/// The probes: /health, /ready and their aliases, /version, /metrics.
void registerHealth(Router &router, ApiServices &services);

/// /metrics alone, for a listener of its own.
void registerMetrics(Router &router, ApiServices &services);

} // namespace skillbox
