#pragma once

#include "app/cli/backend/backend.h"
#include "app/cli/cli_context.h"

namespace skillbox {

/// What `run` was pointed at.
struct SkillSource {
    QString name;      ///< a published skill; empty with a folder
    QString directory; ///< absolute
};

/// A folder if `text` has a slash or is `.` or `..`, or if there is a folder of that name, no
/// `version` is wanted and no skill of that name is published, not even a yanked one; else a
/// published skill. Tells on standard error which one was taken when both are there.
Result<SkillSource> chooseSkillSource(CliContext &context, const QString &text,
                                      const QString &version);

/// The error with `did you mean …?` where it is NotFound and a skill has a similar name.
Error withSimilarSkills(Backend &backend, Error error, const QString &name);

} // namespace skillbox
