#include "engine/retention.h"

#include "engine/base/clock.h"

#include <QSet>

#include <condition_variable>
#include <mutex>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const QString retentionDuty = u"retention"_s;

void pauseFor(std::chrono::milliseconds time, const std::stop_token &stop)
{
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
}

} // namespace

Retention::Retention(MetadataStore &metadata, BlobStore &blobs, InstanceId instance,
                     TenantSettings defaults, RetentionPace pace)
    : m_metadata(metadata)
    , m_blobs(blobs)
    , m_instance(std::move(instance))
    , m_defaults(defaults)
    , m_pace(pace)
{
}

Result<bool> Retention::pass(const std::stop_token &stop)
{
    const auto ours = m_metadata.takeDuty(retentionDuty, m_instance, m_pace.duty);
    if (!ours || !*ours)
        return ours;
    const auto run = [&]() -> Result<bool> {
        const auto tenants = m_metadata.tenantRecords();
        if (!tenants)
            return fail(tenants.error());
        for (const TenantRecord &tenant : *tenants) {
            if (const auto done = passOver(tenant, stop); !done || !*done)
                return done;
        }
        return true;
    };
    const Result<bool> done = run();
    (void)m_metadata.endDuty(retentionDuty, m_instance); // else it ends by itself
    if (!done)
        ++m_totals.failures;
    else if (*done)
        m_totals.lastPassMs = nowUtc().toMSecsSinceEpoch();
    return done;
}

Result<bool> Retention::passOver(const TenantRecord &tenant, const std::stop_token &stop)
{
    const auto days = [&](std::optional<qint64> TenantSettings::*setting) {
        return (tenant.settings.*setting).value_or((m_defaults.*setting).value_or(0));
    };
    // A run can have left a thousand files: they go before its record does, in steps of their own.
    const qint64 records = days(&TenantSettings::executionDays);
    const qint64 files = days(&TenantSettings::artifactDays);
    const qint64 filesAtMost = files > 0 && records > 0 ? std::min(files, records)
                                                        : std::max(files, records);
    for (const auto &[what, kept] :
         {std::pair{Retained::Logs, days(&TenantSettings::logDays)},
          std::pair{Retained::Artifacts, filesAtMost}, std::pair{Retained::Executions, records}}) {
        if (const auto done = remove(tenant.id, what, kept, stop); !done || !*done)
            return done;
    }
    // Also what a pass removed that was killed before it came here.
    const auto noted = m_metadata.auditReaped(tenant.id, [&](const Reaped &sum) {
        return AuditRecord{.tenant = tenant.id,
                           .at = nowUtc(),
                           .actor = u"retention"_s,
                           .action = u"retention.remove"_s,
                           .target = tenant.id.value,
                           .details = {{u"logs"_s, sum.logs},
                                       {u"artifacts"_s, sum.artifacts},
                                       {u"executions"_s, sum.executions},
                                       {u"bytes"_s, sum.bytes},
                                       {u"log_days"_s, days(&TenantSettings::logDays)},
                                       {u"artifact_days"_s, days(&TenantSettings::artifactDays)},
                                       {u"execution_days"_s,
                                        days(&TenantSettings::executionDays)}}};
    });
    if (!noted)
        return fail(noted.error());
    return true;
}

Result<bool> Retention::remove(const TenantId &tenant, Retained what, qint64 days,
                               const std::stop_token &stop)
{
    if (days <= 0)
        return true;
    const QDateTime before = nowUtc().addDays(-days);
    for (;;) {
        if (stop.stop_requested())
            return false;
        const auto reaped = m_metadata.reap(tenant, what, before, m_pace.records);
        if (!reaped)
            return fail(reaped.error());
        m_totals.logs += reaped->logs;
        m_totals.artifacts += reaped->artifacts;
        m_totals.executions += reaped->executions;
        release(reaped->blobs, stop);
        if (reaped->steps < m_pace.records)
            return true;
        pauseFor(m_pace.pause, stop);
        // Another one took it over if this took too long; it goes on where this is.
        if (const auto ours = m_metadata.takeDuty(retentionDuty, m_instance, m_pace.duty);
            !ours || !*ours)
            return ours;
    }
}

/// What cannot be removed now is left for the sweep.
void Retention::release(const QList<BlobId> &blobs, const std::stop_token &stop)
{
    QSet<QString> seen;
    for (const BlobId &blob : blobs) {
        if (seen.contains(blob.sha256))
            continue;
        if (stop.stop_requested())
            return;
        seen.insert(blob.sha256);
        // Asked without telling anybody first: most that are not free are found out so.
        const auto used = m_metadata.isBlobReferenced(blob);
        if (!used || *used)
            continue;
        const auto released = m_metadata.releaseBlob(blob, [&]() -> Result<void> {
            return m_blobs.remove(blob).map([](bool) {});
        });
        m_totals.blobs += released && *released ? 1 : 0;
        pauseFor(m_pace.pause / 10, stop); // others want the stores, too
    }
}

} // namespace skillbox
