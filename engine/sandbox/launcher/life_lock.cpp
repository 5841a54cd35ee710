#include "engine/sandbox/launcher/life_lock.h"

#include "engine/sandbox/launcher/setup_error.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace skillbox::launcher {

int makeLifeLock()
{
    const int file = static_cast<int>(
        require(memfd_create("skillbox-life", MFD_CLOEXEC), "making the life lock"));
    struct flock lock {
    };
    lock.l_type = F_WRLCK;
    require(fcntl(file, F_SETLK, &lock), "taking the life lock");
    return file;
}

bool launcherLives(int lifeLock)
{
    struct flock lock {
    };
    lock.l_type = F_WRLCK;
    return fcntl(lifeLock, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

} // namespace skillbox::launcher
