#pragma once

#include "engine/remote/api_client.h"
#include "engine/remote/skill_store.h"

namespace skillbox {

/// The skills of a server. Thread-safe.
class RemoteRegistry final : public SkillStore
{
public:
    /// `api` must outlive it.
    explicit RemoteRegistry(ApiClient &api) : m_api(api) { }

    QString label() const override { return m_api.server().text; }
    Result<QList<SkillVersionRecord>> versions(const QString &name,
                                               const std::stop_token &stop = {}) override;
    Result<std::optional<SkillVersionRecord>> find(const QString &name,
                                                   const QString &version) override;
    Result<void> read(const SkillVersionRecord &record, QIODevice &target,
                      const TransferHooks &hooks) override;
    Result<Published> publish(QIODevice &archive, const TransferHooks &hooks = {}) override;

    /// As SkillFilter has it, but for its columns and cursor. By name, then newest SemVer first.
    Result<QList<SkillVersionRecord>> list(const SkillFilter &filter,
                                           const std::stop_token &stop = {});
    /// find(), but NotFound where there is none.
    Result<SkillVersionRecord> record(const QString &name, const QString &version);
    /// The archive piece by piece.
    Result<void> read(const SkillVersionRecord &record,
                      const std::function<Result<void>(QByteArrayView)> &sink,
                      const std::stop_token &stop = {});
    Result<SkillVersionRecord> yank(const QString &name, const QString &version,
                                    const QString &reason);
    Result<SkillVersionRecord> unyank(const QString &name, const QString &version);
    Result<void> remove(const QString &name, const QString &version);
    /// Whether there is a Skillbox that takes our key: its version. Reads one row of its list.
    Result<QString> check();

private:
    ApiClient &m_api;
};

} // namespace skillbox
