#pragma once

#include "app/cli/json_writer.h"
#include "engine/access/tenant_service.h"

namespace skillbox {

/// A tenant as the API writes it.
void writeTenant(JsonWriter &json, const TenantView &tenant);

} // namespace skillbox
