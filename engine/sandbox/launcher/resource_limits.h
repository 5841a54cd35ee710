#pragma once

#include "engine/sandbox/protocol/messages.h"

namespace skillbox::launcher {

/// Who holds a run to its memory limit.
enum class MemoryKeeper : char {
    Cgroup = 'c', ///< the kernel, as a whole
    Watch = 'w',  ///< the launcher's watch; each process has a fence of its own besides
};

/// Sets the rlimits of the calling process, hard and soft alike (getrlimit(2)). They hold per
/// process, NPROC per sandbox: it counts per user namespace and uid, and each run has its own.
void limitResources(const protocol::Job &job, MemoryKeeper keeper);

} // namespace skillbox::launcher
