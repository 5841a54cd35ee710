#pragma once

#include "server/api/api_services.h"

namespace skillbox {

/// /v1/sessions/{name}: the files that the runs of a session leave to each other.
void registerSessions(Router &router, ApiServices &services);

} // namespace skillbox
