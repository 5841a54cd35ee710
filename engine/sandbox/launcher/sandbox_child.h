#pragma once

#include "engine/sandbox/launcher/cgroup.h"

namespace skillbox::launcher {

/// Turns the calling process, alone in its new namespaces, into a sandbox and runs a job in it.
/// Waits on the status socket for the job first: one byte that says who keeps its memory limit
/// (MemoryKeeper) with the descriptors of the job memory, of stdout and of stderr. Reports Started
/// or Failed, later Exited. Ends when the launcher does. `cgroup` may be null.
[[noreturn]] void runSandboxChild(int statusSocket, int lifeLock, const RunCgroup *cgroup);

} // namespace skillbox::launcher
