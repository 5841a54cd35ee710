#pragma once

#include "engine/sandbox/launcher/resource_limits.h"
#include "engine/sandbox/protocol/messages.h"

namespace skillbox::launcher {

/// The sandbox's pid 1, already confined. Starts the script, reaps whatever ends, forwards nothing;
/// when the script ends it reports to `statusSocket` and exits, upon which the kernel kills all
/// that is left of the sandbox (pid_namespaces(7)). In an observed run it is not confined by the
/// system-call filter yet; it then confines the script and itself, and is the observer.
[[noreturn]] void runInit(const protocol::Job &job, MemoryKeeper keeper, int statusSocket,
                          int stdoutPipe, int stderrPipe);

} // namespace skillbox::launcher
