#pragma once

#include "engine/base/language.h"
#include "engine/execution/run_limits.h"
#include "engine/execution/verdict.h"
#include "engine/sandbox/sandbox_policy.h"
#include "engine/skill/manifest.h"

#include <QStringList>

namespace skillbox {

/// The policy of one run and what was taken away to get there, a line for each clamp.
struct RunPolicy {
    SandboxPolicy policy;
    QStringList notes;
};

/// What the skill asks for, or the default where it asks for nothing, clamped to the operator's
/// maximum; the caller's time limit may only shorten. Pure.
RunPolicy makePolicy(const Manifest &manifest, const RunLimits &limits,
                     std::optional<std::chrono::milliseconds> requestedTimeout);

/// Why the skill's image (or the default of its language) cannot be used here, or nothing: it must
/// be on the allowlist and stand for one of the host's interpreters.
std::optional<Verdict> imageRefusal(const Manifest &manifest, Language language,
                                    const QStringList &allowlist);

} // namespace skillbox
