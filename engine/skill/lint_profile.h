#pragma once

#include <QStringView>

#include <optional>

namespace skillbox {

enum class LintProfile {
    Skillbox,    ///< both dialects, existing skills keep working
    AgentSkills, ///< the verdict of the Agent Skills specification
};

/// `skillbox`, `agentskills`.
std::optional<LintProfile> lintProfileFromName(QStringView name);

} // namespace skillbox
