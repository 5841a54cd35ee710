#include "server/api/authenticator.h"

#include "engine/access/token_access.h"
#include "server/api/answers.h"
#include "server/api/sign_in.h"
#include "server/http/problem.h"

#include <QLoggingCategory>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(tokenLog, "skillbox.signin")

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

/// The key was not looked at, so this says nothing about it.
HttpResponse tooManyFailures(const HttpRequest &request, std::chrono::seconds wait)
{
    HttpResponse response = failed({ErrorCode::RateLimited,
                                    u"too many calls without a valid key came from this address,"
                                    u" try again in %1 s"_s.arg(wait.count())},
                                   request);
    response.headers.set("Retry-After", QByteArray::number(qint64(wait.count())));
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

Authenticator::Authenticator(AccessService &access, RateLimit limit, TokenSupport support,
                             int mostFailures)
    : m_access(access)
    , m_support(support)
    , m_limiter(limit)
    , m_failed(mostFailures)
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

HttpResponse Authenticator::challenge(HttpResponse response, const HttpRequest &request,
                                      const QByteArray &error, const QString &description) const
{
    if (!m_support.tokens)
        return response;
    QByteArrayList parts;
    if (!error.isEmpty()) {
        parts.append("error=\"" + error + '"');
        parts.append("error_description=\"" + description.toLatin1() + '"');
    }
    // The guard lets no Host through that has a quote in it.
    const QString base = m_support.links->baseUrl(request);
    parts.append("resource_metadata=\"" + (base + signInDocument).toLatin1() + '"');
    response.headers.set("WWW-Authenticate", "Bearer " + parts.join(", "));
    return response;
}

tl::expected<Caller, HttpResponse> Authenticator::identify(const HttpRequest &request)
{
    const QString key = bearerKey(request.headers);
    if (key.isEmpty()) {
        const QString message = m_support.tokens
            ? u"an API key or a token of the sign-in service is needed: Authorization: Bearer …"_s
            : u"an API key is needed: Authorization: Bearer <key>"_s;
        return tl::unexpected(
            challenge(failed({ErrorCode::Unauthorized, message}, request), request, {}, {}));
    }
    if (!m_support.tokens || !looksLikeToken(key.toUtf8())) {
        Result<Caller> caller = m_access.authenticate(key);
        if (caller)
            return std::move(*caller);
        HttpResponse response = failed(caller.error(), request);
        if (caller.error().code != ErrorCode::Unauthorized)
            return tl::unexpected(std::move(response));
        return tl::unexpected(
            challenge(std::move(response), request, "invalid_token", caller.error().message));
    }
    auto caller = m_support.tokens->authenticate(key.toUtf8());
    if (caller)
        return std::move(*caller);
    const TokenDenial &denial = caller.error();
    qCDebug(tokenLog, "%s: %s: %s", qUtf8Printable(request.requestId),
            qUtf8Printable(denial.message), qUtf8Printable(denial.detail));
    switch (denial.kind) {
    case TokenDenial::Kind::NotNow:
        return tl::unexpected(
            problem(503, u"not_ready"_s, denial.message, request.requestId, request.path));
    case TokenDenial::Kind::NoAccess:
        return tl::unexpected(challenge(failed({ErrorCode::Forbidden, denial.message}, request),
                                        request, "insufficient_scope", denial.message));
    case TokenDenial::Kind::Invalid: break;
    }
    return tl::unexpected(challenge(failed({ErrorCode::Unauthorized, denial.message}, request),
                                    request, "invalid_token", denial.message));
}

std::optional<HttpResponse> Authenticator::check(HttpRequest &request, Permission permission)
{
    // Who comes through a socket file is a user of this machine.
    const QString address = request.peer == u"unix" ? QString() : request.peer;
    const QString key = bearerKey(request.headers);
    if (const auto wait = m_failed.waitOf(address, key))
        return tooManyFailures(request, *wait);
    auto caller = identify(request);
    if (!caller) {
        if (caller.error().status == 401)
            m_failed.failed(address);
        return std::move(caller.error());
    }
    m_failed.worked(address, key);
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
