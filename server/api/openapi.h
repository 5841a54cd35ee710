#pragma once

#include "server/http/router.h"

namespace skillbox {

/// GET /openapi.json and the page drawn from it, /docs. No key needed: they say nothing of anybody.
void registerOpenApi(Router &router);

/// resources/openapi.yaml as compact JSON.
QByteArray openApiDocument();

} // namespace skillbox
