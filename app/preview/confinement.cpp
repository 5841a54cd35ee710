#include "app/preview/confinement.h"

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace skillbox::preview {
namespace {

// Decoding takes up to 400 MB of pixels, twice while they are converted.
constexpr rlim_t memoryBytes = rlim_t(1536) << 20;
constexpr rlim_t processorSeconds = 120;

#if defined(__x86_64__)
constexpr uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
#error "the list of system calls was written for x86-64 and arm64"
#endif

/// What decoding, fonts and the allocator need. Everything else answers EPERM, so that a library
/// that tries something optional goes on without it.
constexpr int allowedCalls[] = {
    // Files that are open, and memory
    SYS_read,
    SYS_readv,
    SYS_pread64,
    SYS_write,
    SYS_writev,
    SYS_close,
    SYS_lseek,
    SYS_fstat,
    SYS_fcntl,
    SYS_dup,
    SYS_fadvise64,
    SYS_munmap,
    SYS_mremap,
    SYS_madvise,
    SYS_brk,
    // Looking for fonts; Landlock decides what can be opened
    SYS_newfstatat,
    SYS_statx,
    SYS_statfs,
    SYS_fstatfs,
    SYS_faccessat,
    SYS_faccessat2,
    SYS_readlinkat,
    SYS_getdents64,
    SYS_getcwd,
    // Time, waiting, locks between threads
    SYS_clock_gettime,
    SYS_clock_getres,
    SYS_gettimeofday,
    SYS_clock_nanosleep,
    SYS_nanosleep,
    SYS_ppoll,
    SYS_pselect6,
    SYS_eventfd2,
    SYS_pipe2,
    SYS_futex,
    SYS_sched_yield,
    SYS_sched_getaffinity,
    SYS_membarrier,
    SYS_restart_syscall,
    SYS_set_robust_list,
    SYS_rseq,
    // Itself
    SYS_getpid,
    SYS_gettid,
    SYS_getppid,
    SYS_getuid,
    SYS_geteuid,
    SYS_getgid,
    SYS_getegid,
    SYS_getrandom,
    SYS_uname,
    SYS_sysinfo,
    SYS_getrusage,
    SYS_rt_sigaction,
    SYS_rt_sigprocmask,
    SYS_rt_sigreturn,
    SYS_sigaltstack,
    SYS_exit,
    SYS_exit_group,
#if defined(__x86_64__)
    SYS_stat,
    SYS_lstat,
    SYS_access,
    SYS_readlink,
    SYS_getdents,
    SYS_poll,
    SYS_select,
    SYS_time,
#endif
};

constexpr uint32_t loadOffset(size_t offset)
{
    return static_cast<uint32_t>(offset);
}

sock_filter statement(uint16_t code, uint32_t value)
{
    return sock_filter{code, 0, 0, value};
}

sock_filter jump(uint16_t code, uint32_t value, uint8_t ifTrue, uint8_t ifFalse)
{
    return sock_filter{code, ifTrue, ifFalse, value};
}

/// Allows the call if none of `forbidden` is set in its argument (the lower half, where flags are).
void allowWithoutFlags(std::vector<sock_filter> &program, int call, int argument,
                       uint32_t forbidden)
{
    program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 4));
    program.push_back(statement(BPF_LD | BPF_W | BPF_ABS,
                                loadOffset(offsetof(seccomp_data, args)
                                           + sizeof(uint64_t) * static_cast<size_t>(argument))));
    program.push_back(jump(BPF_JMP | BPF_JSET | BPF_K, forbidden, 1, 0));
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
}

/// Allows the call if `wanted` is set in its argument.
void allowWithFlag(std::vector<sock_filter> &program, int call, int argument, uint32_t wanted)
{
    program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 4));
    program.push_back(statement(BPF_LD | BPF_W | BPF_ABS,
                                loadOffset(offsetof(seccomp_data, args)
                                           + sizeof(uint64_t) * static_cast<size_t>(argument))));
    program.push_back(jump(BPF_JMP | BPF_JSET | BPF_K, wanted, 0, 1));
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
}

