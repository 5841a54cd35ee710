#include "engine/skill/lint_profile.h"

namespace skillbox {

std::optional<LintProfile> lintProfileFromName(QStringView name)
{
    if (name == u"skillbox")
        return LintProfile::Skillbox;
    if (name == u"agentskills")
        return LintProfile::AgentSkills;
    return std::nullopt;
}

} // namespace skillbox
