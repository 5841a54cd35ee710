// skillbox-sandbox: the only part of Skillbox that makes sandboxes. Plain C++, one thread, no Qt.
// Started by the engine with a control socket as descriptor 3; of no use by hand.

#include "engine/sandbox/launcher/launcher_loop.h"
#include "engine/sandbox/launcher/weaken.h"

#include <csignal>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <grp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

bool isControlSocket(int descriptor)
{
    int type = 0;
    socklen_t size = sizeof type;
    return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_SEQPACKET;
}

void raiseDescriptorLimit()
{
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max; // three descriptors a run, and many runs at once
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

/// Groups cannot be left from inside a user namespace that denies setgroups(2), and they open what
/// the host's groups may read. An ordinary user cannot leave them at all.
void dropGroups()
{
    if (geteuid() == 0 && !skillbox::launcher::weakened("groups") && setgroups(0, nullptr) != 0)
        std::fputs("skillbox-sandbox: supplementary groups could not be left\n", stderr);
}

} // namespace

int main(int argc, char **argv)
{
    if (argc == 2 && std::strcmp(argv[1], "--version") == 0) {
        std::puts("skillbox-sandbox " SKILLBOX_VERSION);
        return 0;
    }
    const int control = skillbox::protocol::controlSocket;
    if (argc > 1 || !isControlSocket(control)) {
        std::fputs("skillbox-sandbox builds the sandboxes that skillbox runs skills in.\n"
                   "It is started by skillbox itself; there is nothing to do with it by hand.\n"
                   "To see what it can do on this machine: skillbox doctor\n",
                   stderr);
        return 2;
    }
    fcntl(control, F_SETFD, FD_CLOEXEC);
    close_range(control + 1, ~0U, 0);
    // Ctrl-C in the engine's terminal must reach the engine only: it decides what becomes of runs.
    setsid();
    signal(SIGPIPE, SIG_IGN);
    raiseDescriptorLimit();
    dropGroups();
    return skillbox::launcher::LauncherLoop(control).exec();
}
