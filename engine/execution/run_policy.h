#pragma once

#include "engine/base/language.h"
#include "engine/execution/run_limits.h"
#include "engine/execution/verdict.h"
#include "engine/sandbox/sandbox_policy.h"
#include "engine/sandbox/sandbox_runtime.h"
#include "engine/skill/manifest.h"

#include <QStringList>

namespace skillbox {

class ImageStore;

/// The policy of one run and what was taken away to get there, a line for each clamp.
struct RunPolicy {
    SandboxPolicy policy;
    QStringList notes;
};

/// What the skill asks for, or the default where it asks for nothing, clamped to the operator's
/// maximum; the caller's time limit may only shorten. Pure.
RunPolicy makePolicy(const Manifest &manifest, const RunLimits &limits,
                     std::optional<std::chrono::milliseconds> requestedTimeout);

/// What a run's programs come from.
struct RunImage {
    QString name;                        ///< empty: this machine's interpreter of the language
    std::optional<Verdict> refusal = {}; ///< why it cannot be used
};

/// The skill's image, or the default of its language. It must be on the allowlist and have been
/// imported, unless the runtime takes others; a default image that was not imported stands for this
/// machine's interpreter. `images` may be null: nothing was imported.
RunImage chooseImage(const Manifest &manifest, Language language, const QStringList &allowlist,
                     const ImageStore *images, ImageSupport support = ImageSupport::Imported);

/// The image that stands for a language where a skill names none.
QString defaultImage(Language language);

} // namespace skillbox
