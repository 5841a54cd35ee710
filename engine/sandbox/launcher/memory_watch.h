#pragma once

#include <sys/types.h>

#include <cstdint>

namespace skillbox::launcher {

/// Private resident memory, in bytes, of a sandbox's init and all its descendants, for machines
/// where no control group can be had. Processes that lost their parent are the init's children, so
/// the walk misses none. Memory in tmpfs does not count: that has bounds of its own.
uint64_t residentMemoryOf(pid_t init);

} // namespace skillbox::launcher
