#pragma once

#include "app/cli/cli_context.h"
#include "app/cli/install/install_source.h"
#include "engine/skill/archive.h"

#include <functional>

namespace skillbox {

/// A skill that a source has.
struct SkillOffer {
    QString name;
    InstallSource source; ///< of this skill alone, as the lock keeps it
    QString digest = {};  ///< of its content where the source says it; checked when it is unpacked
    /// What could not be checked because the source does not say it; empty: nothing.
    QString caveat = {};
    /// Writes the skill as a zip archive to this path, which does not exist.
    std::function<Result<void>(const QString &archivePath)> fetch;
};

/// What a source has, by name. A git repository is fetched for it, into `scratch`, which has to
/// stay as long as the offers. NotFound if there is no skill at all.
Result<QList<SkillOffer>> offersOf(CliContext &context, const InstallSource &source,
                                   const QString &scratch);

// One function a kind of source, each in the file of its name.

Result<QList<SkillOffer>> offersOfFolder(const InstallSource &source, const QString &directory,
                                         const ArchiveLimits &limits);
Result<QList<SkillOffer>> offersOfGit(const InstallSource &source, const QString &scratch,
                                      const ArchiveLimits &limits,
                                      const QProcessEnvironment &personal);
Result<QList<SkillOffer>> offersOfIndex(const InstallSource &source, const QString &caFile,
                                        const ArchiveLimits &limits);
Result<QList<SkillOffer>> offersOfServer(CliContext &context, const InstallSource &source);

} // namespace skillbox
