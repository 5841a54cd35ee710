#pragma once

#include "engine/remote/skill_store.h"

namespace skillbox {

/// The store of the engine in this process.
class LocalSkillStore final : public SkillStore
{
public:
    /// `origin` says who asks, for the records.
    LocalSkillStore(Registry &registry, TenantId tenant, Origin origin);

    QString label() const override { return QStringLiteral("this machine"); }
    Result<QList<SkillVersionRecord>> versions(const QString &name,
                                               const std::stop_token &stop) override;
    Result<std::optional<SkillVersionRecord>> find(const QString &name,
                                                   const QString &version) override;
    Result<void> read(const SkillVersionRecord &record, QIODevice &target,
                      const TransferHooks &hooks) override;
    Result<Published> publish(QIODevice &archive, const TransferHooks &hooks) override;

private:
    Registry &m_registry;
    const TenantId m_tenant;
    const Origin m_origin;
};

} // namespace skillbox
