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

/// How soon a wish to cancel from another process is seen while something runs here.
constexpr auto cancelPollInterval = 200ms;

/// Failures to record a result that are kept for wait(); older ones give way.
constexpr size_t maxUnrecorded = 1000;

} // namespace

ExecutionService::Private::~Private()
{
    std::vector<std::stop_source> running;
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
}

/// Reserves a place in the queue, before anything is recorded, and a worker for it.
Result<void> ExecutionService::Private::admit()
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
    try {
        if (!supervisor.joinable())
            supervisor = std::jthread([this](std::stop_token closing) { supervise(closing); });
        if (static_cast<size_t>(idle) < queue.size() + static_cast<size_t>(preparing) + 1
            && workers.size() < static_cast<size_t>(parts.limits.maxConcurrent)) {
            workers.emplace_back([this](std::stop_token closing) { work(closing); });
            ++idle;
        }
    } catch (const std::system_error &error) {
        if (workers.empty() || !supervisor.joinable()) {
            return fail(ErrorCode::Busy, u"no thread can be started for the execution"_s,
                        QString::fromLocal8Bit(error.what()));
        }
    }
    ++preparing;
    return {};
}

void ExecutionService::Private::leave()
{
    {
        const std::lock_guard lock(mutex);
        --preparing;
    }
    runEnded.notify_all();
}

void ExecutionService::Private::enqueue(std::unique_ptr<LiveRun> run)
{
    {
        const std::lock_guard lock(mutex);
        LiveRun *queued = run.get();
        live.emplace(queued->record.id, std::move(run));
        queue.push_back(queued);
        --preparing;
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
        supervision.wait_for(lock, closing, cancelPollInterval, hasWithdrawn);
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

Verdict ExecutionService::Private::attempt(LiveRun &run)
{
    if (run.stop.stop_requested())
        return cancelledVerdict();
    if (run.refusal)
        return *run.refusal;
    run.record.startedAt = nowUtc();
    const Result<bool> marked = parts.metadata.markRunning(run.record.tenant, run.record.id,
                                                           run.record.startedAt);
    if (!marked)
        return verdictOn(marked.error());
    if (!*marked)
        return cancelledVerdict(); // no longer queued: its record is final or gone
    run.record.status = ExecutionStatus::Running;
    run.tell({.kind = ExecutionEvent::Kind::State, .status = ExecutionStatus::Running, .text = {}});
    return performRun(run, parts);
}

void ExecutionService::Private::carryOut(LiveRun &run)
{
    const auto slotHeld = std::chrono::steady_clock::now();
    run.timings.queued = std::chrono::duration_cast<std::chrono::microseconds>(slotHeld
                                                                               - run.submitted);
    Verdict verdict;
    try {
        verdict = attempt(run);
    } catch (const std::exception &error) {
        verdict = {ExecutionStatus::Failed, u"internal"_s,
                   u"execution failed inside Skillbox: %1"_s.arg(
                       QString::fromLocal8Bit(error.what()))};
    }
    const auto held = std::chrono::steady_clock::now() - slotHeld;
    run.timings.held = std::chrono::duration_cast<std::chrono::microseconds>(held);
    run.record.durationMs = std::chrono::duration_cast<std::chrono::milliseconds>(held).count();
    conclude(run, verdict);
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

    const std::optional<Error> failure = record(run);
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
        live.erase(it);
    }
    runEnded.notify_all();
}

/// Writes the final record. A store that refuses it (full, say) is asked once more for the least
/// that must not be lost: that the run is over. Nothing: it is recorded.
std::optional<Error> ExecutionService::Private::record(LiveRun &run)
{
    ExecutionRecord &record = run.record;
    const auto finish = [&] {
        const AuditRecord audit = executionFinished(record, run.origin);
        return parts.metadata.finishExecution(record, &audit);
    };
    const Result<bool> stored = finish();
    if (stored) {
        if (const Result<void> kept = keepArtifacts(run, parts.blobs); !kept) {
            qCWarning(executionLog, "execution %s: a file of it is lost: %s %s",
                      qUtf8Printable(record.id.value), qUtf8Printable(kept.error().message),
                      qUtf8Printable(kept.error().detail));
        }
        return std::nullopt;
    }
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
