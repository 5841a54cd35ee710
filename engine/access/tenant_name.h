#pragma once

#include "engine/base/result.h"

#include <QString>

namespace skillbox {

/// BadRequest: a tenant is named by at most 64 letters, digits, dots, underscores and hyphens, a
/// letter or digit first.
Result<void> checkTenantName(const QString &name);

} // namespace skillbox
