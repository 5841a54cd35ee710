#pragma once

#include "app/cli/backend/backend.h"

namespace skillbox {

class Engine;

/// The engine in this process.
class EmbeddedBackend final : public Backend
{
public:
    /// `origin` says who asks, for the records.
    EmbeddedBackend(Engine &engine, TenantId tenant, Origin origin);

    QString server() const override { return {}; }
    Result<Published> push(const QString &path) override;
    Result<QList<SkillVersionRecord>> skills(const SkillFilter &filter) override;
    Result<SkillVersionRecord> skill(const QString &name, const QString &version) override;
    Result<SkillVersionRecord> yank(const QString &name, const QString &version,
                                    const QString &reason) override;
    Result<SkillVersionRecord> unyank(const QString &name, const QString &version) override;
    Result<void> removeSkill(const QString &name, const QString &version) override;
    Result<void> pull(const SkillVersionRecord &record, const ByteSink &sink) override;
    std::unique_ptr<SkillStore> store() override;

    Result<ExecutionRecord> run(const ExecutionRequest &request, const RunHooks &hooks) override;
    Result<void> cancel(const ExecutionId &id) override;
    Result<ExecutionRecord> execution(const ExecutionId &id) override;
    Result<QList<ExecutionRecord>> executions(const ExecutionFilter &filter) override;
    Result<QString> logs(const ExecutionId &id) override;
    Result<ExecutionRecord> follow(const ExecutionId &id, const LogObserver &onLog) override;
    Result<void> readArtifact(const ExecutionRecord &run, const ArtifactRecord &artifact,
                              const ByteSink &sink) override;
    Result<bool> keepsContent(const ExecutionRecord &run, const ArtifactRecord &artifact,
                              const QString &sha256) override;

    Result<NewKey> createKey(const KeyRequest &request) override;
    Result<QList<KeyRecord>> keys() override;
    Result<KeyRecord> revokeKey(const KeyId &id) override;
    Result<AuditVerdict> verifyAudit() override;
    Result<void> exportAudit(const AuditFilter &which, const ByteSink &sink) override;
    Result<QList<TenantView>> tenants() override;
    Result<TenantView> tenant(const TenantId &id) override;
    Result<TenantView> changeTenant(const TenantId &id, const TenantPatch &patch) override;
    Result<Health> health() override;

private:
    Engine &m_engine;
    const Origin m_origin;
    const TenantId m_tenant;
};

} // namespace skillbox
