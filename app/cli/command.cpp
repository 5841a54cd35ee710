#include "app/cli/command.h"

#include "app/cli/help.h"

namespace skillbox {
namespace {

void addCommonOptions(CLI::App &command, CliContext &context)
{
    command.set_help_flag("-h,--help", "Show this help")->group("Common options");
    addChoice(command, "-o,--output", context.options().output,
              "How to print the result on standard output", {"table", "json"})
        ->group("Common options");
    command.add_flag("--verbose", context.options().verbose, "Say more when something goes wrong")
        ->group("Common options");
}

CLI::App *addAny(CLI::App &parent, const CommandText &text)
{
    CLI::App *command = parent.add_subcommand(text.name, text.summary);
    command->footer(helpFooter(text.details, text.examples));
    return command;
}

} // namespace

CLI::App *addCommand(CLI::App &parent, CliContext &context, const CommandText &text)
{
    CLI::App *command = addAny(parent, text);
    addCommonOptions(*command, context);
    return command;
}

CLI::App *addCommandGroup(CLI::App &parent, CliContext &context, const CommandText &text)
{
    CLI::App *command = addAny(parent, text);
    addCommonOptions(*command, context);
    command->require_subcommand(0, 1);
    onChosen(*command, context, [command, &context] {
        context.out().write(QString::fromStdString(command->help()));
        return ExitCode::Success;
    });
    return command;
}

CLI::Option *addChoice(CLI::App &command, const std::string &names, std::string &target,
                       const std::string &description, const std::vector<std::string> &choices)
{
    const std::string typeName = CLI::detail::join(choices, "|");
    const auto oneOf = [choices](const std::string &word) -> std::string {
        if (std::find(choices.begin(), choices.end(), word) != choices.end())
            return {};
        return "must be " + CLI::detail::join(choices, " or ") + ", not '" + word + "'";
    };
    return command.add_option(names, target, description)
        ->type_name(typeName)
        ->check(CLI::Validator(oneOf, ""));
}

void onChosen(CLI::App &command, CliContext &context, std::function<ExitCode()> action)
{
    // CLI11 calls the callbacks of a chosen command before those of its parents: keep the first.
    command.final_callback([&context, action = std::move(action)] {
        if (!context.hasAction())
            context.setAction(action);
    });
}

} // namespace skillbox
