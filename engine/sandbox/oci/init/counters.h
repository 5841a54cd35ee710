#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace skillbox::container {

/// What the container's control groups hold it to and have counted, as far as they can be seen from
/// inside (cgroups(7)): version 2, or version 1 with a mount for each controller.
struct Counters {
    std::string version; ///< `cgroup v1`, `cgroup v2`; empty: they cannot be seen
    std::optional<uint64_t> memoryLimit;
    std::optional<uint64_t> processLimit;
    std::optional<uint64_t> milliCpuLimit;
    uint64_t memoryKills = 0; ///< processes that the memory limit ended so far
    uint64_t peakMemory = 0;
};

Counters readCounters();

} // namespace skillbox::container
