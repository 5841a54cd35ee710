#include "engine/remote/skill_transfer.h"

#include "engine/base/quoted_name.h"
#include "engine/registry/version_record.h"

#include <QFile>
#include <QHash>
#include <QTemporaryDir>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A file that takes no more than an archive may have: the source is not trusted to end.
class BoundedFile final : public QFile
{
public:
    BoundedFile(const QString &path, qint64 most) : QFile(path), m_most(most) { }

protected:
    qint64 writeData(const char *data, qint64 size) override
    {
        if (pos() + size > m_most) {
            setErrorString(u"it is larger than an archive may be (%1 bytes)"_s.arg(m_most));
            return -1;
        }
        return QFile::writeData(data, size);
    }

private:
    const qint64 m_most;
};

/// Whether the archive holds what its record says.
Result<void> verifyArchive(const QString &archive, const QString &directory,
                           const SkillVersionRecord &record, const QString &source,
                           const ArchiveLimits &limits)
{
    const auto content = unpackArchive(archive, directory, limits);
    if (!content)
        return fail(content.error());
    if (content->digest != record.digest) {
        return fail(ErrorCode::StorageCorrupt,
                    u"the archive of %1 %2 from %3 is not what its record says: its content has the"
                    u" digest %4, the record says %5"_s.arg(record.name, record.version, source,
                                                            content->digest, record.digest));
    }
    const auto manifest = readManifest(directory);
    if (!manifest)
        return fail(manifest.error());
    if (manifest->name != record.name || manifest->version != record.version) {
        return fail(ErrorCode::StorageCorrupt,
                    u"%1 gave another skill as %2 %3: "_s.arg(source, record.name, record.version)
                        + quotedName(manifest->name + u' ' + manifest->version));
    }
    return {};
}

Transfer failed(Transfer transfer, const Error &error)
{
    transfer.outcome = error.code == ErrorCode::Cancelled ? TransferOutcome::Cancelled
                                                          : TransferOutcome::Failed;
    transfer.error = error;
    return transfer;
}

/// The bytes of a copy go by twice, in and out.
std::function<void(qint64, qint64)> half(const TransferHooks &hooks, qint64 total, int which)
{
    if (!hooks.progress)
        return {};
    return [&hooks, total, which](qint64 done, qint64 of) {
        const qint64 whole = total > 0 ? total : of;
        hooks.progress(which * whole + done, 2 * whole);
    };
}

} // namespace

QLatin1StringView transferOutcomeName(TransferOutcome outcome)
{
    switch (outcome) {
    case TransferOutcome::Copied: return "copied"_L1;
    case TransferOutcome::AlreadyThere: return "already_there"_L1;
    case TransferOutcome::Conflict: return "conflict"_L1;
    case TransferOutcome::Failed: return "failed"_L1;
    case TransferOutcome::Cancelled: return "cancelled"_L1;
    }
    return {};
}

Transfer conflictOf(const SkillVersionRecord &record, const QString &otherDigest,
                    const SkillStore &from, const SkillStore &to)
{
    return {.name = record.name,
            .version = record.version,
            .digest = record.digest,
            .otherDigest = otherDigest,
            .outcome = TransferOutcome::Conflict,
            .error = {ErrorCode::VersionExists,
                      u"%1 %2 has other content at %3\n"
                      "%4 has %5\n%3 has %6\n"
                      "a published version never changes: give the one you want to keep a new "
                      "version and publish that"_s.arg(record.name, record.version, to.label(),
                                                       from.label(), record.digest, otherDigest)}};
}

