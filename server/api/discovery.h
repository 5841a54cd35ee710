#pragma once

#include "server/api/api_services.h"

namespace skillbox {

/// What agents look for at well-known places: the latest version of every skill whose name the
/// Agent Skills specification allows. `/.well-known/agent-skills/index.json` is the index of the
/// Agent Skills discovery draft 0.2.0 with digests, `/.well-known/skills/index.json` that of 0.1.0
/// with lists of files. A caller's key says whose skills; without a key it is the tenant that the
/// operator has made public, if any.
void registerDiscovery(Router &router, ApiServices &services);

} // namespace skillbox
