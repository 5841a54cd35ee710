#pragma once

#include "engine/base/error.h"
#include "engine/skill/finding.h"

namespace skillbox {

/// Findings as clients get them: {id, severity, message, file?, line?, column?, end_line?,
/// end_column?, hint?}.
QJsonArray findingsJson(const QList<Finding> &findings);

/// The same for an archive that cannot be looked into: the error itself is what was found. Other
/// errors than InvalidSkill, and those with items, stay as they are.
Error withFinding(Error error);

} // namespace skillbox
