#include "engine/remote/local_skill_store.h"

#include <limits>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 blockBytes = 256 << 10;

} // namespace

LocalSkillStore::LocalSkillStore(Registry &registry, TenantId tenant, Origin origin)
    : m_registry(registry)
    , m_tenant(std::move(tenant))
    , m_origin(std::move(origin))
{
}

Result<QList<SkillVersionRecord>> LocalSkillStore::versions(const QString &name,
                                                            const std::stop_token &)
{
    return m_registry.list(m_tenant, {.name = name,
                                      .limit = std::numeric_limits<int>::max(),
                                      .columns = SkillColumns::WithoutTexts});
}

Result<std::optional<SkillVersionRecord>> LocalSkillStore::find(const QString &name,
                                                                const QString &version)
{
    auto record = m_registry.find({m_tenant, name, version});
    if (record)
        return std::optional(std::move(*record));
    if (record.error().code == ErrorCode::NotFound)
        return std::optional<SkillVersionRecord>();
    return fail(record.error());
}

Result<void> LocalSkillStore::read(const SkillVersionRecord &record, QIODevice &target,
                                   const TransferHooks &hooks)
{
    const auto archive = m_registry.openArchive(record);
    if (!archive)
        return fail(archive.error());
    qint64 done = 0;
    QByteArray block(blockBytes, Qt::Uninitialized);
    while (true) {
        if (hooks.stop.stop_requested())
            return fail(ErrorCode::Cancelled, u"the transfer was cancelled"_s);
        const qint64 got = (*archive)->read(block.data(), block.size());
        if (got < 0) {
            return fail(ErrorCode::StorageUnavailable,
                        u"the stored archive of %1 %2 cannot be read: %3"_s.arg(
                            record.name, record.version, (*archive)->errorString()));
        }
        if (got == 0)
            return {};
        if (target.write(block.constData(), got) != got)
            return fail(ErrorCode::Io, u"cannot write a copy of %1 %2: %3"_s.arg(
                                           record.name, record.version, target.errorString()));
        done += got;
        if (hooks.progress)
            hooks.progress(done, record.archiveBytes);
    }
}

Result<Published> LocalSkillStore::publish(QIODevice &archive, const TransferHooks &)
{
    archive.seek(0);
    return m_registry.publishArchive(m_tenant, archive, m_origin);
}

} // namespace skillbox
