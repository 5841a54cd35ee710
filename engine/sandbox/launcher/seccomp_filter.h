#pragma once

#include <string>

namespace skillbox::launcher {

/// Installs the system-call allow-list of seccomp_rules.cpp on the calling process and whatever it
/// starts (seccomp(2)). Needs no_new_privs. Returns the value to report. Throws SetupError.
std::string applySeccomp();

} // namespace skillbox::launcher
