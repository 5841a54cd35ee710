#pragma once

#include "engine/access/oidc_config.h"

#include <QProcessEnvironment>

namespace skillbox {

/// Reads SKILLBOX_OIDC_*. Adds a line to `complaints` for every value that is bad or missing: half
/// a configuration would let in whom nobody meant to, or nobody.
OidcConfig readOidcSettings(const QProcessEnvironment &environment, QStringList &complaints);

} // namespace skillbox
