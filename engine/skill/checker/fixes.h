#pragma once

#include "engine/base/result.h"
#include "engine/skill/lint.h"

namespace skillbox {

/// A fix that was made.
struct AppliedFix {
    QString file;
    QString rule;
    QString title;
};

/// The text with the edits made; those that overlap an earlier one are left out. Edits outside of
/// the text are left out too.
QByteArray withEdits(QByteArrayView text, QList<TextEdit> edits);

/// Makes every fix of a folder's findings that is as safe as `level` allows, checking again after
/// each round until none is left, so a second call changes nothing. Files are replaced atomically
/// and keep their mode.
Result<QList<AppliedFix>> applyFixes(const QString &directory, const LintOptions &options,
                                     FixSafety level);

} // namespace skillbox
