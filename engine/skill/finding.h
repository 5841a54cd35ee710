#pragma once

#include <QByteArray>
#include <QList>
#include <QString>

#include <optional>

namespace skillbox {

enum class Severity { Info, Warning, Error };

/// `info`, `warning`, `error`.
QLatin1StringView severityName(Severity severity);
std::optional<Severity> severityFromName(QStringView name);

/// How often a rule is right when it says something.
enum class Confidence { Low, Medium, High };

/// `low`, `medium`, `high`.
QLatin1StringView confidenceName(Confidence confidence);

/// A place in a file. Lines and columns count from 1, columns in Unicode code points; the end is
/// exclusive. Line 0 means the file as a whole.
struct TextRange {
    int line = 0;
    int column = 0;
    int endLine = 0;
    int endColumn = 0;
};

/// Replaces `length` bytes from `start` of a finding's file.
struct TextEdit {
    qsizetype start = 0;
    qsizetype length = 0;
    QByteArray replacement = {};
};

/// Whether a fix keeps what the skill means, or needs the author's judgement.
enum class FixSafety { Safe, Unsafe };

/// What would make a finding go away.
struct Fix {
    QString title; ///< imperative: `Delete the byte order mark`
    FixSafety safety = FixSafety::Safe;
    QList<TextEdit> edits = {}; ///< do not overlap
    QString renameTo = {};      ///< a new name for the file, in its folder; empty: stays
};

/// Something the checker has to say about a skill.
struct Finding {
    QString id; ///< stable, e.g. `SBX-SPEC003`
    Severity severity = Severity::Error;
    QString message; ///< one sentence
    QString file;    ///< path inside the skill, e.g. `SKILL.md`
    TextRange range;
    QString hint = {}; ///< what to do about it, one sentence; may be empty
    Confidence confidence = Confidence::High;
    std::optional<Fix> fix = {};
    /// Names the finding across edits that move its line: a hash over rule, file and the line's
    /// text. Empty where no file was looked at.
    QString fingerprint = {};
};

/// Whether any finding is an error.
bool hasErrors(const QList<Finding> &findings);

/// Whether any finding is of this severity or a higher one.
bool hasAtLeast(const QList<Finding> &findings, Severity severity);

/// `SKILL.md:3:1: error: … [SBX-SPEC003]`
QString toText(const Finding &finding);

} // namespace skillbox
