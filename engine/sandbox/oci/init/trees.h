#pragma once

#include "engine/sandbox/oci/init/frame_output.h"

namespace skillbox::container {

/// Copies the session's files, which the engine put beside the job, into /sandbox/session: regular
/// files and folders. Throws launcher::SetupError when they do not fit.
void copySession(const protocol::ContainerJob &job);

/// Sends everything below `path`, which whoever wrote it can no longer change. Folders come before
/// what lies in them.
void sendTree(protocol::TreeKind kind, const char *path, uint64_t maxEntries, FrameOutput &output);

} // namespace skillbox::container
