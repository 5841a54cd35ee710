#pragma once

#include "engine/sandbox/protocol/messages.h"

namespace skillbox::launcher {

/// What the process in the new namespaces holds.
struct ChildDescriptors {
    int statusSocket;
    int stdoutPipe;
    int stderrPipe;
};

/// Turns the calling process, alone in its new namespaces, into a sandbox and runs the job in it.
/// Waits on the status socket for one byte first: until then its uid is not mapped. Reports Started
/// or Failed, later Exited.
[[noreturn]] void runSandboxChild(const protocol::Job &job, const ChildDescriptors &descriptors);

} // namespace skillbox::launcher
