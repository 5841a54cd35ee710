#include "engine/sandbox/launcher/seccomp_filter.h"

#include "engine/sandbox/launcher/setup_error.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

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

} // namespace

std::string applySeccomp(MemoryKeeper keeper)
{
    // The main filter last: it does not let another one be installed.
    if (keeper == MemoryKeeper::Watch)
        install(withoutMemfd, std::size(withoutMemfd));
    install(seccompProgram, std::size(seccompProgram));
    return "allow-list of " + std::to_string(seccompAllowedCalls) + " calls";
}

} // namespace skillbox::launcher
