#pragma once

#include "engine/access/access_service.h"
#include "engine/access/audit_log.h"
#include "engine/access/tenant_service.h"
#include "engine/execution/execution_service.h"
#include "engine/registry/registry.h"
#include "engine/remote/skill_store.h"
#include "engine/storage/records.h"

#include <QIODevice>

#include <functional>

namespace skillbox {

/// Bytes in the order they come; an error ends the transfer and is its error.
using ByteSink = std::function<Result<void>(QByteArrayView bytes)>;
/// A piece of a run's log. Called on any thread, never twice at once.
using LogObserver = std::function<void(LogStreamKind stream, const QString &text)>;

/// What commands need of a Skillbox: the engine in this process, or a server. All calls block. Any
/// thread may call cancel() while another call is under way; else one thread at a time.
class Backend
{
public:
    virtual ~Backend() = default;

    /// The address for people; empty: there is no server, all happens in this process.
    virtual QString server() const = 0;

    // Skills
    /// A folder or a zip archive, which is there.
    virtual Result<Published> push(const QString &path) = 0;
    virtual Result<QList<SkillVersionRecord>> skills(const SkillFilter &filter) = 0;
    /// An empty version is the latest.
    virtual Result<SkillVersionRecord> skill(const QString &name, const QString &version) = 0;
    virtual Result<SkillVersionRecord> yank(const QString &name, const QString &version,
                                            const QString &reason) = 0;
    virtual Result<SkillVersionRecord> unyank(const QString &name, const QString &version) = 0;
    virtual Result<void> removeSkill(const QString &name, const QString &version) = 0;
    /// The published archive, byte for byte.
    virtual Result<void> pull(const SkillVersionRecord &record, const ByteSink &sink) = 0;
    /// The same skills as a store to copy from and to; the backend must outlive it.
    virtual std::unique_ptr<SkillStore> store() = 0;

    // Runs
    struct RunHooks {
        LogObserver onLog = {};                                  ///< empty: nobody watches
        std::function<void(const ExecutionId &)> onStarted = {}; ///< from then on it can be stopped
    };
    /// Runs to the end and returns the record.
    virtual Result<ExecutionRecord> run(const ExecutionRequest &request, const RunHooks &hooks) = 0;
    virtual Result<void> cancel(const ExecutionId &id) = 0;
    virtual Result<ExecutionRecord> execution(const ExecutionId &id) = 0;
    /// Newest first, without logs and artifacts.
    virtual Result<QList<ExecutionRecord>> executions(const ExecutionFilter &filter) = 0;
    virtual Result<QString> logs(const ExecutionId &id) = 0;
    /// The log from its beginning until the run is over; then its record.
    virtual Result<ExecutionRecord> follow(const ExecutionId &id, const LogObserver &onLog) = 0;
    virtual Result<void> readArtifact(const ExecutionRecord &run, const ArtifactRecord &artifact,
                                      const ByteSink &sink) = 0;
    /// Whether nothing is lost when a local file with that content is replaced by the artifact:
    /// it is the same, or Skillbox still keeps it.
    virtual Result<bool> keepsContent(const ExecutionRecord &run, const ArtifactRecord &artifact,
                                      const QString &sha256) = 0;

    // Access
    /// `request.tenant` empty: the caller's own.
    virtual Result<NewKey> createKey(const KeyRequest &request) = 0;
    virtual Result<QList<KeyRecord>> keys() = 0;
    virtual Result<KeyRecord> revokeKey(const KeyId &id) = 0;
    virtual Result<AuditVerdict> verifyAudit() = 0;
    /// JSON lines, oldest first; `which.limit` says nothing.
    virtual Result<void> exportAudit(const AuditFilter &which, const ByteSink &sink) = 0;

    // Tenants
    /// All, or where a server knows the caller for no operator, its own.
    virtual Result<QList<TenantView>> tenants() = 0;
    virtual Result<TenantView> tenant(const TenantId &id) = 0;
    virtual Result<TenantView> changeTenant(const TenantId &id, const TenantPatch &patch) = 0;

    /// Whether runs would work, by what it depends on: name and state, `ok` or what is wrong.
    struct Health {
        bool ready = false;
        QString version;
        QList<std::pair<QString, QString>> checks;
    };
    virtual Result<Health> health() = 0;
};

/// follow() for a Skillbox that can only be asked.
Result<ExecutionRecord> followByAsking(Backend &backend, const ExecutionId &id,
                                       const LogObserver &onLog,
                                       std::chrono::milliseconds interval);

} // namespace skillbox
