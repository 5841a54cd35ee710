#include "engine/sandbox/launcher/capabilities.h"

#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/launcher/weaken.h"

#include <linux/capability.h>
#include <linux/securebits.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace skillbox::launcher {

void dropAllPrivileges()
{
    if (weakened("capabilities")) {
        keepCapabilities();
    } else {
        require(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0),
                "clearing ambient capabilities");
        // Up to the kernel's own last capability, which may be newer than our headers.
        for (int capability = 0; prctl(PR_CAPBSET_READ, capability) >= 0; ++capability)
            require(prctl(PR_CAPBSET_DROP, capability), "dropping the capability bounding set");
    }

    constexpr unsigned long locked = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP
        | SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE
        | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (!weakened("securebits"))
        require(prctl(PR_SET_SECUREBITS, locked), "locking the securebits");

    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    if (!weakened("capabilities"))
        require(syscall(SYS_capset, &header, none), "dropping capabilities");
    if (!weakened("no_new_privs"))
        require(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "setting no_new_privs");
}

} // namespace skillbox::launcher
