// Writes seccomp_program.inc, the launcher's system-call filter, when the launcher is built.
//
// An allow-list: what is not named here does not exist (ENOSYS, so that libraries fall back). What
// a library must be told is forbidden rather than absent gets EPERM. Arguments are compared where
// one call does both harmless and dangerous things. A call in another ABI (32-bit, x32) kills the
// process: their numbers mean other things.
//
// With `names` it writes call_names.inc instead: what the calls of this architecture are called.
// With `json` it writes the same list as a profile for container engines (seccomp.json of Docker),
// which in addition lets the container's init install the list once more for the script alone.

#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <asm/termbits.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <initializer_list>
#include <set>
#include <string>
#include <vector>

namespace {

/// Calls whose arguments do not matter: they act on the process, its own files, memory and
/// descriptors, or on other processes of the same sandbox. Names a kernel or an architecture does
/// not have are passed over.
constexpr const char *allowed[] = {
    // files
    "access",
    "chdir",
    "close",
    "close_range",
    "copy_file_range",
    "dup",
    "dup2",
    "dup3",
    "faccessat",
    "faccessat2",
    "fadvise64",
    "fallocate",
    "fchdir",
    "fchown",
    "fchown32",
    "fchownat",
    "fcntl",
    "fcntl64",
    "fdatasync",
    "fgetxattr",
    "flistxattr",
    "flock",
    "fremovexattr",
    "fsetxattr",
    "fstat",
    "fstat64",
    "fstatat64",
    "fstatfs",
    "fstatfs64",
    "fsync",
    "ftruncate",
    "ftruncate64",
    "futimesat",
    "getcwd",
    "getdents",
    "getdents64",
    "getxattr",
    "inotify_add_watch",
    "inotify_init",
    "inotify_init1",
    "inotify_rm_watch",
    "lchown",
    "lgetxattr",
    "link",
    "linkat",
    "listxattr",
    "llistxattr",
    "lremovexattr",
    "lseek",
    "lsetxattr",
    "lstat",
    "lstat64",
    "mkdir",
    "mkdirat",
    "newfstatat",
    "pread64",
    "preadv",
    "preadv2",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readahead",
    "readlink",
    "readlinkat",
    "readv",
    "removexattr",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "sendfile",
    "setxattr",
    "splice",
    "stat",
    "statfs",
    "statx",
    "symlink",
    "symlinkat",
    "sync_file_range",
    "syncfs",
    "tee",
    "truncate",
    "umask",
    "unlink",
    "unlinkat",
    "utime",
    "utimensat",
    "utimes",
    "vmsplice",
    "write",
    "writev",
    "chown",
    // memory
    "brk",
    "madvise",
    "membarrier",
    "memfd_create",
    "mincore",
    "mlock",
    "mlock2",
    "mmap",
    "mprotect",
    "mremap",
    "msync",
    "munlock",
    "munmap",
    "pkey_alloc",
    "pkey_free",
    "pkey_mprotect",
    "get_mempolicy",
    "set_mempolicy",
    "mbind",
    // processes and threads
    "execve",
    "execveat",
    "exit",
    "exit_group",
    "fork",
    "futex",
    "futex_wait",
    "futex_waitv",
    "futex_wake",
    "futex_requeue",
    "get_robust_list",
    "get_thread_area",
    "getcpu",
    "getpgid",
    "getpgrp",
    "getpid",
    "getppid",
    "getpriority",
    "getsid",
    "gettid",
    "kill",
    "pidfd_open",
    "pidfd_send_signal",
    "prlimit64",
    "getrlimit",
    "setrlimit",
    "rseq",
    "sched_get_priority_max",
    "sched_get_priority_min",
    "sched_getaffinity",
    "sched_getattr",
    "sched_getparam",
    "sched_getscheduler",
    "sched_rr_get_interval",
    "sched_setaffinity",
    "sched_yield",
    "set_robust_list",
    "set_thread_area",
    "set_tid_address",
    "setpgid",
    "setpriority",
    "setsid",
    "tgkill",
    "tkill",
    "vfork",
    "wait4",
    "waitid",
    "arch_prctl",
    "landlock_create_ruleset",
    "landlock_add_rule",
    "landlock_restrict_self",
    // identity: every capability is gone, so these only confirm what is
    "capget",
    "capset",
    "getegid",
    "geteuid",
    "getgid",
    "getgroups",
    "getresgid",
    "getresuid",
    "getuid",
    "setfsgid",
    "setfsuid",
    "setgid",
    "setgroups",
    "setregid",
    "setresgid",
    "setresuid",
    "setreuid",
    "setuid",
    // signals and time
    "alarm",
    "clock_getres",
    "clock_gettime",
    "clock_nanosleep",
    "getitimer",
    "gettimeofday",
    "nanosleep",
    "pause",
    "restart_syscall",
    "rt_sigaction",
    "rt_sigpending",
    "rt_sigprocmask",
    "rt_sigqueueinfo",
    "rt_sigreturn",
    "rt_sigsuspend",
    "rt_sigtimedwait",
    "rt_tgsigqueueinfo",
    "setitimer",
    "sigaltstack",
    "signalfd",
    "signalfd4",
    "time",
    "timer_create",
    "timer_delete",
    "timer_getoverrun",
    "timer_gettime",
    "timer_settime",
    "timerfd_create",
    "timerfd_gettime",
    "timerfd_settime",
    "times",
    // waiting and pipes
    "epoll_create",
    "epoll_create1",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_pwait2",
    "epoll_wait",
    "eventfd",
    "eventfd2",
    "pipe",
    "pipe2",
    "poll",
    "ppoll",
    "pselect6",
    "select",
    "_newselect",
    // sockets that exist (AF_UNIX, inside the sandbox only)
    "accept",
    "accept4",
    "bind",
    "connect",
    "getpeername",
    "getsockname",
    "getsockopt",
    "listen",
    "recvfrom",
    "recvmmsg",
    "recvmsg",
    "sendmmsg",
    "sendmsg",
    "sendto",
    "setsockopt",
    "shutdown",
    // about the system
    "getrandom",
    "getrusage",
    "sysinfo",
    "uname",
};

/// Known to be dangerous: named, so that they are refused with EPERM and stand in this list for the
/// reader. Everything else that is not allowed gets ENOSYS.
constexpr const char *forbidden[] = {
    "acct",
    "add_key",
    "adjtimex",
    "bpf",
    "chroot",
    "clock_adjtime",
    "clock_settime",
    "delete_module",
    "fanotify_init",
    "finit_module",
    "fsconfig",
    "fsmount",
    "fsopen",
    "fspick",
    "init_module",
    "io_uring_enter",
    "io_uring_register",
    "io_uring_setup",
    "ioperm",
    "iopl",
    "kcmp",
    "kexec_file_load",
    "kexec_load",
    "keyctl",
    "lookup_dcookie",
    "memfd_secret",
    "migrate_pages",
    "modify_ldt",
    "mount",
    "mount_setattr",
    "move_mount",
    "move_pages",
    "name_to_handle_at",
    "open_by_handle_at",
    "open_tree",
    "perf_event_open",
    "pidfd_getfd",
    "pivot_root",
    "process_madvise",
    "process_mrelease",
    "process_vm_readv",
    "process_vm_writev",
    "ptrace",
    "quotactl",
    "quotactl_fd",
    "reboot",
    "request_key",
    "sched_setattr",
    "sched_setparam",
    "sched_setscheduler",
    "setdomainname",
    "sethostname",
    "setns",
    "settimeofday",
    "stime",
    "swapoff",
    "swapon",
    "syslog",
    "umount",
    "umount2",
    "unshare",
    "userfaultfd",
    "vhangup",
};

/// Terminal attributes and sizes to look at, readiness and close-on-exec to set. TIOCSTI and
/// TIOCLINUX, which type into a terminal, are not among them. Only the low 32 bits count for the
/// kernel, so only those are compared (CVE-2019-10063).
constexpr unsigned long allowedIoctls[] = {
    TCGETS,  TIOCGWINSZ, TIOCGPGRP, TIOCGSID, FIONREAD,        FIONBIO,
    FIOCLEX, FIONCLEX,   FIOASYNC,  TIOCOUTQ, FS_IOC_GETFLAGS,
};

constexpr int allowedPrctls[] = {
    PR_SET_PDEATHSIG,
    PR_GET_PDEATHSIG,
    PR_GET_DUMPABLE,
    PR_SET_DUMPABLE,
    PR_SET_NAME,
    PR_GET_NAME,
    PR_GET_SECCOMP,
    PR_CAPBSET_READ,
    PR_GET_SECUREBITS,
    PR_SET_TIMERSLACK,
    PR_GET_TIMERSLACK,
    PR_SET_CHILD_SUBREAPER,
    PR_GET_CHILD_SUBREAPER,
    PR_SET_NO_NEW_PRIVS,
    PR_GET_NO_NEW_PRIVS,
    PR_GET_TID_ADDRESS,
    PR_SET_THP_DISABLE,
    PR_GET_THP_DISABLE,
    PR_GET_KEEPCAPS,
    PR_CAP_AMBIENT,
    0x53564d41 /* PR_SET_VMA: names of anonymous memory, for debuggers */,
};

constexpr unsigned long namespaceFlags = CLONE_NEWNS | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET
    | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

class Filter
{
public:
    explicit Filter(scmp_filter_ctx context) : m_context(context) { }

