#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/findings_view.h"
#include "app/cli/format.h"
#include "engine/engine_config.h"
#include "engine/skill/archive.h"
#include "engine/skill/lint.h"
#include "engine/skill/manifest.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct PackageOptions {
    std::string directory;
    std::string out;
};

Result<Manifest> readManifest(const QString &directory)
{
    // The specification's reference implementation accepts the lower-case name too.
    for (const QString &name : {u"SKILL.md"_s, u"skill.md"_s}) {
        QFile file(QDir(directory).filePath(name));
        if (!file.exists())
            continue;
        if (!file.open(QIODevice::ReadOnly))
            return fail(ErrorCode::Io,
                        u"cannot read '%1': %2"_s.arg(file.fileName(), file.errorString()));
        return requireManifest(file.read(maxManifestBytes + 1));
    }
    return fail(ErrorCode::InvalidSkill, u"'%1' has no SKILL.md"_s.arg(directory));
}

/// Where the archive goes: `out` itself, or `{name}-{version}.zip` in it or here.
Result<QString> archivePath(const PackageOptions &options, const Manifest &manifest)
{
    const QString fileName = u"%1-%2.zip"_s.arg(manifest.name, manifest.version);
    const QString out = toText(options.out);
    QString path = fileName;
    if (QFileInfo(out).isDir() || out.endsWith(u'/'))
        path = QDir(out).filePath(fileName);
    else if (!out.isEmpty())
        path = out;

    const QFileInfo target(path);
    if (!QFileInfo(target.absolutePath()).isDir()) {
        return fail(ErrorCode::Io, u"there is no folder '%1' for the archive"_s.arg(target.path()));
    }
    if (target.isDir())
        return fail(ErrorCode::Io, u"'%1' is a folder"_s.arg(path));
    const QString skill = QFileInfo(toText(options.directory)).canonicalFilePath() + u'/';
    if ((QFileInfo(target.absolutePath()).canonicalFilePath() + u'/').startsWith(skill)) {
        return fail(ErrorCode::BadRequest,
                    u"the archive '%1' would lie inside the skill and become part of the next one\n"
                    "write it elsewhere: skillbox skill package %2 --out .."_s.arg(
                        path, toText(options.directory)));
    }
    return path;
}

ExitCode package(CliContext &context, const PackageOptions &options)
{
    const QString directory = toText(options.directory);
    if (!QFileInfo(directory).isDir()) {
        return context.reportError(
            {ErrorCode::NotFound, u"there is no folder '%1'"_s.arg(directory)});
    }
    const QList<Finding> findings = lintDirectory(directory);
    printFindings(context.err(), directory, findings);
    if (hasErrors(findings)) {
        return context.reportError(
            {ErrorCode::InvalidSkill,
             u"'%1' is not packaged: %2"_s.arg(directory, findingsSummary(findings))});
    }
    const Result<Manifest> manifest = readManifest(directory);
    if (!manifest)
        return context.reportError(manifest.error());
    const Result<EngineConfig> config = context.engineConfig();
    if (!config)
        return context.reportError(config.error());
    const Result<QString> path = archivePath(options, *manifest);
    if (!path)
        return context.reportError(path.error());
    const Result<SkillContent> content = packDirectory(directory, *path, config->archiveLimits);
    if (!content)
        return context.reportError(content.error());

    const qint64 bytes = QFileInfo(*path).size();
    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"path"_s, *path)
            .member(u"name"_s, manifest->name)
            .member(u"version"_s, manifest->version)
            .member(u"digest"_s, content->digest)
            .member(u"files"_s, qint64{content->files.size()})
            .member(u"size_bytes"_s, bytes)
            .endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    out.writeLine(
        out.painted(Paint::Green, u"✔"_s) + u' ' + out.painted(Paint::Bold, *path)
        + u"  %1, %2"_s.arg(counted(content->files.size(), u"file"_s), humanBytes(bytes)));
    out.writeLine(u"  "_s + out.painted(Paint::Dim, content->digest));
    return ExitCode::Success;
}

} // namespace

void registerSkillPackage(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"package", "Pack a skill folder into NAME-VERSION.zip",
         "The same files always give the same archive, byte for byte. An archive of that name is "
         "replaced.",
         "skillbox skill package my-skill                # writes ./my-skill-1.0.0.zip\n"
         "skillbox skill package my-skill --out dist/\n"
         "skillbox skill package . --out ../latest.zip"});
    const auto options = std::make_shared<PackageOptions>();
    addArgument(*command, "DIR", options->directory, "The skill's folder", value::directory);
    addOption(*command, "--out", options->out, "A folder, or the name of the archive (default: .)",
              value::file);
    onChosen(*command, context, [options, &context] { return package(context, *options); });
}

} // namespace skillbox
