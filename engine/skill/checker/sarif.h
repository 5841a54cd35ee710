#pragma once

#include "engine/skill/lint.h"

namespace skillbox {

/// One skill of a report.
struct SarifSkill {
    QString path; ///< of the folder or archive, as it was named; prefixes the files
    QList<Finding> findings;
    QList<SuppressedFinding> suppressed;
};

/// A SARIF 2.1.0 log (OASIS) of one run: all rules with their help, the findings with ranges,
/// fixes and fingerprints that survive moved lines, and the suppressed ones as such.
QByteArray sarifReport(const QList<SarifSkill> &skills, const QString &programVersion);

} // namespace skillbox
