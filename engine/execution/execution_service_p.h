#pragma once

#include "engine/execution/event_feed.h"
#include "engine/execution/execution_service.h"
#include "engine/execution/live_run.h"
#include "engine/execution/recent_runs.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

namespace skillbox {

/// What the parts of the service share; execution_service.cpp answers callers,
/// execution_workers.cpp carries runs out.
class ExecutionService::Private
{
public:
    explicit Private(Parts p) : parts(std::move(p))
    {
        parts.limits.maxConcurrent = qMax(1, parts.limits.maxConcurrent);
        parts.limits.maxQueue = qMax(0, parts.limits.maxQueue);
    }
    ~Private();

    Result<void> admit();
    void leave();
    void enqueue(std::unique_ptr<LiveRun> run);
    bool stop(const TenantId &tenant, const ExecutionId &id);
    bool stopLocked(std::unique_lock<std::mutex> &lock, LiveRun &run);
    void stopAll();
    Result<ExecutionRecord> find(const TenantId &tenant, const ExecutionId &id);
    /// A run of this process, live or ended lately, or one of another process that is followed
    /// already.
    std::optional<RecentRuns::Run> eventsOf(const TenantId &tenant, const ExecutionId &id);

    Parts parts;
    std::mutex mutex; ///< guards everything below
    std::condition_variable_any workReady;
    std::condition_variable_any supervision;
    std::condition_variable_any runEnded;
    std::map<ExecutionId, std::unique_ptr<LiveRun>> live; ///< queued and running
    std::deque<LiveRun *> queue;     ///< waiting for a slot, first come first served
    std::deque<LiveRun *> withdrawn; ///< cancelled while they waited; the supervisor ends them
    std::map<ExecutionId, Error> unrecorded;
    RecentRuns recent;
    FinishedObserver finished;
    bool draining = false;
    int preparing = 0; ///< admitted, not in `live` yet
    int idle = 0;      ///< workers without a run
    // Last, so that they are joined before anything they use goes: first those who make events.
    EventFeed feed;
    std::vector<std::jthread> workers;
    std::jthread supervisor;

private:
    void work(const std::stop_token &closing);
    void supervise(const std::stop_token &closing);
    void pollCancelRequests();
    Verdict attempt(LiveRun &run);
    void carryOut(LiveRun &run);
    void conclude(LiveRun &run, const Verdict &verdict);
    std::optional<Error> record(LiveRun &run);
};

tl::unexpected<Error> noSuchExecution(const ExecutionId &id);

} // namespace skillbox
