#include "engine/oidc/provider.h"

#include "engine/base/quoted_name.h"
#include "engine/net/loopback_host.h"
#include "engine/net/web_request.h"
#include "engine/oidc/strict_json.h"

#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype mostDocumentBytes = 256 << 10;
constexpr qsizetype longestUrl = 2048;

/// Fills `target` if the document has the member.
Result<void> takeUrl(const QJsonObject &document, QLatin1StringView name, const QString &issuer,
                     QString &target)
{
    const QJsonValue value = document[name];
    if (value.isUndefined() || value.isNull())
        return {};
    const QString url = value.toString();
    const bool isUsable = url.size() <= longestUrl && isPrivateWebAddress(url)
        && (issuer.startsWith(u"http:") || url.startsWith(u"https:"));
    if (!isUsable) {
        return fail(ErrorCode::BadRequest,
                    u"the sign-in service %1 names no https:// address as its %2"_s.arg(issuer,
                                                                                        name));
    }
    target = url;
    return {};
}

} // namespace

Result<void> checkIssuer(const QString &issuer)
{
    if (issuer.size() <= longestUrl && isPrivateWebAddress(issuer) && !QUrl(issuer).hasQuery())
        return {};
    return fail(ErrorCode::BadRequest,
                u"%1 is not the address of a sign-in service: it looks like "
                "https://login.example.com, http:// is for this machine only"_s.arg(
                    quotedName(issuer)));
}

Result<Provider> parseProvider(QByteArrayView json, const QString &issuer)
{
    const Result<QJsonObject> document = parseStrictObject(json);
    if (!document) {
        return fail(ErrorCode::BadRequest, u"what %1 says of itself cannot be read"_s.arg(issuer),
                    document.error().message);
    }
    Provider provider{.issuer = (*document)["issuer"_L1].toString(), .keysUrl = {}};
    // To the letter: else one provider could speak for another (section 4.3).
    if (provider.issuer != issuer) {
        return fail(ErrorCode::BadRequest,
                    u"the sign-in service at %1 calls itself %2; use that name to the letter"_s.arg(
                        issuer, quotedName(provider.issuer)));
    }
    for (const auto &[name, target] :
         {std::pair{"jwks_uri"_L1, &provider.keysUrl},
          std::pair{"token_endpoint"_L1, &provider.tokenUrl},
          std::pair{"device_authorization_endpoint"_L1, &provider.deviceUrl},
          std::pair{"revocation_endpoint"_L1, &provider.revokeUrl}}) {
        if (const auto taken = takeUrl(*document, name, issuer, *target); !taken)
            return fail(taken.error());
    }
    if (provider.keysUrl.isEmpty()) {
        return fail(ErrorCode::BadRequest,
                    u"the sign-in service %1 does not say where its keys are (jwks_uri)"_s.arg(
                        issuer));
    }
    return provider;
}

Result<Provider> discoverProvider(const QString &issuer, const QString &caFile,
                                  const std::stop_token &stop)
{
    if (const auto usable = checkIssuer(issuer); !usable)
        return fail(usable.error());
    QString url = issuer;
    if (url.endsWith(u'/'))
        url.chop(1);
    url += u"/.well-known/openid-configuration"_s;
    const Result<WebAnswer> answer = askWeb({.url = url,
                                             .headers = {"Accept: application/json"},
                                             .caFile = caFile,
                                             .mostBytes = mostDocumentBytes,
                                             .stop = stop});
    if (!answer)
        return fail(answer.error());
    if (answer->status != 200) {
        return fail(ErrorCode::Io,
                    u"%1 answers with the status %2: is it a sign-in service?"_s.arg(url).arg(
                        answer->status));
    }
    return parseProvider(answer->body, issuer);
}

} // namespace skillbox
