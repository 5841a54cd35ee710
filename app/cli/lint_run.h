#pragma once

#include "app/cli/cli_context.h"
#include "engine/skill/lint.h"

namespace skillbox {

struct LintedSkill {
    QString path; ///< as it was named
    LintReport report;
};

/// Checks a skill's folder, its SKILL.md, or a zip archive, which is unpacked for it. Errors: the
/// path cannot be read at all.
Result<LintedSkill> lintPath(CliContext &context, const QString &path, LintOptions options);

} // namespace skillbox
