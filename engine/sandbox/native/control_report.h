#pragma once

#include "engine/sandbox/protocol/messages.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <vector>

namespace skillbox {

/// What `skillbox doctor` shows of the controls that a run really got.
QList<ControlState> controlStates(const std::vector<protocol::AppliedControl> &controls);

/// The same as the `controls` object of a run's report.
QJsonObject controlsJson(const std::vector<protocol::AppliedControl> &controls);

/// `full` when every control applied, else `degraded`.
QString levelOf(const std::vector<protocol::AppliedControl> &controls);

} // namespace skillbox
