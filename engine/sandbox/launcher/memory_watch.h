#pragma once

#include <sys/types.h>

#include <cstdint>

namespace skillbox::launcher {

/// Private and shared resident memory, in bytes, of all descendants of a sandbox's init, for
/// machines where no control group can be had; files do not count. Processes that lost their parent
/// are the init's children, so the walk misses none. What several processes share counts once only
/// when the cheap sum exceeds `limit`: to tell takes a walk over their pages.
/// Not seen: memory that no process has mapped (a memfd that is only written to, data in sockets).
uint64_t residentMemoryOf(pid_t init, uint64_t limit);

/// Processor time of the same processes and of those among them that have ended, in microseconds.
uint64_t processorTimeOf(pid_t init);

} // namespace skillbox::launcher
