#include "app/cli/tenant_json.h"

#include "engine/base/clock.h"

using namespace Qt::StringLiterals;

namespace skillbox {

void writeTenant(JsonWriter &json, const TenantView &tenant)
{
    const TenantRecord &record = tenant.record;
    json.beginObject()
        .member(u"tenant_id"_s, record.id.value)
        .member(u"created_at"_s, toRfc3339(record.createdAt));
    for (const TenantSetting &setting : tenantSettings)
        json.member(QString(setting.name), effective(setting, record.settings, tenant.defaults));
    json.key(u"own"_s).beginArray();
    for (const TenantSetting &setting : tenantSettings) {
        if (record.settings.*setting.value)
            json.value(QString(setting.name));
    }
    json.endArray()
        .member(u"stored_bytes"_s, record.storedBytes)
        .memberIfAny(u"updated_at"_s, toRfc3339(record.updatedAt))
        .memberIfAny(u"updated_by"_s, record.updatedBy)
        .endObject();
}

} // namespace skillbox
