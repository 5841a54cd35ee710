#pragma once

#include "engine/skill/finding.h"
#include "engine/skill/lint_profile.h"

#include <QString>

namespace skillbox {

/// Whether the name of the checked folder is the author's choice, and so should be the skill's, or
/// that of a cache or a temporary place.
enum class FolderName { Meaningful, Arbitrary };

/// Everything the checker finds in an unpacked skill, ordered by file and place, SKILL.md first. A
/// missing or unreadable SKILL.md is a finding too, and so is a folder that breaks the rules for
/// archives.
QList<Finding> lintDirectory(const QString &directory, LintProfile profile = LintProfile::Skillbox,
                             FolderName folderName = FolderName::Meaningful);

} // namespace skillbox
