#pragma once

#include "engine/execution/execution_service.h"
#include "engine/execution/log_stream.h"
#include "engine/execution/verdict.h"

namespace skillbox {

/// One execution between submit() and its record. Whoever holds its slot owns every field; only
/// `stop`, `log->text()` and `record.tenant` are for other threads.
struct LiveRun {
    ExecutionRecord record;
    SandboxJob job;
    QStringList notes;              ///< for the top of the log
    std::optional<Verdict> refusal; ///< decided already: recorded, never run
    ExecutionObserver observer;
    std::stop_source stop;
    std::unique_ptr<LogStream> log;
    qint64 lastSeq = 0;

    /// Numbers the event and hands it to the observer. One that throws is not asked again.
    void tell(ExecutionEvent event);
};

/// Turns a request into a run that can start: resolves the skill, finds the script, makes policy
/// and environment. An Error means that there is nothing to record; what is refused but recorded
/// comes back with a refusal. `runDirectory` is where its live log goes.
Result<std::unique_ptr<LiveRun>> prepareRun(const ExecutionRequest &request, Registry &registry,
                                            const RunLimits &limits, const ImageStore *images,
                                            const InstanceId &instance,
                                            const QString &runDirectory);

/// Where an instance keeps the live log of a run.
QString liveLogPath(const QString &runDirectory, const ExecutionId &id);

/// Runs it to its end and collects what it left, into `run.record`. Blocks.
Verdict performRun(LiveRun &run, SandboxRuntime &sandbox, BlobStore &blobs,
                   const RunLimits &limits);

} // namespace skillbox
