#pragma once

#include "engine/base/ids.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"

#include <QList>

namespace skillbox {

/// Says that one engine process lives. `<instances>/<instance>.lock` is locked (flock(2)) as long
/// as the process is there, however it ends, and `<instances>/<instance>/` holds its live logs.
/// A lock that can be taken belongs to a dead process. The descriptor is close-on-exec, so that a
/// child does not keep the lock alive.
class InstanceLock
{
public:
    /// A new instance. Makes `instancesDirectory` (0700) where needed.
    static Result<InstanceLock> acquire(const QString &instancesDirectory);

    /// Removes lock and directory: a clean end.
    ~InstanceLock();
    InstanceLock(InstanceLock &&) noexcept = default;
    InstanceLock &operator=(InstanceLock &&) = delete;

    /// Whether the process of that instance lives.
    static bool isHeld(const QString &instancesDirectory, const InstanceId &id);

    const InstanceId &id() const { return m_id; }
    QString directory() const { return m_path; }

private:
    friend class DeadInstance;
    InstanceLock(InstanceId id, QString path, UniqueFd lock);

    InstanceId m_id;
    QString m_path;
    UniqueFd m_lock;
};

/// A dead instance of which this process holds the lock, so that only one cleans up after it.
/// What it left, lock and directory, is removed with the object.
class DeadInstance
{
public:
    /// Nothing: it lives, or another process is cleaning up after it. An instance without a lock
    /// file is dead.
    static std::optional<DeadInstance> claim(const QString &instancesDirectory,
                                             const InstanceId &id);

    /// Instances that left a lock file or a directory, dead or alive.
    static QList<InstanceId> candidates(const QString &instancesDirectory);

    const InstanceId &id() const { return m_lock.id(); }

    /// Keeps what it left for another attempt, by whoever comes next.
    void leave() { m_lock.m_lock.reset(); }

private:
    explicit DeadInstance(InstanceLock lock) : m_lock(std::move(lock)) { }
    InstanceLock m_lock;
};

} // namespace skillbox
