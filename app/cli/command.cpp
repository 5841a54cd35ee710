#include "app/cli/command.h"

#include "app/cli/help.h"

#include <CLI/CLI.hpp>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

CLI::App *addAny(CLI::App &parent, const CommandText &text)
{
    CLI::App *command = parent.add_subcommand(text.name, text.summary);
    command->footer(helpFooter(text.details, text.examples));
    return command;
}

/// `a, b or c`.
std::string alternatives(const std::vector<std::string> &words)
{
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0)
            text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

constexpr const char *commonGroup = "Common options";
constexpr const char *serverGroup = "Server options";

void addServerOptions(CLI::App &command, CliContext &context)
{
    CommonOptions &options = context.options();
    command
        .add_option("-s,--server", options.server,
                    "Work on this server instead of this machine's store; `local` is the one that "
                    "`skillbox serve` runs here (SKILLBOX_SERVER_URL)")
        ->type_name("URL")
        ->group(serverGroup);
    command
        .add_option("-k,--api-key", options.apiKey,
                    "The key to show to it; others on this machine can see it in the process list, "
                    "SKILLBOX_API_KEY they cannot")
        ->type_name("KEY")
        ->group(serverGroup);
    command
        .add_option("-t,--tenant", options.tenant,
                    "Fail unless the key belongs to this tenant (SKILLBOX_TENANT_ID)")
        ->type_name("NAME")
        ->group(serverGroup);
}

} // namespace

void addCommonOptions(CLI::App &command, CliContext &context, WorksOn worksOn)
{
    command.set_help_flag("-h,--help", "Show this help")->group(commonGroup);
    addChoice(command, "-o,--output", context.options().output,
              "How to print the result on standard output", {"table", "json"});
    command.get_option("--output")->group(commonGroup);
    command.add_flag("--verbose", context.options().verbose, "Say more when something goes wrong")
        ->group(commonGroup);
    if (worksOn == WorksOn::Backend)
        addServerOptions(command, context);
}

CLI::App *addCommand(CLI::App &parent, CliContext &context, const CommandText &text,
                     WorksOn worksOn)
{
    CLI::App *command = addAny(parent, text);
    addCommonOptions(*command, context, worksOn);
    return command;
}

CLI::App &addPassThroughCommand(CLI::App &parent, const CommandText &text)
{
    CLI::App *command = parent.add_subcommand(text.name, text.summary);
    command->set_help_flag();
    command->prefix_command();
    return *command;
}

std::vector<std::string> passedThrough(const CLI::App &command)
{
    return command.remaining();
}

CLI::App *addCommandGroup(CLI::App &parent, CliContext &context, const CommandText &text,
                          WorksOn worksOn)
{
    CLI::App *command = addAny(parent, text);
    addCommonOptions(*command, context, worksOn);
    command->require_subcommand(0, 1);
    onChosen(*command, context, [command, &context] {
        context.out().write(QString::fromStdString(command->help()));
        return ExitCode::Success;
    });
    return command;
}

void addArgument(CLI::App &command, const std::string &name, std::string &target,
                 const std::string &description, const char *valueType, Presence presence)
{
    command.add_option(name, target, description)
        ->type_name(valueType)
        ->required(presence == Presence::Required);
}

void addArguments(CLI::App &command, const std::string &name, std::vector<std::string> &target,
                  const std::string &description, const char *valueType, Presence presence)
{
    command.add_option(name, target, description)
        ->type_name(valueType)
        ->required(presence == Presence::Required);
}

void addOption(CLI::App &command, const std::string &names, std::string &target,
               const std::string &description, const char *valueType)
{
    command.add_option(names, target, description)->type_name(valueType);
}

void addOption(CLI::App &command, const std::string &names, std::optional<std::string> &target,
               const std::string &description, const char *valueType)
{
    command.add_option(names, target, description)->type_name(valueType);
}

void addOption(CLI::App &command, const std::string &names, std::vector<std::string> &target,
               const std::string &description, const char *valueType)
{
    // One value each time: else `--env A=1 skill` would take the skill for a second value.
    command.add_option(names, target, description)->type_name(valueType)->allow_extra_args(false);
}

void addNumber(CLI::App &command, const std::string &names, int &target,
               const std::string &description, int smallest, int largest)
{
    const auto inRange = [smallest, largest](const std::string &text) -> std::string {
        bool isNumber = false;
        const int number = toText(text).toInt(&isNumber);
        if (isNumber && number >= smallest && number <= largest)
            return {};
        return "must be a number from " + std::to_string(smallest) + " to "
            + std::to_string(largest) + ", not '" + text + "'";
    };
    command.add_option(names, target, description)
        ->type_name("N")
        ->check(CLI::Validator(inRange, ""));
}

void addFlag(CLI::App &command, const std::string &names, bool &target,
             const std::string &description)
{
    command.add_flag(names, target, description);
}

void addFlagOrWord(CLI::App &command, const std::string &name, std::string &target,
                   const std::string &description, const std::vector<std::string> &words)
{
    const auto oneOf = [words](const std::string &word) -> std::string {
        if (std::find(words.begin(), words.end(), word) != words.end())
            return {};
        return "must be " + alternatives(words) + ", not '" + word + "'";
    };
    command.add_flag(name + "{" + words.front() + "}", target, description)
        ->check(CLI::Validator(oneOf, ""));
}

void addChoice(CLI::App &command, const std::string &names, std::string &target,
               const std::string &description, const std::vector<std::string> &choices,
               Presence presence)
{
    const auto oneOf = [choices](const std::string &word) -> std::string {
        if (std::find(choices.begin(), choices.end(), word) != choices.end())
            return {};
        return "must be " + alternatives(choices) + ", not '" + word + "'";
    };
    command.add_option(names, target, description)
        ->type_name(CLI::detail::join(choices, "|"))
        ->required(presence == Presence::Required)
        ->check(CLI::Validator(oneOf, ""));
}

void hide(CLI::App &command)
{
    command.group("");
}

void onChosen(CLI::App &command, CliContext &context, std::function<ExitCode()> action)
{
    // CLI11 calls the callbacks of a chosen command before those of its parents: keep the first.
    command.final_callback([&command, &context, action = std::move(action)] {
        if (context.hasAction())
            return;
        const std::optional<std::string> &server = context.options().server;
        if (!server || server->empty() || command.get_option_no_throw("--server")) {
            context.setAction(action);
            return;
        }
        // Given before the command, where every command's options are understood. To ignore it
        // would silently do something else than asked.
        context.setAction([&command, &context] {
            return context.reportError(
                {ErrorCode::BadRequest,
                 u"%1 works on this machine and takes no --server"_s.arg(commandPath(&command))});
        });
    });
}

} // namespace skillbox
