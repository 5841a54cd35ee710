#include "server/api/authenticator.h"

#include "server/api/answers.h"
#include "server/http/problem.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The least role that has the permission, as a sentence names it.
QString roleNeeded(Permission permission)
{
    switch (permission) {
    case Permission::Read: return u"the role reader"_s;
    case Permission::Run: return u"the role runner"_s;
    case Permission::Publish: return u"the role publisher"_s;
    case Permission::Administer: return u"the role admin"_s;
    case Permission::Audit: break;
    }
    return u"the role auditor or admin"_s;
}

/// draft-ietf-httpapi-ratelimit-headers-10: quota and window, then what is left and when there is
/// more: all of it, or of an empty bucket the next token.
HttpHeaders rateLimitFields(const RateLimit &limit, const RateLimiter::Verdict &verdict)
{
    const std::chrono::seconds more = verdict.allowed ? verdict.refillsIn : verdict.retryAfter;
    HttpHeaders fields;
    fields.add("RateLimit-Policy",
               "\"tenant\";q=" + QByteArray::number(limit.requests)
                   + ";w=" + QByteArray::number(qint64(limit.window.count())));
    fields.add("RateLimit",
               "\"tenant\";r=" + QByteArray::number(verdict.remaining)
                   + ";t=" + QByteArray::number(qint64(more.count())));
    return fields;
}

HttpResponse rateLimited(const HttpRequest &request, const RateLimit &limit,
                         const RateLimiter::Verdict &verdict)
{
    HttpResponse response = failed({ErrorCode::RateLimited,
                                    u"more than %1 requests in %2 seconds, try again in %3 s"_s
                                        .arg(limit.requests)
                                        .arg(limit.window.count())
                                        .arg(verdict.retryAfter.count())},
                                   request);
    response.headers.set("Retry-After", QByteArray::number(qint64(verdict.retryAfter.count())));
    return response;
}

} // namespace

QString bearerKey(const HttpHeaders &headers)
{
    // Two of them would leave open which one counts.
    const QList<QByteArray> fields = headers.values("Authorization");
    if (fields.size() != 1)
        return {};
    const QByteArray field = fields.first().trimmed();
    constexpr QByteArrayView scheme = "bearer ";
    if (QByteArrayView(field)
            .first(qMin(field.size(), scheme.size()))
            .compare(scheme, Qt::CaseInsensitive)
        != 0)
        return {};
    return QString::fromUtf8(field.sliced(scheme.size()).trimmed());
}

Authenticator::Authenticator(AccessService &access, RateLimit limit)
    : m_access(access)
    , m_limiter(limit)
{
}

HttpGate Authenticator::gate(Permission permission)
{
    return [this, permission](HttpRequest &request) { return check(request, permission); };
}

HttpGate Authenticator::gate(Permission permission, const TenantId &open)
{
    if (open.value.isEmpty())
        return gate(permission);
    // No tenant has a name with a space.
    const TenantId guests{u"guests of "_s + open.value};
    return [this, permission, guests](HttpRequest &request) {
        if (request.headers.values("Authorization").isEmpty())
            return limit(request, guests);
        return check(request, permission);
    };
}

std::optional<HttpResponse> Authenticator::limit(HttpRequest &request, const TenantId &tenant)
{
    const auto verdict = m_limiter.take(tenant);
    if (!verdict)
        return std::nullopt;
    request.answerFields = rateLimitFields(m_limiter.limit(), *verdict);
    if (verdict->allowed)
        return std::nullopt;
    return rateLimited(request, m_limiter.limit(), *verdict);
}

std::optional<HttpResponse> Authenticator::check(HttpRequest &request, Permission permission)
{
    const QString key = bearerKey(request.headers);
    if (key.isEmpty()) {
        return failed({ErrorCode::Unauthorized,
                       u"an API key is needed: Authorization: Bearer <key>"_s},
                      request);
    }
    Result<Caller> caller = m_access.authenticate(key);
    if (!caller)
        return failed(caller.error(), request);
    const TenantId tenant = caller->tenant;
    const bool allowed = allows(caller->role, permission);
    const QString role = roleName(caller->role);
    request.identity = std::move(*caller); // also of those that are refused: for the log

    if (auto refusal = limit(request, tenant))
        return refusal;
    const QList<QByteArray> named = request.headers.values("X-Tenant-ID");
    for (const QByteArray &name : named) {
        if (QString::fromUtf8(name) != tenant.value) {
            return failed({ErrorCode::Forbidden,
                           u"the key does not belong to the tenant that X-Tenant-ID names"_s},
                          request);
        }
    }
    if (!allowed) {
        return failed({ErrorCode::Forbidden,
                       u"this needs %1; the key has the role %2"_s.arg(roleNeeded(permission),
                                                                       role)},
                      request);
    }
    return std::nullopt;
}

const Caller &callerOf(const HttpRequest &request)
{
    return std::any_cast<const Caller &>(request.identity);
}

Origin originOf(const HttpRequest &request)
{
    return {callerOf(request).key.value, request.peer, request.requestId};
}

} // namespace skillbox
