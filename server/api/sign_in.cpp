#include "server/api/sign_in.h"

#include "server/api/answers.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

HttpResponse signInAnswer(const ApiServices &services, const HttpRequest &request)
{
    const OidcConfig &oidc = services.settings.oidc;
    if (!oidc.isOn()) {
        return failed({ErrorCode::NotFound,
                       u"this server has no sign-in service; it takes API "
                       "keys"_s},
                      request);
    }
    QJsonObject document{{u"resource"_s, services.links.baseUrl(request)},
                         {u"resource_name"_s, u"Skillbox"_s},
                         {u"authorization_servers"_s, QJsonArray{oidc.issuer}},
                         {u"bearer_methods_supported"_s, QJsonArray{u"header"_s}}};
    if (!oidc.clientId.isEmpty()) {
        document.insert(u"scopes_supported"_s, QJsonArray::fromStringList(oidc.scopes));
        document.insert(u"skillbox_client_id"_s, oidc.clientId);
    }
    return HttpResponse::json(200, QJsonDocument(document).toJson(QJsonDocument::Compact));
}

} // namespace

void registerSignIn(Router &router, ApiServices &services)
{
    router.add("GET", signInDocument, {.maxBodyBytes = 0, .runsOn = RunsOn::Immediate, .gate = {}},
               SimpleHandler([&services](const HttpRequest &request) {
                   return signInAnswer(services, request);
               }));
}

} // namespace skillbox
