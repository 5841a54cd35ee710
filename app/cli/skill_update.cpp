#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/install/agent_folder.h"
#include "app/cli/install/install_view.h"
#include "app/cli/install/skill_installer.h"
#include "engine/engine_config.h"

#include <QTemporaryDir>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct UpdateOptions {
    AgentFolderOptions place;
    std::vector<std::string> names;
    std::vector<std::string> accepted;
    bool dryRun = false;
    bool force = false;
};

/// What the source has now in the place of an installed skill.
Result<SkillOffer> offerFor(CliContext &context, const InstalledSkill &skill,
                            const QString &scratch)
{
    const auto offers = offersOf(context, skill.source, scratch);
    if (!offers)
        return fail(offers.error());
    for (const SkillOffer &offer : *offers) {
        if (offer.name == skill.name || offer.name.isEmpty())
            return offer;
    }
    return fail(ErrorCode::NotFound,
                u"%1 is not at %2 any more"_s.arg(skill.name, toText(skill.source)));
}

ExitCode update(CliContext &context, const UpdateOptions &options)
{
    const auto config = context.engineConfig();
    if (!config)
        return context.reportError(config.error());
    const QString folder = agentFolder(context, options.place);
    const auto installer = SkillInstaller::open(folder, config->archiveLimits);
    if (!installer)
        return context.reportError(installer.error());
    QStringList names;
    for (const std::string &name : options.names)
        names += toText(name);
    if (names.isEmpty())
        names = (*installer)->lock().skills().keys();
    InstallConsent consent{.force = options.force};
    for (const std::string &rule : options.accepted)
        consent.acceptedRules += toText(rule);

    InstallView view(context, folder);
    for (const QString &name : std::as_const(names)) {
        const InstalledSkill *known = (*installer)->lock().find(name);
        if (!known) {
            view.failed(name,
                        {ErrorCode::NotFound,
                         u"%1 was not installed in '%2' by skillbox"_s.arg(name, folder)});
            continue;
        }
        const QTemporaryDir scratch;
        const auto offer = offerFor(context, *known, scratch.path());
        if (!offer) {
            view.failed(name, offer.error());
            continue;
        }
        const auto outcome = options.dryRun ? (*installer)->look(*offer)
                                            : (*installer)->install(*offer, consent);
        if (!outcome)
            view.failed(name, outcome.error());
        else if (options.dryRun)
            view.planned(*outcome);
        else
            view.installed(*outcome, offer->caveat);
    }
    return view.finish();
}

} // namespace

void registerSkillUpdate(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"update", "Bring installed skills up to date",
         "Fetches each again from where it came and replaces it where that has changed; a commit "
         "or "
         "a version that was named stays the same. A skill that was edited here is left alone.",
         "skillbox skill update --dry-run\n"
         "skillbox skill update word-counter --agent claude"},
        WorksOn::Backend);
    const auto options = std::make_shared<UpdateOptions>();
    addArguments(*command, "SKILL", options->names, "Which of them (default: all)", value::text,
                 Presence::Optional);
    addAgentFolderOptions(*command, options->place);
    addFlag(*command, "--dry-run", options->dryRun, "Only say what would be updated");
    addFlag(*command, "--force", options->force,
            "Do away with changes made here, and install what has errors that are not about "
            "security");
    addOption(*command, "--accept", options->accepted,
              "Install it although this rule finds something; may be repeated", "RULE");
    onChosen(*command, context, [options, &context] { return update(context, *options); });
}

} // namespace skillbox
