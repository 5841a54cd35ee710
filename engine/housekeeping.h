#pragma once

#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"

#include <chrono>
#include <functional>
#include <thread>

namespace skillbox {

/// What a long-lived engine does beside its work, now and then and on a thread of its own: ends the
/// runs of dead instances, forgets old idempotency keys and removes blobs that nothing refers to.
/// An engine that lives shorter than `firstAfter`, such as the command line's, does none of it.
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
    Housekeeping(MetadataStore &metadata, BlobStore &blobs, std::function<void()> reclaimLost,
                 Schedule schedule);

private:
    void work(const std::stop_token &closing, Schedule schedule);

    MetadataStore &m_metadata;
    BlobStore &m_blobs;
    const std::function<void()> m_reclaimLost;
    std::jthread m_thread; // last: joined before what it uses goes
};

} // namespace skillbox
