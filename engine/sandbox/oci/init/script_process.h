#pragma once

#include "engine/sandbox/protocol/container_messages.h"

#include <sys/types.h>

#include <string>
#include <vector>

namespace skillbox::container {

struct FoundInterpreter {
    std::string language;
    std::string program;
    std::vector<std::string> arguments;
};

/// In the folders of a PATH; an empty program: there is none.
FoundInterpreter findInterpreter(const protocol::InterpreterWish &wish,
                                 const std::string &searchPath);

/// The script's process, hardened as that of a native run is: it has executed the interpreter when
/// this returns. Descriptors are for reading and non-blocking.
struct ScriptProcess {
    pid_t pid = -1;
    int stdoutPipe = -1;
    int stderrPipe = -1;
    std::vector<protocol::AppliedControl> controls; ///< that it applied to itself
};

/// Throws launcher::SetupError.
ScriptProcess startScript(const protocol::ContainerJob &job, const FoundInterpreter &interpreter,
                          const std::string &searchPath);

} // namespace skillbox::container
