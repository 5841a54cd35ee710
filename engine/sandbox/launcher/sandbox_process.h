#pragma once

#include "engine/sandbox/launcher/cgroup.h"
#include "engine/sandbox/launcher/resource_limits.h"
#include "engine/sandbox/protocol/messages.h"

#include <sys/types.h>

#include <vector>

namespace skillbox::launcher {

/// The first process of a sandbox, in namespaces of its own, as its launcher sees it. It waits
/// there for a job: making it takes longer than all that follows, so it is made before there is
/// one.
class SandboxProcess
{
public:
    /// Clones the process, in `cgroup` if there is one, and maps its ids; `lifeLock` is the
    /// launcher's, see life_lock.h. Throws SetupError with nothing left behind.
    SandboxProcess(int lifeLock, const RunCgroup *cgroup);
    /// Kills it, and with it everything in its namespaces, and waits for its end.
    ~SandboxProcess();
    SandboxProcess(const SandboxProcess &) = delete;
    SandboxProcess &operator=(const SandboxProcess &) = delete;

    /// False if it has died meanwhile.
    bool handOver(MemoryKeeper keeper, int jobMemory, int stdoutPipe, int stderrPipe);
    void kill();

    pid_t pid() const { return m_pid; }
    int pidfd() const { return m_pidfd; }               ///< readable when it is dead
    int statusSocket() const { return m_statusSocket; } ///< RunMessages come from here
    bool hasTimeNamespace() const { return m_hasTimeNamespace; }
    const std::vector<protocol::AppliedControl> &controls() const { return m_controls; }

private:
    void end();
    pid_t m_pid = -1;
    int m_pidfd = -1;
    int m_statusSocket = -1;
    bool m_hasTimeNamespace = true;
    std::vector<protocol::AppliedControl> m_controls;
};

} // namespace skillbox::launcher
