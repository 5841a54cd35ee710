#include "engine/remote/sign_in.h"

#include "engine/base/clock.h"
#include "engine/remote/api_client.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 marginSeconds = 30;
/// For a service that does not say how long its tokens last.
constexpr qint64 guessedLifetime = 300;

/// Renewed in time, but not all the time where tokens last for seconds.
bool isFresh(const SignInTokens &tokens, const QDateTime &now)
{
    if (!tokens.expiresAt.isValid())
        return tokens.refresh.isEmpty() || tokens.obtainedAt.secsTo(now) < guessedLifetime;
    const qint64 lifetime = tokens.obtainedAt.secsTo(tokens.expiresAt);
    return now.addSecs(std::min(marginSeconds, lifetime / 4)) < tokens.expiresAt;
}

bool isUsable(const SignInTokens &tokens, const QDateTime &now)
{
    return !tokens.expiresAt.isValid() || now < tokens.expiresAt;
}

Error isOver(const QString &server, const QString &detail)
{
    return {ErrorCode::Unauthorized,
            u"the sign-in to %1 is over\nsign in anew: skillbox login %1"_s.arg(server), detail};
}

Result<SignInClient> clientOf(const SignInRecord &record, const std::stop_token &stop = {})
{
    const Result<Provider> provider = discoverProvider(record.issuer, record.caFile, stop);
    if (!provider)
        return fail(provider.error());
    return SignInClient{*provider, record.clientId, record.caFile};
}

} // namespace

SignIn::SignIn(SignInStore store, QString server)
    : m_store(std::move(store))
    , m_server(std::move(server))
{
}

Result<void> SignIn::renew()
{
    const Result<UniqueFd> lock = m_store.lock();
    if (!lock)
        return fail(lock.error());
    // Another process may have been first.
    auto record = m_store.find(m_server);
    if (!record)
        return fail(record.error());
    if (!*record)
        return fail(isOver(m_server, u"nothing is kept"_s));
    m_record = std::move(*record);
    const QDateTime now = nowUtc();
    if (isFresh(m_record->tokens, now))
        return {};
    if (m_record->tokens.refresh.isEmpty()) {
        return isUsable(m_record->tokens, now) ? Result<void>()
                                               : fail(isOver(m_server, u"no refresh token"_s));
    }
    const Result<SignInClient> client = clientOf(*m_record);
    const Result<SignInTokens> tokens = client ? renewTokens(*client, m_record->tokens, {})
                                               : Result<SignInTokens>(fail(client.error()));
    if (!tokens) {
        if (tokens.error().code == ErrorCode::Unauthorized)
            return fail(isOver(m_server, tokens.error().detail));
        // The service is away; what we have may do for a while.
        return isUsable(m_record->tokens, now) ? Result<void>() : fail(tokens.error());
    }
    m_record->tokens = *tokens;
    return m_store.keep(*m_record);
}

Result<QByteArray> SignIn::bearer()
{
    const std::lock_guard guard(m_mutex);
    if (!m_record || !isFresh(m_record->tokens, nowUtc())) {
        if (const auto renewed = renew(); !renewed)
            return fail(renewed.error());
    }
    return m_record->tokens.access.toLatin1();
}

ConnectionSettings withSignIn(ConnectionSettings settings, const SignInStore &store)
{
    if (!settings.apiKey.isEmpty())
        return settings;
    const Result<ServerAddress> address = parseServerAddress(settings.address);
    if (!address || !store.has(address->text))
        return settings;
    settings.bearer = [session = std::make_shared<SignIn>(store, address->text)] {
        return session->bearer();
    };
    settings.hints.key = u"your sign-in does not open it: skillbox login %1"_s.arg(address->text);
    return settings;
}

Result<SignInRecord> signIn(const ConnectionSettings &server, const SignInStore &store,
                            const std::function<void(const DeviceLogin &login)> &show,
                            const std::stop_token &stop)
{
    ConnectionSettings settings = server;
    settings.apiKey.clear();
    settings.bearer = {};
    settings.stop = stop;
    auto http = connectTo(settings);
    if (!http)
        return fail(http.error());
    ApiClient api(std::move(*http));
    const Result<SignInOffer> offer = askForSignIn(api);
    if (!offer)
        return fail(offer.error());
    SignInRecord record{.server = api.server().text,
                        .issuer = offer->issuer,
                        .clientId = offer->clientId,
                        .caFile = server.caFile,
                        .tokens = {}};
    const Result<SignInClient> client = clientOf(record, stop);
    if (!client)
        return fail(client.error());
    Result<DeviceLogin> login = DeviceLogin::begin(*client, offer->scopes, stop);
    if (!login)
        return fail(login.error());
    show(*login);
    Result<SignInTokens> tokens = login->wait(stop);
    if (!tokens)
        return fail(tokens.error());
    record.tokens = std::move(*tokens);

    // Who has no role there should hear it now.
    settings.bearer = [&record] { return Result<QByteArray>(record.tokens.access.toLatin1()); };
    settings.hints.key.clear();
    auto asMe = connectTo(settings);
    if (!asMe)
        return fail(asMe.error());
    const auto welcome = ApiClient(std::move(*asMe))
                             .call({.target = "/v1/skills?limit=1", .repeat = Repeat::Safe});
    if (!welcome) {
        (void)revokeTokens(*client, record.tokens);
        Error error = welcome.error();
        if (error.code == ErrorCode::Unauthorized || error.code == ErrorCode::Forbidden) {
            error.message = u"you are signed in at %1, but %2 does not let you in: %3"_s.arg(
                record.issuer, record.server, error.message);
        }
        return fail(error);
    }
    if (const auto kept = store.keep(record); !kept)
        return fail(kept.error());
    return record;
}

Result<SignedOut> signOut(const QString &server, const SignInStore &store)
{
    if (!store.has(server))
        return fail(ErrorCode::NotFound, u"you are not signed in to %1"_s.arg(server));
    SignedOut result;
    const auto record = store.find(server);
    if (record && *record) {
        result.record = **record;
        const Result<SignInClient> client = clientOf(result.record);
        const Result<void> revoked = client ? revokeTokens(*client, result.record.tokens)
                                            : Result<void>(fail(client.error()));
        if (!revoked)
            result.notRevoked = revoked.error().message;
    } else if (!record) {
        result.notRevoked = record.error().message;
    }
    result.record.server = server;
    if (const auto removed = store.remove(server); !removed)
        return fail(removed.error());
    return result;
}

} // namespace skillbox
