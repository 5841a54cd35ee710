#include "app/cli/backup_source.h"
#include "app/cli/backup_view.h"
#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "engine/backup/backup_reader.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

ExitCode verifyStore(CliContext &context, const std::string &path)
{
    const auto read = readBackup(context, path, &verifyBackup);
    if (!read)
        return context.reportError(read.error());
    return printBackupSummary(context, *read, u"The backup is whole"_s);
}

} // namespace

void registerAdminVerify(CLI::App &admin, CliContext &context)
{
    CLI::App *command = addCommand(
        admin, context,
        {"verify", "Check a backup without importing it",
         "Reads it to its end and checks the digest of every content, the counts, what records "
         "refer to and the audits of all tenants. Needs no store. Exit code 1 if anything is "
         "wrong, or was already when the backup was made.",
         "skillbox admin verify backup.tar\n"
         "skillbox admin verify backup.tar -o json"});
    const auto path = std::make_shared<std::string>();
    addArgument(*command, "FILE", *path, "The backup; - is standard input", value::file);
    onChosen(*command, context, [path, &context] { return verifyStore(context, *path); });
}

} // namespace skillbox
