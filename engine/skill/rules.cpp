#include "engine/skill/rules.h"

#include <algorithm>
#include <array>
#include <tuple>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr std::optional<Severity> info = Severity::Info;
constexpr std::optional<Severity> warning = Severity::Warning;
constexpr std::optional<Severity> error = Severity::Error;
constexpr std::optional<Severity> off = std::nullopt;
constexpr Confidence medium = Confidence::Medium;
constexpr Confidence low = Confidence::Low;

constexpr std::array<RuleInfo, static_cast<size_t>(Rule::Count)> rules{{
    {Rule::FileMissing, "SBX-SPEC001", "SKILL.md is missing", error, error},
    {Rule::FileUnreadable, "SBX-SPEC002", "SKILL.md cannot be read", error, error},
    {Rule::FileTooLarge, "SBX-SPEC003", "SKILL.md is too large", error, error},
    {Rule::FileEmpty, "SBX-SPEC004", "SKILL.md is empty", error, error},
    {Rule::NotText, "SBX-SPEC005", "SKILL.md is not text", error, error},
    {Rule::NotUtf8, "SBX-SPEC006", "SKILL.md is not UTF-8", error, error},
    {Rule::ByteOrderMark, "SBX-SPEC007", "Byte order mark", warning, error},
    {Rule::LeadingBlankLines, "SBX-SPEC008", "Blank lines before the front matter", warning, error},
    {Rule::NoOpeningFence, "SBX-SPEC009", "No front matter", error, error},
    {Rule::NoClosingFence, "SBX-SPEC010", "Front matter never ends", error, error},
    {Rule::HeaderTooComplex, "SBX-SPEC011", "Front matter over a limit", error, error},
    {Rule::ControlCharacter, "SBX-SPEC012", "Control character", error, error},
    {Rule::YamlSyntax, "SBX-SPEC013", "Not valid YAML", error, error},
    {Rule::TabIndentation, "SBX-SPEC014", "Indented with a tab", error, error},
    {Rule::DuplicateKey, "SBX-SPEC015", "Key given twice", error, error},
    {Rule::AliasOrAnchor, "SBX-SPEC016", "YAML anchor, alias or merge key", error, error},
    {Rule::ExplicitTag, "SBX-SPEC017", "YAML tag", error, error},
    {Rule::KeyNotText, "SBX-SPEC018", "Key is not plain text", error, error},
    {Rule::NotAMapping, "SBX-SPEC019", "Front matter is not a mapping", error, error},
    {Rule::FlowCollection, "SBX-SPEC020", "Collection in [] or {}", off, error},
    {Rule::WrongType, "SBX-SPEC021", "Field of the wrong type", error, error},
    {Rule::NameMissing, "SBX-SPEC022", "No name", error, error},
    {Rule::NameInvalid, "SBX-SPEC023", "Name cannot be used", error, off},
    {Rule::NameLegacy, "SBX-SPEC024", "Name outside the specification", warning, off},
    {Rule::NameNotInSpec, "SBX-SPEC025", "Name breaks the specification", off, error},
    {Rule::NameNotFolder, "SBX-SPEC026", "Name differs from the folder", info, error},
    {Rule::DescriptionMissing, "SBX-SPEC027", "No description", error, error},
    {Rule::DescriptionTooLong, "SBX-SPEC028", "Description too long", warning, error},
    {Rule::CompatibilityTooLong, "SBX-SPEC029", "Compatibility too long", warning, error},
    {Rule::UnknownKey, "SBX-SPEC030", "Unknown key", info, error},
    {Rule::LowerCaseFileName, "SBX-SPEC031", "File is called skill.md", warning, info},
    {Rule::RuntimeKey, "SBX-SPEC032", "Runtime field outside the specification", off, error},
    {Rule::OtherWrongType, "SBX-META001", "Field of the wrong type", error, off},
    {Rule::VersionInvalid, "SBX-META002", "Version is not a semantic version", error, off},
    {Rule::VersionIncomplete, "SBX-META003", "Version was completed", warning, off},
    {Rule::LanguageUnknown, "SBX-META004", "Unknown language", error, off},
    {Rule::TimeoutInvalid, "SBX-META005", "Timeout is not a duration", error, off},
    {Rule::MemoryInvalid, "SBX-META006", "Memory is not a size", error, off},
    {Rule::CpuInvalid, "SBX-META007", "CPU is not a number of cores", error, off},
    {Rule::ModeUnknown, "SBX-META008", "Unknown mode", error, off},
    {Rule::ImageInvalid, "SBX-META009", "Image is not an image name", error, off},
    {Rule::EntrypointInvalid, "SBX-META010", "Entrypoint is not a path in the skill", error, off},
    {Rule::Disagreement, "SBX-META011", "Two values for one field", error, off},
    {Rule::UnknownRuntimeKey, "SBX-META012", "Unknown runtime key", info, off},
    {Rule::EntrypointMissing, "SBX-META013", "Entrypoint does not exist", error, off},
    {Rule::LanguageMismatch, "SBX-META014", "Language disagrees with the script", warning, off},
    {Rule::NothingToExecute, "SBX-META015", "Executable without a script", error, off},
    {Rule::DescriptionVague, "SBX-META016", "Description does not say when to use the skill", info,
     info, medium},
    {Rule::DescriptionPlaceholder, "SBX-META017", "Description says nothing", warning, info},
    {Rule::BodyTooLong, "SBX-META018", "Instructions are very long", info, info},
    {Rule::BodyEmpty, "SBX-META019", "Neither instructions nor a script", warning, info},
    {Rule::SuppressionUnexplained, "SBX-META020", "Suppression without a reason", warning, off},
    {Rule::SuppressionUnused, "SBX-META021", "Suppression of nothing", info, off},
    {Rule::CapabilityUnknown, "SBX-META022", "Unknown capability", warning, off},
    {Rule::LinkBroken, "SBX-REF001", "Link to a file that is not there", warning, info},
    {Rule::ScriptMentionedMissing, "SBX-REF002", "Command for a script that is not there", warning,
     info},
    {Rule::LinkEscapes, "SBX-REF003", "Link leaves the skill", warning, info},
    {Rule::MachinePath, "SBX-REF004", "Path of one person's machine", info, info, medium},
    {Rule::CarriageReturnShebang, "SBX-SCR001", "Carriage return in the #! line", warning, off},
    {Rule::ScriptSyntax, "SBX-SCR002", "Script does not parse", error, off},
    {Rule::ShebangMismatch, "SBX-SCR003", "#! line names another language", warning, off},
    {Rule::ReadsTerminal, "SBX-SCR004", "Script waits for a person", info, off, medium},
    {Rule::SchemaInvalid, "SBX-IO001", "Schema is not a JSON object", error, off},
    {Rule::SchemaMisuse, "SBX-IO002", "Schema keyword misused", warning, off},
    {Rule::TestCaseInvalid, "SBX-IO003", "Test case cannot be used", warning, off},
    {Rule::Unpinned, "SBX-DEP001", "Dependency without an exact version", info, off},
    {Rule::Typosquat, "SBX-DEP002", "Package name close to a well-known one", warning, off, medium},
    {Rule::HomoglyphPackage, "SBX-DEP003", "Package name with look-alike letters", error, off},
    {Rule::InstallHook, "SBX-DEP004", "Code that runs at installation", warning, off},
    {Rule::ForeignSource, "SBX-DEP005", "Dependency from elsewhere than the registry", warning,
     off},
    {Rule::DependencyFileUnreadable, "SBX-DEP006", "Dependency file cannot be read", warning, off},
    {Rule::UnknownPackage, "SBX-DEP007", "Package that is not well known", info, off, low},
    {Rule::InstallsAtRunTime, "SBX-DEP008", "Script installs packages", info, off},
    {Rule::Secret, "SBX-SEC001", "Secret in a file", error, off},
    {Rule::SecretAssigned, "SBX-SEC002", "Value that looks like a secret", warning, off, medium},
    {Rule::PrivateKey, "SBX-SEC003", "Private key", error, off},
    {Rule::ReverseShell, "SBX-SEC004", "Reverse shell", error, off},
    {Rule::PipedDownload, "SBX-SEC005", "Download piped into an interpreter", error, off},
    {Rule::PipedDownloadInText, "SBX-SEC006", "Instructions to pipe a download into a shell",
     warning, off, medium},
    {Rule::Miner, "SBX-SEC007", "Cryptocurrency miner", error, off},
    {Rule::ForkBomb, "SBX-SEC008", "Fork bomb", error, off},
    {Rule::Destructive, "SBX-SEC009", "Destroys data", error, off},
    {Rule::Persistence, "SBX-SEC010", "Makes itself start again", error, off},
    {Rule::PrivilegeChange, "SBX-SEC011", "Asks for more rights", warning, off},
    {Rule::SandboxEscape, "SBX-SEC012", "Tries to leave the sandbox", error, off},
    {Rule::UnsafeDeserialisation, "SBX-SEC013", "Unsafe deserialisation", info, off, medium},
    {Rule::DynamicCode, "SBX-SEC014", "Code made at run time", info, off, medium},
    {Rule::TlsOff, "SBX-SEC015", "Certificate checks turned off", warning, off},
    {Rule::DownloadAndRun, "SBX-SEC016", "Runs what it downloads", error, off},
    {Rule::AgentTampering, "SBX-SEC017", "Changes the agent's own configuration", error, off},
    {Rule::ShellInjection, "SBX-SEC018", "Shell command built from values", info, off, medium},
    {Rule::OverrideInstructions, "SBX-PI001", "Tells the model to drop its instructions", error,
     off},
    {Rule::ConcealsFromUser, "SBX-PI002", "Tells the model to hide something", warning, off,
     medium},
    {Rule::ExfiltrationInstruction, "SBX-PI003", "Tells the model to send data away", error, off},
    {Rule::HiddenComment, "SBX-PI004", "Instructions in a hidden comment", warning, off, medium},
    {Rule::InvisibleCharacters, "SBX-PI005", "Invisible characters", error, off},
    {Rule::ImageExfiltration, "SBX-PI006", "Image address that carries data", error, off},
    {Rule::HiddenByStyle, "SBX-PI007", "Text hidden by its style", error, off},
    {Rule::RoleMarkers, "SBX-PI008", "Markers of another speaker", warning, off},
    {Rule::QuotedInjection, "SBX-PI009", "Quoted prompt injection", info, off, medium},
    {Rule::SkipsConsent, "SBX-PI010", "Tells the model not to ask", warning, off, medium},
    {Rule::DecodedAndRun, "SBX-OBF001", "Decodes something and runs it", error, off},
    {Rule::EncodedPayload, "SBX-OBF002", "Encoded text hides a payload", error, off},
    {Rule::LongEncodedText, "SBX-OBF003", "Long encoded text", info, off, low},
    {Rule::CharacterAssembly, "SBX-OBF004", "Text put together from character codes", warning, off},
    {Rule::BidiInCode, "SBX-OBF005", "Invisible or reordering characters in code", error, off},
    {Rule::HomoglyphInCode, "SBX-OBF006", "Look-alike letters in code", warning, off},
    {Rule::Minified, "SBX-OBF007", "Code nobody can read", info, off},
    {Rule::UndeclaredNetwork, "SBX-NET001", "Uses the network without saying so", warning, off},
    {Rule::CollectorHost, "SBX-NET002", "Known collector of stolen data", error, off},
    {Rule::RawAddress, "SBX-NET003", "Connects to a bare address", warning, off, medium},
    {Rule::SendsSecrets, "SBX-NET004", "Reads secrets and uses the network", error, off, medium},
    {Rule::DnsExfiltration, "SBX-NET005", "Data in names that are looked up", error, off},
    {Rule::Listens, "SBX-NET006", "Waits for connections", info, off, medium},
    {Rule::PlainHttp, "SBX-NET007", "Unencrypted address", info, off},
    {Rule::ChatWebhook, "SBX-NET008", "Posts to a fixed chat channel", warning, off},
    {Rule::CredentialFiles, "SBX-PRIV001", "Reads credentials of the user", error, off},
    {Rule::EnvironmentDump, "SBX-PRIV002", "Takes the whole environment", warning, off, medium},
    {Rule::CloudMetadata, "SBX-PRIV003", "Asks the cloud for credentials", error, off},
    {Rule::UndeclaredEnvironment, "SBX-PRIV004", "Reads variables without saying so", info, off,
     medium},
    {Rule::UndeclaredSubprocess, "SBX-PRIV005", "Starts programs without saying so", info, off,
     medium},
    {Rule::UndeclaredFiles, "SBX-PRIV006", "Uses files outside its folders", info, off, medium},
    {Rule::CapabilityUnused, "SBX-PRIV007", "Declared capability that is not used", info, off,
     medium},
    {Rule::Surveillance, "SBX-PRIV008", "Watches the user", warning, off},
    {Rule::HomeFolderWalk, "SBX-PRIV009", "Goes through the home folder", warning, off, medium},
    {Rule::TreeUnusable, "SBX-PKG001", "Folder cannot be packed", error, off},
    {Rule::Binary, "SBX-PKG002", "Compiled program", warning, off},
    {Rule::DisguisedFile, "SBX-PKG003", "File is not what its name says", error, off},
    {Rule::ArchiveInside, "SBX-PKG004", "Archive inside the skill", warning, off},
    {Rule::Polyglot, "SBX-PKG005", "File of two kinds at once", error, off},
    {Rule::Bytecode, "SBX-PKG006", "Compiled Python without its source", warning, off},
    {Rule::LargeFile, "SBX-PKG007", "Very large file", info, off},
    {Rule::Leftovers, "SBX-PKG008", "Left over from development", warning, off},
}};

