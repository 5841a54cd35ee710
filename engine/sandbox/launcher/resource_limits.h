#pragma once

#include "engine/sandbox/protocol/messages.h"

namespace skillbox::launcher {

/// Sets the rlimits of the calling process, hard and soft alike (getrlimit(2)). They hold per
/// process, NPROC per sandbox: it counts per user namespace and uid, and each run has its own.
void limitResources(const protocol::Job &job);

} // namespace skillbox::launcher
