#pragma once

#include "engine/base/result.h"

#include <QString>

#include <stop_token>

namespace skillbox {

/// Where a provider's parts are, as its discovery document says (OpenID Connect Discovery 1.0, RFC
/// 8414). Each is an https URL, or http on this machine where the issuer is, too.
struct Provider {
    QString issuer;
    QString keysUrl;
    QString tokenUrl = {};  ///< empty here and below: it has none
    QString deviceUrl = {}; ///< for sign-in on another device (RFC 8628)
    QString revokeUrl = {}; ///< to end a sign-in (RFC 7009)
};

/// BadRequest: an issuer is an https URL without query and fragment, or http on this machine.
Result<void> checkIssuer(const QString &issuer);

/// BadRequest: it is no such document, or that of another issuer.
Result<Provider> parseProvider(QByteArrayView json, const QString &issuer);

/// Asks the issuer. Blocks for seconds at most.
Result<Provider> discoverProvider(const QString &issuer, const QString &caFile,
                                  const std::stop_token &stop = {});

} // namespace skillbox
