#pragma once

#include "engine/sandbox/protocol/messages.h"

#include <sys/types.h>

#include <vector>

namespace skillbox::launcher {

/// The first process of a sandbox, in namespaces of its own, as its launcher sees it.
struct SandboxProcess {
    pid_t pid = -1;
    int pidfd = -1;
    int statusSocket = -1; ///< the launcher's end
    std::vector<protocol::AppliedControl> controls;
};

/// Clones the process, maps its ids and lets it go. The pipes stay the caller's. Throws SetupError,
/// with nothing left behind.
SandboxProcess startSandbox(const protocol::Job &job, int stdoutPipe, int stderrPipe);

} // namespace skillbox::launcher
