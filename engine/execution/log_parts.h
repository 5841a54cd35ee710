#pragma once

#include "engine/execution/execution_service.h"

namespace skillbox {

class RunEvents;

/// The log events of a run after `afterEvent`, bounded in number and size, as a part for the store.
/// Nothing: there are none.
std::optional<LogPart> nextLogPart(const RunEvents &events, qint64 afterEvent, qint64 *lastEvent);
/// The events of a part; what is none is left out.
QList<ExecutionEvent> eventsOfPart(const LogPart &part);

} // namespace skillbox
