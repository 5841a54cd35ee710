#include "app/cli/backup_view.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/interrupt_guard.h"
#include "app/cli/progress_line.h"
#include "engine/backup/backup_writer.h"
#include "engine/engine.h"

#include <QFileInfo>
#include <QSaveFile>

#include <unistd.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct ExportTarget {
    std::string file;
    bool overwrite = false;
};

Result<BackupSummary> writeTo(CliContext &context, Engine &engine, QIODevice &target)
{
    std::stop_source stop;
    const InterruptGuard interrupt([&stop] { stop.request_stop(); });
    ProgressLine line(context.err());
    BackupOptions options{.stop = stop.get_token()};
    showBackupProgress(options, line, u"Writing"_s);
    return writeBackup(engine.metadata(), engine.blobs(), target, QStringLiteral(SKILLBOX_VERSION),
                       options);
}

Result<BackupSummary> writeToFile(CliContext &context, Engine &engine, const ExportTarget &target)
{
    const QString path = toText(target.file);
    if (!target.overwrite && QFileInfo::exists(path)) {
        return fail(
            ErrorCode::Conflict,
            u"'%1' is there already; choose another name, or replace it with --overwrite"_s.arg(
                path));
    }
    QSaveFile file(path);
    const auto cannot = [&] {
        return fail(ErrorCode::Io, u"cannot write '%1': %2"_s.arg(path, file.errorString()));
    };
    // Before the first byte: it holds everything that every tenant has.
    if (!file.open(QIODevice::WriteOnly)
        || !file.setPermissions(QFileDevice::ReadOwner | QFileDevice::WriteOwner))
        return cannot();
    auto written = writeTo(context, engine, file);
    if (written && !file.commit())
        return cannot();
    return written;
}

Result<BackupSummary> writeToOutput(CliContext &context, Engine &engine)
{
    if (context.out().isTerminal()) {
        return fail(ErrorCode::BadRequest,
                    u"standard output is the terminal here; name a file, or send the backup to a"
                    u" program:   skillbox admin export - | zstd > backup.tar.zst"_s);
    }
    QFile file;
    if (!file.open(STDOUT_FILENO, QIODevice::WriteOnly | QIODevice::Unbuffered))
        return fail(ErrorCode::Io,
                    u"cannot write to standard output: %1"_s.arg(file.errorString()));
    return writeTo(context, engine, file);
}

ExitCode exportStore(CliContext &context, const ExportTarget &target)
{
    const Result<Engine *> engine = context.engine();
    if (!engine)
        return context.reportError(engine.error());
    const bool toOutput = target.file == "-";
    const auto written = toOutput ? writeToOutput(context, **engine)
                                  : writeToFile(context, **engine, target);
    if (!written)
        return context.reportError(written.error());
    if (auto noted = noteBackup(**engine, u"store.export"_s, *written); !noted)
        return context.reportError(noted.error());
    return printBackupSummary(context, *written,
                              toOutput ? u"Wrote the backup"_s
                                       : u"Wrote the backup to %1"_s.arg(toText(target.file)),
                              toOutput ? SummaryTo::StandardError : SummaryTo::StandardOutput);
}

} // namespace

void registerAdminExport(CLI::App &admin, CliContext &context)
{
    CLI::App *command = addCommand(
        admin, context,
        {"export", "Write everything the store holds into one file",
         "Records and contents of all tenants as they are at this moment, wherever they are kept: "
         "with SKILLBOX_DB_DSN and SKILLBOX_S3_… those of a team. Others may go on working. The "
         "file is a tar that `skillbox admin import` reads into any empty store.\n"
         "\n"
         "It holds inputs, outputs and the hashes of keys: keep it as you keep the store. The "
         "digest that is printed proves later that the file is as it was written.",
         "skillbox admin export backup.tar\n"
         "skillbox admin export - | zstd > backup.tar.zst"});
    const auto target = std::make_shared<ExportTarget>();
    addArgument(*command, "FILE", target->file, "Where to write it; - is standard output",
                value::file);
    addFlag(*command, "--overwrite", target->overwrite, "Replace a file that is there");
    onChosen(*command, context, [target, &context] { return exportStore(context, *target); });
}

} // namespace skillbox
