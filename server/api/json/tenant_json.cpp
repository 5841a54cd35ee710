#include "server/api/json/tenant_json.h"

#include "engine/base/clock.h"
#include "server/api/json/json_output.h"
#include "server/api/json/json_reader.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

void putTenant(JsonOutput &json, const TenantView &tenant)
{
    const TenantRecord &record = tenant.record;
    json.beginObject()
        .member("tenant_id", record.id.value)
        .member("created_at", toRfc3339(record.createdAt));
    for (const TenantSetting &setting : tenantSettings)
        json.member(setting.name.data(), effective(setting, record.settings, tenant.defaults));
    json.key("own").beginArray();
    for (const TenantSetting &setting : tenantSettings) {
        if (record.settings.*setting.value)
            json.value(setting.name);
    }
    json.endArray()
        .member("stored_bytes", record.storedBytes)
        .memberIfAny("updated_at", toRfc3339(record.updatedAt))
        .memberIfAny("updated_by", record.updatedBy)
        .endObject();
}

} // namespace

QByteArray tenantJson(const TenantView &tenant)
{
    JsonOutput json;
    putTenant(json, tenant);
    return json.bytes();
}

QByteArray tenantsJson(const QList<TenantView> &tenants)
{
    JsonOutput json;
    json.beginArray();
    for (const TenantView &tenant : tenants)
        putTenant(json, tenant);
    json.endArray();
    return json.bytes();
}

Result<TenantPatch> readTenantPatch(QByteArrayView body)
{
    auto reader = JsonReader::parse(body);
    if (!reader)
        return fail(reader.error());
    TenantPatch patch;
    for (const TenantSetting &setting : tenantSettings) {
        if (reader->isNull(setting.name))
            patch.insert(setting.name, std::nullopt);
        else if (const auto number = reader->number(setting.name, 0, setting.most))
            patch.insert(setting.name, *number);
    }
    if (reader->error())
        return fail(*reader->error());
    return patch;
}

} // namespace skillbox
