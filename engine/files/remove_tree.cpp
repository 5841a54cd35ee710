#include "engine/files/remove_tree.h"

#include "engine/base/unique_fd.h"

#include <cerrno>
#include <cstring>
#include <dirent.h>
#include <fcntl.h>

#include <memory>

namespace skillbox {
namespace {

struct FolderCloser {
    void operator()(DIR *stream) const { ::closedir(stream); }
};
using FolderStream = std::unique_ptr<DIR, FolderCloser>;

bool isDot(const char *name)
{
    return std::strcmp(name, ".") == 0 || std::strcmp(name, "..") == 0;
}

} // namespace

bool removeContents(int folder)
{
    UniqueFd own(::openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const FolderStream stream(own ? ::fdopendir(own.get()) : nullptr);
    if (!stream)
        return false;
    (void)own.release(); // closedir closes it
    // What a removal does to the position in the folder is up to the file system (readdir(3p)):
    // look again until nothing is there.
    for (;;) {
        bool found = false;
        bool removed = false;
        while (const dirent *entry = ::readdir(stream.get())) {
            if (isDot(entry->d_name))
                continue;
            found = true;
            removed = removeTree(folder, entry->d_name) || removed;
        }
        if (!found)
            return true;
        if (!removed)
            return false;
        ::rewinddir(stream.get());
    }
}

bool removeTree(int folder, const char *name)
{
    if (::unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return true;
    if (errno != EISDIR && errno != EPERM) // unlink(2): EISDIR here, EPERM by POSIX
        return false;
    const UniqueFd inner(::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    return inner && removeContents(inner.get()) && ::unlinkat(folder, name, AT_REMOVEDIR) == 0;
}

} // namespace skillbox