constexpr bool isInOrder()
{
    for (size_t i = 0; i < rules.size(); ++i) {
        if (rules[i].rule != static_cast<Rule>(i))
            return false;
    }
    return true;
}
static_assert(isInOrder(), "ruleInfo() looks rules up by their number");

} // namespace

const RuleInfo &ruleInfo(Rule rule)
{
    return rules[static_cast<size_t>(rule)];
}

std::span<const RuleInfo> allRules()
{
    return rules;
}

const RuleInfo *findRule(QStringView id)
{
    const auto found = std::find_if(rules.begin(), rules.end(), [id](const RuleInfo &rule) {
        return id.compare(QLatin1StringView(rule.id), Qt::CaseInsensitive) == 0;
    });
    return found == rules.end() ? nullptr : &*found;
}

bool isSecurityRule(QStringView id)
{
    for (const auto family :
         {"SEC"_L1, "PI"_L1, "OBF"_L1, "NET"_L1, "PRIV"_L1, "PKG"_L1, "DEP"_L1}) {
        const qsizetype start = qstrlen("SBX-");
        if (id.startsWith("SBX-"_L1) && id.sliced(start).startsWith(family)
            && id.size() == start + family.size() + 3) {
            return true;
        }
    }
    return false;
}

QList<Finding> findingsOf(const QList<RuleHit> &hits, LintProfile profile)
{
    QList<Finding> findings;
    for (const RuleHit &hit : hits) {
        const RuleInfo &rule = ruleInfo(hit.rule);
        const auto severity = profile == LintProfile::Skillbox ? rule.skillbox : rule.agentSkills;
        if (severity) {
            findings += Finding{QLatin1StringView(rule.id),
                                *severity,
                                hit.message,
                                hit.file,
                                hit.range,
                                hit.hint,
                                rule.confidence,
                                hit.fix,
                                {}};
        }
    }
    sortFindings(findings);
    return findings;
}

void sortFindings(QList<Finding> &findings)
{
    std::stable_sort(findings.begin(), findings.end(), [](const Finding &a, const Finding &b) {
        const bool aOther = a.file.compare(u"SKILL.md", Qt::CaseInsensitive) != 0;
        const bool bOther = b.file.compare(u"SKILL.md", Qt::CaseInsensitive) != 0;
        return std::tie(aOther, a.file, a.range.line, a.range.column, a.id)
            < std::tie(bOther, b.file, b.range.line, b.range.column, b.id);
    });
}

} // namespace skillbox
