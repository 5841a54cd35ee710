#pragma once

#include "engine/base/language.h"
#include "engine/base/result.h"

namespace skillbox {

/// A skill of one script, for those who have no folder.
struct SkillFields {
    QString name;
    QString description;
    QString code; ///< empty: instructions only
    Language language = Language::Python;
    QString instructions; ///< Markdown, the body of SKILL.md
    QString version = QStringLiteral("1.0.0");
};

/// Writes the folder that the fields mean into the existing folder `directory`: SKILL.md and
/// main.py, main.js or main.sh. What the fields say is for the checker to judge; only what cannot
/// be written as a header at all is refused here (InvalidSkill).
Result<void> writeSkillFolder(const SkillFields &fields, const QString &directory);

} // namespace skillbox
