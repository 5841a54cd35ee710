#include "engine/access/tenant_service.h"

#include "engine/base/clock.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

tl::unexpected<Error> noSuchTenant(const TenantId &tenant)
{
    return fail(ErrorCode::NotFound,
                u"there is no tenant \"%1\"; a tenant is made with its first key"_s.arg(
                    tenant.value.left(128)));
}

Result<void> checkPatch(const TenantPatch &patch)
{
    for (auto it = patch.begin(); it != patch.end(); ++it) {
        const auto setting = std::find_if(tenantSettings.begin(), tenantSettings.end(),
                                          [&](const TenantSetting &known) {
                                              return it.key() == known.name;
                                          });
        if (setting == tenantSettings.end()) {
            return fail(ErrorCode::BadRequest,
                        u"\"%1\" is no setting of a tenant"_s.arg(it.key().left(64)));
        }
        if (it.value() && (*it.value() < 0 || *it.value() > setting->most)) {
            return fail(ErrorCode::BadRequest,
                        u"%1 must be a whole number from 0, which is no limit, to %2"_s.arg(
                            setting->name, QString::number(setting->most)));
        }
    }
    return {};
}

QJsonValue jsonOf(const std::optional<qint64> &value)
{
    return value ? QJsonValue(*value) : QJsonValue(u"default"_s);
}

} // namespace

TenantService::TenantService(MetadataStore &metadata, TenantSettings defaults)
    : m_metadata(metadata)
    , m_defaults(defaults)
{
}

Result<QList<TenantView>> TenantService::list()
{
    auto records = m_metadata.tenantRecords();
    if (!records)
        return fail(records.error());
    QList<TenantView> views;
    for (TenantRecord &record : *records)
        views.append({std::move(record), m_defaults});
    return views;
}

Result<TenantView> TenantService::find(const TenantId &tenant)
{
    auto record = m_metadata.findTenant(tenant);
    if (!record)
        return fail(record.error());
    if (!*record)
        return noSuchTenant(tenant);
    return TenantView{std::move(**record), m_defaults};
}

Result<TenantView> TenantService::change(const TenantId &tenant, const TenantPatch &patch,
                                         const Origin &by)
{
    if (auto fine = checkPatch(patch); !fine)
        return fail(fine.error());
    const QDateTime now = nowUtc();
    const auto apply = [&](TenantSettings &settings) -> std::optional<AuditRecord> {
        QJsonObject before;
        QJsonObject after;
        for (const TenantSetting &setting : tenantSettings) {
            const auto wanted = patch.find(setting.name);
            auto &own = settings.*setting.value;
            if (wanted == patch.end() || wanted.value() == own)
                continue;
            before.insert(setting.name, jsonOf(own));
            after.insert(setting.name, jsonOf(wanted.value()));
            own = wanted.value();
        }
        if (after.isEmpty())
            return std::nullopt;
        return AuditRecord{.tenant = tenant,
                           .at = now,
                           .actor = by.actor,
                           .action = u"tenant.update"_s,
                           .target = tenant.value,
                           .details = {{u"before"_s, before}, {u"after"_s, after}},
                           .address = by.address,
                           .requestId = by.requestId};
    };
    auto record = m_metadata.changeTenant(tenant, now, by.actor, apply);
    if (!record)
        return fail(record.error());
    if (!*record)
        return noSuchTenant(tenant);
    return TenantView{std::move(**record), m_defaults};
}

} // namespace skillbox
