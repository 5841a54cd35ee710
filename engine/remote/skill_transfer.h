#pragma once

#include "engine/remote/skill_store.h"

namespace skillbox {

enum class TransferOutcome {
    Copied,
    AlreadyThere, ///< the same content under the same version
    Conflict,     ///< other content under the same version
    Failed,
    Cancelled,
};
/// `copied`, `already_there`, `conflict`, `failed`, `cancelled`.
QLatin1StringView transferOutcomeName(TransferOutcome outcome);

/// What became of one version that was to be copied.
struct Transfer {
    QString name;
    QString version;
    QString digest;           ///< of the source
    QString otherDigest = {}; ///< of the target's version where they conflict
    TransferOutcome outcome = TransferOutcome::Failed;
    Error error = {}; ///< of Conflict, Failed and Cancelled: what is wrong and what to do
};

/// Copies a version. Its content is digested here on the way, whatever the source says of it, and
/// the target's digest has to be the same: so a damaged or exchanged archive is not published, and
/// one that the target got wrong is told. Nothing is half published: it is there or not. Doing it
/// again is safe, and so is how to go on after a failure. `limits` bound what is taken.
Transfer copySkill(SkillStore &from, SkillStore &to, const SkillVersionRecord &record,
                   const ArchiveLimits &limits, const TransferHooks &hooks = {});

/// Whether the same would happen to every other version: the store or server is gone, refuses us,
/// or we were stopped.
bool endsTransfers(const Transfer &transfer);

/// A version of the source and the digest that the target has under it.
struct VersionConflict {
    SkillVersionRecord record;
    QString otherDigest;
};

/// What copying all versions that are not yanked would do. Records have no texts.
struct SyncPlan {
    QList<SkillVersionRecord> missing; ///< to copy: by name, then oldest SemVer first
    QList<SkillVersionRecord> same;
    QList<VersionConflict> conflicts;
    int yanked = 0; ///< left out, because they are yanked at the source
};

/// Compares the stores. `names` empty: all skills; NotFound for one the source does not have.
Result<SyncPlan> planSync(SkillStore &from, SkillStore &to, const QStringList &names,
                          const std::stop_token &stop = {});
/// A conflict as copySkill() would tell it.
Transfer conflictOf(const SkillVersionRecord &record, const QString &otherDigest,
                    const SkillStore &from, const SkillStore &to);

} // namespace skillbox
