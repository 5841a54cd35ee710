#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/findings_view.h"
#include "app/cli/format.h"
#include "engine/engine_config.h"
#include "engine/skill/archive.h"
#include "engine/skill/lint.h"

#include <QFileInfo>
#include <QTemporaryDir>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct LintOptions {
    std::vector<std::string> paths;
    std::string profile = "skillbox";
    std::string format;
};

struct LintedSkill {
    QString path;
    QList<Finding> findings;
};

Result<QList<Finding>> lintArchive(const QString &path, LintProfile profile,
                                   const ArchiveLimits &limits)
{
    const QTemporaryDir scratch;
    if (!scratch.isValid()) {
        return fail(ErrorCode::Io,
                    u"cannot make a temporary folder to unpack '%1': %2"_s.arg(
                        path, scratch.errorString()));
    }
    const QString directory = scratch.filePath(u"skill"_s);
    const Result<SkillContent> content = unpackArchive(path, directory, limits);
    if (!content)
        return fail(content.error());
    return lintDirectory(directory, profile, FolderName::Arbitrary);
}

Result<LintedSkill> lintPath(CliContext &context, const QString &path, LintProfile profile)
{
    const QFileInfo info(path);
    if (!info.exists())
        return fail(ErrorCode::NotFound, u"there is no file or folder '%1'"_s.arg(path));
    if (info.isDir())
        return LintedSkill{path, lintDirectory(path, profile)};
    // Somebody who names the SKILL.md means the skill.
    if (info.fileName().compare(u"SKILL.md", Qt::CaseInsensitive) == 0)
        return LintedSkill{info.path(), lintDirectory(info.path(), profile)};
    const Result<EngineConfig> config = context.engineConfig();
    if (!config)
        return fail(config.error());
    Result<QList<Finding>> findings = lintArchive(path, profile, config->archiveLimits);
    if (!findings) {
        Error error = findings.error();
        if (!error.message.contains(path))
            error.message = u"'%1': "_s.arg(path) + error.message;
        return fail(error);
    }
    return LintedSkill{path, *findings};
}

void printJson(CliContext &context, const QList<LintedSkill> &skills, bool valid)
{
    JsonWriter json;
    json.beginObject().member(u"valid"_s, valid).key(u"skills"_s).beginArray();
    for (const LintedSkill &skill : skills) {
        json.beginObject()
            .member(u"path"_s, skill.path)
            .member(u"valid"_s, !hasErrors(skill.findings))
            .key(u"findings"_s);
        writeFindings(json, skill.findings);
        json.endObject();
    }
    json.endArray().endObject();
    context.printJson(json.bytes());
}

void printText(Terminal &out, const LintedSkill &skill)
{
    printFindings(out, skill.path, skill.findings);
    const QString summary = findingsSummary(skill.findings);
    const bool bad = hasErrors(skill.findings);
    out.writeLine(out.painted(bad ? Paint::Red : Paint::Green, bad ? u"✘"_s : u"✔"_s) + u' '
                  + skill.path + u": "_s
                  + (summary.isEmpty() ? u"nothing to complain about"_s : summary));
}

ExitCode lint(CliContext &context, const LintOptions &options)
{
    const std::optional<LintProfile> profile = lintProfileFromName(toText(options.profile));
    if (!profile) {
        return context.reportError(
            {ErrorCode::Internal,
             u"the profile '%1' is not built in"_s.arg(toText(options.profile))});
    }
    const bool asJson = options.format.empty() ? context.wantsJson() : options.format == "json";
    QList<LintedSkill> skills;
    bool valid = true;
    ExitCode unreadable = ExitCode::Success;
    for (const std::string &path : options.paths) {
        const Result<LintedSkill> skill = lintPath(context, toText(path), *profile);
        if (!skill) {
            unreadable = context.reportError(skill.error());
            continue;
        }
        valid = valid && !hasErrors(skill->findings);
        skills.append(*skill);
        if (!asJson)
            printText(context.out(), *skill);
    }
    if (asJson)
        printJson(context, skills, valid && unreadable == ExitCode::Success);
    return valid ? unreadable : ExitCode::Error;
}

} // namespace

void registerSkillLint(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"lint", "Check skill folders or zip archives",
         "Ends with exit code 1 if there is an error; warnings and notes do not count. Needs no "
         "store and changes nothing.",
         "skillbox skill lint .\n"
         "skillbox skill lint skills/*\n"
         "skillbox skill lint my-skill --profile agentskills   # what the open specification says\n"
         "skillbox skill lint my-skill-1.0.0.zip --format json"});
    const auto options = std::make_shared<LintOptions>();
    addArguments(*command, "PATH", options->paths, "Skill folders or zip archives",
                 value::directoryOrArchive, Presence::Required);
    addChoice(*command, "-p,--profile", options->profile,
              "Whose rules: both dialects, or strictly the Agent Skills specification",
              {"skillbox", "agentskills"});
    addChoice(*command, "--format", options->format,
              "How to print findings (default: as --output says)", {"text", "json"});
    onChosen(*command, context, [options, &context] { return lint(context, *options); });
}

} // namespace skillbox
