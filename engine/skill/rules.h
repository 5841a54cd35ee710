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
    DescriptionVague,
    DescriptionPlaceholder,
    BodyTooLong,
    BodyEmpty,
    SuppressionUnexplained,
    SuppressionUnused,
    CapabilityUnknown,
    // REF: files that the text names
    LinkBroken,
    ScriptMentionedMissing,
    LinkEscapes,
    MachinePath,
    // SCR: scripts
    CarriageReturnShebang,
    ScriptSyntax,
    ShebangMismatch,
    ReadsTerminal,
    // IO: schemas and test cases
    SchemaInvalid,
    SchemaMisuse,
    TestCaseInvalid,
    // DEP: packages that the skill asks for
    Unpinned,
    Typosquat,
    HomoglyphPackage,
    InstallHook,
    ForeignSource,
    DependencyFileUnreadable,
    UnknownPackage,
    InstallsAtRunTime,
    // SEC: dangerous code, and secrets
    Secret,
    SecretAssigned,
    PrivateKey,
    ReverseShell,
    PipedDownload,
    PipedDownloadInText,
    Miner,
    ForkBomb,
    Destructive,
    Persistence,
    PrivilegeChange,
    SandboxEscape,
    UnsafeDeserialisation,
    DynamicCode,
    TlsOff,
    DownloadAndRun,
    AgentTampering,
    ShellInjection,
    // PI: text that is meant for the model behind the reader's back
    OverrideInstructions,
    ConcealsFromUser,
    ExfiltrationInstruction,
    HiddenComment,
    InvisibleCharacters,
    ImageExfiltration,
    HiddenByStyle,
    RoleMarkers,
    QuotedInjection,
    SkipsConsent,
    // OBF: code that hides what it does
    DecodedAndRun,
    EncodedPayload,
    LongEncodedText,
    CharacterAssembly,
    BidiInCode,
    HomoglyphInCode,
    Minified,
    // NET: where it connects to
    UndeclaredNetwork,
    CollectorHost,
    RawAddress,
    SendsSecrets,
    DnsExfiltration,
    Listens,
    PlainHttp,
    ChatWebhook,
    // PRIV: what it looks at
    CredentialFiles,
    EnvironmentDump,
    CloudMetadata,
    UndeclaredEnvironment,
    UndeclaredSubprocess,
    UndeclaredFiles,
    CapabilityUnused,
    Surveillance,
    HomeFolderWalk,
    // PKG: the folder as a package
    TreeUnusable,
    Binary,
    DisguisedFile,
    ArchiveInside,
    Polyglot,
    Bytecode,
    LargeFile,
    Leftovers,

    Count
};

struct RuleInfo {
    Rule rule;
    const char *id;
    const char *title;
    std::optional<Severity> skillbox; ///< severity in that profile; none: not reported there
    std::optional<Severity> agentSkills;
    Confidence confidence = Confidence::High;
};

const RuleInfo &ruleInfo(Rule rule);
std::span<const RuleInfo> allRules();
/// By its id, in any case of letters; null if there is none.
const RuleInfo *findRule(QStringView id);

/// Whether the rule is about what a skill might do to others (SEC, PI, OBF, NET, PRIV, PKG, DEP)
/// rather than about how it is written.
bool isSecurityRule(QStringView id);

/// What the help page of a rule says; Markdown in one paragraph each.
struct RuleHelp {
    const char *why;
    const char *fix;
};
const RuleHelp &ruleHelp(Rule rule);
/// The page docs/rules/<id>.md.
QString rulePage(const RuleInfo &rule);
/// Where a reader finds it.
QString ruleHelpUri(QStringView id);

/// A rule that applies somewhere, before a profile decides what that is worth.
struct RuleHit {
    Rule rule = Rule::FileMissing;
    QString message;
    TextRange range = {};
    QString hint = {};
    QString file = QStringLiteral("SKILL.md");
    std::optional<Fix> fix = {};
};

/// What the profile has to say about the hits, ordered by file and place, SKILL.md first.
QList<Finding> findingsOf(const QList<RuleHit> &hits, LintProfile profile);
/// The order of findingsOf().
void sortFindings(QList<Finding> &findings);

} // namespace skillbox
