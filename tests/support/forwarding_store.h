#pragma once

#include "engine/storage/metadata_store.h"

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
    Result<void> insertExecution(const ExecutionRecord &record) override
    {
        return m_store.insertExecution(record);
    }
    Result<bool> markRunning(const TenantId &tenant, const ExecutionId &id,
                             const QDateTime &startedAt) override
    {
        return m_store.markRunning(tenant, id, startedAt);
    }
    Result<bool> finishExecution(const ExecutionRecord &record) override
    {
        return m_store.finishExecution(record);
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
    Result<bool> requestCancel(const TenantId &tenant, const ExecutionId &id) override
    {
        return m_store.requestCancel(tenant, id);
    }
    Result<QList<ExecutionId>> cancelRequestsOf(const InstanceId &instance) override
    {
        return m_store.cancelRequestsOf(instance);
    }
    Result<QList<InstanceId>> instancesWithUnfinished() override
    {
        return m_store.instancesWithUnfinished();
    }
    Result<QList<ExecutionId>> failLost(const InstanceId &instance, const QDateTime &at) override
    {
        return m_store.failLost(instance, at);
    }
    Result<std::optional<FileRecord>> findFile(const TenantId &tenant, const FileId &id) override
    {
        return m_store.findFile(tenant, id);
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
    Result<void> appendAudit(const AuditRecord &record) override
    {
        return m_store.appendAudit(record);
    }
    Result<QList<AuditRecord>> listAudit(const TenantId &tenant, int limit, int offset) override
    {
        return m_store.listAudit(tenant, limit, offset);
    }

protected:
    MetadataStore &m_store;
};

} // namespace skillbox
