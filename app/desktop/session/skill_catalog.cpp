#include "app/desktop/session/skill_catalog.h"

#include "engine/local_user.h"

#include <QFileInfo>

namespace skillbox {

SkillCatalog::SkillCatalog(EngineThread &engine, QObject *parent)
    : QObject(parent)
    , m_engine(engine)
{
}

void SkillCatalog::list(QObject *receiver, const QString &query,
                        Answer<QList<SkillVersionRecord>> done)
{
    m_engine.ask(
        receiver,
        [query](Engine &engine) -> Result<QList<SkillVersionRecord>> {
            auto rows = engine.registry().list(localTenant(), {.query = query, .limit = 100'000});
            if (!rows)
                return fail(rows.error());
            return Registry::latestOnly(*rows);
        },
        std::move(done));
}

void SkillCatalog::details(QObject *receiver, const QString &name, const QString &version,
                           Answer<SkillDetails> done)
{
    m_engine.ask(
        receiver,
        [name, version](Engine &engine) -> Result<SkillDetails> {
            Registry &registry = engine.registry();
            const SkillRef ref{localTenant(), name, version};
            auto record = registry.find(ref);
            if (!record)
                return fail(record.error());
            auto versions = registry.list(localTenant(), {.name = name});
            if (!versions)
                return fail(versions.error());
            const auto tree = registry.openTree(*record); // resolve() would refuse a yanked one
            if (!tree)
                return fail(tree.error());
            QStringList files;
            for (const PackedFile &file : tree->files)
                files.append(file.path);
            return SkillDetails{*record, *versions, files, tree->directory};
        },
        std::move(done));
}

void SkillCatalog::publish(QObject *receiver, const QString &path, Answer<Published> done)
{
    m_engine.ask(
        receiver,
        [path](Engine &engine) {
            const Origin origin{.actor = localUserName(), .address = {}, .requestId = {}};
            return QFileInfo(path).isDir()
                ? engine.registry().publishDirectory(localTenant(), path, origin)
                : engine.registry().publishArchive(localTenant(), path, origin);
        },
        [this, done = std::move(done)](Result<Published> published) {
            if (published && published->created)
                Q_EMIT changed();
            done(std::move(published));
        });
}

void SkillCatalog::setYanked(QObject *receiver, const QString &name, const QString &version,
                             bool yanked, Answer<SkillVersionRecord> done)
{
    m_engine.ask(
        receiver,
        [name, version, yanked](Engine &engine) {
            const SkillRef ref{localTenant(), name, version};
            const Origin origin{.actor = localUserName(), .address = {}, .requestId = {}};
            return yanked ? engine.registry().yank(ref, {}, origin)
                          : engine.registry().unyank(ref, origin);
        },
        [this, done = std::move(done)](Result<SkillVersionRecord> record) {
            if (record)
                Q_EMIT changed();
            done(std::move(record));
        });
}

void SkillCatalog::remove(QObject *receiver, const QString &name, const QString &version,
                          Answer<void> done)
{
    m_engine.ask(
        receiver,
        [name, version](Engine &engine) {
            return engine.registry().remove(
                {localTenant(), name, version},
                Origin{.actor = localUserName(), .address = {}, .requestId = {}});
        },
        [this, done = std::move(done)](Result<void> removed) {
            if (removed)
                Q_EMIT changed();
            done(std::move(removed));
        });
}

} // namespace skillbox
