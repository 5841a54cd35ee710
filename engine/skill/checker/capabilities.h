#pragma once

#include "engine/skill/checker/source_text.h"
#include "engine/skill/manifest.h"

#include <QList>
#include <QStringList>

namespace skillbox {

/// What code can do besides computing. A run has none of the first; see docs/skill-format.md.
enum class Capability {
    Network,
    Subprocess,  ///< starts other programs than its interpreter
    Files,       ///< files outside /sandbox and /tmp
    Environment, ///< variables that the runtime does not set
};

/// `network`, `subprocess`, `files`, `env`: the words of `skillbox.capabilities`.
QLatin1StringView capabilityName(Capability capability);

/// A place in the skill's code that needs a capability.
struct CapabilityUse {
    Capability capability = Capability::Network;
    QString what; ///< the call, the path, or the variable's name
    QString file;
    TextRange range;
};

/// What SKILL.md says that the skill needs: words separated by spaces or commas, or a list.
struct DeclaredCapabilities {
    QList<Capability> capabilities;
    QStringList variables; ///< of `env:NAME`; empty with Environment: any
    QStringList unknown;
    bool isGiven = false;

    bool has(Capability capability) const { return capabilities.contains(capability); }
    /// Whether this use is covered.
    bool covers(const CapabilityUse &use) const;
};
DeclaredCapabilities declaredCapabilities(const Manifest &manifest);

/// The uses in one script, found by its tokens: comments and strings do not count where the
/// language does not make them code. At most 50 each.
QList<CapabilityUse> capabilityUses(const SourceText &script, const QString &path);

} // namespace skillbox
