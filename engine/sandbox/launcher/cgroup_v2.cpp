// Control groups of version 2 (Documentation/admin-guide/cgroup-v2.rst of the kernel). A group with
// processes of its own cannot give controllers to groups below it ("no internal processes"), so the
// launcher and its engine first step aside into a leaf.

#include "engine/sandbox/launcher/cgroup.h"
#include "engine/sandbox/launcher/cgroup_files.h"
#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/launcher/weaken.h"

#include <csignal>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <sstream>

namespace skillbox::launcher {
namespace {

class RunCgroupV2 final : public RunCgroup
{
public:
    RunCgroupV2(std::string folder, bool hasCpu) : m_folder(std::move(folder)), m_hasCpu(hasCpu)
    {
        if (mkdir(m_folder.c_str(), 0755) != 0)
            throw SetupError{"making the control group " + m_folder};
        m_descriptor = open(m_folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (m_descriptor < 0) {
            const SetupError error{"opening the control group " + m_folder};
            rmdir(m_folder.c_str());
            throw error;
        }
    }
    ~RunCgroupV2() override
    {
        close(m_descriptor);
        rmdir(m_folder.c_str());
    }

    int cloneTarget() const override { return m_descriptor; }

    void setLimits(const protocol::RunRequest &request) override
    {
        set("memory.max", std::to_string(request.memoryBytes));
        if (access((m_folder + "/memory.swap.max").c_str(), F_OK) == 0)
            set("memory.swap.max", "0");
        set("memory.oom.group", "1"); // a run that lost one process to it is over
        set("pids.max", std::to_string(request.processes + 1)); // and the init
        if (m_hasCpu) {
            set("cpu.max",
                std::to_string(cpuQuotaMicroseconds(request)) + " "
                    + std::to_string(cpuPeriodMicroseconds));
        }
    }

    CgroupUsage usage() const override
    {
        CgroupUsage usage;
        usage.outOfMemory = readCgroupKey(m_folder + "/memory.events", "oom_kill").value_or(0) > 0;
        usage.memoryBytes = readCgroupNumber(m_folder + "/memory.current").value_or(0);
        usage.peakMemoryBytes = readCgroupNumber(m_folder + "/memory.peak").value_or(0);
        usage.cpuMicroseconds = readCgroupKey(m_folder + "/cpu.stat", "usage_usec").value_or(0);
        return usage;
    }

private:
    void set(const char *file, const std::string &value)
    {
        if (!writeCgroupFile(m_folder + "/" + file, value))
            throw SetupError{"writing " + value + " to " + m_folder + "/" + file};
    }
    const std::string m_folder;
    const bool m_hasCpu;
    int m_descriptor = -1;
};

class CgroupTreeV2 final : public CgroupTree
{
public:
    /// Takes over the lock of the folder, see claimGroup().
    CgroupTreeV2(std::string folder, int lock, bool hasCpu)
        : m_folder(std::move(folder))
        , m_lock(lock)
        , m_hasCpu(hasCpu)
    {
    }
    ~CgroupTreeV2() override
    {
        removeGroup(m_folder);
        close(m_lock);
    }
    std::unique_ptr<RunCgroup> make() override
    {
        return std::make_unique<RunCgroupV2>(m_folder + "/" + std::to_string(m_next++), m_hasCpu);
    }
    std::string kind() const override { return "cgroup v2"; }
    bool holdsCpu() const override { return m_hasCpu; }

private:
    const std::string m_folder;
    const int m_lock;
    const bool m_hasCpu;
    uint64_t m_next = 1;
};

bool has(const std::string &controllers, const std::string &name)
{
    std::istringstream words(controllers);
    for (std::string word; words >> word;) {
        if (word == name)
            return true;
    }
    return false;
}

/// Gives the controllers of `parent` to its children. False if it has processes of its own or does
/// not have memory and pids.
bool delegate(const std::string &parent)
{
    const std::string available = readCgroupFile(parent + "/cgroup.controllers");
    if (!has(available, "memory") || !has(available, "pids"))
        return false;
    const std::string control = parent + "/cgroup.subtree_control";
    const std::string enabled = readCgroupFile(control);
    const bool hasBoth = has(enabled, "memory") && has(enabled, "pids");
    if (!hasBoth && !writeCgroupFile(control, "+memory +pids"))
        return false;
    if (has(available, "cpu") && !has(enabled, "cpu"))
        writeCgroupFile(control, "+cpu"); // without it CPU is not bounded, which is reported
    return true;
}

/// Moves this launcher and its engine into a leaf of `own`, if nobody else lives there: then the
/// group was delegated to us alone (a systemd unit with Delegate=yes).
bool stepAside(const std::string &own)
{
    std::istringstream processes(readCgroupFile(own + "/cgroup.procs"));
    for (pid_t pid; processes >> pid;) {
        if (pid != getpid() && pid != getppid())
            return false;
    }
    const std::string leaf = own + "/skillbox-engine";
    if (mkdir(leaf.c_str(), 0755) != 0 && errno != EEXIST)
        return false;
    return writeCgroupFile(leaf + "/cgroup.procs", std::to_string(getppid()))
        && writeCgroupFile(leaf + "/cgroup.procs", std::to_string(getpid()));
}

} // namespace

std::unique_ptr<CgroupTree> findCgroupTreeV2(std::string &reason)
{
    const auto mounted = cgroupMount("cgroup2", {});
    const auto own = ownCgroup({});
    if (!mounted || !own) {
        reason = "no control groups of version 2 are mounted";
        return nullptr;
    }
    const std::string available = readCgroupFile(*mounted + "/cgroup.controllers");
    if (!has(available, "memory") || !has(available, "pids")) {
        reason = "version 2 has no memory and pids controllers here";
        return nullptr;
    }
    std::string parent = *mounted + (*own == "/" ? "" : *own);
    // A second engine in the same unit: the first has made the leaf both now live in.
    if (parent.ends_with("/skillbox-engine"))
        parent.erase(parent.rfind('/'));
    if (!delegate(parent) && !(stepAside(parent) && delegate(parent))) {
        // Root may make its own branch at the top; anybody else needs a delegated group.
        if (geteuid() != 0 || !delegate(*mounted)) {
            reason = "the control group " + parent
                + " is not delegated to us (a systemd unit needs Delegate=yes)";
            return nullptr;
        }
        parent = *mounted;
    }
    sweepDeadLaunchers(parent);
    const std::string folder = parent + "/" + launcherGroupName();
    const int lock = claimGroup(folder);
    if (lock < 0 || !delegate(folder)) {
        reason = "cannot make the control group " + folder;
        rmdir(folder.c_str());
        close(lock);
        return nullptr;
    }
    return std::make_unique<CgroupTreeV2>(
        folder, lock, has(readCgroupFile(folder + "/cgroup.subtree_control"), "cpu"));
}

std::unique_ptr<CgroupTree> findCgroupTree(std::string &reason)
{
    if (weakened("cgroups"))
        return nullptr;
    std::string reasonV2;
    if (auto tree = findCgroupTreeV2(reasonV2))
        return tree;
    std::string reasonV1;
    if (auto tree = findCgroupTreeV1(reasonV1))
        return tree;
    reason = reasonV2 + "; " + reasonV1;
    return nullptr;
}

} // namespace skillbox::launcher
