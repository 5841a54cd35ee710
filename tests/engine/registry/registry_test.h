#pragma once

#include "engine/base/sha256.h"
#include "engine/registry/registry.h"
#include "engine/storage/directory_blob_store.h"
#include "engine/storage/sqlite_store.h"
#include "tests/support/skill_folder.h"

#include <QObject>
#include <QTemporaryDir>

namespace skillbox::test {

/// The registry on SQLite and a folder: test_registry.cpp publishes, registry_reading.cpp has what
/// is done with what was published.
class TestRegistry : public QObject
{
    Q_OBJECT

    struct Parts {
        QTemporaryDir directory;
        std::unique_ptr<MetadataStore> metadata;
        std::unique_ptr<DirectoryBlobStore> blobs;
        std::unique_ptr<SkillCache> cache;
        std::unique_ptr<Registry> registry;
    };
    std::unique_ptr<Parts> d;

    QString in(const QString &name) const { return d->directory.filePath(name); }
    QString sources() const { return in(QStringLiteral("sources")); }
    static SkillRef ref(const QString &name, const QString &version = {})
    {
        return {localTenant(), name, version};
    }
    Result<Published> publish(const SkillFolder &skill)
    {
        return d->registry->publishDirectory(localTenant(), skill.write(sources()),
                                             Origin{QStringLiteral("me")});
    }
    QStringList blobFiles() const
    {
        QStringList files;
        for (const QString &entry : allEntries(in(QStringLiteral("blobs")))) {
            if (QFileInfo(in(QStringLiteral("blobs/") + entry)).isFile())
                files.append(entry);
        }
        return files;
    }
    QStringList actions() const
    {
        QStringList actions;
        const auto records = d->metadata->listAudit(localTenant(), {}).value();
        for (const AuditRecord &record : records)
            actions.append(record.action + u' ' + record.target + u' ' + record.actor);
        return actions;
    }
    static QStringList versionsOf(const QList<SkillVersionRecord> &rows)
    {
        QStringList versions;
        for (const SkillVersionRecord &row : rows)
            versions.append(row.name + u'@' + row.version);
        return versions;
    }

private Q_SLOTS:
    void init();
    void cleanup();

    void publishesAFolder();
    void keepsAZipByteForByte();
    void publishingTheSameAgainChangesNothing();
    void sameContentInAnotherZipKeepsTheFirst();
    void refusesOtherContentForTheSameVersion();
    void refusesWhatTheCheckerRefuses();
    void refusesWhatIsNoSkill();
    void refusesAnArchiveOverTheLimit();
    void refusesAnUnknownTenant();
    void publishesASkillWithoutAScript();

    void resolvesToAReadOnlyTree();
    void unpacksAgainWhenTheCacheIsGone();
    void saysThatAStoredArchiveIsDamagedOrGone();
    void choosesTheLatest_data();
    void choosesTheLatest();
    void refusesAYankedVersionToRunButShowsIt();
    void aTagIsTheVersionItIsOn();
    void aDeletedVersionLosesItsTags();
    void refusesBadTags_data();
    void refusesBadTags();
    void takesTheLongestTag();
    void namesWhatIsNotThere();
    void refusesBadReferences_data();
    void refusesBadReferences();
    void changesOnlyANamedVersion();
    void resolvesAFolderThatWasNeverPublished();

    void listsByNameThenHighestVersion();

    void removesTheArchiveWithItsLastVersion();
    void publishingWhileOthersRemoveKeepsTheArchive();
    void eightThreadsPublishTheSame();
};

} // namespace skillbox::test
