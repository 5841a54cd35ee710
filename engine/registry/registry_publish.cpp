#include "engine/registry/registry.h"

#include "engine/base/clock.h"
#include "engine/registry/finding_json.h"
#include "engine/registry/spool.h"
#include "engine/registry/version_record.h"
#include "engine/skill/lint.h"
#include "engine/skill/rules.h"
#include "engine/storage/blob_release.h"

#include <QFile>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// The errors of a skill as one: how many on the first line with the first of them, the others on
/// lines of their own.
Error refusal(const QList<Finding> &findings)
{
    QStringList errors;
    bool isDangerous = true; // nothing but that is wrong
    for (const Finding &finding : findings) {
        if (finding.severity != Severity::Error)
            continue;
        errors.append(toText(finding));
        isDangerous = isDangerous && isSecurityRule(finding.id) && finding.id != u"SBX-PKG001";
    }
    const QString count = errors.size() == 1 ? u"an error"_s : u"%1 errors"_s.arg(errors.size());
    return {.code = isDangerous ? ErrorCode::SecurityScanFailed : ErrorCode::InvalidSkill,
            .message = u"The skill cannot be published, it has %1: %2"_s.arg(count,
                                                                             errors.join(u'\n')),
            .items = findingsJson(findings)};
}

/// What is worth keeping with a version; notes are for its author.
QList<Finding> warningsOf(const QList<Finding> &findings)
{
    QList<Finding> warnings;
    for (const Finding &finding : findings) {
        if (finding.severity != Severity::Info)
            warnings.append(finding);
    }
    return warnings;
}

Error versionExists(const SkillVersionRecord &record)
{
    return {ErrorCode::VersionExists,
            u"%1 %2 is already published with other content; give the new content another"
            u" version."_s.arg(record.name, record.version)};
}

} // namespace

Result<Published> Registry::publishDirectory(const TenantId &tenant, const QString &directory,
                                             const Origin &by)
{
    if (!QFileInfo(directory).isDir())
        return fail(ErrorCode::Io, u"There is no folder %1."_s.arg(directory));
    if (!QFileInfo::exists(directory + u"/SKILL.md"_s)) {
        return fail(ErrorCode::InvalidSkill,
                    u"There is no SKILL.md in %1, so it is not a skill."_s.arg(directory));
    }
    const auto scratch = Scratch::folder(m_cache.root());
    if (!scratch)
        return fail(scratch.error());
    const QString archive = scratch->path() + u"/skill.zip"_s;
    if (auto packed = packDirectory(directory, archive, m_limits); !packed)
        return fail(packed.error());
    return publish(tenant, archive, by);
}

Result<Published> Registry::publishArchive(const TenantId &tenant, const QString &archivePath,
                                           const Origin &by)
{
    QFile source(archivePath);
    if (!QFileInfo(archivePath).isFile() || !source.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::Io, u"The archive %1 cannot be read."_s.arg(archivePath),
                    source.errorString());
    }
    return publishArchive(tenant, source, by);
}

Result<Published> Registry::publishArchive(const TenantId &tenant, QIODevice &archive,
                                           const Origin &by)
{
    // A copy of our own: what is checked must be what is stored, whatever happens to the original.
    const auto scratch = Scratch::folder(m_cache.root());
    if (!scratch)
        return fail(scratch.error());
    const QString path = scratch->path() + u"/skill.zip"_s;
    if (auto copied = spool(archive, path, m_limits.archiveBytes); !copied)
        return fail(copied.error());
    return publish(tenant, path, by);
}

Result<Published> Registry::publishFields(const TenantId &tenant, const SkillFields &fields,
                                          const Origin &by)
{
    const auto scratch = Scratch::folder(m_cache.root());
    if (!scratch)
        return fail(scratch.error());
    if (auto written = writeSkillFolder(fields, scratch->path()); !written)
        return fail(withFinding(written.error()));
    return publishDirectory(tenant, scratch->path(), by);
}

Result<Inspected> Registry::inspectArchive(QIODevice &archive)
{
    const auto scratch = Scratch::folder(m_cache.root());
    if (!scratch)
        return fail(scratch.error());
    const QString path = scratch->path() + u"/skill.zip"_s;
    if (auto copied = spool(archive, path, m_limits.archiveBytes); !copied)
        return fail(copied.error());
    return inspect(path);
}

