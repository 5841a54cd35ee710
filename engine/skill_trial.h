#pragma once

#include "engine/engine.h"

#include <QJsonArray>

namespace skillbox {

/// One of a skill's own cases (tests/*.json), as it went.
struct CaseTrial {
    QStringList problems; ///< empty: passed
    QJsonArray refused;   ///< system calls, if they were observed: RefusedCall as JSON
};

/// Runs the case in `casePath` on the unpublished skill in `directory` and waits for it. Besides what
/// the case expects, the output of a run that succeeds must match the skill's schemas/output.json;
/// input that the skill's own schema refuses is the status `refused`. An error: the case cannot be
/// read or run at all.
Result<CaseTrial> tryCase(Engine &engine, const QString &directory, const QString &casePath,
                          const Origin &origin, Observation observation = Observation::None);

/// Whether runs of this skill need the person's own store, because its image is imported there;
/// others are better tried in a store that is thrown away. False for a folder without a manifest.
bool trialNeedsOwnStore(const QString &directory);

/// The names of a skill's cases, files of tests/*.json, in order.
QStringList testCaseFiles(const QString &directory);

} // namespace skillbox
