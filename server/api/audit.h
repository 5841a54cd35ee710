#pragma once

#include "server/api/api_services.h"

namespace skillbox {

/// GET /v1/audit, /v1/audit/export and /v1/audit/verify: for auditors and admins.
void registerAudit(Router &router, ApiServices &services);

} // namespace skillbox