    void allow(const char *name, std::initializer_list<scmp_arg_cmp> when = {})
    {
        if (rule(SCMP_ACT_ALLOW, name, when))
            m_allowed.insert(name);
    }
    void refuse(int error, const char *name, std::initializer_list<scmp_arg_cmp> when = {})
    {
        rule(SCMP_ACT_ERRNO(static_cast<unsigned>(error)), name, when);
    }
    size_t allowedCalls() const { return m_allowed.size(); }
    /// The rules so far as members of the profile's array `syscalls`.
    const std::string &json() const { return m_json; }

private:
    void note(uint32_t action, const char *name, const std::vector<scmp_arg_cmp> &arguments);
    bool rule(uint32_t action, const char *name, std::initializer_list<scmp_arg_cmp> when)
    {
        const int number = seccomp_syscall_resolve_name(name);
        // Unknown to this libseccomp, or not a call of this architecture: then nobody can make it.
        if (number < 0)
            return false;
        const std::vector<scmp_arg_cmp> arguments(when);
        const int result = seccomp_rule_add_array(m_context, action, number,
                                                  static_cast<unsigned>(arguments.size()),
                                                  arguments.data());
        if (result != 0) {
            std::fprintf(stderr, "seccomp rule for %s: %s\n", name, std::strerror(-result));
            std::exit(1);
        }
        note(action, name, arguments);
        return true;
    }
    scmp_filter_ctx m_context;
    std::set<std::string> m_allowed;
    std::string m_json;
};

void Filter::note(uint32_t action, const char *name, const std::vector<scmp_arg_cmp> &arguments)
{
    const bool isAllowed = action == SCMP_ACT_ALLOW;
    m_json += m_json.empty() ? "" : ",";
    m_json += std::string("{\"names\":[\"") + name + "\"],\"action\":\""
        + (isAllowed ? "SCMP_ACT_ALLOW\""
                     : "SCMP_ACT_ERRNO\",\"errnoRet\":" + std::to_string(action & 0xffff));
    std::string compared;
    for (const scmp_arg_cmp &argument : arguments) {
        const bool isMasked = argument.op == SCMP_CMP_MASKED_EQ;
        compared += std::string(compared.empty() ? "" : ",") + "{\"index\":"
            + std::to_string(argument.arg) + ",\"value\":" + std::to_string(argument.datum_a)
            + (isMasked ? ",\"valueTwo\":" + std::to_string(argument.datum_b) : std::string())
            + ",\"op\":\""
            + (isMasked                         ? "SCMP_CMP_MASKED_EQ"
                   : argument.op == SCMP_CMP_EQ ? "SCMP_CMP_EQ"
                                                : "SCMP_CMP_NE")
            + "\"}";
    }
    m_json += compared.empty() ? "}" : ",\"args\":[" + compared + "]}";
}

scmp_arg_cmp masked(unsigned argument, uint64_t mask, uint64_t value)
{
    return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

scmp_arg_cmp where(unsigned argument, scmp_compare how, uint64_t value)
{
    return {argument, how, value, 0};
}

void addArgumentRules(Filter &filter)
{
    // clone3 and openat2 are not listed at all: what they do lies behind a pointer, out of a
    // filter's sight. They get ENOSYS like every unlisted call, and libraries fall back to these.
    filter.allow("clone", {masked(0, namespaceFlags, 0)});

    for (unsigned long command : allowedIoctls)
        filter.allow("ioctl", {masked(1, 0xffffffff, command)});
    for (int option : allowedPrctls)
        filter.allow("prctl", {masked(0, 0xffffffff, static_cast<uint64_t>(option))});

    // personality: asking is fine; turning off address randomisation or read-implies-exec is not.
    filter.allow("personality", {masked(0, 0xffffffff, 0xffffffff)});
    filter.allow("personality", {masked(0, 0xffffffff, 0)});

    // AF_UNIX or nothing: AF_VSOCK is not namespaced at all, the others reach large kernel parts.
    for (const char *name : {"socket", "socketpair"}) {
        filter.allow(name, {where(0, SCMP_CMP_EQ, AF_UNIX)});
        filter.refuse(EAFNOSUPPORT, name, {where(0, SCMP_CMP_NE, AF_UNIX)});
    }

    // No set-uid or set-gid file, whatever becomes of it later. A mode counts only with O_CREAT;
    // O_TMPFILE, which makes a file too, carries the bit __O_TMPFILE.
    constexpr uint64_t suid = S_ISUID | S_ISGID;
    constexpr uint64_t creating = O_CREAT | (O_TMPFILE & ~O_DIRECTORY);
    filter.allow("chmod", {masked(1, suid, 0)});
    filter.allow("fchmod", {masked(1, suid, 0)});
    filter.allow("fchmodat", {masked(2, suid, 0)});
    filter.allow("fchmodat2", {masked(2, suid, 0)});
    filter.allow("creat", {masked(1, suid, 0)});
    filter.allow("open", {masked(1, creating, 0)});
    filter.allow("open", {masked(2, suid, 0)});
    filter.allow("openat", {masked(2, creating, 0)});
    filter.allow("openat", {masked(3, suid, 0)});

    // Named pipes, sockets and plain files; never a device.
    for (uint64_t type : {uint64_t(0), uint64_t(S_IFREG), uint64_t(S_IFIFO), uint64_t(S_IFSOCK)}) {
        filter.allow("mknod", {masked(1, S_IFMT | suid, type)});
        filter.allow("mknodat", {masked(2, S_IFMT | suid, type)});
    }
}

void check(int result, const char *what)
{
    if (result != 0) {
        std::fprintf(stderr, "%s: %s\n", what, std::strerror(-result));
        std::exit(1);
    }
}

int writeNames(const char *path)
{
    constexpr int lastNumber = 1023; // twice what any architecture has
    FILE *out = std::fopen(path, "w");
    if (!out)
        return 1;
    std::fprintf(out, "constexpr CallName callNames[] = {\n");
    for (int number = 0; number <= lastNumber; ++number) {
        if (char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number)) {
            std::fprintf(out, "    {%d, \"%s\"},\n", number, name);
            std::free(name);
        }
    }
    std::fprintf(out, "};\n");
    return std::fclose(out) == 0 ? 0 : 1;
}

#if defined(__x86_64__)
constexpr const char *ownArchitecture = "SCMP_ARCH_X86_64";
#elif defined(__aarch64__)
constexpr const char *ownArchitecture = "SCMP_ARCH_AARCH64";
#else
constexpr const char *ownArchitecture = nullptr; // then the engine's own profile is all there is
#endif

int writeProfile(const char *path, Filter &filter)
{
    // What runc calls after it has installed the profile, and what the init installs the list with.
    filter.allow("seccomp");
    FILE *out = std::fopen(path, "w");
    if (!out)
        return 1;
    std::fprintf(out, "R\"json(");
    if (ownArchitecture) {
        std::fprintf(out,
                     "{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":%d,"
                     "\"architectures\":[\"%s\"],\"syscalls\":[",
                     ENOSYS, ownArchitecture);
        // A compiler takes only so much text in one piece.
        const std::string &rules = filter.json();
        for (size_t at = 0; at < rules.size(); at += 8000) {
            std::fprintf(out, "%s%s", at == 0 ? "" : ")json\"\nR\"json(",
                         rules.substr(at, 8000).c_str());
        }
        std::fprintf(out, "]}");
    }
    std::fprintf(out, ")json\"\n");
    return std::fclose(out) == 0 ? 0 : 1;
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 3 && std::strcmp(argv[2], "names") == 0)
        return writeNames(argv[1]);
    const bool asProfile = argc == 3 && std::strcmp(argv[2], "json") == 0;
    // A binary tree instead of a chain: a call whose arguments matter costs its logarithm, about a
    // third. bench_sandbox_syscalls compares the two.
    const bool asChain = argc == 3 && std::strcmp(argv[2], "chain") == 0;
    if (argc != 2 && !asChain && !asProfile) {
        std::fprintf(stderr, "usage: %s OUTPUT [chain|names|json]\n", argv[0]);
        return 2;
    }
    scmp_filter_ctx context = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
    if (!context)
        return 1;
    check(seccomp_attr_set(context, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS), "bad arch");
    check(seccomp_attr_set(context, SCMP_FLTATR_CTL_OPTIMIZE, asChain ? 1 : 2), "optimize");

