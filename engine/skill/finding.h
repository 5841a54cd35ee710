#pragma once

#include <QList>
#include <QString>

namespace skillbox {

enum class Severity { Info, Warning, Error };

/// `info`, `warning`, `error`.
QLatin1StringView severityName(Severity severity);

/// A place in a file. Lines and columns count from 1, columns in Unicode code points; the end is
/// exclusive. Line 0 means the file as a whole.
struct TextRange {
    int line = 0;
    int column = 0;
    int endLine = 0;
    int endColumn = 0;
};

/// Something the checker has to say about a skill.
struct Finding {
    QString id; ///< stable, e.g. `SBX-SPEC003`
    Severity severity = Severity::Error;
    QString message; ///< one sentence
    QString file;    ///< path inside the skill, e.g. `SKILL.md`
    TextRange range;
    QString hint = {}; ///< what to do about it, one sentence; may be empty
};

/// Whether any finding is an error.
bool hasErrors(const QList<Finding> &findings);

/// `SKILL.md:3:1: error: … [SBX-SPEC003]`
QString toText(const Finding &finding);

} // namespace skillbox
