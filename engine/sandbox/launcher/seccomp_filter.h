#pragma once

#include "engine/sandbox/launcher/resource_limits.h"

#include <string>

namespace skillbox::launcher {

/// Installs the system-call allow-list of seccomp_rules.cpp on the calling process and whatever it
/// starts (seccomp(2)). Without a control group memfd_create(2) is refused as well: nobody would count
/// such memory. Needs no_new_privs. Returns the value to report. Throws SetupError.
std::string applySeccomp(MemoryKeeper keeper);

} // namespace skillbox::launcher
