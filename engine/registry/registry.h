#pragma once

#include "engine/base/result.h"
#include "engine/registry/skill_cache.h"
#include "engine/registry/skill_fields.h"
#include "engine/registry/skill_ref.h"
#include "engine/registry/skill_tree.h"
#include "engine/skill/archive.h"
#include "engine/skill/entrypoint.h"
#include "engine/skill/finding.h"
#include "engine/skill/manifest.h"
#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"

namespace skillbox {

/// A skill ready to run: its manifest and its unpacked, read-only tree.
struct ResolvedSkill {
    QString name;
    QString version;
    QString digest;
    Manifest manifest;
    std::optional<Entrypoint> entrypoint;
    QStringList files;
    QString directory; ///< in the content-addressed cache; never write there
};

struct Published {
    SkillVersionRecord record;
    bool created = false;    ///< false: the same content was there already
    QList<Finding> findings; ///< warnings and infos that did not stop it
};

/// What publishing would store and say of an archive.
struct Inspected {
    SkillVersionRecord record; ///< without tenant, archive, publisher and time
    QList<Finding> findings;   ///< warnings and infos
};

/// The skills of a store: publish, find, resolve. Thread-safe.
class Registry
{
public:
    Registry(MetadataStore &metadata, BlobStore &blobs, SkillCache &cache, ArchiveLimits limits);

    /// Publishes a folder. InvalidSkill when the checker finds errors: their number and the first
    /// in the message's first line, the others a line each. VersionExists when the version has
    /// other content.
    Result<Published> publishDirectory(const TenantId &tenant, const QString &directory,
                                       const Origin &by);
    /// Publishes a zip as it is, byte for byte.
    Result<Published> publishArchive(const TenantId &tenant, const QString &archivePath,
                                     const Origin &by);
    /// The same for an archive that is being read from somewhere.
    Result<Published> publishArchive(const TenantId &tenant, QIODevice &archive, const Origin &by);
    /// Publishes a skill of one script, packed here.
    Result<Published> publishFields(const TenantId &tenant, const SkillFields &fields,
                                    const Origin &by);
    /// Checks an archive as publishing does and stores nothing. InvalidSkill with the findings as
    /// items, TooLarge.
    Result<Inspected> inspectArchive(QIODevice &archive);
    Result<Inspected> inspectFields(const SkillFields &fields);

    /// NotFound, SkillNotAvailable (yanked), or a skill ready to run.
    Result<ResolvedSkill> resolve(const SkillRef &ref);
    /// A folder that was never published, snapshotted into the cache by its digest.
    Result<ResolvedSkill> resolveDirectory(const QString &directory);
    /// Which record a reference means, yanked ones only by version or tag. NotFound else,
    /// BadRequest for what is no name or version at all.
    Result<SkillVersionRecord> find(const SkillRef &ref);

    /// One row per version: by name, then newest SemVer first. A page that cuts a skill's versions
    /// in two cuts them by time of publishing; its own rows are sorted all the same.
    Result<QList<SkillVersionRecord>> list(const TenantId &tenant, const SkillFilter &filter);
    /// The newest row of each name in `list`'s order, by the rule of `latest`: a name with nothing
    /// but yanked versions has none.
    static QList<SkillVersionRecord> latestOnly(const QList<SkillVersionRecord> &rows);

    /// These four want an exact version.
    Result<SkillVersionRecord> yank(const SkillRef &ref, const QString &reason, const Origin &by);
    Result<SkillVersionRecord> unyank(const SkillRef &ref, const Origin &by);
    /// Removes the version with its tags and, if nothing else refers to it, its archive. NotFound
    /// if absent.
    Result<void> remove(const SkillRef &ref, const Origin &by);
    /// Sets the tag on that version or moves it there. BadRequest: no tag (isTag); NotFound.
    Result<TagRecord> setTag(const SkillRef &ref, const QString &tag, const Origin &by);
    /// NotFound if the skill has no such tag.
    Result<void> removeTag(const TenantId &tenant, const QString &name, const QString &tag,
                           const Origin &by);
    /// By name of the tag. NotFound if there is no such skill.
    Result<QList<TagRecord>> tags(const TenantId &tenant, const QString &name);
    /// The published zip, byte for byte.
    Result<std::unique_ptr<QIODevice>> openArchive(const SkillVersionRecord &record);
    /// Every version of a skill, yanked ones too, newest SemVer first, without manifests and
    /// instructions. NotFound if there is none.
    Result<QList<SkillVersionRecord>> versions(const TenantId &tenant, const QString &name);
    /// What `latest` means; empty: there is no version, or all are yanked.
    Result<QString> latestVersion(const TenantId &tenant, const QString &name);
    /// The files of a version, unpacked where they are not yet.
    Result<SkillTree> openTree(const SkillVersionRecord &record);

private:
    Result<Published> publish(const TenantId &tenant, const QString &archivePath, const Origin &by);
    struct Candidate {
        StagedSkill staged;
        SkillVersionRecord record;
        QList<Finding> findings;
    };
    /// Unpacks and checks; InvalidSkill with the findings as items.
    Result<Candidate> examine(const QString &archivePath);
    Result<Inspected> inspect(const QString &archivePath);
    Result<StoredBlob> storeArchive(const QString &archivePath);
    /// Removes the archive unless a record refers to it.
    Result<void> releaseArchive(const BlobId &archive);
    /// find(), but SkillNotAvailable where `latest` has only yanked versions to choose from.
    Result<SkillVersionRecord> lookUp(const SkillRef &ref);
    Result<QString> unpackPublished(const SkillVersionRecord &record);
    static Result<ResolvedSkill> describe(const QString &tree, const QString &digest,
                                          const QStringList &files);
    Result<SkillVersionRecord> setYank(const SkillRef &ref, const QDateTime &at,
                                       const QString &reason, const AuditRecord &audit);

    MetadataStore &m_metadata;
    BlobStore &m_blobs;
    SkillCache &m_cache;
    ArchiveLimits m_limits;
};

} // namespace skillbox
