#pragma once

#include "engine/base/result.h"
#include "server/mcp/skill_selection.h"

namespace skillbox {

class Engine;

/// What `skillbox-server mcp` is told besides what every engine is.
struct McpProgramOptions {
    SkillSelection::Wanted skills;
    QString workSession = {}; ///< `--session`; empty: none
    QString tenant = {};      ///< `--tenant`; empty: this machine's
};

/// Takes the program's own options out of `arguments` and leaves the others. BadRequest for one
/// without its value.
Result<McpProgramOptions> takeMcpOptions(QStringList &arguments);

/// Serves one client on standard input and output until it closes them or a signal ends it. Runs
/// the event loop; the exit code.
Result<int> serveMcp(Engine &engine, const McpProgramOptions &options);

QString mcpHelp();

} // namespace skillbox
