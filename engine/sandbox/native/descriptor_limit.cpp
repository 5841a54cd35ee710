#include "engine/sandbox/native/descriptor_limit.h"

#include <sys/resource.h>

#include <algorithm>

namespace skillbox {

void raiseDescriptorLimit()
{
    constexpr rlim_t plenty = 65536; // some containers' hard limit is a billion
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return;
    const rlim_t wanted = std::min(plenty, limit.rlim_max);
    if (limit.rlim_cur < wanted) {
        limit.rlim_cur = wanted;
        setrlimit(RLIMIT_NOFILE, &limit);
    }
}

} // namespace skillbox
