#include "engine/registry/registry.h"

#include "engine/base/clock.h"
#include "engine/registry/latest.h"
#include "engine/registry/skill_ref.h"
#include "engine/registry/spool.h"
#include "engine/registry/version_record.h"
#include "engine/skill/semver.h"

#include <QDir>

using namespace Qt::StringLiterals;

namespace skillbox {

Registry::Registry(MetadataStore &metadata, BlobStore &blobs, SkillCache &cache,
                   ArchiveLimits limits)
    : m_metadata(metadata)
    , m_blobs(blobs)
    , m_cache(cache)
    , m_limits(limits)
{
}

Result<SkillVersionRecord> Registry::lookUp(const SkillRef &ref)
{
    if (auto valid = checkRef(ref); !valid)
        return fail(valid.error());
    QString version = ref.version;
    if (meansLatest(version)) {
        const auto latest = latestVersion(ref.tenant, ref.name);
        if (!latest)
            return fail(latest.error());
        version = *latest;
        if (version.isEmpty()) {
            const auto any = m_metadata.listVersions(ref.tenant, {.name = ref.name, .limit = 1});
            if (!any)
                return fail(any.error());
            if (any->isEmpty())
                return fail(noSuchVersion(ref));
            return fail(ErrorCode::SkillNotAvailable,
                        u"Every published version of the skill %1 is yanked."_s.arg(ref.name));
        }
    } else if (isTag(version)) {
        const auto tag = m_metadata.findTag(ref.tenant, ref.name, version);
        if (!tag)
            return fail(tag.error());
        if (!*tag)
            return fail(noSuchTag(ref.name, version));
        version = (*tag)->version;
    }
    auto record = m_metadata.findVersion(ref.tenant, ref.name, version);
    if (!record)
        return fail(record.error());
    if (!*record)
        return fail(noSuchVersion(ref));
    return std::move(**record);
}

Result<SkillVersionRecord> Registry::find(const SkillRef &ref)
{
    auto record = lookUp(ref);
    if (!record && record.error().code == ErrorCode::SkillNotAvailable)
        return fail(ErrorCode::NotFound, record.error().message);
    return record;
}

Result<ResolvedSkill> Registry::resolve(const SkillRef &ref)
{
    const auto record = lookUp(ref);
    if (!record)
        return fail(record.error());
    if (record->yankedAt.isValid()) {
        return fail(ErrorCode::SkillNotAvailable,
                    u"The version %1 of the skill %2 is yanked%3."_s.arg(
                        record->version, record->name,
                        record->yankReason.isEmpty() ? QString() : u": "_s + record->yankReason));
    }
    const auto tree = openTree(*record);
    if (!tree)
        return fail(tree.error());
    return describe(tree->directory, record->digest, filesOf(*record));
}

Result<ResolvedSkill> Registry::resolveDirectory(const QString &directory)
{
    if (!QFileInfo(directory).isDir())
        return fail(ErrorCode::Io, u"There is no folder %1."_s.arg(directory));
    // Before anything is copied, so that a wrong folder is named and not taken in.
    if (auto manifest = readManifest(directory); !manifest)
        return fail(manifest.error());
    SkillContent content;
    const auto tree = m_cache.addDirectory(directory, m_limits, &content);
    if (!tree)
        return fail(tree.error());
    return describe(*tree, content.digest, content.paths());
}

Result<ResolvedSkill> Registry::describe(const QString &tree, const QString &digest,
                                         const QStringList &files)
{
    auto manifest = readManifest(tree);
    if (!manifest)
        return fail(manifest.error());
    auto entrypoint = findEntrypoint(*manifest, files);
    if (!entrypoint)
        return fail(entrypoint.error());
    ResolvedSkill skill;
    skill.name = manifest->name;
    skill.version = manifest->version;
    skill.digest = digest;
    skill.manifest = std::move(*manifest);
    skill.entrypoint = std::move(*entrypoint);
    skill.files = files;
    skill.directory = tree;
    return skill;
}

Result<SkillTree> Registry::openTree(const SkillVersionRecord &record)
{
    QString directory = m_cache.find(record.digest);
    if (directory.isEmpty()) {
        auto unpacked = unpackPublished(record);
        if (!unpacked)
            return fail(unpacked.error());
        directory = *unpacked;
    }
    return SkillTree{directory, packedFilesOf(record)};
}

Result<QString> Registry::unpackPublished(const SkillVersionRecord &record)
{
    auto archive = openArchive(record);
    if (!archive)
        return fail(archive.error());
    const auto scratch = Scratch::folder(m_cache.root());
    if (!scratch)
        return fail(scratch.error());
    const QString path = scratch->path() + u"/skill.zip"_s;
    if (auto copied = spool(**archive, path, record.archiveBytes); !copied)
        return fail(copied.error());
    // It was within the limits of its day; an operator who lowers them does not break what is
    // there.
    auto staged = m_cache.stageArchive(path, ArchiveLimits{.archiveBytes = record.archiveBytes});
    if (!staged || staged->content.digest != record.digest) {
        return fail(ErrorCode::StorageCorrupt,
                    u"The stored archive of %1 %2 is damaged; publish it again."_s.arg(
                        record.name, record.version),
                    staged ? u"its content has the digest "_s + staged->content.digest
                           : staged.error().message);
    }
    return m_cache.keep(std::move(*staged));
}

Result<std::unique_ptr<QIODevice>> Registry::openArchive(const SkillVersionRecord &record)
{
    auto archive = m_blobs.open(record.archive);
    if (archive && !*archive) {
        return fail(ErrorCode::StorageCorrupt,
                    u"The stored archive of %1 %2 is missing; publish it again."_s.arg(
                        record.name, record.version),
                    record.archive.sha256);
    }
    return archive;
}

Result<QList<SkillVersionRecord>> Registry::list(const TenantId &tenant, const SkillFilter &filter)
{
    if (!filter.name.isEmpty()) {
        if (auto valid = checkSkillName(filter.name); !valid)
            return fail(valid.error());
    }
    auto rows = m_metadata.listVersions(tenant, filter);
    if (rows)
        sortByVersion(*rows);
    return rows;
}

Result<QList<SkillVersionRecord>> Registry::versions(const TenantId &tenant, const QString &name)
{
    constexpr int all = std::numeric_limits<int>::max();
    if (name.isEmpty())
        return fail(checkSkillName(name).error());
    auto rows = list(tenant, {.name = name, .limit = all, .columns = SkillColumns::WithoutTexts});
    if (rows && rows->isEmpty())
        return fail(noSuchVersion({tenant, name, {}}));
    return rows;
}

Result<QString> Registry::latestVersion(const TenantId &tenant, const QString &name)
{
    return m_metadata.availableVersions(tenant, name).map(latestOf);
}

QList<SkillVersionRecord> Registry::latestOnly(const QList<SkillVersionRecord> &rows)
{
    QHash<QString, QStringList> available;
    for (const SkillVersionRecord &row : rows) {
        if (!row.yankedAt.isValid())
            available[row.name].append(row.version);
    }
    QHash<QString, QString> latest;
    for (auto it = available.cbegin(); it != available.cend(); ++it)
        latest.insert(it.key(), latestOf(it.value()));
    QList<SkillVersionRecord> result;
    for (const SkillVersionRecord &row : rows) {
        const auto found = latest.constFind(row.name);
        if (found != latest.cend() && *found == row.version)
            result.append(row);
    }
    return result;
}

Result<SkillVersionRecord> Registry::setYank(const SkillRef &ref, const QDateTime &at,
                                             const QString &reason, const AuditRecord &audit)
{
    const auto changed = m_metadata.setYanked(ref.tenant, ref.name, ref.version, at, reason,
                                              &audit);
    if (!changed)
        return fail(changed.error());
    if (!*changed)
        return fail(noSuchVersion(ref));
    return lookUp(ref);
}

Result<SkillVersionRecord> Registry::yank(const SkillRef &ref, const QString &reason,
                                          const Origin &by)
{
    if (auto valid = checkExactRef(ref); !valid)
        return fail(valid.error());
    return setYank(ref, nowUtc(), reason,
                   auditOf(ref, u"skill.yank"_s, by, {{u"reason"_s, reason}}));
}

Result<SkillVersionRecord> Registry::unyank(const SkillRef &ref, const Origin &by)
{
    if (auto valid = checkExactRef(ref); !valid)
        return fail(valid.error());
    return setYank(ref, {}, {}, auditOf(ref, u"skill.unyank"_s, by));
}

Result<void> Registry::remove(const SkillRef &ref, const Origin &by)
{
    if (auto valid = checkExactRef(ref); !valid)
        return fail(valid.error());
    const auto record = lookUp(ref);
    if (!record)
        return fail(record.error());
    const AuditRecord audit = auditOf(ref, u"skill.delete"_s, by, {{u"digest"_s, record->digest}});
    const auto removed = m_metadata.deleteVersion(ref.tenant, ref.name, ref.version, &audit);
    if (!removed)
        return fail(removed.error());
    if (!*removed)
        return fail(noSuchVersion(ref));
    // The unpacked tree stays in the cache: runs that have begun still read it.
    return releaseArchive(record->archive);
}

} // namespace skillbox
