#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace skillbox::launcher {

/// Small helpers over the files of a control group. Paths are absolute.

/// Writes the whole text in one write, as cgroup files want it. False with errno set.
bool writeCgroupFile(const std::string &path, const std::string &text);
/// The whole content; empty if it cannot be read.
std::string readCgroupFile(const std::string &path);
/// The number in a file of one number.
std::optional<uint64_t> readCgroupNumber(const std::string &path);
/// The number behind `key` in a file of `key number` lines.
std::optional<uint64_t> readCgroupKey(const std::string &path, const std::string &key);

/// The folder that this launcher makes its groups in: `skillbox.<pid>.<start time>`.
std::string launcherGroupName();
/// Makes the group `path` and locks it (flock(2)) for as long as the returned descriptor is open, which
/// is how others know that its launcher lives: a pid would say nothing to a launcher in another pid
/// namespace that shares the control groups. Below 0 with errno set: it cannot be had.
int claimGroup(const std::string &path);
/// Removes below `parent` what launchers that are dead have left: the groups nobody has locked.
void sweepDeadLaunchers(const std::string &parent);
/// rmdir of a group and the empty groups in it.
void removeGroup(const std::string &path);

/// The line of /proc/self/cgroup for `controller` (empty: version 2), as a path below its mount.
std::optional<std::string> ownCgroup(const std::string &controller);
/// Where a hierarchy is mounted: by type `cgroup2`, or `cgroup` with the controller as option.
std::optional<std::string> cgroupMount(const std::string &type, const std::string &controller);

} // namespace skillbox::launcher
