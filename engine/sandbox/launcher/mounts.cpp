#include "engine/sandbox/launcher/mounts.h"

#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/launcher/weaken.h"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace skillbox::launcher {
namespace {

int configure(const char *type, std::initializer_list<std::pair<const char *, std::string>> options,
              uint64_t attributes)
{
    const std::string stage = std::string("mounting ") + type;
    const int context = static_cast<int>(require(fsopen(type, FSOPEN_CLOEXEC), stage));
    for (const auto &[key, value] : options) {
        require(fsconfig(context, FSCONFIG_SET_STRING, key, value.c_str(), 0),
                stage + " with " + key + "=" + value);
    }
    require(fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0), stage);
    const int mounted = static_cast<int>(
        require(fsmount(context, FSMOUNT_CLOEXEC, static_cast<unsigned>(attributes)), stage));
    close(context);
    return mounted;
}

} // namespace

int cloneTree(const std::string &path, uint64_t attributes)
{
    // Recursive: the kernel refuses to copy a mount without the ones below it, because in a user
    // namespace that would uncover what they cover (mount_namespaces(7)).
    const int tree = static_cast<int>(require(
        open_tree(AT_FDCWD, path.c_str(), OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE),
        "opening " + path));
    struct mount_attr wanted = {};
    wanted.attr_set = attributes;
    require(mount_setattr(tree, "", AT_EMPTY_PATH | AT_RECURSIVE, &wanted, sizeof wanted),
            "restricting the mount of " + path);
    return tree;
}

int makeTmpfs(const TmpfsBounds &bounds, uint64_t attributes)
{
    const bool bounded = !weakened("tmpfs_bounds"); // 0: no bound, see tmpfs(5)
    return configure("tmpfs",
                     {{"size", std::to_string(bounded ? bounds.bytes : 0)},
                      {"nr_inodes", std::to_string(bounded ? bounds.inodes : 0)},
                      {"mode", bounds.mode}},
                     attributes);
}

int makeProc()
{
    if (weakened("pid_namespace"))
        return cloneTree("/proc", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
    // hidepid: the init, which is not dumpable, cannot even be seen by the script (proc(5)).
    return configure("proc", {{"hidepid", weakened("hidepid") ? "off" : "invisible"}},
                     MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

void attach(int mountDescriptor, const std::string &target)
{
    require(move_mount(mountDescriptor, "", AT_FDCWD, target.c_str(), MOVE_MOUNT_F_EMPTY_PATH),
            "attaching the mount at /" + target);
    close(mountDescriptor);
}

void addAttributes(const std::string &target, uint64_t attributes)
{
    struct mount_attr wanted = {};
    wanted.attr_set = attributes;
    require(mount_setattr(AT_FDCWD, target.c_str(), 0, &wanted, sizeof wanted),
            "restricting the mount at /" + target);
}

void makeFolders(const std::string &path)
{
    for (size_t end = path.find('/'); ; end = path.find('/', end + 1)) {
        const std::string part = path.substr(0, end);
        if (!part.empty() && mkdir(part.c_str(), 0755) != 0 && errno != EEXIST)
            throw SetupError{"making the folder /" + part};
        if (end == std::string::npos)
            return;
    }
}

void writeFile(const std::string &path, const char *data, size_t size, unsigned mode)
{
    const size_t slash = path.rfind('/');
    if (slash != std::string::npos)
        makeFolders(path.substr(0, slash));
    const std::string stage = "writing /" + path;
    const int file = static_cast<int>(
        require(open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode), stage));
    while (size > 0) {
        const ssize_t written = write(file, data, size);
        if (written < 0 && errno == EINTR)
            continue;
        require(written, stage);
        data += written;
        size -= static_cast<size_t>(written);
    }
    close(file);
}

} // namespace skillbox::launcher
