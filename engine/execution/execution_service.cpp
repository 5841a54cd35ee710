#include "engine/execution/execution_service.h"

#include "engine/base/clock.h"
#include "engine/execution/execution_log.h"
#include "engine/execution/live_run.h"

#include <QFile>
#include <QFileInfo>

#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {

Q_LOGGING_CATEGORY(executionLog, "skillbox.execution")

namespace {

/// How soon a wish to cancel from another process is seen while something runs here.
constexpr auto cancelPollInterval = 200ms;
/// How soon the end of a run in another process is seen by those who wait for it here.
constexpr auto foreignPollInterval = 50ms;
constexpr int foreignPollsPerReclaim = 20;

/// Failures to record a result that are kept for wait(); older ones give way.
constexpr size_t maxUnrecorded = 1000;

tl::unexpected<Error> noSuchExecution(const ExecutionId &id)
{
    return fail(ErrorCode::NotFound, u"there is no execution \"%1\""_s.arg(id.value));
}

} // namespace

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
    Result<ExecutionRecord> find(const TenantId &tenant, const ExecutionId &id);

    Parts parts;
    std::mutex mutex; ///< guards everything below
    std::condition_variable_any workReady;
    std::condition_variable_any supervision;
    std::condition_variable_any runEnded;
    std::map<ExecutionId, std::unique_ptr<LiveRun>> live; ///< queued and running
    std::deque<LiveRun *> queue;     ///< waiting for a slot, first come first served
    std::deque<LiveRun *> withdrawn; ///< cancelled while they waited; the supervisor ends them
    std::map<ExecutionId, Error> unrecorded;
    int preparing = 0; ///< admitted, not in `live` yet
    int idle = 0;      ///< workers without a run
    // Last, so that they are joined before anything they use goes.
    std::vector<std::jthread> workers;
    std::jthread supervisor;

private:
    void work(const std::stop_token &closing);
    void supervise(const std::stop_token &closing);
    void pollCancelRequests();
    Verdict attempt(LiveRun &run);
    void carryOut(LiveRun &run);
    void conclude(LiveRun &run, const Verdict &verdict);
    std::optional<Error> record(ExecutionRecord &record);
};

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
    const std::lock_guard lock(mutex);
    --preparing;
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
    return performRun(run, parts.sandbox, parts.blobs, parts.limits);
}

