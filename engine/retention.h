#pragma once

#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"

#include <atomic>
#include <stop_token>

namespace skillbox {

/// What this process removed after its time since it began, for metrics. Thread-safe.
struct RetentionTotals {
    std::atomic<qint64> logs = 0;
    std::atomic<qint64> artifacts = 0;
    std::atomic<qint64> executions = 0;
    std::atomic<qint64> blobs = 0;
    std::atomic<qint64> failures = 0;   ///< passes that did not come to their end
    std::atomic<qint64> lastPassMs = 0; ///< when the last whole one ended, since 1970; 0: never
};

/// How a pass goes about it: a transaction each, so that others get their turn.
struct RetentionPace {
    int records = 200; ///< removed in one
    std::chrono::milliseconds pause{20};
    std::chrono::milliseconds duty{120'000}; ///< of one server, taken anew with each transaction
};

/// Removes what has been kept long enough by the tenants' settings: logs of runs, then their output
/// files, then their records, and the blobs that nothing refers to then. A pass that is killed
/// leaves whole records or none; the next one goes on, here or on another server, and what was
/// removed is in the audit as `retention.remove`, once. Only one server is at it at a time.
class Retention
{
public:
    Retention(MetadataStore &metadata, BlobStore &blobs, InstanceId instance,
              TenantSettings defaults, RetentionPace pace = {});

    /// One pass over all tenants. False: another server is at it, or it was told to stop.
    Result<bool> pass(const std::stop_token &stop = {});
    const RetentionTotals &totals() const { return m_totals; }

private:
    Result<bool> passOver(const TenantRecord &tenant, const std::stop_token &stop);
    Result<bool> remove(const TenantId &tenant, Retained what, qint64 days,
                        const std::stop_token &stop);
    void release(const QList<BlobId> &blobs, const std::stop_token &stop);

    MetadataStore &m_metadata;
    BlobStore &m_blobs;
    const InstanceId m_instance;
    const TenantSettings m_defaults;
    const RetentionPace m_pace;
    RetentionTotals m_totals;
};

} // namespace skillbox