Result<Inspected> Registry::inspectFields(const SkillFields &fields)
{
    const auto source = Scratch::folder(m_cache.root());
    const auto target = Scratch::folder(m_cache.root());
    if (!source || !target)
        return fail(source ? target.error() : source.error());
    if (auto written = writeSkillFolder(fields, source->path()); !written)
        return fail(withFinding(written.error()));
    const QString path = target->path() + u"/skill.zip"_s;
    if (auto packed = packDirectory(source->path(), path, m_limits); !packed)
        return fail(withFinding(packed.error()));
    return inspect(path);
}

Result<Inspected> Registry::inspect(const QString &archivePath)
{
    auto candidate = examine(archivePath);
    if (!candidate)
        return fail(candidate.error());
    return Inspected{std::move(candidate->record), std::move(candidate->findings)};
}

Result<Registry::Candidate> Registry::examine(const QString &archivePath)
{
    auto staged = m_cache.stageArchive(archivePath, m_limits);
    if (!staged)
        return fail(withFinding(staged.error()));
    const QList<Finding> findings = lintDirectory(staged->directory, LintProfile::Skillbox,
                                                  FolderName::Arbitrary);
    if (hasErrors(findings))
        return fail(refusal(findings));
    const auto manifest = readManifest(staged->directory);
    if (!manifest)
        return fail(withFinding(manifest.error()));
    auto record = describeVersion(*manifest, staged->content, staged->directory);
    if (!record)
        return fail(withFinding(record.error()));
    return Candidate{std::move(*staged), std::move(*record), findings};
}

Result<Published> Registry::publish(const TenantId &tenant, const QString &archivePath,
                                    const Origin &by)
{
    auto candidate = examine(archivePath);
    if (!candidate)
        return fail(candidate.error());
    Published published;
    published.findings = std::move(candidate->findings);
    SkillVersionRecord *record = &candidate->record;
    record->findings = findingsJson(warningsOf(published.findings));
    record->tenant = tenant;
    record->publishedBy = by.actor;
    record->publishedAt = nowUtc();

    // Most repeated publishing ends here, without storing anything.
    auto existing = m_metadata.findVersion(tenant, record->name, record->version);
    if (!existing)
        return fail(existing.error());
    if (*existing && (*existing)->digest != record->digest)
        return fail(versionExists(*record));

    const auto stored = storeArchive(archivePath);
    if (!stored)
        return fail(stored.error());
    record->archive = stored->id;
    record->archiveBytes = stored->size;

    const AuditRecord audit = auditOf({tenant, record->name, record->version}, u"skill.publish"_s,
                                      by, {{u"digest"_s, record->digest}});
    const auto outcome = *existing ? Result<InsertOutcome>(InsertOutcome::AlreadyThere)
                                   : m_metadata.insertVersion(*record, &audit);
    if (!outcome || *outcome == InsertOutcome::Conflict) {
        (void)releaseArchive(stored->id); // ours is not wanted; the reason is the other error
        return fail(outcome ? versionExists(*record) : outcome.error());
    }
    // From here on the record keeps the archive. Until now a removal of the last other record with
    // these bytes could have taken them away, so look, and store them again if it did.
    if (const auto there = isStillThere(m_metadata, m_blobs, stored->id); !there) {
        return fail(there.error());
    } else if (!*there) {
        if (auto again = storeArchive(archivePath); !again)
            return fail(again.error());
    }
    if (auto kept = m_cache.keep(std::move(candidate->staged)); !kept)
        return fail(kept.error());

    if (*outcome == InsertOutcome::Inserted) {
        published.created = true;
        published.record = std::move(*record);
        return published;
    }
    // The same content in a zip of other bytes: the first one published stays.
    auto first = m_metadata.findVersion(tenant, record->name, record->version);
    if (!first)
        return fail(first.error());
    if (!*first || (*first)->archive != stored->id)
        (void)releaseArchive(stored->id);
    published.record = *first ? std::move(**first) : std::move(*record);
    return published;
}

Result<StoredBlob> Registry::storeArchive(const QString &archivePath)
{
    QFile archive(archivePath);
    if (!archive.open(QIODevice::ReadOnly)) {
        return fail(ErrorCode::Io, u"The archive %1 cannot be read."_s.arg(archivePath),
                    archive.errorString());
    }
    return m_blobs.put(archive, m_limits.archiveBytes);
}

Result<void> Registry::releaseArchive(const BlobId &archive)
{
    return m_metadata
        .releaseBlob(archive,
                     [&]() -> Result<void> {
                         if (auto removed = m_blobs.remove(archive); !removed)
                             return fail(removed.error());
                         return {};
                     })
        .map([](bool) {});
}

} // namespace skillbox
