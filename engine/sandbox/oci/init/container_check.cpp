#include "engine/sandbox/oci/init/container_check.h"

#include "engine/sandbox/launcher/cgroup_files.h"
#include "engine/sandbox/launcher/landlock_rules.h"
#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/oci/init/counters.h"

#include <linux/capability.h>
#include <linux/magic.h>
#include <sys/prctl.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <sstream>

namespace skillbox::container {
namespace {

using launcher::require;
using launcher::SetupError;
using protocol::AppliedControl;

constexpr unsigned sandboxId = 65534;
constexpr uint64_t MiB = 1 << 20;
constexpr const char *unseen = ", not confirmed";

std::string mebibytes(uint64_t bytes)
{
    return std::to_string(bytes / MiB) + " MiB";
}

void checkIdentity()
{
    uid_t user[3] = {};
    gid_t group[3] = {};
    require(getresuid(&user[0], &user[1], &user[2]), "reading the container's uid");
    require(getresgid(&group[0], &group[1], &group[2]), "reading the container's gid");
    for (int i = 0; i < 3; ++i) {
        if (user[i] != sandboxId || group[i] != sandboxId)
            throw SetupError{"checking that the container runs as 65534", EPERM};
    }
    gid_t groups[64];
    const int count = getgroups(64, groups);
    for (int i = 0; i < count; ++i) {
        if (groups[i] != sandboxId)
            throw SetupError{"checking that the container has no other groups", EPERM};
    }
    if (count < 0 || getpid() != 1)
        throw SetupError{"checking that the container has processes of its own only", EPERM};
}

void checkCapabilities()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
    require(syscall(SYS_capget, &header, sets), "reading the container's capabilities");
    for (const __user_cap_data_struct &set : sets) {
        if (set.effective || set.permitted || set.inheritable)
            throw SetupError{"checking that the container has no capabilities", EPERM};
    }
    // Where the engine forgot it, we still can.
    require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "setting no_new_privs");
}

/// A route that does not stay on the loopback leads out.
void checkNetwork()
{
    std::istringstream routes(launcher::readCgroupFile("/proc/net/route"));
    std::string line;
    std::getline(routes, line); // the head of the table
    while (std::getline(routes, line)) {
        if (!line.empty() && !line.starts_with("lo\t"))
            throw SetupError{"checking that the container has no network", EPERM};
    }
    std::istringstream routes6(launcher::readCgroupFile("/proc/net/ipv6_route"));
    while (std::getline(routes6, line)) {
        if (!line.empty() && !line.ends_with(" lo"))
            throw SetupError{"checking that the container has no network", EPERM};
    }
}

std::string checkWritable(const char *path, uint64_t bytes)
{
    const std::string stage = std::string("checking the container's ") + path;
    struct statfs info = {};
    require(statfs(path, &info), stage);
    if (static_cast<unsigned long>(info.f_type) != TMPFS_MAGIC)
        throw SetupError{stage, ENOTSUP};
    const uint64_t size = static_cast<uint64_t>(info.f_blocks)
        * static_cast<uint64_t>(info.f_bsize);
    const bool bounded = size > 0 && size <= bytes + MiB; // whole pages
    return std::string(path) + ' ' + mebibytes(bytes) + (bounded ? "" : unseen);
}

/// gVisor tells it of its mounts, and not of the file system.
bool isRootReadOnly()
{
    struct statvfs root = {};
    require(statvfs("/", &root), "looking at the container's root");
    if (root.f_flag & ST_RDONLY)
        return true;
    std::istringstream mounts(launcher::readCgroupFile("/proc/self/mounts"));
    std::string source, target, type, options;
    while (mounts >> source >> target >> type >> options) {
        if (target == "/")
            return options == "ro" || options.starts_with("ro,");
        std::getline(mounts, source);
    }
    return false;
}

AppliedControl checkFiles(const protocol::ContainerJob &job)
{
    if (!isRootReadOnly())
        throw SetupError{"checking that the container's root is read-only", EROFS};
    if (access("/sandbox", W_OK) == 0 || access("/sandbox/scripts", W_OK) == 0
        || access(protocol::containerInitPath, W_OK) == 0)
        throw SetupError{"checking that the skill is read-only", EPERM};
    std::string text = "read-only; writable: " + checkWritable("/tmp", job.job.tmpBytes) + ", "
        + checkWritable("/sandbox/out", job.job.outputBytes);
    if (!job.job.sessionSource.empty())
        text += ", " + checkWritable("/sandbox/session", job.job.sessionBytes);
    struct statfs out = {};
    require(statfs("/sandbox/out", &out), "looking at /sandbox/out");
    const bool counted = out.f_files > 0 && out.f_files <= job.job.inodes + 16;
    // At the end, where whoever judges the level looks.
    const bool sized = text.find(unseen) == std::string::npos;
    return {"root",
            text + (counted ? "" : ", number of files not bounded")
                + (counted && sized ? "" : unseen)};
}

/// `seen` is what the control group says; `asked` what the create body asked for.
AppliedControl limit(const char *name, const std::string &asked, bool holds, bool visible,
                     const std::string &version, bool required)
{
    if (holds)
        return {name, asked + ", " + version};
    if (required) {
        throw SetupError{"applying the required control control_group: "
                             + (visible ? "the container engine did not set the "
                                        + std::string(name) + " limit"
                                        : "the " + std::string(name) + " limit cannot be seen"),
                         ENOTSUP};
    }
    return {name, asked + unseen};
}

void addLimits(const protocol::ContainerJob &job, std::vector<AppliedControl> &controls)
{
    const Counters seen = readCounters();
    const bool visible = !seen.version.empty();
    const bool required = job.required & protocol::RequireCgroup;
    const auto add = [&](const char *name, const std::string &asked,
                         const std::optional<uint64_t> &value, uint64_t most) {
        controls.push_back(
            limit(name, asked, value && *value <= most, visible, seen.version, required));
    };
    add("memory", mebibytes(job.job.memoryBytes), seen.memoryLimit, job.job.memoryBytes);
    add("processes", std::to_string(job.job.processes), seen.processLimit, job.job.processes + 1);
    add("cpu", std::to_string(job.milliCpu) + "/1000", seen.milliCpuLimit, job.milliCpu + 1);
}

} // namespace

std::vector<AppliedControl> checkContainer(const protocol::ContainerJob &job)
{
    if (job.required & protocol::RequireTimeNamespace)
        throw SetupError{"applying the required control time_namespace", ENOTSUP};
    if ((job.required & protocol::RequireLandlock) && launcher::landlockAbi() < 1)
        throw SetupError{"applying the required control landlock", ENOTSUP};
    checkIdentity();
    checkCapabilities();
    checkNetwork();
    std::vector<AppliedControl> controls{
        {"namespaces", "mount pid net ipc uts of the container"},
        {"groups", "none"},
        {"network", "none"},
        {"capabilities", "none in any set"},
        {"no_new_privs", "on"},
        checkFiles(job),
    };
    addLimits(job, controls);
    const bool filtered = prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2;
    controls.push_back({"seccomp_of_engine", filtered ? "on" : "none"});
    return controls;
}

} // namespace skillbox::container
