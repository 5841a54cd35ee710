#pragma once

#include "engine/sandbox/protocol/messages.h"

namespace skillbox::launcher {

/// Fills the working folder's sandbox/session, a bounded tmpfs, with a copy of the folder `source`
/// (a detached mount, see cloneTree()), owned by the calling process. Regular files and folders
/// only, whatever else lies there is passed over: no link of the source is followed. Of a file's
/// mode only whether it can be executed is kept. Throws SetupError; ENOSPC: it does not fit.
void copySession(int source, const protocol::Job &job);

} // namespace skillbox::launcher
