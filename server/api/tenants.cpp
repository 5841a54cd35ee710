#include "server/api/tenants.h"

#include "server/api/answers.h"
#include "server/api/json/tenant_json.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxTenantBody = 64 << 10;

bool isOperator(const HttpRequest &request, const ApiServices &services)
{
    return callerOf(request).tenant.value == services.settings.operatorTenant;
}

TenantId tenantOf(const HttpRequest &request)
{
    return {request.parameters.value(u"tenant"_s)};
}

/// Another tenant is as good as none for those who are no operators.
bool maySee(const TenantId &tenant, const HttpRequest &request, const ApiServices &services)
{
    return callerOf(request).tenant == tenant || isOperator(request, services);
}

HttpResponse noSuchTenant(const HttpRequest &request)
{
    return failed({ErrorCode::NotFound, u"there is no such tenant"_s}, request);
}

HttpResponse listTenants(ApiServices &services, const HttpRequest &request)
{
    TenantService &tenants = services.engine.tenants();
    if (isOperator(request, services))
        return answer(tenants.list().map(tenantsJson), request);
    return answer(tenants.find(callerOf(request).tenant).map([](const TenantView &own) {
        return tenantsJson({own});
    }),
                  request);
}

HttpResponse showTenant(ApiServices &services, const HttpRequest &request)
{
    const TenantId tenant = tenantOf(request);
    if (!maySee(tenant, request, services))
        return noSuchTenant(request);
    return answer(services.engine.tenants().find(tenant).map(tenantJson), request);
}

HttpResponse changeTenant(ApiServices &services, const HttpRequest &request)
{
    const TenantId tenant = tenantOf(request);
    if (!maySee(tenant, request, services))
        return noSuchTenant(request);
    if (!isOperator(request, services)) {
        return failed({ErrorCode::Forbidden,
                       u"what a tenant may use is set by an admin of the operators' tenant"_s},
                      request);
    }
    const auto patch = readTenantPatch(request.body->bytes());
    if (!patch)
        return failed(patch.error(), request);
    return answer(
        services.engine.tenants().change(tenant, *patch, originOf(request)).map(tenantJson),
        request);
}

} // namespace

void registerTenants(Router &router, ApiServices &services)
{
    using Handler = HttpResponse (*)(ApiServices &, const HttpRequest &);
    const auto add = [&](const QByteArray &method, const QString &pattern, Handler handler) {
        router.add(method, pattern, services.route(Permission::Administer, maxTenantBody),
                   SimpleHandler([&services, handler](const HttpRequest &request) {
                       return handler(services, request);
                   }));
    };
    add("GET", u"/v1/tenants"_s, listTenants);
    add("GET", u"/v1/tenants/{tenant}"_s, showTenant);
    add("PATCH", u"/v1/tenants/{tenant}"_s, changeTenant);
}

} // namespace skillbox
