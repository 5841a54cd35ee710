#pragma once

#include "app/cli/backend/backend.h"

namespace skillbox {

/// The execution somebody means: its id, a beginning of it of four or more characters that only one
/// of the latest 1000 runs has, or `last`.
Result<ExecutionRecord> findExecution(Backend &backend, const QString &text);

/// As much of an id as lists show; findExecution takes it.
QString shortId(const ExecutionId &id);

} // namespace skillbox
