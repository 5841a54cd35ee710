#include "engine/execution/verdict.h"

#include "engine/skill/quantity.h"

#include <cstring>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QString signalText(int number)
{
    const char *name = ::sigabbrev_np(number);
    return name ? u"signal %1 (SIG%2)"_s.arg(number).arg(QLatin1StringView(name))
                : u"signal %1"_s.arg(number);
}

} // namespace

Verdict verdictOn(const Outcome &outcome, const SandboxLimits &limits)
{
    switch (outcome.kind) {
    case OutcomeKind::Exited:
        if (outcome.exitCode == 0)
            return {ExecutionStatus::Success, {}, {}, 0};
        return {ExecutionStatus::Failed, u"exit_code"_s,
                u"command exited with code %1"_s.arg(outcome.exitCode), outcome.exitCode};
    case OutcomeKind::Signaled:
        return {ExecutionStatus::Failed, u"signal"_s,
                u"command was ended by %1"_s.arg(signalText(outcome.signal))};
    case OutcomeKind::TimedOut:
        return {ExecutionStatus::Timeout, u"wall_clock"_s,
                u"execution timed out after %1"_s.arg(formatDuration(limits.wallClock))};
    case OutcomeKind::Cancelled: return cancelledVerdict();
    case OutcomeKind::OutputTooLarge:
        return {ExecutionStatus::Failed, u"output_too_large"_s,
                u"execution wrote more than %1 to its log"_s.arg(formatBytes(limits.logKillBytes))};
    case OutcomeKind::OutOfMemory:
        return {ExecutionStatus::Failed, u"oom"_s,
                u"execution ran out of memory (limit %1)"_s.arg(formatBytes(limits.memoryBytes))};
    case OutcomeKind::SetupFailed: break;
    }
    return {ExecutionStatus::Failed, u"setup"_s,
            u"sandbox could not be set up: %1"_s.arg(outcome.message)};
}

Verdict verdictOn(const Error &error)
{
    if (error.code == ErrorCode::Cancelled)
        return cancelledVerdict();
    const bool noSandbox = error.code == ErrorCode::SandboxUnavailable;
    return {ExecutionStatus::Failed, noSandbox ? u"setup"_s : u"internal"_s, error.message};
}

Verdict cancelledVerdict()
{
    return {ExecutionStatus::Cancelled, u"cancelled"_s, u"execution was cancelled"_s};
}

} // namespace skillbox
