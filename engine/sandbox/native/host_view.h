#pragma once

#include "engine/sandbox/native/interpreter.h"
#include "engine/sandbox/protocol/messages.h"
#include "engine/sandbox/sandbox_runtime.h"

#include <QList>

#include <vector>

namespace skillbox {

/// The read-only part of the host that a run with these interpreters sees: the programs and
/// libraries below /usr that a script may use, and a few small files of /etc made up for the
/// sandbox. Never the host's /etc, /home, /root, /var, /run, /srv, /opt, /mnt or /sys.
std::vector<protocol::RootEntry> hostView(const QList<Interpreter> &interpreters,
                                          Observation observation = Observation::None);

} // namespace skillbox
