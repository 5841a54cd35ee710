#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/findings_view.h"
#include "app/cli/skill_json.h"
#include "engine/skill/lint.h"

#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode printPublished(CliContext &context, const Published &published)
{
    const SkillVersionRecord &record = published.record;
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"name"_s, record.name)
            .member(u"version"_s, record.version)
            .member(u"description"_s, record.description)
            .member(u"lang"_s, record.language)
            .member(u"mode"_s, record.mode)
            .member(u"digest"_s, record.digest)
            .member(u"created"_s, published.created)
            .endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    const QString title = out.painted(Paint::Bold, record.name) + u' ' + record.version;
    out.writeLine(out.painted(Paint::Green, u"✔"_s) + u' '
                  + (published.created
                         ? u"Published %1"_s.arg(title)
                         : u"%1 was published already, with the same content"_s.arg(title)));
    out.writeLine(u"  "_s + out.painted(Paint::Dim, record.digest));
    if (published.created && record.mode != u"cognitive") {
        out.writeLine();
        out.writeLine(u"  skillbox run "_s + record.name);
    }
    return ExitCode::Success;
}

ExitCode push(CliContext &context, const QString &path)
{
    const QFileInfo info(path);
    if (!info.exists()) {
        return context.reportError(
            {ErrorCode::NotFound, u"there is no file or folder '%1'"_s.arg(path)});
    }
    if (info.isDir()) {
        // Every finding with its place, not only the first.
        const QList<Finding> findings = lintDirectory(path);
        printFindings(context.err(), path, findings);
        if (hasErrors(findings)) {
            return context.reportError(
                {ErrorCode::InvalidSkill,
                 u"'%1' is not published: %2"_s.arg(path, findingsSummary(findings))});
        }
    }
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const Result<Published> published = (*backend)->push(path);
    if (!published) {
        Error error = published.error();
        if (error.code == ErrorCode::VersionExists)
            error.message += u"\nraise `version` in SKILL.md to publish a new one"_s;
        return context.reportError(error);
    }
    if (!info.isDir())
        printFindings(context.err(), path, published->findings);
    return printPublished(context, *published);
}

} // namespace

void registerSkillPush(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"push", "Publish a skill from a folder or a zip archive",
         "A published version never changes: the same content again is fine, other content under "
         "the same version is refused.",
         "skillbox skill push ./my-skill\n"
         "skillbox skill push my-skill-1.0.0.zip"},
        WorksOn::Backend);
    const auto path = std::make_shared<std::string>();
    addArgument(*command, "PATH", *path, "The skill's folder or zip archive",
                value::directoryOrArchive);
    onChosen(*command, context, [path, &context] { return push(context, toText(*path)); });
}

} // namespace skillbox
