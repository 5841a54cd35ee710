#pragma once

#include "engine/access/access_service.h"
#include "engine/base/origin.h"
#include "server/api/failed_calls.h"
#include "server/api/rate_limiter.h"
#include "server/api/result_links.h"
#include "server/http/router.h"

namespace skillbox {

class TokenAccess;

/// Tokens of a sign-in service, besides keys. Both are borrowed.
struct TokenSupport {
    TokenAccess *tokens = nullptr;      ///< null: there is none
    const ResultLinks *links = nullptr; ///< for refusals, which say where people sign in
};

/// Who may come through to a route: a valid key or token, of a role that allows it, not too often.
/// Its gates outlive nothing: the Authenticator must live as long as the router that holds them.
/// Thread-safe.
class Authenticator
{
public:
    /// `mostFailures`: how often in a minute an address may call without a key that works, see
    /// FailedCalls; 0: no bound.
    Authenticator(AccessService &access, RateLimit limit, TokenSupport support = {},
                  int mostFailures = 0);

    /// 401 `unauthorized` without a key or token that works, 403 `forbidden` for another tenant's
    /// header, a role that does not allow it, or a token that gives no role or tenant here, 429
    /// `rate_limited`, 503 while a token cannot be judged. Sets request.identity to the Caller.
    HttpGate gate(Permission permission);
    /// The same, but who sends no Authorization at all comes through without an identity, as a
    /// guest of `open`; guests have a rate limit of their own together. An empty `open`: nobody
    /// does.
    HttpGate gate(Permission permission, const TenantId &open);

private:
    std::optional<HttpResponse> check(HttpRequest &request, Permission permission);
    /// The caller, or the answer that refuses him.
    tl::expected<Caller, HttpResponse> identify(const HttpRequest &request);
    /// Says how to do better: the challenge of RFC 6750 section 3.
    HttpResponse challenge(HttpResponse response, const HttpRequest &request,
                           const QByteArray &error, const QString &description) const;
    std::optional<HttpResponse> limit(HttpRequest &request, const TenantId &tenant);

    AccessService &m_access;
    const TokenSupport m_support;
    RateLimiter m_limiter;
    FailedCalls m_failed;
};

/// The key of `Authorization: Bearer <key>`; the scheme compares without case. Empty: there is none
/// or it is malformed.
QString bearerKey(const HttpHeaders &headers);

/// Who the gate let through. Only for routes that have one.
const Caller &callerOf(const HttpRequest &request);

/// The same as the audit keeps it.
Origin originOf(const HttpRequest &request);

} // namespace skillbox
