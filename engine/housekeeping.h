#pragma once

#include "engine/retention.h"

#include <chrono>
#include <functional>
#include <thread>

namespace skillbox {

/// What a long-lived engine does beside its work, now and then and on a thread of its own: ends the
/// runs of dead instances, forgets old idempotency keys, removes what has been kept long enough,
/// and blobs that nothing refers to. An engine that lives shorter than `firstAfter`, such as the
/// command line's, does none of it.
class Housekeeping
{
public:
    struct Schedule {
        std::chrono::milliseconds firstAfter = std::chrono::minutes(1);
        std::chrono::milliseconds every = std::chrono::hours(1);
        /// Blobs put later than this ago are left alone: an upload or a run may be about to record
        /// them.
        std::chrono::milliseconds blobAge = std::chrono::hours(24);
    };
    struct Parts {
        MetadataStore &metadata;
        BlobStore &blobs;
        std::function<void()> reclaimLost;
        InstanceId instance;
        TenantSettings tenantDefaults = {};
        /// Every server sees the same blobs: it is enough when one looks through them.
        bool blobsAreShared = false;
    };
    Housekeeping(Parts parts, Schedule schedule);

    const RetentionTotals &retention() const { return m_retention.totals(); }

private:
    void work(const std::stop_token &closing, Schedule schedule);
    /// False: what was to be removed after its time may not all be gone.
    bool tidy(const std::stop_token &closing, const Schedule &schedule);
    void sweep(const std::stop_token &closing, const Schedule &schedule);

    const Parts m_parts;
    Retention m_retention;
    std::jthread m_thread; // last: joined before what it uses goes
};

} // namespace skillbox
