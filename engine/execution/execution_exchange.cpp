#include "engine/base/clock.h"
#include "engine/execution/execution_log.h"
#include "engine/execution/execution_service_p.h"
#include "engine/execution/foreign_run.h"
#include "engine/execution/log_parts.h"
#include "engine/execution/run_task.h"
#include "engine/storage/execution_audit.h"

#include <algorithm>
#include <system_error>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

/// A log that is younger is not worth a row: most runs are over by then.
constexpr auto timeBetweenLogParts = 250ms;
/// The safety net: how soon the queue is looked at where no news came.
constexpr auto timeBetweenClaims = 1s;
constexpr auto timeBetweenSweeps = 5s;
/// How long a statement whose answer was lost may still have an effect.
constexpr auto timeOfDoubt = 120s;

/// How soon something new of a run in another process is seen without news, and the safety net with
/// them.
constexpr auto foreignPause = 50ms;
constexpr auto toldForeignPause = 2s;

} // namespace

void ExecutionService::shareQueue()
{
    if (!d->sharesStore())
        return;
    d->watchNews();
    const std::lock_guard lock(d->mutex);
    d->sharing = true;
    d->maybeWaiting = true;
    if (!d->exchanger.joinable())
        d->exchanger = std::jthread([this](std::stop_token closing) { d->exchange(closing); });
    d->exchangeWanted = true;
    d->exchangeWork.notify_one();
}

// --- into the queue

/// Records a run that any engine could carry out: as this one's where it has a slot, else in the
/// queue.
Result<ExecutionId> ExecutionService::Private::submitShared(std::unique_ptr<LiveRun> run,
                                                            const ExecutionRequest &request,
                                                            Place place)
{
    const ExecutionId id = run->record.id;
    const QString task = taskOf(request);
    const ClaimedKey claim{request.idempotencyKey, parts.instance};
    Result<bool> inserted = false;
    if (place == Place::Slot) {
        {
            const std::lock_guard lock(mutex);
            inserting.insert(id);
        }
        // Its slot is free and waits for it: that it begins need not be written down by itself.
        run->record.status = ExecutionStatus::Running;
        run->record.startedAt = nowUtc();
        inserted = parts.metadata.insertQueued(run->record, task, parts.limits.maxQueue, claim);
        if (inserted && *inserted) {
            enqueue(std::move(run), place);
            return id;
        }
    }
    if (inserted) {
        run->record.instance = {};
        run->record.status = ExecutionStatus::Queued;
        run->record.startedAt = {};
        inserted = parts.metadata.insertQueued(run->record, task, parts.limits.maxQueue, claim);
    }
    if (!inserted || !*inserted) {
        if (!inserted && inserted.error().code == ErrorCode::StorageUnavailable) {
            const std::lock_guard lock(mutex);
            uncertainUntil = std::chrono::steady_clock::now() + timeOfDoubt;
        }
        leave(place, id);
        return inserted ? fail(ErrorCode::Busy,
                               u"the queue is full: %1 executions wait, try again later"_s.arg(
                                   parts.limits.maxQueue))
                        : fail(inserted.error());
    }
    if (run->observer)
        followElsewhere(run->record.tenant, id, std::move(run->observer));
    {
        const std::lock_guard lock(mutex);
        maybeWaiting = true;
    }
    leave(place, id);
    tellAll(StoreNews::Kind::Waiting, {});
    return id;
}

void ExecutionService::Private::giveBackWaiting()
{
    std::vector<LiveRun *> waiting;
    QList<ExecutionId> ids;
    {
        const std::lock_guard lock(mutex);
        std::erase_if(queue, [&](LiveRun *run) {
            if (run->isMovable)
                waiting.push_back(run);
            return run->isMovable;
        });
        for (const LiveRun *run : waiting)
            ids.append(run->record.id);
    }
    if (ids.isEmpty())
        return;
    const auto given = parts.metadata.giveBack(parts.instance, ids);
    if (!given) {
        qCWarning(executionLog, "%lld executions cannot be given back to the queue: %s %s",
                  static_cast<long long>(ids.size()), qUtf8Printable(given.error().message),
                  qUtf8Printable(given.error().detail));
    }
    for (LiveRun *run : waiting) {
        if (given && given->contains(run->record.id)) {
            letGo(*run);
        } else {
            const std::lock_guard lock(mutex);
            run->isMovable = false; // it stays
            queue.push_back(run);
        }
    }
    workReady.notify_all();
    tellAll(StoreNews::Kind::Waiting, {});
}

