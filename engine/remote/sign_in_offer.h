#pragma once

#include "engine/remote/api_client.h"

#include <QStringList>

namespace skillbox {

/// How people sign in to a server, as it says itself.
struct SignInOffer {
    QString issuer;
    QString clientId;
    QStringList scopes;
};

/// Asks the server. NotFound: it takes API keys only. BadRequest for a server without TLS beyond
/// this machine.
Result<SignInOffer> askForSignIn(ApiClient &server);

/// What it answered. Refused is what could send somebody's token astray: a server that calls itself
/// otherwise than we do, and one elsewhere whose sign-in service is said to be on this machine.
Result<SignInOffer> readSignInOffer(QByteArrayView json, const ServerAddress &address);

} // namespace skillbox
