#include "engine/execution/execution_service_p.h"

#include "engine/base/clock.h"
#include "engine/execution/execution_log.h"
#include "engine/storage/execution_audit.h"

#include <algorithm>
#include <system_error>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {

Q_LOGGING_CATEGORY(executionLog, "skillbox.execution")

namespace {

/// How soon a wish to cancel from another process is seen while something runs here, and how soon
/// where it is told.
constexpr auto cancelPollInterval = 200ms;
constexpr auto toldCancelPollInterval = 2s;

/// How long a store that cannot be reached keeps a run from being prepared, and one that has ended
/// from being recorded: whoever takes this engine for dead by then has ended it.
constexpr auto patienceToPrepare = 60s;
constexpr auto patienceToRecord = 600s;

/// Failures to record a result that are kept for wait(); older ones give way.
constexpr size_t maxUnrecorded = 1000;

} // namespace

ExecutionService::Private::~Private()
{
    watch.reset(); // it calls in here
    std::vector<std::stop_source> running;
    {
        const std::lock_guard lock(mutex);
        draining = true;
    }
    giveUp();
    giveBackWaiting();
    {
        const std::lock_guard lock(mutex);
        for (const auto &[id, run] : live)
            running.push_back(run->stop);
    }
    for (std::stop_source &source : running)
        source.request_stop();
    // Workers take what is still queued first, find it stopped and record that.
    for (std::jthread &worker : workers)
        worker.request_stop();
    workers.clear();
    if (supervisor.joinable()) {
        supervisor.request_stop();
        supervisor.join();
    }
    if (exchanger.joinable()) {
        exchanger.request_stop();
        exchanger.join();
        tellNews();
    }
}

/// Reserves a place in the queue, before anything is recorded, and a worker for it.
Result<ExecutionService::Private::Place> ExecutionService::Private::admit()
{
    const std::lock_guard lock(mutex);
    if (draining) {
        return fail(ErrorCode::Busy,
                    u"Skillbox is about to end and takes no new executions, try again later"_s);
    }
    const size_t most = static_cast<size_t>(parts.limits.maxConcurrent)
        + static_cast<size_t>(parts.limits.maxQueue);
    if (live.size() + static_cast<size_t>(preparing) >= most) {
        return fail(ErrorCode::Busy,
                    u"the queue is full: %1 executions run or wait, try again later"_s.arg(most));
    }
    Place place = Place::Own;
    if (sharing) {
        const bool hasSlot = live.size() + static_cast<size_t>(reserved)
            < static_cast<size_t>(parts.limits.maxConcurrent);
        place = hasSlot && !maybeWaiting ? Place::Slot : Place::Queue;
    }
    try {
        if (!supervisor.joinable())
            supervisor = std::jthread([this](std::stop_token closing) { supervise(closing); });
        if (sharesStore() && !exchanger.joinable())
            exchanger = std::jthread([this](std::stop_token closing) { exchange(closing); });
        if (place != Place::Queue
            && static_cast<size_t>(idle) < queue.size() + static_cast<size_t>(preparing) + 1)
            addWorker();
    } catch (const std::system_error &error) {
        if (workers.empty() || !supervisor.joinable()) {
            return fail(ErrorCode::Busy, u"no thread can be started for the execution"_s,
                        QString::fromLocal8Bit(error.what()));
        }
    }
    ++preparing;
    reserved += place == Place::Slot;
    return place;
}

/// Unless there are as many as there may be.
void ExecutionService::Private::addWorker()
{
    if (workers.size() >= static_cast<size_t>(parts.limits.maxConcurrent))
        return;
    workers.emplace_back([this](std::stop_token closing) { work(closing); });
    ++idle;
}

void ExecutionService::Private::leave(Place place, const ExecutionId &id)
{
    {
        const std::lock_guard lock(mutex);
        --preparing;
        reserved -= place == Place::Slot;
        inserting.erase(id);
    }
    runEnded.notify_all();
}

void ExecutionService::Private::enqueue(std::unique_ptr<LiveRun> run, Place place)
{
    {
        const std::lock_guard lock(mutex);
        LiveRun *queued = run.get();
        inserting.erase(queued->record.id);
        live.emplace(queued->record.id, std::move(run));
        queue.push_back(queued);
        --preparing;
        reserved -= place == Place::Slot;
        if (place == Place::Queue && static_cast<size_t>(idle) < queue.size())
            addWorker();
    }
    workReady.notify_one();
    supervision.notify_one();
}

void ExecutionService::Private::work(const std::stop_token &closing)
{
    std::unique_lock lock(mutex);
    while (workReady.wait(lock, closing, [this] { return !queue.empty(); })) {
        LiveRun *run = queue.front();
        queue.pop_front();
        --idle;
        lock.unlock();
        carryOut(*run);
        lock.lock();
        ++idle;
    }
}

