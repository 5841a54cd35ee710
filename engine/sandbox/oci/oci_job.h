#pragma once

#include "engine/base/result.h"
#include "engine/sandbox/protocol/container_messages.h"
#include "engine/sandbox/sandbox_runtime.h"

namespace skillbox {

/// What the init of the run's container is told.
protocol::ContainerJob containerJob(const SandboxJob &job);

} // namespace skillbox
