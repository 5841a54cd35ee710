#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/findings_view.h"
#include "app/cli/install/agent_folder.h"
#include "app/cli/install/install_view.h"
#include "app/cli/install/skill_installer.h"
#include "app/cli/text.h"
#include "engine/engine_config.h"

#include <QTemporaryDir>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct AddOptions {
    AgentFolderOptions place;
    std::string source;
    std::vector<std::string> names;
    std::vector<std::string> accepted;
    bool all = false;
    bool force = false;
};

/// Those of the offers that were asked for: by name, all, or the only one.
Result<QList<SkillOffer>> chosenOffers(QList<SkillOffer> offers, const AddOptions &options)
{
    QStringList known;
    for (const SkillOffer &offer : std::as_const(offers))
        known += offer.name;
    if (options.names.empty()) {
        if (options.all || offers.size() == 1)
            return offers;
        return fail(
            ErrorCode::BadRequest,
            u"there are %1 skills: name those you want behind the source, or take --all\n%2"_s
                .arg(offers.size())
                .arg(known.first(std::min<qsizetype>(known.size(), 50)).join(u", "_s)));
    }
    QList<SkillOffer> chosen;
    for (const std::string &name : options.names) {
        const auto found = std::find_if(offers.cbegin(), offers.cend(),
                                        [&](const SkillOffer &offer) {
                                            return offer.name == toText(name);
                                        });
        if (found == offers.cend()) {
            const QString similar = closestMatch(toText(name), known);
            return fail(ErrorCode::NotFound,
                        u"there is no skill '%1' there"_s.arg(toText(name))
                            + (similar.isEmpty() ? QString()
                                                 : u"\ndid you mean %1?"_s.arg(similar)));
        }
        chosen += *found;
    }
    return chosen;
}

ExitCode add(CliContext &context, const AddOptions &options)
{
    const auto source = parseInstallSource(toText(options.source));
    if (!source)
        return context.reportError(source.error());
    const auto config = context.engineConfig();
    if (!config)
        return context.reportError(config.error());
    const QTemporaryDir scratch;
    if (!scratch.isValid())
        return context.reportError({ErrorCode::Io, u"cannot make a temporary folder"_s});
    auto offers = offersOf(context, *source, scratch.path());
    if (!offers)
        return context.reportError(offers.error());
    const auto chosen = chosenOffers(std::move(*offers), options);
    if (!chosen)
        return context.reportError(chosen.error());

    const QString folder = agentFolder(context, options.place);
    const auto installer = SkillInstaller::open(folder, config->archiveLimits);
    if (!installer)
        return context.reportError(installer.error());
    InstallConsent consent{.force = options.force};
    for (const std::string &rule : options.accepted)
        consent.acceptedRules += toText(rule);
    InstallView view(context, folder);
    for (const SkillOffer &offer : *chosen) {
        const auto outcome = (*installer)->install(offer, consent);
        if (!outcome)
            view.failed(offer.name.isEmpty() ? toText(offer.source) : offer.name, outcome.error());
        else
            view.installed(*outcome, offer.caveat);
    }
    return view.finish();
}

} // namespace

void registerSkillAdd(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"add", "Install skills into an agent's folder",
         "SOURCE is a folder, a zip archive, a git repository (https, ssh or file, with #branch or "
         "#branch:folder), the address of a site with an index of skills, or NAME[@VERSION] of a "
         "published skill. What comes is unpacked and checked as a publisher would; errors refuse "
         "it. A lock file in the folder keeps where each skill came from and what it was.",
         "skillbox skill add ./my-skill\n"
         "skillbox skill add https://github.com/example/skills.git word-counter --agent claude\n"
         "skillbox skill add https://skills.example.com --all --user\n"
         "skillbox skill add word-counter@1.2.0 --server https://skillbox.example.com"},
        WorksOn::Backend);
    const auto options = std::make_shared<AddOptions>();
    addArgument(*command, "SOURCE", options->source, "Where to take it from",
                value::fileOrDirectory);
    addArguments(*command, "SKILL", options->names, "Which of the skills there", value::skill,
                 Presence::Optional);
    addFlag(*command, "--all", options->all, "Every skill that is there");
    addAgentFolderOptions(*command, options->place);
    addFlag(*command, "--force", options->force,
            "Replace what is there, and install what has errors that are not about security");
    addOption(*command, "--accept", options->accepted,
              "Install it although this rule finds something; may be repeated", "RULE");
    onChosen(*command, context, [options, &context] { return add(context, *options); });
}

} // namespace skillbox