void ExecutionService::Private::supervise(const std::stop_token &closing)
{
    std::unique_lock lock(mutex);
    const auto hasWithdrawn = [this] { return !withdrawn.empty(); };
    for (;;) {
        // Without runs it sleeps; with runs it wakes for the poll.
        supervision.wait(lock, closing, [this] { return !live.empty(); });
        supervision.wait_for(lock, closing,
                             isWatching ? toldCancelPollInterval : cancelPollInterval,
                             hasWithdrawn);
        if (hasWithdrawn()) {
            LiveRun *run = withdrawn.front();
            withdrawn.pop_front();
            lock.unlock();
            conclude(*run, cancelledVerdict());
            lock.lock();
        } else if (closing.stop_requested()) {
            return;
        } else if (!live.empty()) {
            lock.unlock();
            pollCancelRequests();
            lock.lock();
        }
    }
}

void ExecutionService::Private::pollCancelRequests()
{
    const Result<QList<ExecutionId>> asked = parts.metadata.cancelRequestsOf(parts.instance);
    if (!asked)
        return; // the next poll asks again
    for (const ExecutionId &id : *asked) {
        std::unique_lock lock(mutex);
        if (const auto it = live.find(id); it != live.end())
            stopLocked(lock, *it->second);
    }
}

bool ExecutionService::Private::stop(const TenantId &tenant, const ExecutionId &id)
{
    std::unique_lock lock(mutex);
    const auto it = live.find(id);
    return it != live.end() && it->second->record.tenant == tenant && stopLocked(lock, *it->second);
}

/// Gives the lock back first: what a stop wakes up runs on this thread.
bool ExecutionService::Private::stopLocked(std::unique_lock<std::mutex> &lock, LiveRun &run)
{
    if (const auto waiting = std::find(queue.begin(), queue.end(), &run); waiting != queue.end()) {
        queue.erase(waiting);
        withdrawn.push_back(&run);
        lock.unlock();
        supervision.notify_one();
        return true;
    }
    std::stop_source source = run.stop;
    lock.unlock();
    source.request_stop();
    return true;
}

/// Everything that waits and runs now.
void ExecutionService::Private::stopAll()
{
    std::vector<std::stop_source> running;
    {
        const std::lock_guard lock(mutex);
        withdrawn.insert(withdrawn.end(), queue.begin(), queue.end());
        queue.clear();
        for (const auto &[id, run] : live)
            running.push_back(run->stop);
    }
    supervision.notify_one();
    for (std::stop_source &source : running)
        source.request_stop();
}

/// Asks the store, and again where it cannot be reached and others rely on an answer.
template<typename Ask>
std::invoke_result_t<Ask> ExecutionService::Private::insist(std::chrono::seconds patience, Ask ask)
{
    const auto deadline = std::chrono::steady_clock::now() + patience;
    for (auto pause = std::chrono::milliseconds(100);; pause = std::min(pause * 2, 3000ms)) {
        auto answer = ask();
        if (answer || !sharesStore() || answer.error().code != ErrorCode::StorageUnavailable
            || std::chrono::steady_clock::now() >= deadline)
            return answer;
        std::unique_lock lock(mutex);
        if (runEnded.wait_for(lock, pause, [this] { return ending; }))
            return answer;
    }
}

std::optional<Verdict> ExecutionService::Private::attempt(LiveRun &run)
{
    if (run.stop.stop_requested())
        return cancelledVerdict();
    const bool isFromQueue = run.asked.has_value();
    if (isFromQueue) {
        const auto prepared = insist(patienceToPrepare,
                                     [&] { return prepareReceived(run, parts); });
        if (!prepared)
            return verdictOn(prepared.error());
    }
    if (run.refusal)
        return *run.refusal;
    if (run.record.status != ExecutionStatus::Running) {
        run.record.startedAt = nowUtc();
        const Result<bool> marked = insist(patienceToPrepare, [&] {
            return parts.metadata.markRunning(run.record.tenant, run.record.id,
                                              run.record.startedAt, run.record.instance);
        });
        if (!marked)
            return verdictOn(marked.error());
        if (!*marked)
            return std::nullopt;
        run.record.status = ExecutionStatus::Running;
    }
    if (sharesStore()) {
        const std::lock_guard lock(mutex);
        shipping.insert_or_assign(run.record.id,
                                  Shipping{run.record.tenant, run.events,
                                           std::chrono::steady_clock::now()});
    }
    if (isFromQueue)
        tellAll(StoreNews::Kind::Started, run.record.id);
    run.tell({.kind = ExecutionEvent::Kind::State, .status = ExecutionStatus::Running, .text = {}});
    return performRun(run, parts);
}

