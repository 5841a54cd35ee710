#include "engine/sandbox/launcher/dev_view.h"

#include "engine/sandbox/launcher/mounts.h"
#include "engine/sandbox/launcher/setup_error.h"

#include <sys/mount.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace skillbox::launcher {
namespace {

constexpr const char *nodes[] = {"null", "zero", "full", "random", "urandom"};

} // namespace

std::vector<int> openDevices()
{
    std::vector<int> devices;
    for (const char *node : nodes)
        devices.push_back(cloneTree(std::string("/dev/") + node, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC));
    return devices;
}

void makeDevices(const std::vector<int> &devices, const protocol::Job &job)
{
    makeFolders("dev");
    for (size_t i = 0; i < std::size(nodes); ++i) {
        const std::string target = std::string("dev/") + nodes[i];
        writeFile(target, nullptr, 0, 0666);
        attach(devices[i], target);
    }
    require(symlink("/proc/self/fd", "dev/fd"), "linking /dev/fd");
    require(symlink("/proc/self/fd/0", "dev/stdin"), "linking /dev/stdin");
    require(symlink("/proc/self/fd/1", "dev/stdout"), "linking /dev/stdout");
    require(symlink("/proc/self/fd/2", "dev/stderr"), "linking /dev/stderr");
    // POSIX semaphores and shared memory live here (shm_overview(7)); python's multiprocessing
    // needs it.
    makeFolders("dev/shm");
    attach(makeTmpfs({std::min<uint64_t>(job.tmpBytes, 64 << 20), job.inodes, "01777"},
                     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC),
           "dev/shm");
}

} // namespace skillbox::launcher
