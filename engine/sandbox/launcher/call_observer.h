#pragma once

#include "engine/sandbox/launcher/refused_call_book.h"

#include <sys/types.h>

namespace skillbox::launcher {

/// An observed run's init while its script lives. A call that the filter refuses waits in the
/// kernel for our answer, and the answer is always the error that the filter gives in any other
/// run: nothing is ever let through (SECCOMP_USER_NOTIF_FLAG_CONTINUE is not used, so that it does
/// not matter what happens to memory that a call points to). Whoever floods us waits for us, in his
/// own process and on his own limits.
class CallObserver
{
public:
    /// SIGCHLD must be blocked since before the script was started. `statusSocket` hears what was
    /// refused now and then, for the case that we are killed. Throws SetupError.
    CallObserver(int listener, int statusSocket);

    /// Answers and reaps until the script ends; returns its wait status.
    int waitFor(pid_t script);
    std::vector<protocol::RefusedCalls> refused() const { return m_book.entries(); }

private:
    void answer();

    int m_listener;
    int m_statusSocket;
    int m_childSignals;
    RefusedCallBook m_book;
};

} // namespace skillbox::launcher
