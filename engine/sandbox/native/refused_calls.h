#pragma once

#include "engine/sandbox/protocol/messages.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <QJsonArray>

namespace skillbox {

/// What the launcher told of an observed run.
QList<RefusedCall> refusedCalls(const std::vector<protocol::RefusedCalls> &calls);

/// `[{"call", "detail"?, "error"?, "count"}]`, as it is stored with the run.
QJsonArray refusedCallsJson(const QList<RefusedCall> &calls);

} // namespace skillbox
