#include "engine/lost_runs.h"

#include "engine/base/clock.h"
#include "engine/execution/live_run.h"
#include "engine/instance_lock.h"

#include <QFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The live log that a dead instance left of a run, as far as a stored log may go.
QString logLeftBehind(const QString &instanceDirectory, const ExecutionId &id, qint64 maxBytes)
{
    QFile file(liveLogPath(instanceDirectory, id));
    constexpr qint64 roomForNotes = 64 * 1024;
    if (!file.open(QIODevice::ReadOnly))
        return {};
    return QString::fromUtf8(file.read(maxBytes + roomForNotes));
}

} // namespace

void reclaimLostRuns(MetadataStore &metadata, const QString &instancesDirectory, qint64 maxLogBytes,
                     Sharing sharing)
{
    const auto end = [&](const InstanceId &id) {
        const QString directory = instancesDirectory + u'/' + id.value;
        const auto logOf = [&](const ExecutionId &run) {
            return isUuid(id.value) ? logLeftBehind(directory, run, maxLogBytes) : QString();
        };
        return metadata.failLost(id, nowUtc(), logOf).has_value();
    };
    if (sharing == Sharing::Network) {
        if (const auto instances = metadata.instancesWithoutLease()) {
            for (const InstanceId &id : *instances) {
                if (metadata.dropLeaseIfOver(id).value_or(false))
                    (void)end(id);
            }
        }
    }
    QList<InstanceId> instances = DeadInstance::candidates(instancesDirectory);
    if (sharing == Sharing::Machine) {
        if (const auto unfinished = metadata.instancesWithUnfinished()) {
            for (const InstanceId &id : *unfinished) {
                if (!instances.contains(id))
                    instances += id;
            }
        }
    }
    for (const InstanceId &id : std::as_const(instances)) {
        auto dead = DeadInstance::claim(instancesDirectory, id);
        if (dead && !end(id))
            dead->leave();
    }
}

} // namespace skillbox
