#pragma once

#include "engine/execution/execution_service.h"
#include "engine/execution/log_stream.h"
#include "engine/execution/run_events.h"
#include "engine/execution/verdict.h"
#include "engine/workspace/placed_files.h"

namespace skillbox {

/// One execution between submit() and its record. Whoever holds its slot owns every field; only
/// `stop`, `log->text()`, `job.usage` and `record.tenant` are for other threads.
struct LiveRun {
    ExecutionRecord record;
    Origin origin;
    SandboxJob job;
    QList<PlacedFile> inputFiles; ///< where their bytes lie is found out when it runs
    QStringList notes;            ///< for the top of the log
    /// Taken from the queue: whoever holds its slot prepares it first.
    std::optional<ExecutionRequest> asked;
    bool isMovable = false;         ///< another server may run it, as long as it has not begun
    std::optional<Verdict> refusal; ///< decided already: recorded, never run
    ExecutionObserver observer;
    std::stop_source stop;
    std::unique_ptr<LogStream> log;
    std::shared_ptr<RunEvents> events; ///< shared with subscribers and what ended lately
    std::function<void()> wakeFollowers;
    std::chrono::steady_clock::time_point submitted = std::chrono::steady_clock::now();
    RunTimings timings;
    std::unique_ptr<Scratch> outFolders; ///< where it lies, for as long
    UniqueFd outDirectory; ///< until the record of what was collected from it is stored
    /// Made by whoever waits for it, under the service's mutex: its record, once that is stored.
    std::shared_ptr<std::optional<ExecutionRecord>> recorded;

    /// Numbers the event and hands it to the observer. One that throws is not asked again.
    void tell(ExecutionEvent event);
};

/// Turns a request into a run that can start: resolves the skill, finds the script and the input
/// files, checks the input, makes policy and environment. An Error means that there is nothing to
/// record; what is refused but recorded comes back with a refusal.
Result<std::unique_ptr<LiveRun>> prepareRun(const ExecutionRequest &request,
                                            const ExecutionService::Parts &parts);

/// A run that was taken from the queue, to be prepared where it runs.
std::unique_ptr<LiveRun> receiveRun(const QueuedRun &queued, const ExecutionService::Parts &parts);
/// As prepareRun() does, on this server. What is in the way is a refusal: the run is recorded
/// already. An Error means that we failed.
Result<void> prepareReceived(LiveRun &run, const ExecutionService::Parts &parts);

/// Where an instance keeps the live log of a run.
QString liveLogPath(const QString &runDirectory, const ExecutionId &id);

/// Runs it to its end and collects what it left, into `run.record`. Blocks.
Verdict performRun(LiveRun &run, const ExecutionService::Parts &parts);

/// Makes sure that the artifacts of a recorded run are in the store: until the record was, nothing
/// kept somebody else from taking their blobs away.
Result<void> keepArtifacts(const LiveRun &run, const ExecutionService::Parts &parts);

} // namespace skillbox
