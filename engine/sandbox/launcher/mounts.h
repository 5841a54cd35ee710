#pragma once

#include <cstdint>
#include <string>

namespace skillbox::launcher {

// The new mount interface (fsopen(2) … mount_setattr(2), Linux 5.12): mounts are made detached and
// take their final flags before they can be reached by any path.

/// A detached copy of what is mounted at `path` on the host, with `attributes` (MOUNT_ATTR_…) set on
/// every mount in it. Descriptor owned by the caller. Throws SetupError.
int cloneTree(const std::string &path, uint64_t attributes);

/// Size and count bounds of a tmpfs. See tmpfs(5).
struct TmpfsBounds {
    uint64_t bytes;
    uint64_t inodes;
    const char *mode; ///< octal text of the root folder's mode
};
int makeTmpfs(const TmpfsBounds &bounds, uint64_t attributes);

/// A /proc of the calling process's pid namespace.
int makeProc();

/// Attaches a detached mount and closes its descriptor. `target` is relative to the working folder.
void attach(int mountDescriptor, const std::string &target);

/// Adds attributes to the mount at `target` only.
void addAttributes(const std::string &target, uint64_t attributes);

/// mkdir -p below the working folder, mode 0755. `path` is relative.
void makeFolders(const std::string &path);
/// Creates the file with its parents; `path` is relative.
void writeFile(const std::string &path, const char *data, size_t size, unsigned mode);

} // namespace skillbox::launcher
