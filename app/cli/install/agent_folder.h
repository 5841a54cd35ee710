#pragma once

#include "app/cli/command.h"

namespace skillbox {

/// Which agent's folder of skills a command works on.
struct AgentFolderOptions {
    std::string agent = "agents";
    std::string directory; ///< any other folder instead
    bool user = false;     ///< the person's own folder rather than the project's
};

void addAgentFolderOptions(CLI::App &command, AgentFolderOptions &options);

/// The folder's absolute path; it need not exist.
QString agentFolder(const CliContext &context, const AgentFolderOptions &options);

} // namespace skillbox
