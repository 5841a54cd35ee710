#pragma once

#include "engine/base/result.h"
#include "engine/skill/rules.h"

#include <QStringList>

namespace skillbox {

/// Rules for the values of single fields, without knowledge of files or YAML. Messages of errors
/// are meant to follow the field's name and a colon.

/// The rules that a skill's name breaks, in either profile.
QList<RuleHit> checkName(const QString &name);

/// The nearest name that the specification allows, e.g. `my-skill` for `My Skill`; empty: none.
QString specificationName(const QString &name);

/// A semantic version of at most 128 characters.
Result<QString> checkVersion(const QString &text);

/// `1` and `1.0` as `1.0.0` and so on; empty for any other text.
QString completedVersion(const QString &text);

/// An image reference: `[host[:port]/]path[:tag][@sha256:digest]`.
Result<QString> checkImage(const QString &text);

/// A path of a file inside the skill, cleaned of `.` components.
Result<QString> checkEntrypoint(const QString &text);

/// The tools in a value such as `Bash(git add:*) Read` or `Read, Grep`: white space and commas
/// separate, but not inside parentheses.
QStringList splitTools(const QString &text);

/// The known key that was probably meant, e.g. `allowed-tools` for `allowed_tools`; empty: none.
QString similarKey(const QString &key, const QStringList &known);

} // namespace skillbox
