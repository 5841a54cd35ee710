#include "engine/sandbox/launcher/id_map.h"

#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/launcher/weaken.h"

#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>

namespace skillbox::launcher {
namespace {

// systemd's list of uid ranges leaves 1879048192–2147483647 unused.
constexpr uint32_t firstPrivateId = 1'879'048'192;
constexpr uint32_t privateIds = 1U << 28;
constexpr uint32_t nobody = 65534;

bool writeProc(pid_t pid, const char *name, const std::string &text)
{
    const std::string path = "/proc/" + std::to_string(pid) + "/" + name;
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    const ssize_t written = write(file, text.data(), text.size());
    const int error = errno;
    close(file);
    errno = error;
    return written == static_cast<ssize_t>(text.size());
}

bool mapTo(pid_t pid, uint32_t uid, uint32_t gid)
{
    const auto line = [](uint32_t hostId) { return "65534 " + std::to_string(hostId) + " 1"; };
    return writeProc(pid, "gid_map", line(gid)) && writeProc(pid, "uid_map", line(uid));
}

} // namespace

std::string mapIds(pid_t pid)
{
    // Without this an unprivileged process may not map a gid, and no process in the sandbox may
    // change its groups in either case.
    if (!writeProc(pid, "setgroups", "deny"))
        throw SetupError{"denying setgroups"};
    if (geteuid() == 0 && !weakened("host_uid")) {
        uint32_t draw = 0;
        require(getrandom(&draw, sizeof draw, 0), "drawing a uid");
        const uint32_t id = firstPrivateId + draw % privateIds;
        if (mapTo(pid, id, id))
            return "private " + std::to_string(id);
        // Root of a container that owns few ids.
        if (errno == EPERM && mapTo(pid, nobody, nobody))
            return "nobody";
        // Never root itself: a run must not own the machine's files.
        throw SetupError{"mapping uid and gid 65534"};
    }
    if (!mapTo(pid, geteuid(), getegid()))
        throw SetupError{"mapping uid and gid 65534"};
    return "caller";
}

} // namespace skillbox::launcher