/// What this engine has of a run that is not its own any more goes; whoever is told of it is told
/// by the store.
void ExecutionService::Private::letGo(LiveRun &run)
{
    const ExecutionId id = run.record.id;
    const TenantId tenant = run.record.tenant;
    ExecutionObserver observer = std::move(run.observer);
    std::unique_ptr<LiveRun> gone; // after the lock: it removes its spool file
    bool isFollowed = false;
    {
        const std::lock_guard lock(mutex);
        isFollowed = observer && !hasLeft;
        if (isFollowed)
            elsewhere[id].tenant = tenant; // wait() goes on waiting
        const auto it = live.find(id);
        gone = std::move(it->second);
        live.erase(it);
    }
    if (isFollowed)
        followElsewhere(tenant, id, std::move(observer));
    runEnded.notify_all();
}

/// For a run that could not be marked as running: somebody else ended it, or has it.
void ExecutionService::Private::surrender(LiveRun &run)
{
    const auto record = parts.metadata.findExecution(run.record.tenant, run.record.id);
    if (record && *record && !isFinal((*record)->status)
        && (*record)->instance != run.record.instance)
        letGo(run);
    else
        conclude(run, cancelledVerdict());
}

Result<bool> ExecutionService::Private::endWaiting(ExecutionRecord record)
{
    const Verdict verdict = cancelledVerdict();
    record.status = verdict.status;
    record.reason = verdict.reason;
    record.error = verdict.error;
    record.finishedAt = nowUtc();
    const AuditRecord audit = executionFinished(record, {record.caller, {}, {}});
    const auto ended = parts.metadata.finishExecution(record, &audit);
    if (ended && *ended)
        tellAll(StoreNews::Kind::Ended, record.id);
    return ended;
}

// --- runs in other processes

std::shared_ptr<ForeignRun> ExecutionService::Private::foreignRun(const ExecutionId &id)
{
    const std::lock_guard lock(mutex);
    auto run = std::make_shared<ForeignRun>(
        id, parts, isWatching ? std::chrono::milliseconds(toldForeignPause) : foreignPause);
    std::erase_if(foreign, [](const auto &one) { return one.second.expired(); });
    foreign.emplace(id, run);
    return run;
}

void ExecutionService::Private::followElsewhere(const TenantId &tenant, const ExecutionId &id,
                                                ExecutionObserver observer)
{
    watchNews();
    {
        const std::lock_guard lock(mutex);
        elsewhere[id].tenant = tenant;
    }
    const auto told = [this, id,
                       observer = std::move(observer)](const ExecutionEvent &event) mutable {
        try {
            if (observer)
                observer(event);
        } catch (...) {
            observer = {};
            qCWarning(executionLog, "execution %s: its observer threw and is not told any more",
                      qUtf8Printable(id.value));
        }
        if (event.kind != ExecutionEvent::Kind::Finished
            && event.kind != ExecutionEvent::Kind::Left)
            return;
        decltype(elsewhere)::node_type ended; // its subscription goes without the lock
        {
            const std::lock_guard lock(mutex);
            ended = elsewhere.extract(id);
        }
        runEnded.notify_all();
    };
    auto subscription = feed.follow(std::make_shared<RunEvents>(tenant), 0, told,
                                    [run = foreignRun(id)](RunEvents &events) {
                                        run->appendNews(events);
                                    });
    const std::lock_guard lock(mutex);
    if (const auto it = elsewhere.find(id); it != elsewhere.end())
        it->second.subscription.swap(subscription);
}

void ExecutionService::Private::hurry()
{
    {
        const std::lock_guard lock(mutex);
        ending = true;
    }
    runEnded.notify_all();
}

