#pragma once

#include "engine/sandbox/sandbox_runtime.h"
#include "engine/storage/records.h"

namespace skillbox {

/// How a run is recorded to have ended. `reason` is for programs, `error` is one line for people;
/// both are empty for a success.
struct Verdict {
    ExecutionStatus status = ExecutionStatus::Failed;
    QString reason;
    QString error;
    std::optional<int> exitCode = {};
};

/// What a run that took place comes to.
Verdict verdictOn(const Outcome &outcome, const SandboxLimits &limits);

/// What a run comes to that we could not carry out.
Verdict verdictOn(const Error &error);

/// For a run that was stopped because somebody asked.
Verdict cancelledVerdict();

} // namespace skillbox
