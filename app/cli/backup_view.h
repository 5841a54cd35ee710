#pragma once

#include "app/cli/cli_context.h"
#include "app/cli/exit_code.h"

namespace skillbox {

class ProgressLine;
struct BackupOptions;
struct BackupSummary;

/// What can be told of a backup while it is written or read: `Writing: 12 blobs, 3.4 MiB`.
void showBackupProgress(BackupOptions &options, ProgressLine &line, const QString &doing);

/// One JSON object for --output json, or lines for people; `done` is what was done with it: `Wrote
/// the backup to x.tar`. Where the backup itself goes to standard output people read it on
/// standard error.
enum class SummaryTo { StandardOutput, StandardError };
ExitCode printBackupSummary(CliContext &context, const BackupSummary &summary, const QString &done,
                            SummaryTo where = SummaryTo::StandardOutput);

/// An audit record about a backup of the whole store, in the chain of the tenant `local`.
Result<void> noteBackup(Engine &engine, const QString &action, const BackupSummary &summary);

} // namespace skillbox
