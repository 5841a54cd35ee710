#include "engine/sandbox/launcher/proc_view.h"

#include "engine/sandbox/launcher/mounts.h"
#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/launcher/weaken.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

namespace skillbox::launcher {
namespace {

/// World-readable files that tell about the host, its keys or its boot; the rest of /proc is either
/// per process or readable by the host's root only. cpuinfo, meminfo, stat, uptime and loadavg stay:
/// language runtimes size themselves by them.
constexpr const char *maskedFiles[] = {
    "proc/buddyinfo",  "proc/cgroups",   "proc/consoles",    "proc/dma",        "proc/misc",
    "proc/softirqs",   "proc/swaps",     "proc/vmstat",      "proc/zoneinfo",
    "proc/cmdline",    "proc/config.gz", "proc/diskstats",   "proc/interrupts", "proc/iomem",
    "proc/ioports",    "proc/kallsyms",  "proc/kcore",       "proc/key-users",  "proc/keys",
    "proc/kmsg",       "proc/modules",   "proc/partitions",  "proc/sched_debug",
    "proc/sysrq-trigger", "proc/timer_list", "proc/vmallocinfo",
};
constexpr const char *maskedFolders[] = {
    "proc/acpi", "proc/bus", "proc/driver", "proc/fs", "proc/irq", "proc/scsi", "proc/sysvipc",
    "proc/tty",
};

void forbidNestedUserNamespaces()
{
    // user_namespaces(7): the limit belongs to our namespace; nothing inside can raise it, because
    // /proc is read-only before the script starts and it has no CAP_SYS_RESOURCE.
    const int file = static_cast<int>(
        require(open("proc/sys/user/max_user_namespaces", O_WRONLY | O_CLOEXEC),
                "opening max_user_namespaces"));
    require(write(file, "0", 1), "forbidding nested user namespaces");
    close(file);
}

} // namespace

std::string makeProcView()
{
    makeFolders("proc");
    attach(makeProc(), "proc");
    if (!weakened("nested_namespaces"))
        forbidNestedUserNamespaces();

    struct stat info;
    int masked = 0;
    for (const char *file : maskedFiles) {
        if (stat(file, &info) != 0 || weakened("masked_proc"))
            continue;
        attach(cloneTree("dev/null", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC), file);
        ++masked;
    }
    makeFolders("sandbox/.nothing");
    for (const char *folder : maskedFolders) {
        if (stat(folder, &info) != 0 || weakened("masked_proc"))
            continue;
        attach(cloneTree("sandbox/.nothing", MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID), folder);
        ++masked;
    }
    require(rmdir("sandbox/.nothing"), "removing the mask folder");
    if (!weakened("proc_read_only"))
        addAttributes("proc", MOUNT_ATTR_RDONLY);
    return "private, read-only, " + std::to_string(masked) + " entries masked";
}

} // namespace skillbox::launcher
