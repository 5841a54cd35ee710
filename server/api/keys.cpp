#include "server/api/keys.h"

#include "engine/base/clock.h"
#include "server/api/answers.h"
#include "server/api/json/json_reader.h"
#include "server/api/json/key_json.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxKeyBody = 64 << 10;

Result<KeyRequest> keyRequestOf(const HttpRequest &request)
{
    auto reader = JsonReader::parse(request.body->bytes());
    if (!reader)
        return fail(reader.error());
    KeyRequest wanted;
    wanted.tenant = callerOf(request).tenant;
    wanted.name = reader->requiredText("name"_L1);
    const QString role = reader->text("role"_L1, roleName(Role::Runner));
    if (const auto known = roleFromName(role))
        wanted.role = *known;
    else
        reader->refuse(u"role must be reader, runner, publisher, admin or auditor"_s);
    if (const QString expires = reader->text("expires_at"_L1); !expires.isEmpty()) {
        wanted.expiresAt = fromRfc3339(expires);
        if (!wanted.expiresAt.isValid())
            reader->refuse(u"expires_at must be a time such as 2030-01-02T03:04:05Z"_s);
    }
    wanted.secret = reader->text("secret"_L1);
    if (reader->error())
        return fail(*reader->error());
    return wanted;
}

HttpResponse createKey(AccessService &access, const HttpRequest &request)
{
    const auto wanted = keyRequestOf(request);
    if (!wanted)
        return failed(wanted.error(), request);
    const auto made = access.createKey(*wanted, originOf(request));
    if (!made)
        return failed(made.error(), request);
    return HttpResponse::json(201, newKeyJson(*made));
}

HttpResponse revokeKey(AccessService &access, const HttpRequest &request)
{
    const QString id = request.parameters.value(u"id"_s).toLower();
    if (!isUuid(id))
        return failed({ErrorCode::NotFound, u"there is no such key"_s}, request);
    const auto revoked = access.revokeKey(callerOf(request).tenant, {id}, originOf(request));
    return revoked ? HttpResponse::empty(204) : failed(revoked.error(), request);
}

} // namespace

void registerKeys(Router &router, ApiServices &services)
{
    const RouteOptions options = services.route(Permission::Administer, maxKeyBody);
    router.add("POST", u"/v1/keys"_s, options,
               SimpleHandler([&services](const HttpRequest &request) {
                   return createKey(services.engine.access(), request);
               }));
    router.add(
        "GET", u"/v1/keys"_s, options, SimpleHandler([&services](const HttpRequest &request) {
            return answer(services.engine.access().listKeys(callerOf(request).tenant).map(keysJson),
                          request);
        }));
    router.add("DELETE", u"/v1/keys/{id}"_s, options,
               SimpleHandler([&services](const HttpRequest &request) {
                   return revokeKey(services.engine.access(), request);
               }));
}

} // namespace skillbox
