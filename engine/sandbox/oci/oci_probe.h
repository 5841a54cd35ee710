#pragma once

#include "engine/sandbox/oci/engine_client.h"
#include "engine/sandbox/sandbox_runtime.h"

namespace skillbox {

/// What `skillbox doctor` shows of a container engine: whether it answers and what it says that it
/// can hold a run to. An engine that does not answer is Missing only if every run needs it: runs
/// that name no image do without it otherwise.
QList<ControlState> probeEngine(EngineClient &engine, const OciConfig &config,
                                const QString &initPath);

} // namespace skillbox
