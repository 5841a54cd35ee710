#pragma once

#include "engine/execution/event_feed.h"
#include "engine/execution/execution_service.h"
#include "engine/execution/live_run.h"
#include "engine/execution/recent_runs.h"

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace skillbox {

class ForeignRun;

/// What the parts of the service share; execution_service.cpp answers callers,
/// execution_workers.cpp carries runs out, execution_exchange.cpp deals with the other engines on
/// the store.
class ExecutionService::Private
{
public:
    /// Where an admitted run goes.
    enum class Place {
        Own,   ///< to this engine's own queue
        Slot,  ///< a free slot of this engine is kept for it
        Queue, ///< into the queue that engines share
    };
    explicit Private(Parts p) : parts(std::move(p))
    {
        parts.limits.maxConcurrent = qMax(1, parts.limits.maxConcurrent);
        parts.limits.maxQueue = qMax(0, parts.limits.maxQueue);
    }
    ~Private();

    Result<Place> admit();
    void leave(Place place, const ExecutionId &id = {});
    void enqueue(std::unique_ptr<LiveRun> run, Place place);
    Result<ExecutionId> submitShared(std::unique_ptr<LiveRun> run, const ExecutionRequest &request,
                                     Place place);
    /// What is told of a run in another process comes from here; asked rarely where news arrive.
    std::shared_ptr<ForeignRun> foreignRun(const ExecutionId &id);
    void followElsewhere(const TenantId &tenant, const ExecutionId &id, ExecutionObserver observer);
    /// Gives what has not begun back to the queue that engines share.
    void giveBackWaiting();
    /// With the lock.
    void noteNews(const StoreNews &one);
    /// Sees to it that news of other engines are heard, where the store has any.
    void watchNews();
    /// Waits for news of the run, as long as asking again would be no use. False: no longer.
    bool awaitNews(const ExecutionId &id);
    /// For the other engines, and at once for whoever follows the run here.
    void tellAll(StoreNews::Kind kind, const ExecutionId &id);
    bool sharesStore() const { return parts.liveLogs == LiveLogs::InStore; }
    void exchange(const std::stop_token &closing);
    /// Waits for what drain() waits for; false: runs of this engine are left at the deadline.
    bool awaitEnds(std::chrono::steady_clock::time_point deadline);
    /// Nothing of this engine runs or is about to. With the lock.
    bool isIdle() const { return live.empty() && preparing == 0; }
    /// No more waiting for a store that cannot be reached.
    void hurry();
    /// Tells whoever waits for what is elsewhere that this engine does not any more.
    void leaveElsewhere();
    /// Nobody is told any more of what is elsewhere.
    void giveUp();
    /// Ends a run that nobody has taken: cancelled. False: somebody has.
    Result<bool> endWaiting(ExecutionRecord record);
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
    bool ending = false;  ///< what cannot be stored now is not waited for
    bool hasLeft = false; ///< nor what is elsewhere
    int preparing = 0;    ///< admitted, not in `live` yet
    int idle = 0;         ///< workers without a run

    /// A run whose events somebody here is told of while it waits or runs elsewhere.
    struct Elsewhere {
        TenantId tenant;
        std::unique_ptr<ExecutionSubscription> subscription;
    };
    std::map<ExecutionId, Elsewhere> elsewhere;
    std::multimap<ExecutionId, std::weak_ptr<ForeignRun>> foreign; ///< whoever follows them
    struct Awaited {
        int waiters = 0;
        int news = 0;
    };
    std::map<ExecutionId, Awaited> awaited; ///< by wait(), in another process
    /// The log of a run of this engine on its way to the store.
    struct Shipping {
        TenantId tenant;
        std::shared_ptr<RunEvents> events;
        std::chrono::steady_clock::time_point begun;
        qint64 lastEvent = 0;
    };
    std::map<ExecutionId, Shipping> shipping;
    std::set<ExecutionId> inserting; ///< on their way into the store as this engine's
    QList<StoreNews> untold;
    bool sharing = false;      ///< takes from the queue and puts into it
    bool maybeWaiting = false; ///< there may be runs in the queue that can be taken
    bool isBlocked = false;    ///< there are some that cannot: their tenants have enough under way
    int reserved = 0;          ///< slots kept for admitted runs and for those being taken
    bool exchangeWanted = false;
    bool isWatching = false;
    /// Until then the store may have runs of this engine that it does not know of.
    std::chrono::steady_clock::time_point uncertainUntil{};
    std::condition_variable_any exchangeWork;
    // Last, so that they are joined before anything they use goes: first those who make events.
    EventFeed feed;
    std::vector<std::jthread> workers;
    std::jthread supervisor;
    std::jthread exchanger;
    std::unique_ptr<StoreWatch> watch;
    std::once_flag watchOnce;

private:
    void addWorker();
    void hear(const QList<StoreNews> &news);
    void tellNews();
    void shipLogs();
    void takeRuns();
    void giveBackStrays();
    void letGo(LiveRun &run);
    void surrender(LiveRun &run);
    template<typename Ask>
    std::invoke_result_t<Ask> insist(std::chrono::seconds patience, Ask ask);
    void work(const std::stop_token &closing);
    void supervise(const std::stop_token &closing);
    void pollCancelRequests();
    /// Nothing: it is not this engine's run any more.
    std::optional<Verdict> attempt(LiveRun &run);
    void carryOut(LiveRun &run);
    void conclude(LiveRun &run, const Verdict &verdict);
    std::optional<Error> record(LiveRun &run, bool *isRecorded);
};

tl::unexpected<Error> noSuchExecution(const ExecutionId &id);

} // namespace skillbox
