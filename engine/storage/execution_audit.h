#pragma once

#include "engine/base/origin.h"
#include "engine/storage/records.h"

namespace skillbox {

/// The audit record of a run that has ended, `execution.finish`: what ran, on which input (its
/// SHA-256, never the input), how it ended and for whom.
AuditRecord executionFinished(const ExecutionRecord &record, const Origin &origin);

} // namespace skillbox
