#pragma once

#include <cerrno>
#include <string>

namespace skillbox::launcher {

/// Thrown by a step that could not be done while a sandbox is made: the run does not start.
/// There is no step that may fail and be passed over silently.
struct SetupError {
    std::string stage; ///< for people: what could not be done
    int errorNumber = errno;
};

/// Throws when a system call returned -1.
inline long require(long result, const char *stage)
{
    if (result == -1)
        throw SetupError{stage, errno};
    return result;
}

inline long require(long result, const std::string &stage)
{
    if (result == -1)
        throw SetupError{stage, errno};
    return result;
}

} // namespace skillbox::launcher
