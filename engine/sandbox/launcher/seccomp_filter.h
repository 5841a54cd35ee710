#pragma once

#include "engine/sandbox/launcher/resource_limits.h"

#include <linux/seccomp.h>

#include <string>

namespace skillbox::launcher {

/// Installs the system-call allow-list of seccomp_rules.cpp on the calling process and whatever it
/// starts (seccomp(2)). Without a control group memfd_create(2) is refused as well: nobody would
/// count such memory. Needs no_new_privs. Returns the value to report. Throws SetupError.
std::string applySeccomp(MemoryKeeper keeper);

/// The value to report for a run whose refused calls are observed. Throws SetupError where the
/// kernel cannot do that.
std::string observingSeccomp();

/// The same list for the script of an observed run: what it would refuse waits for an answer from
/// whoever holds the descriptor that this returns, close-on-exec. When nobody holds it any more
/// such calls fail with ENOSYS (seccomp_unotify(2)). Throws SetupError.
int applyObservedSeccomp(MemoryKeeper keeper);

/// What the list answers to a call that it does not allow.
int errorOfRefused(const seccomp_data &call);

/// Leaves the calling process the few calls that the observer needs. Throws SetupError.
void confineObserver();

} // namespace skillbox::launcher
