#include "engine/sandbox/launcher/sandbox_child.h"

#include "engine/sandbox/launcher/capabilities.h"
#include "engine/sandbox/launcher/init_process.h"
#include "engine/sandbox/launcher/job_memory.h"
#include "engine/sandbox/launcher/landlock_rules.h"
#include "engine/sandbox/launcher/life_lock.h"
#include "engine/sandbox/launcher/resource_limits.h"
#include "engine/sandbox/launcher/root_view.h"
#include "engine/sandbox/launcher/seccomp_filter.h"
#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/launcher/status_report.h"
#include "engine/sandbox/launcher/weaken.h"
#include "engine/sandbox/protocol/packet.h"

#include <fcntl.h>
#include <grp.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <optional>

namespace skillbox::launcher {
namespace {

constexpr unsigned sandboxId = 65534;

void dieWithLauncher(int lifeLock)
{
    require(prctl(PR_SET_PDEATHSIG, SIGKILL), "arming the parent's death signal");
    if (!launcherLives(lifeLock)) // it died before it was armed
        _exit(1);
    close(lifeLock);
}

void preferForOutOfMemory()
{
    // Raising needs no privilege (proc(5)); the host's own /proc is still there.
    const int file = open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0 || write(file, "800", 3) != 3)
        throw SetupError{"raising oom_score_adj"};
    close(file);
}

void becomeSandboxUser()
{
    require(syscall(SYS_setresgid, sandboxId, sandboxId, sandboxId), "taking gid 65534");
    require(syscall(SYS_setresuid, sandboxId, sandboxId, sandboxId), "taking uid 65534");
}

void useNullAsInput()
{
    const int null = static_cast<int>(require(open("/dev/null", O_RDONLY), "opening /dev/null"));
    require(dup2(null, STDIN_FILENO), "replacing the standard input");
    if (null != STDIN_FILENO)
        close(null);
}

struct HandedOver {
    MemoryKeeper keeper;
    int jobMemory;
    int stdoutPipe;
    int stderrPipe;
};

HandedOver waitForJob(int statusSocket)
{
    const protocol::Packet packet = protocol::receivePacket(statusSocket);
    if (packet.state != protocol::Packet::State::Data || packet.bytes.size() != 1
        || packet.descriptors.size() != 3) {
        if (packet.isCut)
            reportFailure(statusSocket, "receiving the job", EMFILE);
        _exit(1); // the launcher has ended, or has no job for us any more
    }
    return {static_cast<MemoryKeeper>(packet.bytes[0]), packet.descriptors[0],
            packet.descriptors[1], packet.descriptors[2]};
}

} // namespace

void runSandboxChild(int statusSocket, int lifeLock, const RunCgroup *cgroup)
{
    std::optional<SetupError> early; // told when there is a job, and with it somebody to tell it to
    try {
        if (cgroup)
            cgroup->join();
    } catch (const SetupError &error) {
        early = error;
    }
    const HandedOver handed = waitForJob(statusSocket);
    try {
        if (early)
            throw SetupError(*early);
        if (!weakened("umask"))
            umask(022);
        if (!weakened("oom_score"))
            preferForOutOfMemory();
        const JobMemory memory(handed.jobMemory);
        protocol::Job job;
        if (!protocol::decode(memory.bytes(), job))
            throw SetupError{"reading the job", EPROTO};

        protocol::RunMessage started;
        started.kind = protocol::RunMessage::Started;

        // Only now that the process is in its control group does that become the root of what it
        // sees.
        require(unshare(CLONE_NEWCGROUP & ~weakenedNamespaces()),
                "making a control group namespace");
        // The order matters: sources are opened as the engine's user; the view is built as the
        // sandbox's, so that it owns what it may write; privileges go when nothing needs them.
        RootView view = RootView::open(job);
        becomeSandboxUser();
        const std::vector<int> results = view.enter(job, started.controls);
        if (!weakened("host_name"))
            require(sethostname("sandbox", 7), "setting the host name");
        if (!weakened("session"))
            require(setsid(), "starting a session of its own");
        useNullAsInput();
        if (!weakened("rlimits"))
            limitResources(job, handed.keeper);
        dropAllPrivileges();
        require(prctl(PR_SET_DUMPABLE, weakened("dumpable")), "hiding the sandbox's init");
        if (!weakened("death_signal"))
            dieWithLauncher(lifeLock); // after the last change of uid, which disarms it

        started.controls.push_back(
            {"groups", getgroups(0, nullptr) == 0 ? "none" : "the caller's"});
        started.controls.push_back({"network", "none"}); // the network namespace has only a dead lo
        started.controls.push_back({"capabilities", "none in any set"});
        started.controls.push_back({"no_new_privs", "on"});
        started.controls.push_back({"nested_namespaces", "forbidden"});
        started.controls.push_back(
            {"landlock", weakened("landlock") ? "off" : applyLandlock(!job.sessionSource.empty())});
        // An observed run's init is its observer: it takes a filter of its own, later.
        started.controls.push_back({"seccomp",
                                    weakened("seccomp") ? "off"
                                        : job.observed  ? observingSeccomp()
                                                        : applySeccomp(handed.keeper)});
        if (!protocol::sendPacket(statusSocket, protocol::encode(started), results))
            throw SetupError{"reporting the sandbox"};
        for (int folder : results)
            close(folder);
        runInit(job, handed.keeper, statusSocket, handed.stdoutPipe, handed.stderrPipe);
    } catch (const SetupError &error) {
        reportFailure(statusSocket, error.stage, error.errorNumber);
        _exit(1);
    }
}

} // namespace skillbox::launcher
