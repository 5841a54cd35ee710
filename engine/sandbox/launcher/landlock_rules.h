#pragma once

#include <string>

namespace skillbox::launcher {

/// The version of Landlock that this kernel has; below 1: none.
long landlockAbi();

/// A second, independent layer over the file system (landlock(7)): reading and executing anywhere
/// in the view, writing only in /tmp, /dev/shm, /sandbox/out and, `withSession`, /sandbox/session;
/// TCP and signals or abstract sockets outside the sandbox denied where the kernel's ABI knows
/// them. Needs no_new_privs. Returns the value to report, "absent" where the kernel has no
/// Landlock. Throws SetupError.
std::string applyLandlock(bool withSession);

} // namespace skillbox::launcher
