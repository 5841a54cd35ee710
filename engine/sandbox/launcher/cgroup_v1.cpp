// Control groups of version 1 (cgroups(7); Documentation/admin-guide/cgroup-v1 of the kernel). Only
// root can make them. Each controller has a tree of its own, so a run has one group in each.

#include "engine/sandbox/launcher/cgroup.h"
#include "engine/sandbox/launcher/cgroup_files.h"
#include "engine/sandbox/launcher/setup_error.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <vector>

namespace skillbox::launcher {
namespace {

enum Controller : size_t { Memory, Pids, Cpu, CpuAccounting, ControllerCount };
constexpr const char *controllerNames[ControllerCount] = {"memory", "pids", "cpu", "cpuacct"};
/// One group's folder in each controller's tree.
using Folders = std::array<std::string, ControllerCount>;

class RunCgroupV1 final : public RunCgroup
{
public:
    RunCgroupV1(const Folders &parents, const std::string &name)
    {
        for (size_t i = 0; i < ControllerCount; ++i)
            m_folders[i] = parents[i] + "/" + name;
        try {
            for (const std::string &folder : m_folders) {
                // It exists already where two controllers share one mount.
                if (mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST)
                    throw SetupError{"making the control group " + folder};
            }
        } catch (const SetupError &) {
            remove();
            throw;
        }
    }
    ~RunCgroupV1() override { remove(); }

    void join() const override
    {
        for (const std::string &folder : m_folders) {
            if (!writeCgroupFile(folder + "/tasks", "0"))
                throw SetupError{"moving the sandbox into " + folder};
        }
    }

    void setLimits(const protocol::RunRequest &request) override
    {
        const std::string memory = std::to_string(request.memoryBytes);
        set(m_folders[Memory] + "/memory.limit_in_bytes", memory);
        // Memory and swap together, so that no swap is left; absent without CONFIG_MEMCG_SWAP.
        const std::string withSwap = m_folders[Memory] + "/memory.memsw.limit_in_bytes";
        if (access(withSwap.c_str(), F_OK) == 0)
            set(withSwap, memory);
        set(m_folders[Pids] + "/pids.max", std::to_string(request.processes + 1)); // and the init
        set(m_folders[Cpu] + "/cpu.cfs_period_us", std::to_string(cpuPeriodMicroseconds));
        set(m_folders[Cpu] + "/cpu.cfs_quota_us", std::to_string(cpuQuotaMicroseconds(request)));
    }

    CgroupUsage usage() const override
    {
        CgroupUsage usage;
        usage.outOfMemory = readCgroupKey(m_folders[Memory] + "/memory.oom_control", "oom_kill")
                                .value_or(0)
            > 0;
        usage.memoryBytes = readCgroupNumber(m_folders[Memory] + "/memory.usage_in_bytes")
                                .value_or(0);
        usage.peakMemoryBytes = readCgroupNumber(m_folders[Memory] + "/memory.max_usage_in_bytes")
                                    .value_or(0);
        usage.cpuMicroseconds = readCgroupNumber(m_folders[CpuAccounting] + "/cpuacct.usage")
                                    .value_or(0)
            / 1000;
        return usage;
    }

private:
    static void set(const std::string &file, const std::string &value)
    {
        if (!writeCgroupFile(file, value))
            throw SetupError{"writing " + value + " to " + file};
    }
    void remove()
    {
        for (const std::string &folder : m_folders)
            rmdir(folder.c_str());
    }
    Folders m_folders;
};

class CgroupTreeV1 final : public CgroupTree
{
public:
    /// Takes over the locks of the folders, see claimGroup().
    CgroupTreeV1(Folders folders, std::vector<int> locks)
        : m_folders(std::move(folders))
        , m_locks(std::move(locks))
    {
    }
    ~CgroupTreeV1() override
    {
        for (const std::string &folder : m_folders)
            removeGroup(folder);
        for (int lock : m_locks)
            close(lock);
    }
    std::unique_ptr<RunCgroup> make() override
    {
        return std::make_unique<RunCgroupV1>(m_folders, std::to_string(m_next++));
    }
    std::string kind() const override { return "cgroup v1"; }

private:
    const Folders m_folders;
    const std::vector<int> m_locks;
    uint64_t m_next = 1;
};

} // namespace

std::unique_ptr<CgroupTree> findCgroupTreeV1(std::string &reason)
{
    if (geteuid() != 0) {
        reason = "control groups of version 1 need root";
        return nullptr;
    }
    const std::string name = launcherGroupName();
    Folders folders;
    std::vector<int> locks;
    const auto giveUp = [&](std::string why) -> std::unique_ptr<CgroupTree> {
        reason = std::move(why);
        for (const std::string &folder : folders)
            rmdir(folder.c_str());
        for (int lock : locks)
            close(lock);
        return nullptr;
    };
    for (size_t i = 0; i < ControllerCount; ++i) {
        const auto mounted = cgroupMount("cgroup", controllerNames[i]);
        const auto own = ownCgroup(controllerNames[i]);
        if (!mounted || !own)
            return giveUp(std::string("no ") + controllerNames[i]
                          + " controller of version 1 is mounted");
        // Below our own group, so that what bounds us bounds our runs too.
        const std::string parent = *mounted + (*own == "/" ? "" : *own);
        const std::string folder = parent + "/" + name;
        const bool claimed = std::find(folders.begin(), folders.end(), folder) != folders.end();
        folders[i] = folder;
        if (claimed) // two controllers share one mount
            continue;
        sweepDeadLaunchers(parent);
        const int lock = claimGroup(folder);
        if (lock < 0)
            return giveUp("cannot make " + folder);
        locks.push_back(lock);
    }
    return std::make_unique<CgroupTreeV1>(std::move(folders), std::move(locks));
}

} // namespace skillbox::launcher
