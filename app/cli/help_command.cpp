#include "app/cli/command.h"
#include "app/cli/commands.h"
#include "app/cli/help.h"
#include "app/cli/serve.h"
#include "app/cli/usage_error.h"

using namespace Qt::StringLiterals;

namespace skillbox {

void registerHelp(CLI::App &root, CliContext &context)
{
    CLI::App *command = addCommand(root, context,
                                   {"help", "Show the help of a command", "",
                                    "skillbox help run\n"
                                    "skillbox help skill push"});
    const auto words = std::make_shared<std::vector<std::string>>();
    command->add_option("COMMAND", *words, "The command")->type_name(value::text);
    onChosen(*command, context, [words, &root, &context] {
        const CLI::App *shown = &root;
        for (const std::string &word : *words) {
            const auto commands = visibleCommands(shown);
            const auto next = std::find_if(commands.begin(), commands.end(),
                                           [&word](const CLI::App *sub) {
                                               return sub->get_name() == word;
                                           });
            if (next == commands.end())
                return context.reportError(unknownCommand(root, *shown, toText(word)));
            shown = *next;
        }
        if (shown->get_prefix_command())
            return becomeServer(context, {"--help"});
        context.out().write(QString::fromStdString(
            shown->get_formatter()->make_help(shown, {}, CLI::AppFormatMode::Normal)));
        return ExitCode::Success;
    });
}

} // namespace skillbox