    Filter filter(context);
    for (const char *name : allowed)
        filter.allow(name);
    for (const char *name : forbidden)
        filter.refuse(EPERM, name);
    addArgumentRules(filter);
    if (asProfile) {
        const int result = writeProfile(argv[1], filter);
        seccomp_release(context);
        return result;
    }

    FILE *binary = std::tmpfile();
    if (!binary)
        return 1;
    check(seccomp_export_bpf(context, fileno(binary)), "export");
    const size_t allowedCalls = filter.allowedCalls();
    seccomp_release(context);
    std::fseek(binary, 0, SEEK_SET);

    FILE *out = std::fopen(argv[1], "w");
    if (!out)
        return 1;
    std::fprintf(out, "constexpr unsigned seccompAllowedCalls = %zu;\n", allowedCalls);
    std::fprintf(out, "constexpr sock_filter seccompProgram[] = {\n");
    struct {
        uint16_t code;
        uint8_t jt, jf;
        uint32_t k;
    } instruction;
    while (std::fread(&instruction, sizeof instruction, 1, binary) == 1) {
        std::fprintf(out, "    {0x%04x, %u, %u, 0x%08x},\n", instruction.code, instruction.jt,
                     instruction.jf, instruction.k);
    }
    std::fprintf(out, "};\n");
    std::fclose(binary);
    return std::fclose(out) == 0 ? 0 : 1;
}
