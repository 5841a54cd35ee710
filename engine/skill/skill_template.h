#pragma once

#include "engine/base/language.h"
#include "engine/base/result.h"

#include <QStringList>

namespace skillbox {

/// A skill to start from: SKILL.md, a script, schemas for input and output, and a test case. The
/// checker has nothing against it, and it runs.
struct SkillTemplate {
    Language language = Language::Python;
    QString name;             ///< checked by checkTemplateName()
    QString description = {}; ///< one line; empty: that of the example
};

/// BadRequest unless the name is one that every consumer of skills accepts.
Result<void> checkTemplateName(const QString &name);

/// Makes the folder `target`, which must not be there yet or be empty, whole or not at all; its
/// files, sorted. Io names what is in the way. Blocks.
Result<QStringList> makeSkillFolder(const SkillTemplate &skill, const QString &target);

} // namespace skillbox
