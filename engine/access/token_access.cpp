#include "engine/access/token_access.h"

#include "engine/access/tenant_name.h"
#include "engine/base/clock.h"
#include "engine/base/quoted_name.h"

#include <QJsonArray>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// A tenant that was made elsewhere is known here so long afterwards at the latest.
constexpr auto tenantsAreKept = 2s;
constexpr qsizetype longestName = 100;

tl::unexpected<TokenDenial> denied(TokenDenial::Kind kind, const QString &message,
                                   const QString &detail = {})
{
    return tl::unexpected<TokenDenial>({kind, message, detail});
}

tl::unexpected<TokenDenial> storeFails(const Error &error)
{
    return denied(TokenDenial::Kind::NotNow, u"the store cannot be asked at the moment"_s,
                  error.message + u": "_s + error.detail);
}

QStringList textsOf(const QJsonValue &claim)
{
    if (claim.isString())
        return {claim.toString()};
    QStringList texts;
    for (const QJsonValue one : claim.toArray()) {
        if (one.isString())
            texts.append(one.toString());
    }
    return texts;
}

/// How people know who it is, for logs and lists; the subject is what counts.
QString displayName(const QJsonObject &claims)
{
    for (const auto name : {"preferred_username"_L1, "email"_L1, "name"_L1, "client_id"_L1}) {
        const QString text = claims[name].toString().left(longestName);
        const bool isPrintable = std::all_of(text.begin(), text.end(),
                                             [](QChar c) { return c.isPrint(); });
        if (!text.isEmpty() && isPrintable)
            return text;
    }
    return claims["sub"_L1].toString().left(longestName);
}

} // namespace

QJsonValue claimNamed(const QJsonObject &claims, const QString &name)
{
    if (claims.contains(name))
        return claims[name];
    QJsonValue value = claims;
    for (const QString &part : name.split(u'.'))
        value = value.toObject().value(part);
    return value;
}

TokenAccess::TokenAccess(MetadataStore &metadata, OidcConfig config, ProviderTiming timing)
    : m_metadata(metadata)
    , m_config(std::move(config))
    , m_rules{m_config.issuer, m_config.audience, m_config.clockSkew}
    , m_keys(m_config.issuer, m_config.caFile, timing)
{
}

tl::expected<Caller, TokenDenial> TokenAccess::authenticate(const QByteArray &text)
{
    const TokenResult<Token> token = parseToken(text);
    if (!token) {
        return denied(TokenDenial::Kind::Invalid, faultText(token.error().fault),
                      token.error().detail);
    }
    const ProviderKeys::Found found = m_keys.find(token->keyId);
    if (!found.keys) {
        return denied(TokenDenial::Kind::NotNow,
                      u"the keys of the sign-in service cannot be fetched at the moment"_s,
                      m_keys.failure());
    }
    const TokenResult<void> verified = verifyToken(*token, *found.keys, m_rules, nowUtc());
    if (!verified) {
        if (verified.error().fault == TokenFault::UnknownKey && found.areComing) {
            return denied(TokenDenial::Kind::NotNow,
                          u"newer keys of the sign-in service are being fetched"_s);
        }
        return denied(TokenDenial::Kind::Invalid, faultText(verified.error().fault),
                      verified.error().detail);
    }
    const auto role = roleOf(token->claims);
    if (!role)
        return tl::unexpected(role.error());
    auto tenant = tenantOf(token->claims);
    if (!tenant)
        return tl::unexpected(tenant.error());
    return Caller{.tenant = std::move(*tenant),
                  .key = {u"oidc:"_s + token->claims["sub"_L1].toString()},
                  .name = displayName(token->claims),
                  .role = *role};
}

tl::expected<Role, TokenDenial> TokenAccess::roleOf(const QJsonObject &claims) const
{
    const QStringList has = textsOf(claimNamed(claims, m_config.roleClaim));
    for (const auto &[value, role] : m_config.roles) {
        if (has.contains(value))
            return role;
    }
    return denied(TokenDenial::Kind::NoAccess, u"the token gives no role on this server"_s,
                  u"the subject is %1"_s.arg(quotedName(claims["sub"_L1].toString())));
}

tl::expected<TenantId, TokenDenial> TokenAccess::tenantOf(const QJsonObject &claims)
{
    TenantId tenant{m_config.tenant};
    if (!m_config.tenantClaim.isEmpty()) {
        const QStringList named = textsOf(claimNamed(claims, m_config.tenantClaim));
        // Which of several is meant nobody says.
        if (named.size() != 1 || !checkTenantName(named.constFirst())) {
            return denied(
                TokenDenial::Kind::NoAccess, u"the token names no tenant"_s,
                u"it names %1, the subject is %2"_s.arg(QString::number(named.size()),
                                                        quotedName(claims["sub"_L1].toString())));
        }
        tenant = {named.constFirst()};
    }
    const Result<bool> isThere = isTenant(tenant);
    if (!isThere)
        return storeFails(isThere.error());
    if (*isThere)
        return tenant;
    if (!m_config.createTenants) {
        return denied(TokenDenial::Kind::NoAccess, u"the tenant of the token is not known here"_s,
                      quotedName(tenant.value));
    }
    const QDateTime now = nowUtc();
    const Result<bool> added = m_metadata.addTenant(tenant, now);
    if (!added)
        return storeFails(added.error());
    if (*added) {
        const auto audited = m_metadata.appendAudit(
            {.tenant = tenant,
             .at = now,
             .actor = u"oidc:"_s + claims["sub"_L1].toString(),
             .action = u"tenant.create"_s,
             .target = tenant.value,
             .details = {}});
        if (!audited)
            return storeFails(audited.error());
    }
    const std::lock_guard lock(m_mutex);
    m_tenants.insert(tenant);
    return tenant;
}

Result<bool> TokenAccess::isTenant(const TenantId &tenant)
{
    {
        const std::lock_guard lock(m_mutex);
        const auto age = std::chrono::steady_clock::now() - m_tenantsReadAt;
        if (m_tenants.contains(tenant) || (!m_tenants.isEmpty() && age < tenantsAreKept))
            return m_tenants.contains(tenant);
    }
    const Result<QList<TenantId>> all = m_metadata.listTenants();
    if (!all)
        return fail(all.error());
    const std::lock_guard lock(m_mutex);
    m_tenants = QSet<TenantId>(all->begin(), all->end());
    m_tenantsReadAt = std::chrono::steady_clock::now();
    return m_tenants.contains(tenant);
}

} // namespace skillbox
