#pragma once

#include "app/cli/exit_code.h"
#include "engine/remote/skill_transfer.h"

namespace skillbox {

class CliContext;
class JsonWriter;

/// {name, version, digest, outcome, other_digest?, error?}
void writeTransfer(JsonWriter &json, const Transfer &transfer);
/// The line of one that went well; nothing for the others.
void printTransferred(CliContext &context, const Transfer &transfer, const QString &where);
/// Copies one version, with a progress line and Ctrl-C, and says what became of it.
ExitCode copyAndReport(CliContext &context, SkillStore &from, SkillStore &to,
                       const SkillVersionRecord &record);
ExitCode exitCodeOf(const Transfer &transfer);
/// `greet 1.0.0  1.2 MiB of 4.0 MiB`
QString transferLabel(const SkillVersionRecord &record, qint64 done, qint64 total);

} // namespace skillbox
