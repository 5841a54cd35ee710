#pragma once

#include "engine/sandbox/protocol/messages.h"

namespace skillbox::launcher {

/// The sandbox's pid 1, already confined. Starts the script, reaps whatever ends, forwards nothing;
/// when the script ends it reports to `statusSocket` and exits, upon which the kernel kills all that
/// is left of the sandbox (pid_namespaces(7)).
[[noreturn]] void runInit(const protocol::Job &job, int statusSocket, int stdoutPipe, int stderrPipe);

} // namespace skillbox::launcher
