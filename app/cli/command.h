#pragma once

#include "app/cli/cli_context.h"

#include <CLI/CLI.hpp>

#include <QString>

namespace skillbox {

/// What a command's help says besides its options.
struct CommandText {
    std::string name;
    std::string summary;  ///< one line, no full stop
    std::string details;  ///< paragraphs, may be empty
    std::string examples; ///< lines of `command  # what it does`
};

/// Adds a command with what every command has: help, examples, --output, --verbose.
CLI::App *addCommand(CLI::App &parent, CliContext &context, const CommandText &text);

/// A command that only holds others; on its own it prints its help.
CLI::App *addCommandGroup(CLI::App &parent, CliContext &context, const CommandText &text);

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
inline constexpr const char *text = "TEXT";
} // namespace value

/// An option with one of a few words; others are refused naming them.
CLI::Option *addChoice(CLI::App &command, const std::string &names, std::string &target,
                       const std::string &description, const std::vector<std::string> &choices);

/// Runs `action` when the command line chose this command.
void onChosen(CLI::App &command, CliContext &context, std::function<ExitCode()> action);

inline QString toText(const std::string &text)
{
    return QString::fromStdString(text);
}

} // namespace skillbox