std::vector<sock_filter> makeFilter(bool mayOpen)
{
    std::vector<sock_filter> program;
    program.push_back(
        statement(BPF_LD | BPF_W | BPF_ABS, loadOffset(offsetof(seccomp_data, arch))));
    program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0));
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
    // x32's numbers have bit 30 and equal none of the list.
    program.push_back(statement(BPF_LD | BPF_W | BPF_ABS, loadOffset(offsetof(seccomp_data, nr))));
    for (const int call : allowedCalls) {
        program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1));
        program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    }
    // Qt converts large pictures on threads, which are locked in like the one that makes them. The
    // flags of clone3 lie in memory, where a filter cannot look; without it glibc takes clone.
    allowWithFlag(program, SYS_clone, 0, CLONE_THREAD);
    program.push_back(jump(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(SYS_clone3), 0, 1));
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS));
    // All code is loaded: none is made or loaded from now on.
    allowWithoutFlags(program, SYS_mmap, 2, PROT_EXEC);
    allowWithoutFlags(program, SYS_mprotect, 2, PROT_EXEC);
    if (mayOpen) {
        constexpr auto writing = static_cast<uint32_t>(O_ACCMODE | O_CREAT | O_TRUNC | O_APPEND);
        allowWithoutFlags(program, SYS_openat, 2, writing);
#if defined(__x86_64__)
        allowWithoutFlags(program, SYS_open, 1, writing);
#endif
    }
    program.push_back(statement(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    return program;
}

bool failedAt(const char *what, std::string &why)
{
    why = std::string(what) + ": " + std::strerror(errno);
    return false;
}

bool limit(__rlimit_resource resource, rlim_t value)
{
    rlimit now{};
    if (getrlimit(resource, &now) != 0)
        return false;
    const rlim_t bounded = now.rlim_max == RLIM_INFINITY ? value : std::min(value, now.rlim_max);
    const rlimit wanted{bounded, bounded};
    return setrlimit(resource, &wanted) == 0;
}

/// 1: in force; 0: this kernel has none; -1: failed.
int applyLandlock(const std::vector<std::string> &readable)
{
    if (syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION) < 1)
        return 0;
    landlock_ruleset_attr wanted{};
    wanted.handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_READ_FILE
        | LANDLOCK_ACCESS_FS_READ_DIR | LANDLOCK_ACCESS_FS_WRITE_FILE
        | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE
        | LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG
        | LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO
        | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM;
    const auto rules = static_cast<int>(
        syscall(SYS_landlock_create_ruleset, &wanted, sizeof wanted, 0));
    if (rules < 0)
        return -1;
    for (const std::string &path : readable) {
        const int folder = open(path.c_str(), O_PATH | O_CLOEXEC);
        if (folder < 0)
            continue; // not on this machine
        landlock_path_beneath_attr rule{};
        rule.allowed_access = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
        rule.parent_fd = folder;
        const long added = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule,
                                   0);
        close(folder);
        if (added != 0) {
            close(rules);
            return -1;
        }
    }
    const long applied = syscall(SYS_landlock_restrict_self, rules, 0);
    close(rules);
    return applied == 0 ? 1 : -1;
}

} // namespace

bool confine(const std::vector<std::string> &readable, std::string &why)
{
    // The sanitizers reserve terabytes of address space.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    if (!limit(RLIMIT_AS, memoryBytes))
        return failedAt("bounding the memory", why);
#endif
    if (!limit(RLIMIT_CPU, processorSeconds) || !limit(RLIMIT_FSIZE, 0) || !limit(RLIMIT_CORE, 0)
        || !limit(RLIMIT_NOFILE, 64))
        return failedAt("setting resource limits", why);
    // Not readable through /proc by other programs of this user while it holds their file.
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return failedAt("giving up privileges", why);
    const int landlock = applyLandlock(readable);
    if (landlock < 0)
        return failedAt("restricting the files", why);
    std::vector<sock_filter> filter = makeFilter(landlock == 1);
    const sock_fprog program{static_cast<unsigned short>(filter.size()), filter.data()};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        return failedAt("restricting the system calls", why);
    return true;
}

} // namespace skillbox::preview
