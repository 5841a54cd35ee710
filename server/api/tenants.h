#pragma once

#include "server/api/api_services.h"
#include "server/http/router.h"

namespace skillbox {

/// /v1/tenants: what tenants may use and how long their things are kept. An admin sees its own
/// tenant; one of the operators' tenant sees and sets all.
void registerTenants(Router &router, ApiServices &services);

} // namespace skillbox
