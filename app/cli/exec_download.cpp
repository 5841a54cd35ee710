#include "app/cli/artifact_download.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/execution_lookup.h"
#include "app/cli/format.h"
#include "app/cli/json_writer.h"
#include "app/cli/table.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct DownloadOptions {
    std::string id;
    std::string directory;
    bool overwrite = false;
};

ExitCode download(CliContext &context, const DownloadOptions &options)
{
    const Result<Backend *> backend = context.backend();
    if (!backend)
        return context.reportError(backend.error());
    const Result<ExecutionRecord> record = findExecution(**backend, toText(options.id));
    if (!record)
        return context.reportError(record.error());
    const Result<QList<SavedArtifact>> saved = downloadArtifacts(
        **backend, *record, toText(options.directory),
        options.overwrite ? ExistingFiles::Replace : ExistingFiles::KeepForeign);
    if (!saved)
        return context.reportError(saved.error());

    if (context.wantsJson()) {
        JsonWriter json;
        json.beginArray();
        for (const SavedArtifact &file : *saved) {
            json.beginObject()
                .member(u"path"_s, file.path)
                .member(u"saved_to"_s, file.localPath)
                .member(u"size_bytes"_s, file.sizeBytes)
                .endObject();
        }
        json.endArray();
        return context.printJson(json.bytes());
    }
    if (saved->isEmpty())
        context.note(u"this run made no files"_s);
    Table table({{{}, Qt::AlignLeft, true}, {{}, Qt::AlignRight}});
    table.hideTitles();
    for (const SavedArtifact &file : *saved)
        table.addRow(
            {TableCell(file.localPath), TableCell(humanBytes(file.sizeBytes), Paint::Dim)});
    context.out().write(table.render(context.out()));
    return ExitCode::Success;
}

} // namespace

void registerExecDownload(CLI::App &exec, CliContext &context)
{
    CLI::App *command = addCommand(
        exec, context,
        {"download", "Save the files a run made",
         "Nothing is written outside DIR. A file that is there already is replaced only if "
         "Skillbox "
         "still keeps its content, as it does for files of earlier runs.",
         "skillbox exec download last out\n"
         "skillbox exec download 3f2a91c0 out --overwrite"},
        WorksOn::Backend);
    const auto options = std::make_shared<DownloadOptions>();
    addArgument(*command, "ID", options->id, "Which run: its id, a beginning of it, or `last`",
                value::execution);
    addArgument(*command, "DIR", options->directory, "The folder, made if it is not there",
                value::directory);
    addFlag(*command, "--overwrite", options->overwrite, "Replace files that no run has made too");
    onChosen(*command, context, [options, &context] { return download(context, *options); });
}

} // namespace skillbox
