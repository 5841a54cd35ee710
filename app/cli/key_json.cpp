#include "app/cli/key_json.h"

#include "engine/base/clock.h"

using namespace Qt::StringLiterals;

namespace skillbox {

void writeKeyMembers(JsonWriter &json, const KeyRecord &key)
{
    json.member(u"id"_s, key.id.value)
        .member(u"name"_s, key.name)
        .member(u"role"_s, key.role)
        .member(u"tenant_id"_s, key.tenant.value)
        .member(u"created_at"_s, toRfc3339(key.createdAt))
        .memberIfAny(u"created_by"_s, key.createdBy)
        .memberIfAny(u"expires_at"_s, toRfc3339(key.expiresAt))
        .memberIfAny(u"last_used_at"_s, toRfc3339(key.lastUsedAt))
        .memberIfAny(u"revoked_at"_s, toRfc3339(key.revokedAt));
}

} // namespace skillbox
