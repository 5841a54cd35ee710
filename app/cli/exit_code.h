#pragma once

namespace skillbox {

/// What the program ends with.
enum class ExitCode {
    Success = 0,
    Error = 1,         ///< wrong usage, bad input, or we failed
    SkillFailed = 2,   ///< the run was recorded as failed
    TimedOut = 124,    ///< as timeout(1) does
    Interrupted = 130, ///< 128 + SIGINT; also a run that somebody else cancelled
};

} // namespace skillbox
