#pragma once

#include "server/api/api_services.h"

namespace skillbox {

/// `/.well-known/oauth-protected-resource` (RFC 9728): at which service people sign in to this
/// server, and as which client `skillbox login` does. Open to everybody; 404 where callers need API
/// keys.
void registerSignIn(Router &router, ApiServices &services);

/// The path of that document, for the answers that say where it is (RFC 9728 section 5.1).
inline constexpr QLatin1StringView signInDocument{"/.well-known/oauth-protected-resource"};

} // namespace skillbox
