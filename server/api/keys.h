#pragma once

#include "server/api/api_services.h"

namespace skillbox {

/// POST and GET /v1/keys, DELETE /v1/keys/{id}: for admins.
void registerKeys(Router &router, ApiServices &services);

} // namespace skillbox
