#pragma once

#include "engine/oidc/provider.h"

#include <QDateTime>

namespace skillbox {

/// What a sign-in service gave us.
struct SignInTokens {
    QString access;
    QString refresh = {}; ///< empty: it cannot be renewed
    QDateTime obtainedAt = {};
    QDateTime expiresAt = {}; ///< of `access`; invalid: the service did not say
};

/// Who we are at a sign-in service.
struct SignInClient {
    Provider provider;
    QString clientId;
    QString caFile = {};
};

/// How a request for tokens ended.
struct TokenAnswer {
    SignInTokens tokens;
    QString refusal =
        {}; ///< `authorization_pending` and the like (RFC 6749 section 5.2); empty: none
};

/// Asks for tokens with such a form; `client_id` is added. An error: no answer of a token endpoint
/// came.
Result<TokenAnswer> askForTokens(const SignInClient &client,
                                 QList<std::pair<QByteArray, QString>> form,
                                 const std::stop_token &stop);

/// New tokens for an old refresh token. Unauthorized: the service does not renew it any more.
Result<SignInTokens> renewTokens(const SignInClient &client, const SignInTokens &old,
                                 const std::stop_token &stop);

/// Tells the service that the sign-in is over (RFC 7009). Nothing to do where it takes no such
/// notice.
Result<void> revokeTokens(const SignInClient &client, const SignInTokens &tokens);

} // namespace skillbox
