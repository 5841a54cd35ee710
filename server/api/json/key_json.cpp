#include "server/api/json/key_json.h"

#include "engine/base/clock.h"
#include "server/api/json/json_output.h"

namespace skillbox {
namespace {

void putKey(JsonOutput &json, const KeyRecord &key)
{
    json.member("id", key.id.value)
        .member("name", key.name)
        .member("role", key.role)
        .member("tenant_id", key.tenant.value)
        .member("created_at", toRfc3339(key.createdAt))
        .memberIfAny("created_by", key.createdBy)
        .memberIfAny("expires_at", toRfc3339(key.expiresAt))
        .memberIfAny("last_used_at", toRfc3339(key.lastUsedAt))
        .memberIfAny("revoked_at", toRfc3339(key.revokedAt));
}

} // namespace

QByteArray keysJson(const QList<KeyRecord> &keys)
{
    JsonOutput json;
    json.beginArray();
    for (const KeyRecord &key : keys) {
        json.beginObject();
        putKey(json, key);
        json.endObject();
    }
    json.endArray();
    return json.bytes();
}

QByteArray newKeyJson(const NewKey &key)
{
    JsonOutput json;
    json.beginObject().member("key", key.secret);
    putKey(json, key.record);
    json.endObject();
    return json.bytes();
}

} // namespace skillbox
