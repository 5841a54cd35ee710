#pragma once

#include "engine/base/result.h"
#include "engine/sandbox/native/launcher_client.h"
#include "engine/sandbox/protocol/messages.h"
#include "engine/sandbox/sandbox_runtime.h"

namespace skillbox {

struct MonitoredRun {
    Outcome outcome;
    std::vector<protocol::AppliedControl> controls;
    QString advice; ///< for a SetupFailed outcome: how to mend it; may be empty
};

/// Follows a launched run to its end on the calling thread: passes its log on, kills it when it is
/// cancelled or floods the log, answers `usage` (null: nobody asks), and returns when everything in
/// it is dead and its log is read.
Result<MonitoredRun> monitorRun(LaunchedRun run, const SandboxLimits &limits, OutputSink &sink,
                                UsageMeter *usage, std::stop_token cancellation);

} // namespace skillbox
