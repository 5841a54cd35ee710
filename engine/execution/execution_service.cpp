#include "engine/execution/execution_service.h"

#include "engine/base/clock.h"
#include "engine/execution/execution_service_p.h"
#include "engine/execution/foreign_run.h"
#include "engine/execution/log_parts.h"
#include "engine/execution/run_quota.h"
#include "engine/execution/run_task.h"
#include "engine/workspace/stored_content.h"

#include <QFile>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

constexpr auto timeBetweenChecks = 1s;

constexpr auto drainPollInterval = 100ms;
/// For observers to hear that nobody waits any more: they answer clients.
constexpr auto timeToTell = 10s;

} // namespace

tl::unexpected<Error> noSuchExecution(const ExecutionId &id)
{
    return fail(ErrorCode::NotFound, u"there is no execution \"%1\""_s.arg(id.value));
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
    const Result<Private::Place> place = d->admit();
    if (!place)
        return fail(place.error());
    d->parts.sandbox.prepare();
    auto run = prepareRun(request, d->parts);
    if (!run) {
        d->leave(*place);
        return fail(run.error());
    }
    if (const Result<void> taken = takeRunOf(request.tenant, d->parts.metadata); !taken) {
        d->leave(*place);
        return fail(taken.error());
    }
    const ExecutionId id = (*run)->record.id;
    (*run)->observer = std::move(observer);
    (*run)->wakeFollowers = [feed = &d->feed] { feed->wake(); };
    if (*place != Private::Place::Own && !(*run)->refusal && canRunElsewhere(request))
        return d->submitShared(std::move(*run), request, *place);
    if (const Result<void> inserted = d->parts.metadata.insertExecution(
            (*run)->record, {request.idempotencyKey, d->parts.instance});
        !inserted) {
        d->leave(*place);
        return fail(inserted.error());
    }
    d->enqueue(std::move(*run), *place);
    return id;
}

Result<ExecutionRecord> ExecutionService::wait(const TenantId &tenant, const ExecutionId &id)
{
    {
        std::unique_lock lock(d->mutex);
        const auto live = d->live.find(id);
        const auto elsewhere = d->elsewhere.find(id);
        std::shared_ptr<std::optional<ExecutionRecord>> recorded;
        if (live != d->live.end() && live->second->record.tenant == tenant) {
            if (!live->second->recorded)
                live->second->recorded = std::make_shared<std::optional<ExecutionRecord>>();
            recorded = live->second->recorded;
        }
        if ((live != d->live.end() && live->second->record.tenant == tenant)
            || (elsewhere != d->elsewhere.end() && elsewhere->second.tenant == tenant)) {
            d->runEnded.wait(lock,
                             [&] { return !d->live.contains(id) && !d->elsewhere.contains(id); });
        }
        if (recorded && *recorded)
            return **recorded; // what the store has, without asking it
        if (const auto it = d->unrecorded.find(id); it != d->unrecorded.end())
            return fail(it->second);
    }
    for (auto reclaimed = std::chrono::steady_clock::now();;) {
        Result<ExecutionRecord> record = d->find(tenant, id);
        if (!record || isFinal(record->status))
            return record;
        // Not final and not ours: it runs in another process, and only the store links us.
        if (!d->awaitNews(id)) {
            return fail(
                ErrorCode::Busy,
                u"execution \"%1\" has not ended yet, and this Skillbox is about to end"_s.arg(
                    id.value));
        }
        const auto now = std::chrono::steady_clock::now();
        if (now - reclaimed >= timeBetweenChecks && d->parts.reclaimLost) {
            d->parts.reclaimLost();
            reclaimed = now;
        }
    }
}

Result<std::unique_ptr<ExecutionSubscription>>
ExecutionService::subscribe(const TenantId &tenant, const ExecutionId &id, qint64 afterSeq,
                            ExecutionObserver observer)
{
    const auto follow = [&](const RecentRuns::Run &run) {
        return d->feed.follow(run.events, afterSeq, std::move(observer), run.refresh);
    };
    if (const auto known = d->eventsOf(tenant, id))
        return follow(*known);
    const Result<ExecutionRecord> record = d->find(tenant, id);
    if (!record)
        return fail(record.error());
    if (!isFinal(record->status)) {
        // It may have come to life, or to its end, since we looked.
        if (const auto known = d->eventsOf(tenant, id))
            return follow(*known);
        d->watchNews();
        auto events = std::make_shared<RunEvents>(tenant);
        const RecentRuns::Run run{events, [foreign = d->foreignRun(id)](RunEvents &into) {
                                      foreign->appendNews(into);
                                  }};
        {
            const std::lock_guard lock(d->mutex);
            d->recent.add(id, run);
        }
        return follow(run);
    }
    auto events = std::make_shared<RunEvents>(tenant);
    if (!record->logs.isEmpty())
        events->append({.kind = ExecutionEvent::Kind::Log, .text = record->logs});
    events->append({.kind = ExecutionEvent::Kind::Finished, .status = record->status, .text = {}});
    return follow({std::move(events)});
}

