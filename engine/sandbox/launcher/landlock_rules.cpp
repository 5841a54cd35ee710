#include "engine/sandbox/launcher/landlock_rules.h"

#include "engine/sandbox/launcher/setup_error.h"

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace skillbox::launcher {
namespace {

// Values of later ABIs, which Debian 12's headers lack; from linux/landlock.h of Linux 6.12.
constexpr uint64_t accessRefer = 1ULL << 13;      // ABI 2
constexpr uint64_t accessTruncate = 1ULL << 14;   // ABI 3
constexpr uint64_t accessIoctlDev = 1ULL << 15;   // ABI 5
constexpr uint64_t netBindTcp = 1ULL << 0;        // ABI 4
constexpr uint64_t netConnectTcp = 1ULL << 1;     // ABI 4
constexpr uint64_t scopeAbstractUnix = 1ULL << 0; // ABI 6
constexpr uint64_t scopeSignal = 1ULL << 1;       // ABI 6

struct RulesetAttributes {
    uint64_t handledFileSystem;
    uint64_t handledNet;
    uint64_t scoped;
};

constexpr uint64_t readAccess = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE
    | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr uint64_t writeAccess = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR
    | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG
    | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM;
/// Handled, so that they are denied everywhere: no rule grants them.
constexpr uint64_t deviceAccess = LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK;

void allowBeneath(int ruleset, const char *path, uint64_t access)
{
    landlock_path_beneath_attr rule{};
    rule.allowed_access = access;
    rule.parent_fd = static_cast<int>(require(open(path, O_PATH | O_CLOEXEC), path));
    require(syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0),
            std::string("adding the Landlock rule for ") + path);
    close(rule.parent_fd);
}

} // namespace

long landlockAbi()
{
    // ENOSYS: not built in; EOPNOTSUPP: not enabled at boot.
    return syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
}

std::string applyLandlock(bool withSession)
{
    const long abi = landlockAbi();
    if (abi < 1)
        return "absent";

    RulesetAttributes wanted{readAccess | writeAccess | deviceAccess, 0, 0};
    size_t size = sizeof wanted.handledFileSystem;
    uint64_t write = writeAccess;
    if (abi >= 2) {
        wanted.handledFileSystem |= accessRefer;
        write |= accessRefer;
    }
    if (abi >= 3) {
        wanted.handledFileSystem |= accessTruncate;
        write |= accessTruncate;
    }
    if (abi >= 4) {
        wanted.handledNet = netBindTcp | netConnectTcp;
        size += sizeof wanted.handledNet;
    }
    if (abi >= 5)
        wanted.handledFileSystem |= accessIoctlDev;
    if (abi >= 6) {
        wanted.scoped = scopeAbstractUnix | scopeSignal;
        size += sizeof wanted.scoped;
    }
    const int ruleset = static_cast<int>(require(
        syscall(SYS_landlock_create_ruleset, &wanted, size, 0), "making the Landlock rules"));
    allowBeneath(ruleset, "/", readAccess);
    for (const char *path : {"/tmp", "/dev/shm", "/sandbox/out"})
        allowBeneath(ruleset, path, readAccess | write);
    if (withSession)
        allowBeneath(ruleset, "/sandbox/session", readAccess | write);
    const uint64_t deviceWrite = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE
        | (write & accessTruncate);
    for (const char *path : {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"})
        allowBeneath(ruleset, path, deviceWrite);
    require(syscall(SYS_landlock_restrict_self, ruleset, 0), "applying the Landlock rules");
    close(ruleset);
    return "ABI " + std::to_string(abi);
}

} // namespace skillbox::launcher