Transfer copySkill(SkillStore &from, SkillStore &to, const SkillVersionRecord &record,
                   const ArchiveLimits &limits, const TransferHooks &hooks)
{
    Transfer transfer{.name = record.name, .version = record.version, .digest = record.digest};
    if (hooks.stop.stop_requested())
        return failed(transfer, {ErrorCode::Cancelled, u"the transfer was cancelled"_s});
    const auto there = to.find(record.name, record.version);
    if (!there)
        return failed(transfer, there.error());
    if (*there) {
        if ((*there)->digest != record.digest)
            return conflictOf(record, (*there)->digest, from, to);
        transfer.outcome = TransferOutcome::AlreadyThere;
        return transfer;
    }

    const QTemporaryDir scratch;
    if (!scratch.isValid()) {
        return failed(transfer,
                      {ErrorCode::Io,
                       u"cannot make a temporary folder: %1"_s.arg(scratch.errorString())});
    }
    BoundedFile archive(scratch.filePath(u"skill.zip"_s), limits.archiveBytes);
    // Unbuffered, so that a write that cannot be done says so at once.
    if (!archive.open(QIODevice::ReadWrite | QIODevice::Unbuffered)) {
        return failed(transfer,
                      {ErrorCode::Io, u"cannot make a temporary file: %1"_s.arg(
                                          archive.errorString())});
    }
    const qint64 expected = record.archiveBytes;
    if (const auto read = from.read(record, archive, {half(hooks, expected, 0), hooks.stop}); !read)
        return failed(transfer, read.error());
    if (const auto same = verifyArchive(archive.fileName(), scratch.filePath(u"tree"_s), record,
                                        from.label(), limits);
        !same)
        return failed(transfer, same.error());

    archive.seek(0);
    const auto published = to.publish(archive, {half(hooks, archive.size(), 1), hooks.stop});
    if (!published && published.error().code == ErrorCode::VersionExists) {
        const auto now = to.find(record.name, record.version); // it came meanwhile
        return conflictOf(record, now && *now ? (*now)->digest : QString(), from, to);
    }
    if (!published)
        return failed(transfer, published.error());
    const SkillVersionRecord &made = published->record;
    if (made.digest != record.digest || made.name != record.name
        || made.version != record.version) {
        return failed(transfer, {ErrorCode::StorageCorrupt,
                                 u"%1 says it stored %2 %3 with the digest %4, but it was given"
                                 u" %5 %6 with %7"_s.arg(to.label(), made.name, made.version,
                                                         made.digest, record.name, record.version,
                                                         record.digest)});
    }
    transfer.outcome = published->created ? TransferOutcome::Copied
                                          : TransferOutcome::AlreadyThere;
    return transfer;
}

bool endsTransfers(const Transfer &transfer)
{
    if (transfer.outcome == TransferOutcome::Cancelled)
        return true;
    if (transfer.outcome != TransferOutcome::Failed)
        return false;
    switch (transfer.error.code) {
    case ErrorCode::Io:
    case ErrorCode::Unauthorized:
    case ErrorCode::Forbidden:
    case ErrorCode::Busy:
    case ErrorCode::RateLimited:
    case ErrorCode::StorageUnavailable:
    case ErrorCode::Internal: return true;
    default: return false;
    }
}

Result<SyncPlan> planSync(SkillStore &from, SkillStore &to, const QStringList &names,
                          const std::stop_token &stop)
{
    const auto ours = from.versions({}, stop);
    if (!ours)
        return fail(ours.error());
    const auto theirs = to.versions({}, stop);
    if (!theirs)
        return fail(theirs.error());
    using Key = std::pair<QString, QString>;
    QHash<Key, QString> digests;
    for (const SkillVersionRecord &row : *theirs)
        digests.insert({row.name, row.version}, row.digest);

    SyncPlan plan;
    QStringList unseen = names;
    for (const SkillVersionRecord &row : *ours) {
        if (!names.isEmpty() && !names.contains(row.name))
            continue;
        unseen.removeAll(row.name);
        if (row.yankedAt.isValid()) {
            ++plan.yanked;
            continue;
        }
        const auto other = digests.constFind({row.name, row.version});
        if (other == digests.cend())
            plan.missing.append(row);
        else if (*other == row.digest)
            plan.same.append(row);
        else
            plan.conflicts.append({row, *other});
    }
    if (!unseen.isEmpty()) {
        return fail(ErrorCode::NotFound,
                    u"there is no skill %1 at %2"_s.arg(unseen.first(), from.label()));
    }
    // Old versions first, so that a copy that is cut short has no gaps behind its newest.
    for (auto first = plan.missing.begin(); first != plan.missing.end();) {
        const auto last = std::find_if(first, plan.missing.end(), [&](const auto &row) {
            return row.name != first->name;
        });
        std::reverse(first, last);
        first = last;
    }
    return plan;
}

} // namespace skillbox
