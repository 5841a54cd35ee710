#include "engine/sandbox/launcher/resource_limits.h"

#include "engine/sandbox/launcher/setup_error.h"

#include <sys/resource.h>

#include <algorithm>
#include <string>

namespace skillbox::launcher {
namespace {

/// Never above what the launcher itself may have: raising needs CAP_SYS_RESOURCE on the host.
void limit(__rlimit_resource resource, rlim_t wanted, const char *name)
{
    rlimit now;
    const std::string stage = std::string("limiting ") + name;
    require(getrlimit(resource, &now), stage);
    const rlim_t value = std::min(wanted, now.rlim_max);
    const rlimit next{value, value};
    require(setrlimit(resource, &next), stage);
}

/// What a runtime maps beside the script's own data: thread stacks and arenas.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr rlim_t dataSlack = rlim_t(64) << 40; // the sanitizer's shadow of the address space
#else
constexpr rlim_t dataSlack = 256 << 20;
#endif

} // namespace

void limitResources(const protocol::Job &job, MemoryKeeper keeper)
{
    limit(RLIMIT_CORE, 0, "core dumps");
    if (keeper == MemoryKeeper::Watch)
        limit(RLIMIT_DATA, job.memoryBytes + dataSlack, "private memory");
    limit(RLIMIT_FSIZE, std::max({job.tmpBytes, job.outputBytes, job.sessionBytes}), "file size");
    limit(RLIMIT_NOFILE, job.openFiles, "open files");
    limit(RLIMIT_NPROC, job.processes, "processes");
    limit(RLIMIT_MEMLOCK, 0, "locked memory");
    limit(RLIMIT_MSGQUEUE, 0, "message queues");
    limit(RLIMIT_SIGPENDING, 1024, "pending signals");
    limit(RLIMIT_NICE, 0, "priority");
    limit(RLIMIT_RTPRIO, 0, "real-time priority");
    limit(RLIMIT_CPU, job.cpuSeconds, "processor time");
}

} // namespace skillbox::launcher
