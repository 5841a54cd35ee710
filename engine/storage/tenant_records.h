#pragma once

#include "engine/base/error.h"
#include "engine/storage/records.h"

#include <QMap>

#include <array>
#include <chrono>

namespace skillbox {

/// What a tenant may use and how long what it leaves is kept. Nothing: what the server gives to
/// all; 0: no limit.
struct TenantSettings {
    std::optional<qint64> maxConcurrent = {}; ///< runs at the same time, over all servers
    std::optional<qint64> runsPerMinute = {}; ///< over all servers
    std::optional<qint64> storageBytes = {};  ///< archives, files, artifacts, files of sessions
    std::optional<qint64> logDays = {};       ///< of a run's log, from when the run was asked for
    std::optional<qint64> artifactDays = {};  ///< of a run's output files
    std::optional<qint64> executionDays = {}; ///< of the run's record, and what is left with it
    friend bool operator==(const TenantSettings &, const TenantSettings &) = default;
};

/// One of them: its name on the wire, in the store and, with hyphens, on the command line.
struct TenantSetting {
    QLatin1StringView name;
    std::optional<qint64> TenantSettings::*value;
    qint64 most;
};
inline constexpr qint64 mostRetentionDays = 36'500;
inline constexpr std::array tenantSettings{
    TenantSetting{QLatin1StringView("max_concurrent"), &TenantSettings::maxConcurrent, 1'000'000},
    TenantSetting{QLatin1StringView("runs_per_minute"), &TenantSettings::runsPerMinute, 1'000'000},
    TenantSetting{QLatin1StringView("storage_bytes"), &TenantSettings::storageBytes, 1LL << 60},
    TenantSetting{QLatin1StringView("log_days"), &TenantSettings::logDays, mostRetentionDays},
    TenantSetting{QLatin1StringView("artifact_days"), &TenantSettings::artifactDays,
                  mostRetentionDays},
    TenantSetting{QLatin1StringView("execution_days"), &TenantSettings::executionDays,
                  mostRetentionDays},
};

/// What counts in the end: a tenant's own, else the default, else 0.
inline qint64 effective(const TenantSetting &setting, const TenantSettings &own,
                        const TenantSettings &defaults)
{
    return (own.*setting.value).value_or((defaults.*setting.value).value_or(0));
}

struct TenantRecord {
    TenantId id;
    QDateTime createdAt;
    TenantSettings settings; ///< its own only
    QDateTime updatedAt;     ///< invalid: never
    QString updatedBy;
    qint64 storedBytes = 0;
};

/// A tenant as people see it: what it has of its own and what counts for the rest.
struct TenantView {
    TenantRecord record = {};
    TenantSettings defaults = {};
};

/// Settings by name with what they become; nothing: the default again.
using TenantPatch = QMap<QString, std::optional<qint64>>;

/// What becomes of a run that wants to begin under a rate.
struct RunTicket {
    bool allowed = true;
    qint64 limit = 0; ///< a minute; 0: there is none, and the rest says nothing
    qint64 remaining = 0;
    std::chrono::milliseconds refillsIn{};  ///< until `limit` runs may begin at once again
    std::chrono::milliseconds retryAfter{}; ///< where it is refused: until one may begin
};

struct StorageRoom {
    qint64 used = 0;
    qint64 limit = 0; ///< 0: none
};
/// TooLarge, naming both; `used` is what it would be.
Error storageIsFull(const TenantId &tenant, qint64 used, qint64 limit);

/// What is removed after its time, in this order: the log of a run, its output files, its record.
enum class Retained { Logs, Artifacts, Executions };

/// What one step of removing took away.
struct Reaped {
    qint64 logs = 0;
    qint64 artifacts = 0;
    qint64 executions = 0;
    qint64 bytes = 0;         ///< of artifacts
    QList<BlobId> blobs = {}; ///< given up; another record may have them still
    qint64 steps = 0;         ///< records seen to; fewer than asked for: there are no more
};

} // namespace skillbox
