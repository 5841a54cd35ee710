#pragma once

#include "engine/access/role.h"

#include <QList>
#include <QString>
#include <QStringList>

#include <chrono>

namespace skillbox {

/// How tokens of an OpenID Connect provider become callers.
struct OidcConfig {
    QString issuer;      ///< exactly as the provider names itself; empty: there is no provider
    QString audience;    ///< what tokens for this server are for
    QString caFile = {}; ///< PEM file for the provider instead of the system's authorities
    std::chrono::seconds clockSkew{60};

    QString tenantClaim = {}; ///< names the tenant; empty: everybody is of `tenant`
    QString tenant = {};
    bool createTenants = false; ///< a tenant that there is none of is made; else nobody gets in

    QString roleClaim = {}; ///< a text or an array of them
    /// Values of the claim and what they allow. The first that a token has counts.
    QList<std::pair<QString, Role>> roles = {};

    QString clientId = {}; ///< for `skillbox login`; empty: tokens come from elsewhere
    QStringList scopes = {QStringLiteral("openid"), QStringLiteral("offline_access")};

    bool isOn() const { return !issuer.isEmpty(); }
};

} // namespace skillbox
