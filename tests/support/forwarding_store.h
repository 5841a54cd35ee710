#pragma once

#include "engine/storage/metadata_store.h"
#include "engine/storage/store_filling.h"
#include "engine/storage/store_snapshot.h"

namespace skillbox {

/// Passes every call on to a real store. A test overrides the one call it wants to see or break.
class ForwardingStore : public MetadataStore
{
public:
    explicit ForwardingStore(MetadataStore &store) : m_store(store) { }

    Result<bool> addTenant(const TenantId &tenant, const QDateTime &createdAt) override
    {
        return m_store.addTenant(tenant, createdAt);
    }
    Result<QList<TenantId>> listTenants() override { return m_store.listTenants(); }
    void setTenantDefaults(const TenantSettings &defaults) override
    {
        m_store.setTenantDefaults(defaults);
    }
    Result<QList<TenantRecord>> tenantRecords() override { return m_store.tenantRecords(); }
    Result<std::optional<TenantRecord>> findTenant(const TenantId &tenant) override
    {
        return m_store.findTenant(tenant);
    }
    Result<std::optional<TenantRecord>> changeTenant(const TenantId &tenant, const QDateTime &at,
                                                     const QString &by,
                                                     const TenantChange &change) override
    {
        return m_store.changeTenant(tenant, at, by, change);
    }
    Result<RunTicket> takeRun(const TenantId &tenant) override { return m_store.takeRun(tenant); }
    Result<StorageRoom> storageRoom(const TenantId &tenant) override
    {
        return m_store.storageRoom(tenant);
    }
    Result<bool> takeDuty(const QString &name, const InstanceId &instance,
                          std::chrono::milliseconds lasting) override
    {
        return m_store.takeDuty(name, instance, lasting);
    }
    Result<void> endDuty(const QString &name, const InstanceId &instance) override
    {
        return m_store.endDuty(name, instance);
    }
    Result<Reaped> reap(const TenantId &tenant, Retained what, const QDateTime &before,
                        int most) override
    {
        return m_store.reap(tenant, what, before, most);
    }
    Result<bool> auditReaped(const TenantId &tenant,
                             const std::function<AuditRecord(const Reaped &)> &makeRecord) override
    {
        return m_store.auditReaped(tenant, makeRecord);
    }
    Result<bool> insertKey(const KeyRecord &record, const QString &hash,
                           const AuditRecord *audit) override
    {
        return m_store.insertKey(record, hash, audit);
    }
    Result<std::optional<KeyRecord>> findKeyByHash(const QString &hash) override
    {
        return m_store.findKeyByHash(hash);
    }
    Result<QList<KeyRecord>> listKeys(const TenantId &tenant) override
    {
        return m_store.listKeys(tenant);
    }
    Result<std::optional<KeyRecord>> revokeKey(const TenantId &tenant, const KeyId &id,
                                               const QDateTime &at,
                                               const AuditRecord *audit) override
    {
        return m_store.revokeKey(tenant, id, at, audit);
    }
    Result<void> noteKeyUse(const QList<KeyUse> &uses) override { return m_store.noteKeyUse(uses); }
    Result<bool> hasUsableKeys(const QDateTime &now) override { return m_store.hasUsableKeys(now); }
    Result<InsertOutcome> insertVersion(const SkillVersionRecord &record,
                                        const AuditRecord *audit) override
    {
        return m_store.insertVersion(record, audit);
    }
    Result<std::optional<SkillVersionRecord>>
    findVersion(const TenantId &tenant, const QString &name, const QString &version) override
    {
        return m_store.findVersion(tenant, name, version);
    }
    Result<QStringList> availableVersions(const TenantId &tenant, const QString &name) override
    {
        return m_store.availableVersions(tenant, name);
    }
    Result<QList<SkillVersionRecord>> listVersions(const TenantId &tenant,
                                                   const SkillFilter &filter) override
    {
        return m_store.listVersions(tenant, filter);
    }
    Result<bool> setYanked(const TenantId &tenant, const QString &name, const QString &version,
                           const QDateTime &yankedAt, const QString &reason,
                           const AuditRecord *audit) override
    {
        return m_store.setYanked(tenant, name, version, yankedAt, reason, audit);
    }
    Result<bool> deleteVersion(const TenantId &tenant, const QString &name, const QString &version,
                               const AuditRecord *audit) override
    {
        return m_store.deleteVersion(tenant, name, version, audit);
    }
    Result<bool> setTag(const TenantId &tenant, const QString &name, const TagRecord &tag,
                        const AuditRecord *audit) override
    {
        return m_store.setTag(tenant, name, tag, audit);
    }
    Result<bool> removeTag(const TenantId &tenant, const QString &name, const QString &tag,
                           const AuditRecord *audit) override
    {
        return m_store.removeTag(tenant, name, tag, audit);
    }
    Result<QList<TagRecord>> listTags(const TenantId &tenant, const QString &name) override
    {
        return m_store.listTags(tenant, name);
    }
    Result<std::optional<TagRecord>> findTag(const TenantId &tenant, const QString &name,
                                             const QString &tag) override
    {
        return m_store.findTag(tenant, name, tag);
    }
    Result<void> insertExecution(const ExecutionRecord &record, const ClaimedKey &claim) override
    {
        return m_store.insertExecution(record, claim);
    }
    Result<bool> markRunning(const TenantId &tenant, const ExecutionId &id,
                             const QDateTime &startedAt, const InstanceId &instance) override
    {
        return m_store.markRunning(tenant, id, startedAt, instance);
    }
    Result<bool> insertQueued(const ExecutionRecord &record, const QString &task, int mostWaiting,
                              const ClaimedKey &claim) override
    {
        return m_store.insertQueued(record, task, mostWaiting, claim);
    }
    Result<QueueClaim> claimQueued(const InstanceId &instance, int most) override
    {
        return m_store.claimQueued(instance, most);
    }
    Result<QList<ExecutionId>> giveBack(const InstanceId &instance,
                                        const QList<ExecutionId> &runs) override
    {
        return m_store.giveBack(instance, runs);
    }
    Result<QList<ExecutionId>> queuedOf(const InstanceId &instance) override
    {
        return m_store.queuedOf(instance);
    }
    Result<qint64> countWaiting() override { return m_store.countWaiting(); }
    Result<bool> appendLog(const TenantId &tenant, const ExecutionId &id,
                           const InstanceId &instance, const LogPart &part) override
    {
        return m_store.appendLog(tenant, id, instance, part);
    }
    Result<QList<LogPart>> readLog(const TenantId &tenant, const ExecutionId &id,
                                   qint64 afterEvent) override
    {
        return m_store.readLog(tenant, id, afterEvent);
    }
    Result<void> announce(const QList<StoreNews> &news) override { return m_store.announce(news); }
    std::unique_ptr<StoreWatch> watch(StoreNewsHandler handler) override
    {
        return m_store.watch(std::move(handler));
    }
    Result<bool> finishExecution(const ExecutionRecord &record, const AuditRecord *audit) override
    {
        return m_store.finishExecution(record, audit);
    }
    Result<std::optional<ExecutionRecord>> findExecution(const TenantId &tenant,
                                                         const ExecutionId &id) override
    {
        return m_store.findExecution(tenant, id);
    }
    Result<QList<ExecutionRecord>> listExecutions(const TenantId &tenant,
                                                  const ExecutionFilter &filter) override
    {
        return m_store.listExecutions(tenant, filter);
    }
    Result<QList<SkillUse>> skillUse(const TenantId &tenant) override
    {
        return m_store.skillUse(tenant);
    }
    Result<void> renewLease(const InstanceId &instance, std::chrono::milliseconds lasting) override
    {
        return m_store.renewLease(instance, lasting);
    }
    Result<void> endLease(const InstanceId &instance) override
    {
        return m_store.endLease(instance);
    }
    Result<void> setTakesRuns(const InstanceId &instance, bool takes) override
    {
        return m_store.setTakesRuns(instance, takes);
    }
    Result<bool> othersTakeRuns(const InstanceId &instance) override
    {
        return m_store.othersTakeRuns(instance);
    }
    Result<QList<InstanceId>> instancesWithoutLease() override
    {
        return m_store.instancesWithoutLease();
    }
    Result<bool> requestCancel(const TenantId &tenant, const ExecutionId &id) override
    {
        return m_store.requestCancel(tenant, id);
    }
    Result<QList<ExecutionId>> cancelRequestsOf(const InstanceId &instance) override
    {
        return m_store.cancelRequestsOf(instance);
    }
    Result<bool> dropLeaseIfOver(const InstanceId &instance) override
    {
        return m_store.dropLeaseIfOver(instance);
    }
    Result<QList<InstanceId>> instancesWithUnfinished() override
    {
        return m_store.instancesWithUnfinished();
    }
    Result<QList<ExecutionId>>
    failLost(const InstanceId &instance, const QDateTime &at,
             const std::function<QString(const ExecutionId &)> &logOf) override
    {
        return m_store.failLost(instance, at, logOf);
    }
    Result<IdempotencyClaim> claimIdempotency(const TenantId &tenant, const QString &key,
                                              const QString &requestHash,
                                              const InstanceId &instance, const QDateTime &now,
                                              const QDateTime &expires) override
    {
        return m_store.claimIdempotency(tenant, key, requestHash, instance, now, expires);
    }
    Result<bool> bindIdempotency(const TenantId &tenant, const QString &key,
                                 const ExecutionId &execution, const InstanceId &instance) override
    {
        return m_store.bindIdempotency(tenant, key, execution, instance);
    }
    Result<void> completeIdempotency(const TenantId &tenant, const QString &key, int status,
                                     const QByteArray &body) override
    {
        return m_store.completeIdempotency(tenant, key, status, body);
    }
    Result<void> releaseIdempotency(const TenantId &tenant, const QString &key) override
    {
        return m_store.releaseIdempotency(tenant, key);
    }
    Result<qint64> forgetIdempotency(const QDateTime &now, int most) override
    {
        return m_store.forgetIdempotency(now, most);
    }
    Result<std::optional<FileRecord>> findFile(const TenantId &tenant, const FileId &id) override
    {
        return m_store.findFile(tenant, id);
    }
    Result<void> insertFile(const FileRecord &record, const AuditRecord *audit) override
    {
        return m_store.insertFile(record, audit);
    }
    Result<std::optional<FileRecord>> insertFileVersion(const FileId &member,
                                                        const FileRecord &draft,
                                                        const AuditRecord *audit) override
    {
        return m_store.insertFileVersion(member, draft, audit);
    }
    Result<QList<FileRecord>> listFiles(const TenantId &tenant, const FileFilter &filter) override
    {
        return m_store.listFiles(tenant, filter);
    }
    Result<QList<FileRecord>> listFileVersions(const TenantId &tenant,
                                               const FileId &member) override
    {
        return m_store.listFileVersions(tenant, member);
    }
    Result<std::optional<FileRecord>> deleteFile(const TenantId &tenant, const FileId &id,
                                                 const AuditRecord *audit) override
    {
        return m_store.deleteFile(tenant, id, audit);
    }
    Result<QList<SessionFileRecord>> listSessionFiles(const TenantId &tenant,
                                                      const QString &session) override
    {
        return m_store.listSessionFiles(tenant, session);
    }
    Result<std::optional<SessionFileRecord>>
    findSessionFile(const TenantId &tenant, const QString &session, const QString &path) override
    {
        return m_store.findSessionFile(tenant, session, path);
    }
    Result<QList<BlobId>> changeSession(const TenantId &tenant, const QString &session,
                                        const QList<SessionFileRecord> &written,
                                        const QStringList &removed, const SessionBounds &bounds,
                                        const AuditRecord *audit) override
    {
        return m_store.changeSession(tenant, session, written, removed, bounds, audit);
    }
    Result<QList<BlobId>> deleteSession(const TenantId &tenant, const QString &session,
                                        const AuditRecord *audit) override
    {
        return m_store.deleteSession(tenant, session, audit);
    }
    Result<bool> isBlobReferenced(const BlobId &blob) override
    {
        return m_store.isBlobReferenced(blob);
    }
    Result<bool> releaseBlob(const BlobId &blob,
                             const std::function<Result<void>()> &removeBytes) override
    {
        return m_store.releaseBlob(blob, removeBytes);
    }
    Result<bool> isBlobBeingReleased(const BlobId &blob) override
    {
        return m_store.isBlobBeingReleased(blob);
    }
    Result<void> appendAudit(const AuditRecord &record) override
    {
        return m_store.appendAudit(record);
    }
    Result<QList<AuditRecord>> listAudit(const TenantId &tenant, const AuditFilter &filter) override
    {
        return m_store.listAudit(tenant, filter);
    }
    Result<std::optional<AuditHead>> auditHead(const TenantId &tenant) override
    {
        return m_store.auditHead(tenant);
    }
    Result<std::unique_ptr<StoreSnapshot>> snapshot() override { return m_store.snapshot(); }
    Result<std::unique_ptr<StoreFilling>> beginFilling() override { return m_store.beginFilling(); }

protected:
    MetadataStore &m_store;
};

} // namespace skillbox
