// Compiled into skillbox-sandbox-weakened only.

#include "engine/sandbox/launcher/weaken.h"

#include "engine/sandbox/launcher/cgroup_files.h"
#include "engine/sandbox/launcher/mounts.h"
#include "engine/sandbox/launcher/setup_error.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>
#include <set>
#include <sstream>
#include <string>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

namespace skillbox::launcher {
namespace {

std::set<std::string> readNames()
{
    char path[PATH_MAX];
    const ssize_t size = readlink("/proc/self/exe", path, sizeof path);
    std::istringstream lines(
        readCgroupFile(std::string(path, size > 0 ? static_cast<size_t>(size) : 0) + ".weaken"));
    std::set<std::string> names;
    for (std::string line; std::getline(lines, line);)
        names.insert(line);
    return names;
}

void exposeFolder(const std::string &folder, uint64_t attributes)
{
    struct stat info;
    if (stat(folder.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
        return;
    makeFolders(folder.substr(1));
    attach(cloneTree(folder, attributes), folder.substr(1));
}

} // namespace

bool weakened(const char *control)
{
    // First asked in the launcher, before any sandbox is cloned: its children inherit the answer.
    static const std::set<std::string> names = readNames();
    return names.contains(control);
}

uint64_t weakenedNamespaces()
{
    uint64_t flags = 0;
    for (const auto &[name, flag] :
         {std::pair("network", CLONE_NEWNET), std::pair("ipc", CLONE_NEWIPC),
          std::pair("uts", CLONE_NEWUTS), std::pair("cgroup_namespace", CLONE_NEWCGROUP),
          std::pair("time", CLONE_NEWTIME), std::pair("pid_namespace", CLONE_NEWPID)}) {
        if (weakened(name))
            flags |= static_cast<uint64_t>(flag);
    }
    return flags;
}

void exposeHost()
{
    if (weakened("root_view")) {
        for (const char *folder : {"/etc", "/home", "/root", "/run", "/sys", "/var"})
            exposeFolder(folder, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID);
    }
    if (weakened("private_tmp"))
        exposeFolder("/tmp", MOUNT_ATTR_NOSUID);
    if (weakened("devices"))
        exposeFolder("/dev", MOUNT_ATTR_NOSUID);
}

void keepCapabilities()
{
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3] = {};
    require(syscall(SYS_capget, &header, sets), "weakened: reading capabilities");
    for (__user_cap_data_struct &set : sets)
        set.inheritable = set.permitted;
    require(syscall(SYS_capset, &header, sets), "weakened: keeping capabilities");
    for (unsigned long capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability)
        prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0);
}

} // namespace skillbox::launcher
