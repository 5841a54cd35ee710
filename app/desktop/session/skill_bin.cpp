#include "app/desktop/session/skill_bin.h"

#include "app/desktop/session/skill_catalog.h"
#include "engine/local_user.h"
#include "engine/remote/local_skill_store.h"

#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

Origin byOwner()
{
    return {.actor = localUserName()};
}

Result<DeletedSkill> keepCopy(Registry &registry, const SkillVersionRecord &record,
                              const QString &folder)
{
    DeletedSkill kept{.record = record, .tags = {}, .archive = folder + u'/' + newUuid()};
    const auto tags = registry.tags(localTenant(), record.name);
    if (!tags)
        return fail(tags.error());
    for (const TagRecord &tag : *tags) {
        if (tag.version == record.version)
            kept.tags.append(tag.tag);
    }
    QSaveFile file(kept.archive);
    if (!file.open(QIODevice::WriteOnly)) {
        return fail(ErrorCode::Io, u"cannot keep a copy of %1 %2: %3"_s.arg(
                                       record.name, record.version, file.errorString()));
    }
    LocalSkillStore store(registry, localTenant(), byOwner());
    if (const auto read = store.read(record, file, {}); !read)
        return fail(read.error());
    if (!file.commit()) {
        return fail(ErrorCode::Io, u"cannot keep a copy of %1 %2: %3"_s.arg(
                                       record.name, record.version, file.errorString()));
    }
    return kept;
}

} // namespace

SkillBin::SkillBin(EngineThread &engine, SkillCatalog &skills, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
    , m_skills(skills)
    , m_kept(std::make_shared<QTemporaryDir>())
{
}

void SkillBin::remove(QObject *receiver, const QList<std::pair<QString, QString>> &versions,
                      Answer<QList<DeletedSkill>> done)
{
    m_engine.ask(
        receiver,
        [versions, kept = m_kept](Engine &engine) -> Result<QList<DeletedSkill>> {
            Registry &registry = engine.registry();
            QList<DeletedSkill> deleted;
            for (const auto &[name, version] : versions) {
                QList<SkillVersionRecord> records;
                if (version.isEmpty()) {
                    const auto all = registry.versions(localTenant(), name);
                    if (!all)
                        return fail(all.error());
                    records = *all;
                } else {
                    const auto one = registry.find({localTenant(), name, version});
                    if (!one)
                        return fail(one.error());
                    records = {*one};
                }
                for (const SkillVersionRecord &record : std::as_const(records)) {
                    auto copy = keepCopy(registry, record, kept->path());
                    if (!copy)
                        return fail(copy.error());
                    deleted.append(std::move(*copy));
                }
            }
            for (const DeletedSkill &skill : std::as_const(deleted)) {
                const auto removed = registry.remove(
                    {localTenant(), skill.record.name, skill.record.version}, byOwner());
                if (!removed && removed.error().code != ErrorCode::NotFound)
                    return fail(removed.error());
            }
            return deleted;
        },
        [this, done = std::move(done)](Result<QList<DeletedSkill>> deleted) {
            Q_EMIT m_skills.changed(); // also after an error in the middle
            done(std::move(deleted));
        });
}

void SkillBin::restore(QObject *receiver, const QList<DeletedSkill> &skills, Answer<void> done)
{
    m_engine.ask(
        receiver,
        [skills, kept = m_kept](Engine &engine) -> Result<void> {
            Registry &registry = engine.registry();
            for (const DeletedSkill &skill : skills) {
                const auto published = registry.publishArchive(localTenant(), skill.archive,
                                                               byOwner());
                if (!published)
                    return fail(published.error());
                const SkillRef ref{localTenant(), skill.record.name, skill.record.version};
                for (const QString &tag : skill.tags) {
                    if (const auto set = registry.setTag(ref, tag, byOwner()); !set)
                        return fail(set.error());
                }
                if (!skill.record.yankedAt.isValid())
                    continue;
                if (const auto yanked = registry.yank(ref, skill.record.yankReason, byOwner());
                    !yanked)
                    return fail(yanked.error());
            }
            return {};
        },
        [this, done = std::move(done)](Result<void> restored) {
            Q_EMIT m_skills.changed();
            done(std::move(restored));
        });
}

void SkillBin::setYanked(QObject *receiver, const QList<std::pair<QString, QString>> &versions,
                         bool yanked, Answer<QList<std::pair<QString, QString>>> done)
{
    using Changed = QList<std::pair<QString, QString>>;
    m_engine.ask(
        receiver,
        [versions, yanked](Engine &engine) -> Result<Changed> {
            Changed changed;
            for (const auto &[name, version] : versions) {
                const SkillRef ref{localTenant(), name, version};
                const auto record = engine.registry().find(ref);
                if (!record)
                    return fail(record.error());
                if (record->yankedAt.isValid() == yanked)
                    continue;
                const auto set = yanked ? engine.registry().yank(ref, {}, byOwner())
                                        : engine.registry().unyank(ref, byOwner());
                if (!set)
                    return fail(set.error());
                changed.append({name, version});
            }
            return changed;
        },
        [this, done = std::move(done)](Result<Changed> changed) {
            Q_EMIT m_skills.changed();
            done(std::move(changed));
        });
}

} // namespace skillbox
