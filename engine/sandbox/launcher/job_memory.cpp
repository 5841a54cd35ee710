#include "engine/sandbox/launcher/job_memory.h"

#include "engine/sandbox/launcher/setup_error.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

namespace skillbox::launcher {

JobMemory::JobMemory(int descriptor)
{
    struct stat info;
    require(fstat(descriptor, &info), "looking at the job");
    const long seals = require(fcntl(descriptor, F_GET_SEALS), "looking at the job's seals");
    if (!(seals & F_SEAL_SHRINK) || !(seals & F_SEAL_WRITE) || info.st_size <= 0)
        throw SetupError{"reading the job", EPROTO};
    m_size = static_cast<size_t>(info.st_size);
    m_data = mmap(nullptr, m_size, PROT_READ, MAP_PRIVATE, descriptor, 0);
    if (m_data == MAP_FAILED)
        throw SetupError{"mapping the job"};
}

JobMemory::~JobMemory()
{
    munmap(m_data, m_size);
}

} // namespace skillbox::launcher
