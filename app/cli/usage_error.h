#pragma once

#include "engine/base/error.h"

#include <CLI/CLI.hpp>

namespace skillbox {

/// What was wrong with the command line, said about the command it was meant for, with the word
/// that was probably meant.
Error usageError(const CLI::App &root, const CLI::ParseError &error);

/// There is no command `word` in `parent`.
Error unknownCommand(const CLI::App &root, const CLI::App &parent, const QString &word);

} // namespace skillbox
