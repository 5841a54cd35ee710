#pragma once

#include "engine/skill/checker/check_state.h"
#include "engine/skill/lint.h"

namespace skillbox {

/// A comment that silences rules: `skillbox-ignore SBX-NET001, SBX-PRIV005: why`. It holds for its
/// own line and the next one that is not blank; `skillbox-ignore-file` for the whole file.
struct Suppression {
    QStringList rules;
    QString reason; ///< empty: not followed
    int line = 0;
    int nextLine = 0; ///< the line it holds for besides its own
    bool wholeFile = false;
};

/// The comments in one file.
QList<Suppression> suppressionsIn(const CheckedFile &file);

/// Applies the comments of each file to the findings: moves what they silence to `suppressed`.
/// Adds findings about comments without a reason or without effect.
class SuppressionBook
{
public:
    void add(const CheckedFile &file);
    void apply(LintReport &report, Suppressions policy, LintProfile profile) const;

private:
    QHash<QString, QList<Suppression>> m_byFile;
};

} // namespace skillbox
