#include "app/cli/backend/backend.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "app/cli/json_writer.h"
#include "app/cli/named_remote.h"
#include "app/cli/skill_source.h"
#include "app/cli/transfer_view.h"

#include <QDir>
#include <QFileInfo>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct PullOptions {
    std::string name;
    std::string version;
    std::string out;
    std::string from;
};

/// `out` itself, or `{name}-{version}.zip` in it or here. The name comes from a server: it must not
/// be a path.
Result<QString> archivePath(const PullOptions &options, const SkillVersionRecord &record)
{
    const QString fileName = u"%1-%2.zip"_s.arg(record.name, record.version);
    if (record.name.isEmpty() || fileName.startsWith(u'.') || fileName.contains(u'/')
        || fileName.contains(QChar(u'\0'))) {
        return fail(ErrorCode::StorageCorrupt,
                    u"the skill has a name that cannot be a file's: '%1'"_s.arg(fileName));
    }
    const QString out = toText(options.out);
    QString path = fileName;
    if (QFileInfo(out).isDir() || out.endsWith(u'/'))
        path = QDir(out).filePath(fileName);
    else if (!out.isEmpty())
        path = out;
    const QFileInfo target(path);
    if (!QFileInfo(target.absolutePath()).isDir())
        return fail(ErrorCode::Io, u"there is no folder '%1' for the archive"_s.arg(target.path()));
    if (target.isDir())
        return fail(ErrorCode::Io, u"'%1' is a folder"_s.arg(path));
    return path;
}

using ReadArchive = std::function<Result<void>(const SkillVersionRecord &, const ByteSink &)>;

ExitCode save(CliContext &context, const PullOptions &options,
              const Result<SkillVersionRecord> &record, const ReadArchive &read)
{
    const Result<QString> path = archivePath(options, *record);
    if (!path)
        return context.reportError(path.error());

    QSaveFile file(*path);
    const auto cannotWrite = [&] {
        return context.reportError(
            {ErrorCode::Io, u"cannot write '%1': %2"_s.arg(*path, file.errorString())});
    };
    if (!file.open(QIODevice::WriteOnly))
        return cannotWrite();
    qint64 size = 0;
    const Result<void> pulled = read(
        *record, [&](QByteArrayView bytes) -> Result<void> {
            if (file.write(bytes.data(), bytes.size()) != bytes.size())
                return fail(ErrorCode::Io,
                            u"cannot write '%1': %2"_s.arg(*path, file.errorString()));
            size += bytes.size();
            return {};
        });
    if (!pulled)
        return context.reportError(pulled.error()); // the file as it was stays
    if (!file.commit())
        return cannotWrite();

    if (context.wantsJson()) {
        JsonWriter json;
        json.beginObject()
            .member(u"path"_s, *path)
            .member(u"name"_s, record->name)
            .member(u"version"_s, record->version)
            .member(u"digest"_s, record->digest)
            .member(u"size_bytes"_s, size)
            .endObject();
        return context.printJson(json.bytes());
    }
    Terminal &out = context.out();
    out.writeLine(out.painted(Paint::Green, u"✔"_s) + u' ' + out.painted(Paint::Bold, *path)
                  + u"  "_s + humanBytes(size));
    out.writeLine(u"  "_s + out.painted(Paint::Dim, record->digest));
    return ExitCode::Success;
}

ExitCode pullFrom(CliContext &context, const PullOptions &options)
{
    const auto remote = openRemote(context, toText(options.from));
    if (!remote)
        return context.reportError(remote.error());
    const Result<SkillVersionRecord> record = remote->registry->record(toText(options.name),
                                                                       toText(options.version));
    if (!record)
        return context.reportError(record.error());
    if (!options.out.empty()) {
        return save(context, options, record,
                    [&](const SkillVersionRecord &which, const ByteSink &sink) {
                        return remote->registry->read(which, sink);
                    });
    }
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    return copyAndReport(context, *remote->registry, *(*backend)->store(), *record);
}

ExitCode pull(CliContext &context, const PullOptions &options)
{
    if (!options.from.empty())
        return pullFrom(context, options);
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const QString name = toText(options.name);
    const Result<SkillVersionRecord> record = (*backend)->skill(name, toText(options.version));
    if (!record)
        return context.reportError(withSimilarSkills(**backend, record.error(), name));
    return save(context, options, record,
                [&](const SkillVersionRecord &which, const ByteSink &sink) {
                    return (*backend)->pull(which, sink);
                });
}

} // namespace

void registerSkillPull(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"pull", "Save a published skill as its archive, or take one over from a remote",
         "Writes NAME-VERSION.zip, byte for byte what was pushed. A file of that name is replaced. "
         "With --from and without --out the version is published here instead.",
         "skillbox skill pull word-counter                     # writes ./word-counter-1.0.0.zip\n"
         "skillbox skill pull word-counter --version 1.0.0 --out backup/\n"
         "skillbox skill pull word-counter --from team        # publishes it here"},
        WorksOn::Backend);
    const auto options = std::make_shared<PullOptions>();
    addArgument(*command, "NAME", options->name, "A published skill", value::skill);
    addOption(*command, "--version", options->version, "Which version (default: the latest)",
              value::version);
    addOption(*command, "--out", options->out, "A folder, or the name of the archive (default: .)",
              value::file);
    addOption(*command, "--from", options->from, "Take it from this remote", value::remote);
    onChosen(*command, context, [options, &context] { return pull(context, *options); });
}

} // namespace skillbox
