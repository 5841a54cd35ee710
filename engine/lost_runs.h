#pragma once

#include "engine/storage/metadata_store.h"

namespace skillbox {

/// How the engines that share a store find out that one of them is dead.
enum class Sharing {
    Machine, ///< all are on this machine: by the lock that a process loses with its life
    Network, ///< by a lease that is over
};

/// Ends the runs of instances that are dead, or puts them back into the queue that engines share if
/// they had not begun, and removes what the instances left on this machine. Several
/// engines may do this at once; each run is ended by one. What cannot be done now is left for the
/// next time.
void reclaimLostRuns(MetadataStore &metadata, const QString &instancesDirectory, qint64 maxLogBytes,
                     Sharing sharing);

} // namespace skillbox
