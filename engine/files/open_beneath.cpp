#include "engine/files/open_beneath.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

#include <cerrno>

namespace skillbox {

UniqueFd openBeneath(int root, const QByteArray &path, int flags, Links links)
{
    open_how how{};
    how.flags = static_cast<unsigned>(flags | O_CLOEXEC);
    how.resolve = RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV
        | (links == Links::Refuse ? RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS : RESOLVE_IN_ROOT);
    long fd = -1;
    do {
        fd = ::syscall(SYS_openat2, root, path.constData(), &how, sizeof how);
    } while (fd < 0 && (errno == EAGAIN || errno == EINTR)); // EAGAIN: a rename somewhere met it
    return UniqueFd(static_cast<int>(fd));
}

} // namespace skillbox
