#include "app/cli/backup_source.h"
#include "app/cli/backup_view.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/format.h"
#include "engine/backup/backup_reader.h"
#include "engine/engine.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode importStore(CliContext &context, const std::string &path)
{
    Engine *engine = nullptr;
    const auto read = readBackup(
        context, path,
        [&](QIODevice &source, const BackupOptions &options) -> Result<BackupSummary> {
            const Result<Engine *> opened = context.engine();
            if (!opened)
                return fail(opened.error());
            engine = *opened;
            return importBackup(engine->metadata(), engine->blobs(), source, options);
        });
    if (!read)
        return context.reportError(read.error());
    if (auto noted = noteBackup(*engine, u"store.import"_s, *read); !noted)
        return context.reportError(noted.error());
    if (const qint64 unfinished = read->unfinished.value_or(0); unfinished > 0) {
        context.note(
            u"%1 not ended when the backup was made: recorded as failed, reason lost"_s.arg(
                counted(unfinished, u"run had"_s, u"runs had"_s)));
    }
    (void)printBackupSummary(context, *read, u"Imported the backup"_s);
    return ExitCode::Success;
}

} // namespace

void registerAdminImport(CLI::App &admin, CliContext &context)
{
    CLI::App *command = addCommand(
        admin, context,
        {"import", "Read a backup into an empty store",
         "Ids, times, keys and audits are as they were. The records appear all at once, when the "
         "whole backup has been read and checked; if it fails, or is interrupted, there are none "
         "and it can be started again. The store may be of another kind than the one that the "
         "backup is of.\n"
         "\n"
         "Whoever wrote the file decides who has keys to this store: import only what you trust.",
         "skillbox admin import backup.tar\n"
         "zstd -d < backup.tar.zst | skillbox admin import -"});
    const auto path = std::make_shared<std::string>();
    addArgument(*command, "FILE", *path, "The backup; - is standard input", value::file);
    onChosen(*command, context, [path, &context] { return importStore(context, *path); });
}

} // namespace skillbox
