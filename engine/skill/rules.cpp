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
    {Rule::LowerCaseFileName, "SBX-SPEC031", "File is called skill.md", warning, off},
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
    {Rule::LinkBroken, "SBX-REF001", "Link to a file that is not there", warning, off},
    {Rule::ScriptMentionedMissing, "SBX-REF002", "Command for a script that is not there", warning,
     off},
    {Rule::CarriageReturnShebang, "SBX-SCR001", "Carriage return in the #! line", warning, off},
    {Rule::SchemaInvalid, "SBX-IO001", "Schema is not a JSON object", error, off},
    {Rule::TreeUnusable, "SBX-PKG001", "Folder cannot be packed", error, off},
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

QList<Finding> findingsOf(const QList<RuleHit> &hits, LintProfile profile)
{
    QList<Finding> findings;
    for (const RuleHit &hit : hits) {
        const RuleInfo &rule = ruleInfo(hit.rule);
        const auto severity = profile == LintProfile::Skillbox ? rule.skillbox : rule.agentSkills;
        if (severity) {
            findings += Finding{
                QLatin1StringView(rule.id), *severity, hit.message, hit.file, hit.range, hit.hint};
        }
    }
    std::stable_sort(findings.begin(), findings.end(), [](const Finding &a, const Finding &b) {
        const bool aOther = a.file.compare(u"SKILL.md", Qt::CaseInsensitive) != 0;
        const bool bOther = b.file.compare(u"SKILL.md", Qt::CaseInsensitive) != 0;
        return std::tie(aOther, a.file, a.range.line, a.range.column, a.id)
            < std::tie(bOther, b.file, b.range.line, b.range.column, b.id);
    });
    return findings;
}

} // namespace skillbox
