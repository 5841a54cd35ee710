#pragma once

#include "server/api/api_services.h"

namespace skillbox {

/// /v1/skills and all below it.
void registerSkills(Router &router, ApiServices &services);

// Its three parts, a file each.
void registerSkillReading(Router &router, ApiServices &services);
void registerSkillPublishing(Router &router, ApiServices &services);
void registerSkillChanges(Router &router, ApiServices &services);

/// What the path says: `{name}` and `{version}`.
SkillRef skillRefOf(const HttpRequest &request);

} // namespace skillbox
