#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/install/agent_folder.h"
#include "app/cli/install/skill_installer.h"
#include "app/cli/json_writer.h"
#include "app/cli/text.h"
#include "engine/engine_config.h"

#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

struct RemoveOptions {
    AgentFolderOptions place;
    std::vector<std::string> names;
    bool force = false;
};

ExitCode remove(CliContext &context, const RemoveOptions &options)
{
    const auto config = context.engineConfig();
    if (!config)
        return context.reportError(config.error());
    const QString folder = agentFolder(context, options.place);
    if (!QFileInfo(folder).isDir()) {
        return context.reportError({ErrorCode::NotFound, u"there is no folder '%1'"_s.arg(folder)});
    }
    const auto installer = SkillInstaller::open(folder, config->archiveLimits);
    if (!installer)
        return context.reportError(installer.error());
    JsonWriter json;
    json.beginObject().key(u"removed"_s).beginArray();
    ExitCode code = ExitCode::Success;
    for (const std::string &text : options.names) {
        const QString name = toText(text);
        if (const auto gone = (*installer)->remove(name, {.force = options.force}); !gone) {
            code = context.reportError(gone.error());
            continue;
        }
        json.value(name);
        if (!context.wantsJson())
            context.out().writeLine(u"Removed "_s + printableLine(name));
    }
    json.endArray().endObject();
    if (context.wantsJson())
        context.printJson(json.bytes());
    return code;
}

} // namespace

void registerSkillRemove(CLI::App &skill, CliContext &context)
{
    CLI::App *command = addCommand(
        skill, context,
        {"remove", "Remove installed skills from an agent's folder",
         "Only what skill add installed. To delete a published version: skillbox skill delete.",
         "skillbox skill remove word-counter --agent claude"});
    const auto options = std::make_shared<RemoveOptions>();
    addArguments(*command, "SKILL", options->names, "Which", value::text, Presence::Required);
    addAgentFolderOptions(*command, options->place);
    addFlag(*command, "--force", options->force, "Although it was changed here");
    onChosen(*command, context, [options, &context] { return remove(context, *options); });
}

} // namespace skillbox
