#include "engine/sandbox/launcher/seccomp_filter.h"

#include "engine/sandbox/launcher/filter_evaluation.h"
#include "engine/sandbox/launcher/setup_error.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <vector>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5) // since Linux 5.19
#endif

namespace skillbox::launcher {
namespace {

// Compiled when the launcher is built, from the rules in seccomp_rules.cpp: libseccomp takes
// several milliseconds for it, which every start of the launcher would pay.
#include "seccomp_program.inc"

/// The main filter kills what comes by another ABI, so the number alone decides here.
constexpr sock_filter withoutMemfd[] = {
    BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
    BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_memfd_create, 0, 1),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
    BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

void install(const sock_filter *filter, size_t size)
{
    const sock_fprog program{static_cast<unsigned short>(size), const_cast<sock_filter *>(filter)};
    require(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program),
            "installing the system-call filter");
}

constexpr bool isRefusal(const sock_filter &step)
{
    return step.code == (BPF_RET | BPF_K)
        && (step.k & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO;
}

/// The list with every refusal turned into a question. Made from the list itself, so that it can
/// allow nothing more.
constexpr auto observedProgram = [] {
    std::array<sock_filter, std::size(seccompProgram)> program{};
    for (size_t i = 0; i < program.size(); ++i) {
        program[i] = seccompProgram[i];
        if (isRefusal(program[i]))
            program[i].k = SECCOMP_RET_USER_NOTIF;
    }
    return program;
}();

int installObserved(unsigned long flags)
{
    const sock_fprog program{static_cast<unsigned short>(observedProgram.size()),
                             const_cast<sock_filter *>(observedProgram.data())};
    return static_cast<int>(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
                                    SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, &program));
}

#if defined(__x86_64__)
constexpr uint32_t ownArchitecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr uint32_t ownArchitecture = AUDIT_ARCH_AARCH64;
#else
constexpr uint32_t ownArchitecture = 0; // then an observed run does not start
#endif

/// Waiting, answering, reaping, telling and what the allocator needs.
constexpr uint32_t observerCalls[] = {
#ifdef __SANITIZE_ADDRESS__
    SYS_sigaltstack, // at its end
#endif
#ifdef SYS_poll
    SYS_poll,
#endif
    SYS_ppoll,      SYS_read,   SYS_write,           SYS_close,
    SYS_wait4,      SYS_waitid, SYS_sendmsg,         SYS_getrusage,
    SYS_brk,        SYS_mmap,   SYS_munmap,          SYS_mremap,
    SYS_madvise,    SYS_futex,  SYS_rt_sigprocmask,  SYS_rt_sigreturn,
    SYS_exit_group, SYS_exit,   SYS_restart_syscall,
};

} // namespace

std::string applySeccomp(MemoryKeeper keeper)
{
    // The main filter last: it does not let another one be installed.
    if (keeper == MemoryKeeper::Watch)
        install(withoutMemfd, std::size(withoutMemfd));
    install(seccompProgram, std::size(seccompProgram));
    return "allow-list of " + std::to_string(seccompAllowedCalls) + " calls";
}

std::string observingSeccomp()
{
    const uint32_t action = SECCOMP_RET_USER_NOTIF;
    require(syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0, &action),
            "observing refused system calls");
    return "allow-list of " + std::to_string(seccompAllowedCalls) + " calls, observed";
}

int applyObservedSeccomp(MemoryKeeper keeper)
{
    if (keeper == MemoryKeeper::Watch)
        install(withoutMemfd, std::size(withoutMemfd));
    // Without it a signal that comes while a call waits for its answer would repeat the call.
    int listener = installObserved(SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
    if (listener < 0 && errno == EINVAL)
        listener = installObserved(0);
    return static_cast<int>(require(listener, "installing the observed system-call filter"));
}

int errorOfRefused(const seccomp_data &call)
{
    const uint32_t answer = evaluateFilter(seccompProgram, call);
    if ((answer & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
        return static_cast<int>(answer & SECCOMP_RET_DATA);
    return EPERM;
}

void confineObserver()
{
    std::vector<sock_filter> program{
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ownArchitecture, 1, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
    };
    for (const uint32_t call : observerCalls) {
        program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1));
        program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    }
    // ioctl for the listener only; the low half of the request is what the kernel looks at.
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_ioctl, 0, 4));
    program.push_back(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args[1])));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_IOCTL_NOTIF_RECV, 1, 0));
    program.push_back(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SECCOMP_IOCTL_NOTIF_SEND, 0, 1));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
    program.push_back(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    install(program.data(), program.size());
}

} // namespace skillbox::launcher
