#pragma once

#include "engine/access/oidc_config.h"
#include "engine/oidc/provider_timing.h"
#include "server/api/rate_limiter.h"

#include <QByteArray>
#include <QString>

#include <chrono>

namespace skillbox {

/// What an operator decides about the API, read once at the composition root.
struct ServerSettings {
    /// Base of the links in answers, `https://skills.example.org`, without a slash at the end.
    /// Empty: what the request's Host header says.
    QString publicUrl;
    bool tls = false;         ///< the scheme of links where publicUrl is empty
    QString commit = {};      ///< of the source this was built from; empty: not known
    RateLimit rateLimit = {}; ///< of each tenant
    int authFailures = 0;     ///< calls without a valid key a minute and address; 0: no bound
    QString operatorTenant = QStringLiteral("local"); ///< whose admins set what tenants may use
    qint64 maxJsonBytes = 8LL << 20;                  ///< of a JSON body
    qint64 maxSkillBytes = 50LL << 20;
    qint64 maxFileBytes = 256LL << 20;
    std::chrono::seconds filesUrlLifetime{3600};
    std::chrono::milliseconds heartbeat{15'000}; ///< of events, where nothing happens
    QByteArray metricsKey = {};                  ///< bearer that /metrics asks for; empty: open
    bool serveMetrics = true;                    ///< false: /metrics is served elsewhere
    QString publicTenant = {}; ///< whose skills everybody may discover; empty: nobody's
    OidcConfig oidc = {};      ///< whose tokens are taken besides keys
    ProviderTiming providerTiming = {};
    QString spoolDirectory = {}; ///< for archives on their way to a client; empty: /tmp
};

} // namespace skillbox
