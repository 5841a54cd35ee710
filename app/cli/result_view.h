#pragma once

#include "app/cli/artifact_download.h"
#include "app/cli/cli_context.h"
#include "engine/storage/records.h"

namespace skillbox {

/// How the result of a run is shown to a person.
struct ResultViewOptions {
    bool logsWereShown = false; ///< --follow printed them already
    QList<SavedArtifact> saved = {};
    bool wasInterrupted = false;
};

/// Status line, output, files, and, when it did not go well, the end of the log and what to do
/// next.
void printResult(Terminal &out, const ExecutionRecord &record, const ResultViewOptions &options);

/// `✔`, `✘`, `●`, … in the colour of the status.
QString statusMark(const Terminal &terminal, ExecutionStatus status);
Paint statusPaint(ExecutionStatus status);

/// What `run` ends with for that record.
ExitCode exitCodeFor(ExecutionStatus status);

} // namespace skillbox
