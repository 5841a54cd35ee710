#pragma once

#include "engine/sandbox/protocol/container_messages.h"

#include <vector>

namespace skillbox::container {

/// Looks at what the container engine really gave, as far as a process can see it. Throws
/// launcher::SetupError where it is less than a run must have: then the script does not start. The
/// value of a control that was asked for and cannot be seen ends with `, not confirmed`.
std::vector<protocol::AppliedControl> checkContainer(const protocol::ContainerJob &job);

} // namespace skillbox::container
