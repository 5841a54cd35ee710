#include "engine/sandbox/oci/init/counters.h"

#include "engine/sandbox/launcher/cgroup_files.h"

#include <unistd.h>

#include <sstream>

namespace skillbox::container {
namespace {

using launcher::readCgroupFile;
using launcher::readCgroupKey;
using launcher::readCgroupNumber;

constexpr const char *root = "/sys/fs/cgroup";

/// `quota period`, in microseconds, as thousandths of a core.
std::optional<uint64_t> share(std::optional<uint64_t> quota, std::optional<uint64_t> period)
{
    // Version 1 writes no limit as -1.
    if (!quota || !period || *period == 0 || static_cast<int64_t>(*quota) <= 0)
        return std::nullopt;
    return *quota * 1000 / *period;
}

Counters readVersion2(const std::string &folder)
{
    Counters counters;
    counters.version = "cgroup v2";
    counters.memoryLimit = readCgroupNumber(folder + "/memory.max"); // "max" is no number
    counters.processLimit = readCgroupNumber(folder + "/pids.max");
    std::istringstream cpu(readCgroupFile(folder + "/cpu.max"));
    uint64_t quota = 0;
    uint64_t period = 0;
    if (cpu >> quota >> period)
        counters.milliCpuLimit = share(quota, period);
    counters.memoryKills = readCgroupKey(folder + "/memory.events", "oom_kill").value_or(0);
    counters.peakMemory = readCgroupNumber(folder + "/memory.peak").value_or(0);
    return counters;
}

Counters readVersion1(const std::string &folder)
{
    Counters counters;
    counters.version = "cgroup v1";
    counters.memoryLimit = readCgroupNumber(folder + "/memory/memory.limit_in_bytes");
    counters.processLimit = readCgroupNumber(folder + "/pids/pids.max");
    counters.milliCpuLimit = share(readCgroupNumber(folder + "/cpu/cpu.cfs_quota_us"),
                                   readCgroupNumber(folder + "/cpu/cpu.cfs_period_us"));
    counters.memoryKills = readCgroupKey(folder + "/memory/memory.oom_control", "oom_kill")
                               .value_or(0);
    counters.peakMemory = readCgroupNumber(folder + "/memory/memory.max_usage_in_bytes")
                              .value_or(0);
    return counters;
}

} // namespace

Counters readCounters()
{
    const std::string folder = root;
    if (access((folder + "/memory.max").c_str(), R_OK) == 0)
        return readVersion2(folder);
    if (access((folder + "/memory/memory.limit_in_bytes").c_str(), R_OK) == 0)
        return readVersion1(folder);
    return {};
}

} // namespace skillbox::container