std::optional<RecentRuns::Run> ExecutionService::Private::eventsOf(const TenantId &tenant,
                                                                   const ExecutionId &id)
{
    const std::lock_guard lock(mutex);
    if (const auto it = live.find(id); it != live.end() && it->second->record.tenant == tenant)
        return RecentRuns::Run{it->second->events};
    return recent.find(tenant, id);
}

void ExecutionService::drain(std::chrono::milliseconds grace)
{
    const auto deadline = std::chrono::steady_clock::now() + grace;
    {
        const std::lock_guard lock(d->mutex);
        d->draining = true;
        d->exchangeWanted = true;
    }
    d->exchangeWork.notify_one();
    d->giveBackWaiting();
    if (!d->awaitEnds(deadline)) {
        d->hurry();
        std::unique_lock lock(d->mutex);
        do { // again and again: one may be on its way from submit() into the queue
            lock.unlock();
            d->stopAll();
            lock.lock();
        } while (!d->runEnded.wait_for(lock, drainPollInterval, [this] { return d->isIdle(); }));
    }
    d->leaveElsewhere();
}

bool ExecutionService::Private::awaitEnds(std::chrono::steady_clock::time_point deadline)
{
    std::unique_lock lock(mutex);
    while (runEnded.wait_until(lock, deadline, [this] { return isIdle(); })) {
        const auto now = std::chrono::steady_clock::now();
        if (elsewhere.empty() || now >= deadline)
            return true;
        // Of what waits in the queue nothing will come where nobody is left who takes it.
        lock.unlock();
        const Result<bool> others = parts.metadata.othersTakeRuns(parts.instance);
        lock.lock();
        if (others && !*others)
            return true;
        runEnded.wait_until(lock, std::min(deadline, now + timeBetweenChecks),
                            [this] { return elsewhere.empty(); });
    }
    return false;
}

void ExecutionService::Private::leaveElsewhere()
{
    {
        const std::lock_guard lock(mutex);
        noteNews({StoreNews::Kind::Missed, {}}); // the last look is at what there is
    }
    feed.leaveForeign();
    {
        std::unique_lock lock(mutex);
        runEnded.wait_for(lock, timeToTell, [this] { return elsewhere.empty(); });
    }
    giveUp();
}

ExecutionService::Load ExecutionService::load() const
{
    const std::lock_guard lock(d->mutex);
    const size_t waiting = d->queue.size() + d->withdrawn.size();
    return {.queued = static_cast<int>(waiting) + d->preparing,
            .running = static_cast<int>(d->live.size() - waiting)};
}

void ExecutionService::onFinished(FinishedObserver observer)
{
    const std::lock_guard lock(d->mutex);
    d->finished = std::move(observer);
}

Result<void> ExecutionService::cancel(const TenantId &tenant, const ExecutionId &id,
                                      const Origin &by)
{
    const auto note = [&] {
        AuditRecord audit;
        audit.tenant = tenant;
        audit.at = nowUtc();
        audit.actor = by.actor;
        audit.action = u"execution.cancel"_s;
        audit.target = id.value;
        audit.address = by.address;
        audit.requestId = by.requestId;
        return d->parts.metadata.appendAudit(audit);
    };
    if (d->stop(tenant, id))
        return note();
    if (!isUuid(id.value))
        return noSuchExecution(id);
    const Result<bool> asked = d->parts.metadata.requestCancel(tenant, id);
    if (!asked)
        return fail(asked.error());
    if (*asked) {
        if (d->sharesStore()) {
            // One that nobody has taken is over now; whoever takes it meanwhile finds the wish.
            auto waiting = d->find(tenant, id);
            if (waiting && waiting->status == ExecutionStatus::Queued
                && waiting->instance.isEmpty())
                (void)d->endWaiting(std::move(*waiting));
            d->tellAll(StoreNews::Kind::CancelWanted, id);
        }
        return note();
    }
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
    if (d->sharesStore()) {
        const auto parts = d->parts.metadata.readLog(tenant, id, 0);
        if (!parts)
            return fail(parts.error());
        QString text;
        for (const LogPart &part : *parts) {
            for (const ExecutionEvent &event : eventsOfPart(part))
                text += event.text;
        }
        if (!text.isEmpty())
            return text;
    }
    QFile spool(foreignLogPath(d->parts, *record));
    if (spool.open(QIODevice::ReadOnly))
        return QString::fromUtf8(spool.readAll());
    // No file: nothing written yet, or it ended meanwhile and its log is in the store.
    return d->find(tenant, id).map([](ExecutionRecord &&later) { return std::move(later.logs); });
}

Result<std::unique_ptr<QIODevice>> ExecutionService::openArtifact(const ArtifactRecord &artifact)
{
    return openStored(d->parts.blobs, artifact.blob, artifact.path);
}

} // namespace skillbox
