#pragma once

#include "engine/access/access_service.h"
#include "engine/access/oidc_config.h"
#include "engine/oidc/provider_keys.h"
#include "engine/oidc/token.h"

#include <QSet>

namespace skillbox {

/// Why a token lets nobody in.
struct TokenDenial {
    enum class Kind {
        Invalid,  ///< it proves nothing
        NoAccess, ///< it proves who it is, and that one has no tenant or role here
        NotNow,   ///< the provider's keys, or the store, cannot be had at the moment
    };
    Kind kind = Kind::Invalid;
    QString message; ///< one clause for the caller, ASCII without quotes and backslashes
    QString detail;  ///< for the log
};

/// Callers by the tokens of an OpenID Connect provider. Thread-safe. Blocks as the provider's keys
/// and the store do: for a quarter of a second once each time keys are fetched.
class TokenAccess
{
public:
    /// Begins to fetch the provider's keys.
    TokenAccess(MetadataStore &metadata, OidcConfig config, ProviderTiming timing = {});

    /// The caller's key is `oidc:` and the token's subject: no key has such an id.
    tl::expected<Caller, TokenDenial> authenticate(const QByteArray &token);

    const OidcConfig &config() const { return m_config; }
    /// Why the provider could not be asked last; empty: it could.
    QString failure() const { return m_keys.failure(); }

private:
    tl::expected<TenantId, TokenDenial> tenantOf(const QJsonObject &claims);
    tl::expected<Role, TokenDenial> roleOf(const QJsonObject &claims) const;
    Result<bool> isTenant(const TenantId &tenant);

    MetadataStore &m_metadata;
    const OidcConfig m_config;
    const TokenRules m_rules;

    std::mutex m_mutex; ///< guards what follows
    QSet<TenantId> m_tenants;
    std::chrono::steady_clock::time_point m_tenantsReadAt{};

    ProviderKeys m_keys;
};

/// The claim of that name, or, where there is none, the one that its parts between dots lead to:
/// `realm_access.roles`.
QJsonValue claimNamed(const QJsonObject &claims, const QString &name);

} // namespace skillbox
