#pragma once

#include "server/api/api_services.h"
#include "server/http/router.h"
#include "server/mcp/streamable_http.h"

namespace skillbox {

/// /mcp: the Model Context Protocol over streamable HTTP.
void registerMcp(Router &router, ApiServices &services, StreamableHttp &mcp);

} // namespace skillbox
