#pragma once

#include "app/cli/json_writer.h"
#include "engine/storage/records.h"

namespace skillbox {

/// {id, name, role, tenant_id, created_at, created_by?, expires_at?, last_used_at?, revoked_at?}
/// into an object that is open.
void writeKeyMembers(JsonWriter &json, const KeyRecord &key);

} // namespace skillbox
