#include "app/cli/backend/remote_backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/findings_view.h"
#include "app/cli/named_remote.h"
#include "app/cli/skill_json.h"
#include "app/cli/skill_source.h"
#include "app/cli/transfer_view.h"
#include "engine/remote/sign_in.h"
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

struct PushOptions {
    std::string path;
    std::string to;
    std::string version;
};

/// Whether `text` is a published skill and not the folder or archive of that name.
Result<bool> isPublished(CliContext &context, const PushOptions &options)
{
    const QString text = toText(options.path);
    if (options.to.empty() || text.contains(u'/') || QFileInfo(text).isFile())
        return false;
    const Result<SkillSource> source = chooseSkillSource(context, text, toText(options.version));
    if (!source)
        return fail(source.error());
    return source->directory.isEmpty();
}

ExitCode pushPublished(CliContext &context, const PushOptions &options)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const QString name = toText(options.path);
    const Result<SkillVersionRecord> record = (*backend)->skill(name, toText(options.version));
    if (!record)
        return context.reportError(withSimilarSkills(**backend, record.error(), name));
    const auto remote = openRemote(context, toText(options.to));
    if (!remote)
        return context.reportError(remote.error());
    return copyAndReport(context, *(*backend)->store(), *remote->registry, *record);
}

/// A folder or archive straight to a named server.
Result<Published> pushFile(CliContext &context, const QString &path, const QString &to)
{
    const auto remote = remoteList(context).find(to);
    if (!remote)
        return fail(remote.error());
    auto http = connectTo(withSignIn(connectionOf(*remote), context.signIns()));
    if (!http)
        return fail(http.error());
    return RemoteBackend(std::move(*http), transferLimits(context)).push(path);
}

ExitCode push(CliContext &context, const PushOptions &options)
{
    const QString path = toText(options.path);
    const Result<bool> published = isPublished(context, options);
    if (!published)
        return context.reportError(published.error());
    if (*published)
        return pushPublished(context, options);
    if (!options.version.empty()) {
        return context.reportError(
            {ErrorCode::BadRequest,
             u"--version is for a published skill; the version of a folder is in its SKILL.md"_s});
    }
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
    const auto publish = [&]() -> Result<Published> {
        if (!options.to.empty())
            return pushFile(context, path, toText(options.to));
        const Result<Backend *> backend = context.backend();
        return backend ? (*backend)->push(path) : fail(backend.error());
    };
    const Result<Published> done = publish();
    if (!done) {
        Error error = done.error();
        if (error.code == ErrorCode::VersionExists)
            error.message += u"\nraise `version` in SKILL.md to publish a new one"_s;
        return context.reportError(error);
    }
    if (!info.isDir())
        printFindings(context.err(), path, done->findings);
    return printPublished(context, *done);
}

} // namespace

void registerSkillPush(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"push", "Publish a skill from a folder or a zip archive",
         "A published version never changes: the same content again is fine, other content under "
         "the same version is refused. With --to, the name of a published skill copies that "
         "version "
         "to the remote; its digest is checked at both ends.",
         "skillbox skill push ./my-skill\n"
         "skillbox skill push my-skill-1.0.0.zip\n"
         "skillbox skill push word-counter --to team"},
        WorksOn::Backend);
    const auto options = std::make_shared<PushOptions>();
    addArgument(*command, "PATH", options->path,
                "The skill's folder or zip archive; with --to also a published skill",
                value::directoryOrArchive);
    addOption(*command, "--to", options->to, "Publish to this remote", value::remote);
    addOption(*command, "--version", options->version,
              "Which version of a published skill (default: the latest)", value::version);
    onChosen(*command, context, [options, &context] { return push(context, *options); });
}

} // namespace skillbox
