#pragma once

#include <QtGlobal>

#include <chrono>

namespace skillbox {

/// What one run may use. Values are final: clamped by makePolicy() before they come here.
struct SandboxLimits {
    std::chrono::milliseconds wallClock{120'000};
    qint64 memoryBytes = 256LL << 20;
    int milliCpu = 500;
    int processes = 128; ///< processes and threads together
    int openFiles = 1024;
    qint64 tmpBytes = 256LL << 20;     ///< /tmp
    qint64 outputBytes = 256LL << 20;  ///< /sandbox/out, artifacts included
    qint64 sessionBytes = 256LL << 20; ///< /sandbox/session, where there is one
    /// Files and folders in each writable file system; in a session as many of each.
    int inodes = 10'000;
    qint64 logBytes = 1LL << 20;      ///< stdout and stderr kept; the rest is counted and dropped
    qint64 logKillBytes = 64LL << 20; ///< stdout and stderr written; past it the run is killed

    bool operator==(const SandboxLimits &) const = default;
};

/// Controls that not every machine can give, and that an operator may insist on: a run that
/// requires one which cannot be applied does not start. All others are always required.
struct RequiredControls {
    bool controlGroup = false; ///< memory, processes and CPU held by the kernel, not watched
    bool landlock = false;
    bool timeNamespace = false;

    bool operator==(const RequiredControls &) const = default;
};

/// Everything that bounds one run. There is no switch here that turns a control off: what a
/// backend cannot apply it must refuse or report, see Outcome::report.
struct SandboxPolicy {
    SandboxLimits limits;
    RequiredControls required;
};

} // namespace skillbox
