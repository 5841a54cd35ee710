#pragma once

#include "engine/sandbox/oci/init/frame_output.h"
#include "engine/sandbox/oci/init/script_process.h"

namespace skillbox::container {

/// Blocks the signals that superviseScript() waits for; before the script is started.
void blockSignals();

/// Passes on what the script writes until it has ended, its wall clock is over, it has flooded its
/// log, or SIGTERM comes from outside the container. Then kills everything but this process, and
/// returns when it is dead.
protocol::RunMessage superviseScript(const ScriptProcess &script, const protocol::ContainerJob &job,
                                     FrameOutput &output);

} // namespace skillbox::container
