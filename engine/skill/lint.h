#pragma once

#include "engine/skill/finding.h"
#include "engine/skill/manifest.h"

#include <QString>

namespace skillbox {

enum class LintProfile {
    Skillbox,    ///< both dialects, existing skills keep working
    AgentSkills, ///< the verdict of the Agent Skills specification
};
std::optional<LintProfile> lintProfileFromName(QStringView name);

/// Everything the checker finds in an unpacked skill, ordered by file and place. A missing or
/// unreadable SKILL.md is a finding too.
QList<Finding> lintDirectory(const QString &directory, LintProfile profile = LintProfile::Skillbox);

} // namespace skillbox
