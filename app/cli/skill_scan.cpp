#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/findings_view.h"
#include "app/cli/lint_run.h"
#include "engine/skill/rules.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// What the findings together say about running the skill.
QString riskOf(const QList<Finding> &findings)
{
    if (hasErrors(findings))
        return u"high"_s;
    if (hasAtLeast(findings, Severity::Warning))
        return u"medium"_s;
    return findings.isEmpty() ? u"none"_s : u"low"_s;
}

ExitCode scan(CliContext &context, const std::vector<std::string> &paths)
{
    // Whoever scans does not take the author's word for it.
    LintOptions options;
    options.suppressions = Suppressions::NotSecurityErrors;
    JsonWriter json;
    json.beginObject().key(u"skills"_s).beginArray();
    ExitCode code = ExitCode::Success;
    for (const std::string &path : paths) {
        const Result<LintedSkill> skill = lintPath(context, toText(path), options);
        if (!skill) {
            code = context.reportError(skill.error());
            continue;
        }
        QList<Finding> findings;
        for (const Finding &finding : skill->report.findings) {
            if (isSecurityRule(finding.id))
                findings += finding;
        }
        const QString risk = riskOf(findings);
        if (risk == u"high")
            code = ExitCode::Error;
        if (context.wantsJson()) {
            json.beginObject()
                .member(u"path"_s, skill->path)
                .member(u"risk"_s, risk)
                .key(u"findings"_s);
            writeFindings(json, findings);
            json.endObject();
            continue;
        }
        Terminal &out = context.out();
        printFindings(out, skill->path, findings);
        const Paint paint = risk == u"high" ? Paint::Red
            : risk == u"medium"             ? Paint::Yellow
                                            : Paint::Green;
        const QString summary = findingsSummary(findings);
        out.writeLine(skill->path + u": risk "_s + out.painted(paint, risk)
                      + (summary.isEmpty() ? QString() : u", "_s + summary));
    }
    json.endArray().endObject();
    if (context.wantsJson())
        context.printJson(json.bytes());
    return code;
}

} // namespace

void registerSkillScan(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"scan", "Look for danger in skills from others",
         "Only the rules about what a skill might do: code, secrets, prompt injection, "
         "obfuscation, "
         "network, privacy, packages. Runs nothing. Ends with exit code 1 when the risk is high.",
         "skillbox skill scan downloaded-skill.zip\n"
         "skillbox skill scan skills/* -o json"});
    const auto paths = std::make_shared<std::vector<std::string>>();
    addArguments(*command, "PATH", *paths, "Skill folders or zip archives",
                 value::directoryOrArchive, Presence::Required);
    onChosen(*command, context, [paths, &context] { return scan(context, *paths); });
}

} // namespace skillbox
