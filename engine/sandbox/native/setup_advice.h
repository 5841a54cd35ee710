#pragma once

#include <QString>

namespace skillbox {

/// What an operator can do about a sandbox that could not be made.
struct SetupAdvice {
    QString message; ///< one sentence: what could not be done and why
    QString fix;     ///< one sentence; empty if we know none
};

/// `stage` and `errorNumber` as the launcher reports them.
SetupAdvice adviseOnSetupFailure(const QString &stage, int errorNumber);

} // namespace skillbox
