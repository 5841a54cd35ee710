#pragma once

#include "engine/sandbox/protocol/messages.h"

#include <vector>

namespace skillbox::launcher {

/// Detached copies of the harmless device nodes of the host, before the uid changes.
std::vector<int> openDevices();

/// A /dev of those nodes, the usual links into /proc, and a bounded /dev/shm. No terminal, no
/// ptmx, no disk, no kmsg. Consumes the descriptors; relative to the working folder.
void makeDevices(const std::vector<int> &devices, const protocol::Job &job);

} // namespace skillbox::launcher
