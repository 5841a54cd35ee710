#pragma once

#include "app/cli/cli_context.h"

namespace skillbox {

/// Reads the arguments, carries out the command that they name and tells what is wrong with them.
ExitCode runCommandLine(CliContext &context, int argc, char **argv);

} // namespace skillbox
