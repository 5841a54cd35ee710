#pragma once

#include "engine/skill/finding.h"
#include "engine/skill/lint_profile.h"

#include <QLatin1StringView>

#include <optional>
#include <span>

namespace skillbox {

/// Everything the checker can find, in the order of the ids. Ids are for ever: a rule that goes
/// leaves its number unused, a new one takes the next of its family.
enum class Rule {
    // SPEC: the file SKILL.md and the fields of the Agent Skills specification
    FileMissing,
    FileUnreadable,
    FileTooLarge,
    FileEmpty,
    NotText,
    NotUtf8,
    ByteOrderMark,
    LeadingBlankLines,
    NoOpeningFence,
    NoClosingFence,
    HeaderTooComplex,
    ControlCharacter,
    YamlSyntax,
    TabIndentation,
    DuplicateKey,
    AliasOrAnchor,
    ExplicitTag,
    KeyNotText,
    NotAMapping,
    FlowCollection,
    WrongType,
    NameMissing,
    NameInvalid,
    NameLegacy,
    NameNotInSpec,
    NameNotFolder,
    DescriptionMissing,
    DescriptionTooLong,
    CompatibilityTooLong,
    UnknownKey,
    LowerCaseFileName,
    RuntimeKey,
    // META: the fields of this runtime
    OtherWrongType,
    VersionInvalid,
    VersionIncomplete,
    LanguageUnknown,
    TimeoutInvalid,
    MemoryInvalid,
    CpuInvalid,
    ModeUnknown,
    ImageInvalid,
    EntrypointInvalid,
    Disagreement,
    UnknownRuntimeKey,
    EntrypointMissing,
    LanguageMismatch,
    NothingToExecute,
    // REF: files that the text names
    LinkBroken,
    ScriptMentionedMissing,
    // SCR: scripts
    CarriageReturnShebang,
    // IO: schemas
    SchemaInvalid,
    // PKG: the folder as a package
    TreeUnusable,

    Count
};

struct RuleInfo {
    Rule rule;
    const char *id;
    const char *title;
    std::optional<Severity> skillbox; ///< severity in that profile; none: not reported there
    std::optional<Severity> agentSkills;
};

const RuleInfo &ruleInfo(Rule rule);
std::span<const RuleInfo> allRules();

/// A rule that applies somewhere, before a profile decides what that is worth.
struct RuleHit {
    Rule rule = Rule::FileMissing;
    QString message;
    TextRange range = {};
    QString hint = {};
    QString file = QStringLiteral("SKILL.md");
};

/// What the profile has to say about the hits, ordered by file and place, SKILL.md first.
QList<Finding> findingsOf(const QList<RuleHit> &hits, LintProfile profile);

} // namespace skillbox
