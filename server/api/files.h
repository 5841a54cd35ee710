#pragma once

#include "server/api/api_services.h"

namespace skillbox {

/// /v1/files: uploads and artifacts, with versions.
void registerFiles(Router &router, ApiServices &services);

} // namespace skillbox