void ExecutionService::Private::carryOut(LiveRun &run)
{
    const auto slotHeld = std::chrono::steady_clock::now();
    run.timings.queued = std::chrono::duration_cast<std::chrono::microseconds>(slotHeld
                                                                               - run.submitted);
    std::optional<Verdict> verdict;
    try {
        verdict = attempt(run);
    } catch (const std::exception &error) {
        verdict = Verdict{ExecutionStatus::Failed, u"internal"_s,
                          u"execution failed inside Skillbox: %1"_s.arg(
                              QString::fromLocal8Bit(error.what()))};
    }
    if (!verdict)
        return surrender(run);
    const auto held = std::chrono::steady_clock::now() - slotHeld;
    run.timings.held = std::chrono::duration_cast<std::chrono::microseconds>(held);
    run.record.durationMs = std::chrono::duration_cast<std::chrono::milliseconds>(held).count();
    conclude(run, *verdict);
}

/// Records, then tells, then lets go: in this order and whatever happens.
void ExecutionService::Private::conclude(LiveRun &run, const Verdict &verdict)
{
    const ExecutionId id = run.record.id;
    ExecutionRecord &final = run.record;
    final.status = verdict.status;
    final.reason = verdict.reason;
    final.error = verdict.error;
    final.exitCode = verdict.exitCode;
    final.logs = run.log->text();
    final.finishedAt = nowUtc();

    {
        const std::lock_guard lock(mutex);
        shipping.erase(id);
    }
    bool isRecorded = false;
    const std::optional<Error> failure = record(run, &isRecorded);
    run.tell({.kind = ExecutionEvent::Kind::Finished, .status = final.status, .text = {}});
    FinishedObserver report;
    {
        const std::lock_guard lock(mutex);
        report = finished; // a server that comes or goes changes it
    }
    if (report)
        report(final, run.timings);

    std::unique_ptr<LiveRun> ended; // goes after the lock: it removes its spool file
    {
        const std::lock_guard lock(mutex);
        recent.add(id, {run.events});
        if (failure) {
            if (unrecorded.size() >= maxUnrecorded)
                unrecorded.erase(unrecorded.begin());
            unrecorded.insert_or_assign(id, *failure);
        }
        const auto it = live.find(id);
        ended = std::move(it->second);
        if (isRecorded && ended->recorded)
            *ended->recorded = final;
        live.erase(it);
        maybeWaiting = maybeWaiting || isBlocked;
        exchangeWanted = exchangeWanted || maybeWaiting;
    }
    runEnded.notify_all();
    if (sharesStore())
        tellAll(StoreNews::Kind::Ended, id);
    // Nobody waits for this: only a sweep between the files and the record makes it necessary.
    if (!isRecorded)
        return;
    if (const Result<void> kept = keepArtifacts(*ended, parts); !kept) {
        qCWarning(executionLog, "execution %s: a file of it is lost: %s %s",
                  qUtf8Printable(id.value), qUtf8Printable(kept.error().message),
                  qUtf8Printable(kept.error().detail));
    }
}

/// Writes the final record. A store that refuses it (full, say) is asked once more for the least
/// that must not be lost: that the run is over. Nothing: it is recorded.
std::optional<Error> ExecutionService::Private::record(LiveRun &run, bool *isRecorded)
{
    ExecutionRecord &record = run.record;
    const auto finish = [&] {
        const AuditRecord audit = executionFinished(record, run.origin);
        return insist(patienceToRecord,
                      [&] { return parts.metadata.finishExecution(record, &audit); });
    };
    const Result<bool> stored = finish();
    *isRecorded = stored.value_or(false);
    if (stored && !*stored) {
        // It was ended while this engine was taken for dead, or by another one's cancel.
        const auto truth = parts.metadata.findExecution(record.tenant, record.id);
        if (truth && *truth && isFinal((*truth)->status)) {
            record.status = (*truth)->status;
            record.reason = (*truth)->reason;
            record.error = (*truth)->error;
        }
        return std::nullopt;
    }
    if (stored)
        return std::nullopt;
    qCWarning(executionLog, "execution %s: its result cannot be recorded: %s %s",
              qUtf8Printable(record.id.value), qUtf8Printable(stored.error().message),
              qUtf8Printable(stored.error().detail));

    record.status = ExecutionStatus::Failed;
    record.reason = u"internal"_s;
    record.error = u"the result could not be recorded: %1"_s.arg(stored.error().message);
    record.output = {};
    record.logs.clear();
    record.sandbox = {};
    record.artifacts.clear();
    if (finish())
        return std::nullopt;
    return Error{stored.error().code,
                 u"execution \"%1\" has ended but its result could not be recorded: %2"_s.arg(
                     record.id.value, stored.error().message),
                 stored.error().detail};
}

} // namespace skillbox
