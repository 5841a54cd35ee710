#pragma once

#include "app/cli/cli_context.h"

#include <string>
#include <vector>

namespace skillbox {

/// Where the server program is, whether or not it is there: beside this one, or where packages put
/// it.
QString serverProgram(const QString &programDirectory);

/// Becomes the server program: it has this process's id, streams and signals. Returns only if there
/// is none to become.
ExitCode becomeServer(CliContext &context, const std::vector<std::string> &arguments);

} // namespace skillbox
