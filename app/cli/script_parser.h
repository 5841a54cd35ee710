#pragma once

#include "app/cli/cli_context.h"
#include "engine/skill/lint.h"

namespace skillbox {

/// Parses scripts with Python, Node.js and Bash inside the sandbox, a run for each language that is
/// there. The engine for it is made with the first script.
ScriptParser sandboxedScriptParser(CliContext &context);

} // namespace skillbox