void ExecutionService::Private::giveUp()
{
    decltype(elsewhere) left; // subscriptions end without the lock
    {
        const std::lock_guard lock(mutex);
        hasLeft = true;
        left.swap(elsewhere);
    }
    hurry();
}

bool ExecutionService::Private::awaitNews(const ExecutionId &id)
{
    watchNews();
    std::unique_lock lock(mutex);
    Awaited &mine = awaited[id];
    ++mine.waiters;
    const auto pause = isWatching ? std::chrono::milliseconds(timeBetweenClaims)
                                  : std::chrono::milliseconds(foreignPause);
    runEnded.wait_for(lock, pause, [&, seen = mine.news] { return mine.news != seen || hasLeft; });
    if (--mine.waiters == 0)
        awaited.erase(id);
    return !hasLeft;
}

// --- news

void ExecutionService::Private::watchNews()
{
    if (!sharesStore())
        return;
    std::call_once(watchOnce, [this] {
        auto made = parts.metadata.watch([this](const QList<StoreNews> &news) { hear(news); });
        const std::lock_guard lock(mutex);
        watch = std::move(made);
        isWatching = watch != nullptr;
    });
}

void ExecutionService::Private::hear(const QList<StoreNews> &news)
{
    std::vector<std::stop_source> wanted;
    {
        const std::lock_guard lock(mutex);
        for (const StoreNews &one : news) {
            noteNews(one);
            if (one.kind == StoreNews::Kind::CancelWanted) {
                if (const auto it = live.find(one.execution); it != live.end())
                    wanted.push_back(it->second->stop);
            }
        }
    }
    exchangeWork.notify_one();
    runEnded.notify_all();
    feed.wakeToRefresh();
    for (std::stop_source &source : wanted)
        source.request_stop(); // one that waits here for its slot ends when it gets it
}

void ExecutionService::Private::noteNews(const StoreNews &one)
{
    using Kind = StoreNews::Kind;
    const bool isOfAll = one.kind == Kind::Missed;
    for (auto &[id, run] : foreign) {
        if (isOfAll || id == one.execution) {
            if (const auto known = run.lock())
                known->hasNews();
        }
    }
    for (auto &[id, waited] : awaited) {
        if (isOfAll || id == one.execution)
            ++waited.news;
    }
    if (isOfAll || one.kind == Kind::Waiting || (one.kind == Kind::Ended && isBlocked)) {
        maybeWaiting = maybeWaiting || sharing;
        exchangeWanted = exchangeWanted || sharing;
    }
}

void ExecutionService::Private::tellAll(StoreNews::Kind kind, const ExecutionId &id)
{
    const StoreNews one{kind, id};
    bool isTold = true;
    {
        const std::lock_guard lock(mutex);
        isTold = exchanger.joinable();
        noteNews(one);
        if (!untold.contains(one))
            untold.append(one);
        exchangeWanted = true;
    }
    exchangeWork.notify_one();
    runEnded.notify_all();
    feed.wakeToRefresh();
    if (!isTold)
        tellNews(); // an engine that only asks, such as the command line's
}

void ExecutionService::Private::tellNews()
{
    QList<StoreNews> news;
    {
        const std::lock_guard lock(mutex);
        news.swap(untold);
    }
    if (!news.isEmpty())
        (void)parts.metadata.announce(news); // whoever does not hear it asks
}

// --- the exchange's thread

