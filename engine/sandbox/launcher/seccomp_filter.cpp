#include "engine/sandbox/launcher/seccomp_filter.h"

#include "engine/sandbox/launcher/setup_error.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace skillbox::launcher {
namespace {

// Compiled when the launcher is built, from the rules in seccomp_rules.cpp: libseccomp takes
// several milliseconds for it, which every start of the launcher would pay.
#include "seccomp_program.inc"

} // namespace

std::string applySeccomp()
{
    const sock_fprog program{static_cast<unsigned short>(std::size(seccompProgram)),
                             const_cast<sock_filter *>(seccompProgram)};
    require(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program),
            "installing the system-call filter");
    return "allow-list of " + std::to_string(seccompAllowedCalls) + " calls";
}

} // namespace skillbox::launcher
