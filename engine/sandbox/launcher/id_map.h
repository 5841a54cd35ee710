#pragma once

#include <sys/types.h>

#include <string>

namespace skillbox::launcher {

/// Maps the sandbox's only uid and gid, 65534, to a host id (user_namespaces(7)). As root that is an
/// id nobody else has, drawn for this run, or nobody where few ids are to be had; otherwise the caller's own, the only one that an
/// unprivileged process may map. Returns what to report. Throws SetupError.
std::string mapIds(pid_t pid);

} // namespace skillbox::launcher
