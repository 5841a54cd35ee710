#pragma once

#include "engine/storage/metadata_store.h"

#include <chrono>
#include <thread>

namespace skillbox {

/// Keeps saying in a shared store that this instance is alive, on a thread of its own. An engine
/// that cannot reach the store for longer than a lease is taken for dead by the others: they fail
/// its runs, and what it finishes later is not recorded a second time.
class InstanceLease
{
public:
    /// Other engines notice a dead one after this long at the latest.
    static constexpr std::chrono::milliseconds lasting = std::chrono::seconds(20);

    /// The first renewal; its error, if it fails.
    static Result<std::unique_ptr<InstanceLease>> take(MetadataStore &metadata,
                                                       const InstanceId &instance);
    /// Ends the lease: there are no runs left.
    ~InstanceLease();

private:
    InstanceLease(MetadataStore &metadata, InstanceId instance);
    void renew(const std::stop_token &closing);

    MetadataStore &m_metadata;
    const InstanceId m_instance;
    std::jthread m_thread; // last: joined before what it uses goes
};

} // namespace skillbox
