#pragma once

#include "engine/sandbox/protocol/messages.h"

#include <vector>

namespace skillbox::launcher {

/// The file system a run sees: a small read-only tmpfs that carries read-only copies of the job's
/// folders, a private /proc and /dev, and bounded writable places: /tmp, /dev/shm, /sandbox/out
/// and, for a run with a session, /sandbox/session.
class RootView
{
public:
    /// Opens everything on the host that the view needs. Must run before the process takes the
    /// sandbox's uid: with that one it may not pass the engine's private folders. Throws
    /// SetupError.
    static RootView open(const protocol::Job &job);

    /// Builds the view and makes it the root of the calling process's mount namespace; the host's
    /// tree is unreachable afterwards. Appends what to report. Returns descriptors of /sandbox/out
    /// and, if there is one, of /sandbox/session. Throws SetupError.
    std::vector<int> enter(const protocol::Job &job,
                           std::vector<protocol::AppliedControl> &controls);

private:
    void makeWritable(const protocol::Job &job);

    std::vector<int> m_trees;   ///< one for each Bind entry, in order
    std::vector<int> m_devices; ///< in the order of the list in dev_view.cpp
    int m_session = -1;         ///< the session's source
};

} // namespace skillbox::launcher
