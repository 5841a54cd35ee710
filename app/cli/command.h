#pragma once

#include "app/cli/cli_context.h"

#include <QString>

#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

// What commands need of CLI11, so that only this file's neighbours read its header: that takes
// seconds each time.

namespace skillbox {

/// Where a command does its work.
enum class WorksOn {
    ThisMachine,
    Backend, ///< a server where one is configured: it has --server, --api-key, --tenant
};

/// What a command's help says besides its options.
struct CommandText {
    std::string name;
    std::string summary;  ///< one line, no full stop
    std::string details;  ///< paragraphs, may be empty
    std::string examples; ///< lines of `command  # what it does`
};

/// Adds a command with what every command has: help, examples, --output, --verbose.
CLI::App *addCommand(CLI::App &parent, CliContext &context, const CommandText &text,
                     WorksOn worksOn = WorksOn::ThisMachine);

/// A command whose arguments, --help included, are another program's: passedThrough() once it has
/// been chosen.
CLI::App &addPassThroughCommand(CLI::App &parent, const CommandText &text);
std::vector<std::string> passedThrough(const CLI::App &command);

/// A command that only holds others; on its own it prints its help.
CLI::App *addCommandGroup(CLI::App &parent, CliContext &context, const CommandText &text,
                          WorksOn worksOn = WorksOn::ThisMachine);

/// What a value is, in the help and for the completion scripts (completion_tree.cpp): the type name
/// of an option or positional is one of these or `a|b|c`, one of several words.
namespace value {
inline constexpr const char *skill = "SKILL";
inline constexpr const char *skillOrDirectory = "SKILL|DIR";
inline constexpr const char *version = "VERSION";
inline constexpr const char *execution = "ID";
inline constexpr const char *directory = "DIR";
inline constexpr const char *directoryOrArchive = "DIR|ZIP";
inline constexpr const char *file = "FILE";
inline constexpr const char *fileOrDirectory = "FILE|DIR";
inline constexpr const char *image = "NAME";
inline constexpr const char *remote = "REMOTE";
inline constexpr const char *text = "TEXT";
} // namespace value

enum class Presence { Required, Optional };

/// A positional argument.
void addArgument(CLI::App &command, const std::string &name, std::string &target,
                 const std::string &description, const char *valueType,
                 Presence presence = Presence::Required);
/// The last positional arguments, any number of them.
void addArguments(CLI::App &command, const std::string &name, std::vector<std::string> &target,
                  const std::string &description, const char *valueType, Presence presence);

/// An option with a value, `-i,--input`.
void addOption(CLI::App &command, const std::string &names, std::string &target,
               const std::string &description, const char *valueType);
/// The same where an empty value is not the same as none.
void addOption(CLI::App &command, const std::string &names, std::optional<std::string> &target,
               const std::string &description, const char *valueType);
/// The same, to be given any number of times, each with one value.
void addOption(CLI::App &command, const std::string &names, std::vector<std::string> &target,
               const std::string &description, const char *valueType);
/// An option with a whole number from `smallest` to `largest`.
void addNumber(CLI::App &command, const std::string &names, int &target,
               const std::string &description, int smallest, int largest);
void addFlag(CLI::App &command, const std::string &names, bool &target,
             const std::string &description);
/// A flag that may be given a word, `--fix` or `--fix=unsafe`; alone it means the first of them.
void addFlagOrWord(CLI::App &command, const std::string &name, std::string &target,
                   const std::string &description, const std::vector<std::string> &words);
/// An option, or with a name without hyphens an argument, that is one of a few words; others are
/// refused naming them.
void addChoice(CLI::App &command, const std::string &names, std::string &target,
               const std::string &description, const std::vector<std::string> &choices,
               Presence presence = Presence::Optional);
/// --help, --output, --verbose, and those about the server; addCommand() and addCommandGroup()
/// have done it.
void addCommonOptions(CLI::App &command, CliContext &context, WorksOn worksOn);

/// Leaves the command out of help and completion.
void hide(CLI::App &command);

/// Runs `action` when the command line chose this command.
void onChosen(CLI::App &command, CliContext &context, std::function<ExitCode()> action);

inline QString toText(const std::string &text)
{
    return QString::fromStdString(text);
}

} // namespace skillbox
