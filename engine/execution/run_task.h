#pragma once

#include "engine/execution/execution_service.h"

namespace skillbox {

/// Whether another server can carry out what is asked for; a folder of this machine it cannot.
bool canRunElsewhere(const ExecutionRequest &request);
/// What a server needs besides the record of a queued run, as JSON. It may hold secrets of the
/// caller's: the store forgets it when the run has ended.
QString taskOf(const ExecutionRequest &request);
/// The request again. StorageCorrupt where the task is none.
Result<ExecutionRequest> requestOf(const QueuedRun &run);

} // namespace skillbox
