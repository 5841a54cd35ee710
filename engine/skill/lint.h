#pragma once

#include "engine/base/result.h"
#include "engine/skill/checker/capabilities.h"
#include "engine/skill/finding.h"
#include "engine/skill/lint_profile.h"
#include "engine/skill/manifest.h"

#include <QHash>
#include <QString>

#include <functional>

namespace skillbox {

/// Whether the name of the checked folder is the author's choice, and so should be the skill's, or
/// that of a cache or a temporary place.
enum class FolderName { Meaningful, Arbitrary };

/// What comments like `skillbox-ignore SBX-NET001: reason` may silence.
enum class Suppressions {
    Everything,        ///< the author's own look at the skill
    NotSecurityErrors, ///< whoever publishes or scans does not take an author's word for those
    Nothing,
};

/// A place where a language's own parser refuses a script.
struct ScriptProblem {
    QString file;
    int line = 0; ///< 0: the parser does not say
    int column = 0;
    QString message;
};

/// Parses scripts of a skill (paths inside `directory`) with their own languages' parsers. What it
/// does is for whoever has a sandbox to supply: parsers are programs, and the scripts are hostile.
using ScriptParser = std::function<Result<QList<ScriptProblem>>(const QString &directory,
                                                                const QStringList &scripts)>;

/// Those of a skill's files that a ScriptParser is asked about: what a run could start or import.
/// Templates and examples for others need not parse.
QStringList scriptsToParse(const QStringList &files);

struct LintOptions {
    LintProfile profile = LintProfile::Skillbox;
    FolderName folderName = FolderName::Meaningful;
    Suppressions suppressions = Suppressions::Everything;
    ScriptParser parseScripts = {}; ///< empty: scripts are not parsed
    /// Contents that stand for the files' own, by path inside the skill: what an editor has not
    /// saved yet. One that the folder does not have counts as one more file.
    QHash<QString, QByteArray> unsaved = {};
};

struct SuppressedFinding {
    Finding finding;
    QString reason; ///< as the author gave it
};

struct LintReport {
    QList<Finding> findings; ///< ordered by file and place, SKILL.md first
    QList<SuppressedFinding> suppressed;
    std::optional<Manifest> manifest;
    DeclaredCapabilities declared;
    QList<CapabilityUse> uses;
    int instructionTokens = 0; ///< estimate for the Markdown
    QString notParsed;         ///< why scripts were not parsed though they should; empty: they were
};

/// Everything the checker finds in an unpacked skill. A missing or unreadable SKILL.md is a finding
/// too, and so is a folder that breaks the rules for archives. Thread-safe; never throws.
LintReport lintSkill(const QString &directory, const LintOptions &options = {});

/// The findings alone, by the publisher's rules for suppressions.
QList<Finding> lintDirectory(const QString &directory, LintProfile profile = LintProfile::Skillbox,
                             FolderName folderName = FolderName::Meaningful);

/// The same for the text of a SKILL.md alone, without its folder: for editors, at each key stroke.
QList<Finding> lintText(QByteArrayView text, LintProfile profile = LintProfile::Skillbox);

} // namespace skillbox