void ExecutionService::Private::exchange(const std::stop_token &closing)
{
    auto nextLogs = std::chrono::steady_clock::now();
    auto nextClaim = nextLogs;
    auto nextReclaim = nextLogs + timeBetweenSweeps;
    bool saidToTake = false;
    std::unique_lock lock(mutex);
    while (!closing.stop_requested()) {
        exchangeWanted = false;
        const bool takes = sharing && !draining;
        const bool claims = takes && maybeWaiting;
        lock.unlock();
        tellNews();
        const auto now = std::chrono::steady_clock::now();
        // Now and then again: a lease that was taken for over begins anew.
        if ((takes != saidToTake || (takes && now >= nextReclaim))
            && parts.metadata.setTakesRuns(parts.instance, takes))
            saidToTake = takes;
        if (now >= nextLogs) {
            shipLogs();
            nextLogs = now + timeBetweenLogParts;
        }
        if (takes && (claims || now >= nextClaim)) {
            takeRuns();
            nextClaim = now + timeBetweenClaims;
        }
        if (takes && now >= nextReclaim) {
            if (parts.reclaimLost)
                parts.reclaimLost();
            nextReclaim = now + timeBetweenSweeps;
        }
        lock.lock();
        if (now < uncertainUntil) {
            lock.unlock();
            giveBackStrays();
            lock.lock();
        }
        const auto pause = shipping.empty() && untold.isEmpty()
            ? std::chrono::milliseconds(timeBetweenClaims)
            : std::chrono::milliseconds(timeBetweenLogParts);
        exchangeWork.wait_for(lock, closing, pause, [this] { return exchangeWanted; });
    }
}

void ExecutionService::Private::shipLogs()
{
    decltype(shipping) due;
    const auto now = std::chrono::steady_clock::now();
    {
        const std::lock_guard lock(mutex);
        for (const auto &[id, run] : shipping) {
            if (now - run.begun >= timeBetweenLogParts && run.events->count() > run.lastEvent)
                due.emplace(id, run);
        }
    }
    for (auto &[id, run] : due) {
        const auto part = nextLogPart(*run.events, run.lastEvent, &run.lastEvent);
        if (part) {
            const auto kept = parts.metadata.appendLog(run.tenant, id, parts.instance, *part);
            if (!kept)
                return; // the store cannot be reached; next time
            if (*kept)
                tellAll(StoreNews::Kind::Logged, id);
        }
        const std::lock_guard lock(mutex);
        if (const auto it = shipping.find(id); it != shipping.end())
            it->second.lastEvent = run.lastEvent;
    }
}

void ExecutionService::Private::takeRuns()
{
    for (;;) {
        int free = 0;
        {
            const std::lock_guard lock(mutex);
            free = parts.limits.maxConcurrent - static_cast<int>(live.size()) - reserved;
            if (free <= 0)
                return; // whoever ends wakes this thread again
            reserved += free;
        }
        const auto claim = parts.metadata.claimQueued(parts.instance, free);
        std::vector<std::unique_ptr<LiveRun>> taken;
        if (claim) {
            for (const QueuedRun &queued : claim->runs) {
                taken.push_back(receiveRun(queued, parts));
                taken.back()->wakeFollowers = [this] { feed.wake(); };
            }
        }
        {
            const std::lock_guard lock(mutex);
            reserved -= free;
            if (!claim) {
                uncertainUntil = std::chrono::steady_clock::now() + timeOfDoubt;
                return;
            }
            for (auto &run : taken) {
                LiveRun *queued = run.get();
                live.emplace(queued->record.id, std::move(run));
                queue.push_back(queued);
                try {
                    if (static_cast<size_t>(idle) < queue.size())
                        addWorker();
                } catch (const std::system_error &) {
                    // it waits for a worker that there is
                }
            }
            maybeWaiting = static_cast<int>(taken.size()) == free;
            isBlocked = !maybeWaiting && claim->left > 0;
        }
        workReady.notify_all();
        supervision.notify_one();
        if (static_cast<int>(taken.size()) < free)
            return;
    }
}

/// Runs that the store took for this engine's in a call whose answer was lost.
void ExecutionService::Private::giveBackStrays()
{
    const auto queued = parts.metadata.queuedOf(parts.instance);
    if (!queued)
        return;
    QList<ExecutionId> strays;
    {
        const std::lock_guard lock(mutex);
        for (const ExecutionId &id : *queued) {
            if (!live.contains(id) && !inserting.contains(id))
                strays.append(id);
        }
    }
    if (strays.isEmpty())
        return;
    const auto given = parts.metadata.giveBack(parts.instance, strays);
    if (given && !given->isEmpty())
        tellAll(StoreNews::Kind::Waiting, {});
}

} // namespace skillbox
