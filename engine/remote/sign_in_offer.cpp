#include "engine/remote/sign_in_offer.h"

#include "engine/net/loopback_host.h"
#include "engine/oidc/provider.h"
#include "engine/oidc/strict_json.h"

#include <QJsonArray>
#include <QUrl>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype mostScopes = 50;
constexpr qsizetype longestText = 500;

bool isPlainText(const QString &text)
{
    return !text.isEmpty() && text.size() <= longestText
        && std::all_of(text.begin(), text.end(), [](QChar c) { return c > u' ' && c <= u'~'; });
}

QUrl comparable(const QString &address)
{
    QUrl url(address, QUrl::StrictMode);
    url.setHost(url.host().toLower());
    if (url.port() == (url.scheme() == u"https" ? 443 : 80))
        url.setPort(-1);
    return url.adjusted(QUrl::StripTrailingSlash | QUrl::NormalizePathSegments);
}

} // namespace

Result<SignInOffer> askForSignIn(ApiClient &server)
{
    const ServerAddress &address = server.server();
    if (!address.isLoopback && !address.baseUrl.startsWith("https:")) {
        return fail(
            ErrorCode::BadRequest,
            u"signing in to %1 would send what lets you in through the network for everybody "
            "to read; use its https:// address"_s.arg(address.text));
    }
    const auto answer = server.call(
        {.target = "/.well-known/oauth-protected-resource", .repeat = Repeat::Safe});
    if (!answer) {
        if (answer.error().code != ErrorCode::NotFound)
            return fail(answer.error());
        return fail(ErrorCode::NotFound,
                    u"%1 has no sign-in service; it takes API keys"_s.arg(address.text),
                    answer.error().detail);
    }
    return readSignInOffer(answer->body, address);
}

Result<SignInOffer> readSignInOffer(QByteArrayView json, const ServerAddress &address)
{
    const Result<QJsonObject> document = parseStrictObject(json);
    if (!document) {
        return fail(ErrorCode::Io,
                    u"what %1 says about signing in cannot be read"_s.arg(address.text),
                    document.error().message);
    }
    // RFC 9728 section 3.3: else one server could pass for another. Who comes through a tunnel or a
    // socket uses another name, and there is nobody in between.
    const QString resource = (*document)["resource"_L1].toString();
    if (!address.isLoopback && comparable(resource) != comparable(address.text)) {
        return fail(ErrorCode::BadRequest,
                    u"the server at %1 calls itself %2; use that address"_s.arg(
                        address.text, resource.left(longestText)));
    }
    SignInOffer offer{
        .issuer = (*document)["authorization_servers"_L1].toArray().first().toString(),
        .clientId = (*document)["skillbox_client_id"_L1].toString(),
        .scopes = {}};
    if (const auto usable = checkIssuer(offer.issuer); !usable)
        return fail(usable.error());
    if (!address.isLoopback && isLoopbackHost(QUrl(offer.issuer).host())) {
        return fail(
            ErrorCode::BadRequest,
            u"the server at %1 names a sign-in service on your own machine, which cannot be "
            "its own"_s.arg(address.text));
    }
    if (!isPlainText(offer.clientId)) {
        return fail(ErrorCode::NotFound,
                    u"%1 takes tokens of %2, but not from this program: get one there and give it "
                    "with --api-key"_s.arg(address.text, offer.issuer));
    }
    const QJsonArray scopes = (*document)["scopes_supported"_L1].toArray();
    for (const QJsonValue scope : scopes) {
        if (!isPlainText(scope.toString()) || offer.scopes.size() >= mostScopes) {
            return fail(ErrorCode::Io,
                        u"what %1 says about signing in cannot be used"_s.arg(address.text));
        }
        offer.scopes.append(scope.toString());
    }
    return offer;
}

} // namespace skillbox
