#pragma once

#include "engine/sandbox/protocol/messages.h"
#include "engine/sandbox/sandbox_policy.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <vector>

namespace skillbox {

/// What `skillbox doctor` shows of the controls that a run really got. One that is weaker, and that
/// the operator requires, is missing: no run starts without it.
QList<ControlState> controlStates(const std::vector<protocol::AppliedControl> &controls,
                                  const RequiredControls &required);

/// The same as the `controls` object of a run's report.
QJsonObject controlsJson(const std::vector<protocol::AppliedControl> &controls);

/// `full` when every control applied, else `degraded`.
QString levelOf(const std::vector<protocol::AppliedControl> &controls);

} // namespace skillbox
