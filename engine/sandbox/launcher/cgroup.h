#pragma once

#include "engine/sandbox/protocol/messages.h"

#include <sys/types.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>

namespace skillbox::launcher {

/// The period over which CPU time is shared out. Long, so that a short run is never throttled in
/// the middle of its start-up: it may spend its whole second's share at once.
inline constexpr uint64_t cpuPeriodMicroseconds = 1'000'000;

/// A run's share of that period; the kernel takes no less than a millisecond.
inline uint64_t cpuQuotaMicroseconds(const protocol::RunRequest &request)
{
    return std::max<uint64_t>(1000, request.milliCpu * cpuPeriodMicroseconds / 1000);
}

/// What a run used, as its control group counted it.
struct CgroupUsage {
    bool outOfMemory = false; ///< the kernel killed something in it for its memory limit
    uint64_t memoryBytes = 0; ///< now
    uint64_t peakMemoryBytes = 0;
    uint64_t cpuMicroseconds = 0;
};

/// The control group of one run (cgroups(7)). The destructor removes it; by then everything in it
/// must be dead. Nothing else moves a process into it: that takes a lock which stops every fork and
/// exit on the machine and waits for a grace period of the kernel, some ten milliseconds
/// (cgroup_attach_lock() in kernel/cgroup/cgroup.c). A process that is born in it, or a thread that
/// moves itself alone, needs no such lock.
class RunCgroup
{
public:
    virtual ~RunCgroup() = default;
    /// Where clone3(2) puts a new process with CLONE_INTO_CGROUP; below 0: it must join() by
    /// itself.
    virtual int cloneTarget() const { return -1; }
    /// Moves the calling process in; one thread, before it has done anything. Throws SetupError.
    virtual void join() const { }
    /// Throws SetupError: a run that was promised limits does not start without them.
    virtual void setLimits(const protocol::RunRequest &request) = 0;
    virtual CgroupUsage usage() const = 0;
};

/// Where control groups can be made on this machine, decided once when the launcher starts.
class CgroupTree
{
public:
    virtual ~CgroupTree() = default;
    /// A new group without a process. Throws SetupError.
    virtual std::unique_ptr<RunCgroup> make() = 0;
    /// `cgroup v1`, `cgroup v2`.
    virtual std::string kind() const = 0;
    /// Whether CPU time is bounded too; memory and processes always are.
    virtual bool holdsCpu() const { return true; }
};

/// Version 2 where it is delegated or we are root, else version 1 as root. Removes the groups that
/// dead launchers left. Null where none can be had; `reason` then says why, for people.
std::unique_ptr<CgroupTree> findCgroupTree(std::string &reason);

std::unique_ptr<CgroupTree> findCgroupTreeV1(std::string &reason);
std::unique_ptr<CgroupTree> findCgroupTreeV2(std::string &reason);

} // namespace skillbox::launcher