void ExecutionService::Private::carryOut(LiveRun &run)
{
    const auto slotHeld = std::chrono::steady_clock::now();
    Verdict verdict;
    try {
        verdict = attempt(run);
    } catch (const std::exception &error) {
        verdict = {ExecutionStatus::Failed, u"internal"_s,
                   u"execution failed inside Skillbox: %1"_s.arg(
                       QString::fromLocal8Bit(error.what()))};
    }
    const auto held = std::chrono::steady_clock::now() - slotHeld;
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

    const std::optional<Error> failure = record(final);
    run.tell({.kind = ExecutionEvent::Kind::Finished, .status = final.status, .text = {}});

    std::unique_ptr<LiveRun> ended; // goes after the lock: it removes its spool file
    {
        const std::lock_guard lock(mutex);
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
std::optional<Error> ExecutionService::Private::record(ExecutionRecord &record)
{
    const Result<bool> stored = parts.metadata.finishExecution(record);
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
    if (parts.metadata.finishExecution(record))
        return std::nullopt;
    return Error{stored.error().code,
                 u"execution \"%1\" has ended but its result could not be recorded: %2"_s.arg(
                     record.id.value, stored.error().message),
                 stored.error().detail};
}

Result<ExecutionRecord> ExecutionService::Private::find(const TenantId &tenant,
                                                        const ExecutionId &id)
{
    if (!isUuid(id.value))
        return noSuchExecution(id);
    Result<std::optional<ExecutionRecord>> found = parts.metadata.findExecution(tenant, id);
    if (!found)
        return fail(found.error());
    if (!*found)
        return noSuchExecution(id);
    return std::move(**found);
}

ExecutionService::ExecutionService(Parts parts) : d(std::make_unique<Private>(std::move(parts))) { }

ExecutionService::~ExecutionService() = default;

Result<ExecutionId> ExecutionService::submit(const ExecutionRequest &request,
                                             ExecutionObserver observer)
{
    if (const Result<void> admitted = d->admit(); !admitted)
        return fail(admitted.error());
    d->parts.sandbox.prepare();
    auto run = prepareRun(request, d->parts.registry, d->parts.limits, d->parts.images,
                          d->parts.instance, d->parts.runDirectory);
    if (!run) {
        d->leave();
        return fail(run.error());
    }
    const ExecutionId id = (*run)->record.id;
    (*run)->observer = std::move(observer);
    if (const Result<void> inserted = d->parts.metadata.insertExecution((*run)->record);
        !inserted) {
        d->leave();
        return fail(inserted.error());
    }
    d->enqueue(std::move(*run));
    return id;
}

Result<ExecutionRecord> ExecutionService::wait(const TenantId &tenant, const ExecutionId &id)
{
    {
        std::unique_lock lock(d->mutex);
        if (const auto it = d->live.find(id);
            it != d->live.end() && it->second->record.tenant == tenant)
            d->runEnded.wait(lock, [&] { return !d->live.contains(id); });
        if (const auto it = d->unrecorded.find(id); it != d->unrecorded.end())
            return fail(it->second);
    }
    for (int polls = 1;; ++polls) {
        Result<ExecutionRecord> record = d->find(tenant, id);
        if (!record || isFinal(record->status))
            return record;
        // Not final and not ours: it runs in another process, and only the store links us.
        std::this_thread::sleep_for(foreignPollInterval);
        if (polls % foreignPollsPerReclaim == 0 && d->parts.reclaimLost)
            d->parts.reclaimLost();
    }
}

Result<void> ExecutionService::cancel(const TenantId &tenant, const ExecutionId &id)
{
    if (d->stop(tenant, id))
        return {};
    if (!isUuid(id.value))
        return noSuchExecution(id);
    const Result<bool> asked = d->parts.metadata.requestCancel(tenant, id);
    if (!asked)
        return fail(asked.error());
    if (*asked)
        return {};
    if (const Result<ExecutionRecord> record = d->find(tenant, id); !record)
        return fail(record.error());
    return {}; // it was over already
}

Result<ExecutionRecord> ExecutionService::find(const TenantId &tenant, const ExecutionId &id)
{
    return d->find(tenant, id);
}

Result<QList<ExecutionRecord>> ExecutionService::list(const TenantId &tenant,
                                                      const ExecutionFilter &filter)
{
    return d->parts.metadata.listExecutions(tenant, filter);
}

Result<QString> ExecutionService::logs(const TenantId &tenant, const ExecutionId &id)
{
    {
        const std::lock_guard lock(d->mutex);
        if (const auto it = d->live.find(id);
            it != d->live.end() && it->second->record.tenant == tenant)
            return it->second->log->text();
    }
    Result<ExecutionRecord> record = d->find(tenant, id);
    if (!record)
        return fail(record.error());
    if (isFinal(record->status))
        return std::move(record->logs);
    const QString instances = QFileInfo(d->parts.runDirectory).path();
    QFile spool(liveLogPath(instances + u'/' + record->instance.value, id));
    if (isUuid(record->instance.value) && spool.open(QIODevice::ReadOnly))
        return QString::fromUtf8(spool.readAll());
    // No file: nothing written yet, or it ended meanwhile and its log is in the store.
    return d->find(tenant, id).map([](ExecutionRecord &&later) { return std::move(later.logs); });
}

Result<std::unique_ptr<QIODevice>> ExecutionService::openArtifact(const ArtifactRecord &artifact)
{
    Result<std::unique_ptr<QIODevice>> device = d->parts.blobs.open(artifact.blob);
    if (device && !*device) {
        return fail(ErrorCode::StorageCorrupt,
                    u"the content of \"%1\" is not in the store any more"_s.arg(artifact.path),
                    artifact.blob.sha256);
    }
    return device;
}

} // namespace skillbox
