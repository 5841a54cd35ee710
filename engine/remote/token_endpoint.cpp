#include "engine/remote/token_endpoint.h"

#include "engine/base/clock.h"
#include "engine/net/web_request.h"
#include "engine/oidc/strict_json.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype mostAnswerBytes = 256 << 10;
constexpr qsizetype longestToken = 64 << 10;
constexpr double longestLifetime = 10 * 365 * 86'400.0;

bool isToken(const QString &text)
{
    return !text.isEmpty() && text.size() <= longestToken
        && std::all_of(text.begin(), text.end(), [](QChar c) { return c > u' ' && c <= u'~'; });
}

Error noTokens(const SignInClient &client, const QString &detail)
{
    return {ErrorCode::Io,
            u"the sign-in service %1 gives an answer that is no use"_s.arg(client.provider.issuer),
            detail};
}

} // namespace

Result<TokenAnswer> askForTokens(const SignInClient &client,
                                 QList<std::pair<QByteArray, QString>> form,
                                 const std::stop_token &stop)
{
    form.append({"client_id", client.clientId});
    const Result<WebAnswer> answer = askWeb({.url = client.provider.tokenUrl,
                                             .headers = {"Accept: application/json"},
                                             .form = webForm(form),
                                             .caFile = client.caFile,
                                             .mostBytes = mostAnswerBytes,
                                             .stop = stop});
    if (!answer)
        return fail(answer.error());
    const Result<QJsonObject> body = parseStrictObject(answer->body);
    if (!body)
        return fail(noTokens(client, u"status %1: "_s.arg(answer->status) + body.error().message));
    TokenAnswer result;
    if (answer->status != 200) {
        result.refusal = (*body)["error"_L1].toString().left(100);
        if (result.refusal.isEmpty())
            return fail(noTokens(client, u"status %1"_s.arg(answer->status)));
        return result;
    }
    SignInTokens &tokens = result.tokens;
    tokens.access = (*body)["access_token"_L1].toString();
    tokens.refresh = (*body)["refresh_token"_L1].toString();
    tokens.obtainedAt = nowUtc();
    const bool isBearer = (*body)["token_type"_L1].toString().compare(u"bearer"_s,
                                                                      Qt::CaseInsensitive)
        == 0;
    if (!isBearer || !isToken(tokens.access)
        || (!tokens.refresh.isEmpty() && !isToken(tokens.refresh)))
        return fail(noTokens(client, u"no bearer token"_s));
    const double lifetime = (*body)["expires_in"_L1].toDouble(-1);
    if (lifetime >= 0 && lifetime < longestLifetime)
        tokens.expiresAt = tokens.obtainedAt.addSecs(static_cast<qint64>(lifetime));
    return result;
}

Result<SignInTokens> renewTokens(const SignInClient &client, const SignInTokens &old,
                                 const std::stop_token &stop)
{
    Result<TokenAnswer> answer = askForTokens(
        client, {{"grant_type", u"refresh_token"_s}, {"refresh_token", old.refresh}}, stop);
    if (!answer)
        return fail(answer.error());
    if (!answer->refusal.isEmpty()) {
        return fail(ErrorCode::Unauthorized,
                    u"the sign-in service %1 does not renew the sign-in any more"_s.arg(
                        client.provider.issuer),
                    answer->refusal);
    }
    // RFC 6749 section 6: without a new one the old one stays.
    if (answer->tokens.refresh.isEmpty())
        answer->tokens.refresh = old.refresh;
    return std::move(answer->tokens);
}

Result<void> revokeTokens(const SignInClient &client, const SignInTokens &tokens)
{
    if (client.provider.revokeUrl.isEmpty())
        return {};
    const bool isRenewable = !tokens.refresh.isEmpty();
    const Result<WebAnswer> answer = askWeb(
        {.url = client.provider.revokeUrl,
         .form = webForm({{"token", isRenewable ? tokens.refresh : tokens.access},
                          {"token_type_hint", isRenewable ? u"refresh_token"_s : u"access_token"_s},
                          {"client_id", client.clientId}}),
         .caFile = client.caFile,
         .mostBytes = mostAnswerBytes});
    if (!answer)
        return fail(answer.error());
    if (answer->status != 200)
        return fail(noTokens(client, u"revocation: status %1"_s.arg(answer->status)));
    return {};
}

} // namespace skillbox
