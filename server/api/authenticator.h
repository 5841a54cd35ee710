#pragma once

#include "engine/access/access_service.h"
#include "engine/base/origin.h"
#include "server/api/rate_limiter.h"
#include "server/http/router.h"

namespace skillbox {

/// Who may come through to a route: a valid key, of a role that allows it, not too often. Its gates
/// outlive nothing: the Authenticator must live as long as the router that holds them. Thread-safe.
class Authenticator
{
public:
    Authenticator(AccessService &access, RateLimit limit);

    /// 401 `unauthorized` without a key that works, 403 `forbidden` for another tenant's header or
    /// a role that does not allow it, 429 `rate_limited`. Sets request.identity to the Caller.
    HttpGate gate(Permission permission);
    /// The same, but who sends no Authorization at all comes through without an identity, as a
    /// guest of `open`; guests have a rate limit of their own together. An empty `open`: nobody
    /// does.
    HttpGate gate(Permission permission, const TenantId &open);

private:
    std::optional<HttpResponse> check(HttpRequest &request, Permission permission);
    std::optional<HttpResponse> limit(HttpRequest &request, const TenantId &tenant);

    AccessService &m_access;
    RateLimiter m_limiter;
};

/// The key of `Authorization: Bearer <key>`; the scheme compares without case. Empty: there is none
/// or it is malformed.
QString bearerKey(const HttpHeaders &headers);

/// Who the gate let through. Only for routes that have one.
const Caller &callerOf(const HttpRequest &request);

/// The same as the audit keeps it.
Origin originOf(const HttpRequest &request);

} // namespace skillbox
