#pragma once

#include "engine/base/result.h"
#include "engine/storage/records.h"

#include <functional>

namespace skillbox {

enum class InsertOutcome {
    Inserted,
    AlreadyThere, ///< same name, version and digest
    Conflict,     ///< same name and version, other digest
};

struct SkillFilter {
    QString name = {};  ///< exact; empty: all
    QString query = {}; ///< full text over name, description and instructions; empty: all
    int limit = 1000;
    int offset = 0;
};

struct ExecutionFilter {
    QString skill = {}; ///< exact name; empty: all
    std::optional<ExecutionStatus> status = {};
    QString session = {};
    QDateTime since = {}; ///< from this moment on; invalid: open
    QDateTime until = {}; ///< before this moment
    int limit = 50;
    int offset = 0;
};

struct FileFilter {
    QString session = {}; ///< empty: all
    ExecutionId execution = {};
    int limit = 50;
    int offset = 0;
};

/// Keeps what the engine knows, in a transaction per call. Thread-safe: any thread may call; every
/// call names its tenant and sees nothing of another. A missing thing is an answer (nullopt,
/// false), an Error means the store itself failed (StorageUnavailable, StorageCorrupt).
class MetadataStore
{
public:
    virtual ~MetadataStore() = default;

    // Tenants
    /// False: it is there already. The tenant `local` always is.
    virtual Result<bool> addTenant(const TenantId &tenant, const QDateTime &createdAt) = 0;

    // Skills. A change of one may bring its audit record, which is written in the same transaction
    // if, and only if, the call changes something.
    virtual Result<InsertOutcome> insertVersion(const SkillVersionRecord &record,
                                                const AuditRecord *audit = nullptr) = 0;
    virtual Result<std::optional<SkillVersionRecord>>
    findVersion(const TenantId &tenant, const QString &name, const QString &version) = 0;
    /// The versions of a skill that are not yanked, last published first: what `latest` chooses
    /// from.
    virtual Result<QStringList> availableVersions(const TenantId &tenant, const QString &name) = 0;
    /// One row per version, ordered by name and then by time of publishing, newest first.
    virtual Result<QList<SkillVersionRecord>> listVersions(const TenantId &tenant,
                                                           const SkillFilter &filter) = 0;
    /// Sets or, with an invalid time, clears the yank. False: no such version.
    virtual Result<bool> setYanked(const TenantId &tenant, const QString &name,
                                   const QString &version, const QDateTime &yankedAt,
                                   const QString &reason, const AuditRecord *audit = nullptr) = 0;
    /// Executions of it stay. False: no such version.
    virtual Result<bool> deleteVersion(const TenantId &tenant, const QString &name,
                                       const QString &version,
                                       const AuditRecord *audit = nullptr) = 0;

    // Executions
    virtual Result<void> insertExecution(const ExecutionRecord &record) = 0;
    /// queued → running. False if it is not queued any more (cancelled meanwhile).
    virtual Result<bool> markRunning(const TenantId &tenant, const ExecutionId &id,
                                     const QDateTime &startedAt) = 0;
    /// Writes the final state and its artifacts (each also as a file) in one transaction. False if
    /// the execution is final already: the first to finish it wins. What was known when it was
    /// inserted (tenant, skill name, session, input, caller, instance, createdAt) stays.
    virtual Result<bool> finishExecution(const ExecutionRecord &record) = 0;
    virtual Result<std::optional<ExecutionRecord>> findExecution(const TenantId &tenant,
                                                                 const ExecutionId &id) = 0;
    /// Newest first; without artifacts and logs.
    virtual Result<QList<ExecutionRecord>> listExecutions(const TenantId &tenant,
                                                          const ExecutionFilter &filter) = 0;
    /// Notes that somebody wants it stopped; whoever runs it asks cancelRequestsOf. False: no such
    /// execution or it is final.
    virtual Result<bool> requestCancel(const TenantId &tenant, const ExecutionId &id) = 0;
    /// Of this instance's unfinished executions, those somebody wants stopped.
    virtual Result<QList<ExecutionId>> cancelRequestsOf(const InstanceId &instance) = 0;
    /// Instances that have unfinished executions.
    virtual Result<QList<InstanceId>> instancesWithUnfinished() = 0;
    /// Ends every unfinished execution of a dead instance: failed, reason `lost`. Returns their
    /// ids.
    virtual Result<QList<ExecutionId>> failLost(const InstanceId &instance,
                                                const QDateTime &at) = 0;

    // Files
    virtual Result<std::optional<FileRecord>> findFile(const TenantId &tenant,
                                                       const FileId &id) = 0;

    /// Whether any version, artifact or file of any tenant still refers to the blob.
    virtual Result<bool> isBlobReferenced(const BlobId &blob) = 0;
    /// Calls `removeBytes` if nothing refers to the blob, and lets nothing begin to refer to it
    /// until that has returned; it must not call the store. False: something refers to it. Whoever
    /// stores a blob and then a record of it makes sure afterwards that the blob is still there
    /// (BlobStore::contains): only the record kept it from being taken away.
    virtual Result<bool> releaseBlob(const BlobId &blob,
                                     const std::function<Result<void>()> &removeBytes) = 0;

    // Audit
    virtual Result<void> appendAudit(const AuditRecord &record) = 0;
    /// Oldest first.
    virtual Result<QList<AuditRecord>> listAudit(const TenantId &tenant, int limit, int offset) = 0;
};

} // namespace skillbox
