#pragma once

#include "app/cli/install/install_lock.h"
#include "app/cli/install/skill_offers.h"
#include "engine/skill/finding.h"

#include <QLockFile>

#include <memory>

namespace skillbox {

/// What a person takes upon himself.
struct InstallConsent {
    bool force = false; ///< errors that are not about security; replacing what is there
    /// Rules of security errors that are accepted one by one: none is overridden in passing.
    QStringList acceptedRules = {};
};

enum class InstallChange { Installed, Updated, Unchanged };

struct InstallOutcome {
    InstalledSkill skill;
    InstallChange change = InstallChange::Installed;
    QString previousDigest = {};
    QList<Finding> findings = {};
};

/// How an installed skill differs from what was installed.
struct InstallDifference {
    bool isMissing = false; ///< the folder
    QStringList changed, added, removed;
    QString problem; ///< why it could not be looked at
    bool isNone() const
    {
        return !isMissing && problem.isEmpty() && changed.isEmpty() && added.isEmpty()
            && removed.isEmpty();
    }
};

/// One agent's folder of skills. Everything that comes in is packed, unpacked by the rules for
/// archives and checked as by a publisher before it gets its name; a skill is there whole or not at
/// all. While the object lives no other skillbox changes the folder.
class SkillInstaller
{
public:
    /// Makes the folder. Busy if another one is at work there.
    static Result<std::unique_ptr<SkillInstaller>> open(const QString &folder,
                                                        const ArchiveLimits &limits);
    ~SkillInstaller();

    const InstallLock &lock() const { return m_lock; }
    /// InvalidSkill with the findings as items where the checker refuses it; BadRequest where
    /// something else has its place, or it was changed here.
    Result<InstallOutcome> install(const SkillOffer &offer, const InstallConsent &consent);
    /// What install() would do, without doing it.
    Result<InstallOutcome> look(const SkillOffer &offer);
    /// NotFound for what was not installed; BadRequest for what was changed here.
    Result<void> remove(const QString &name, const InstallConsent &consent);

private:
    struct Candidate;
    SkillInstaller(QString folder, const ArchiveLimits &limits, InstallLock lock);
    Result<Candidate> examine(const SkillOffer &offer);
    Result<void> requirePlace(const QString &name, const InstallConsent &consent) const;
    Result<void> replace(const QString &name, const QString &staged);
    QString pathOf(const QString &name) const;
    QString temporaryPath() const;

    QString m_folder;
    ArchiveLimits m_limits;
    InstallLock m_lock;
    std::unique_ptr<QLockFile> m_guard;
};

/// Compares the folder of an installed skill with its lock entry; reads only.
InstallDifference differenceOf(const QString &folder, const InstalledSkill &skill,
                               const ArchiveLimits &limits);

/// Folders with a skill that the lock does not know.
QStringList unknownSkills(const QString &folder, const InstallLock &lock);

} // namespace skillbox
