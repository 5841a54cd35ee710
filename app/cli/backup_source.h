#pragma once

#include "engine/backup/backup_format.h"

#include <functional>
#include <string>

class QIODevice;

namespace skillbox {

class CliContext;

/// Has a backup read by `read`, with a line that tells how far it is, until it ends or somebody
/// interrupts it. `-` is standard input, if that is not the terminal.
Result<BackupSummary>
readBackup(CliContext &context, const std::string &path,
           const std::function<Result<BackupSummary>(QIODevice &, const BackupOptions &)> &read);

} // namespace skillbox
