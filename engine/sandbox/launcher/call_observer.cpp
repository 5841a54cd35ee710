#include "engine/sandbox/launcher/call_observer.h"

#include "engine/sandbox/launcher/seccomp_filter.h"
#include "engine/sandbox/launcher/setup_error.h"
#include "engine/sandbox/protocol/packet.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace skillbox::launcher {

CallObserver::CallObserver(int listener, int statusSocket)
    : m_listener(listener)
    , m_statusSocket(statusSocket)
{
    sigset_t children;
    sigemptyset(&children);
    sigaddset(&children, SIGCHLD);
    m_childSignals = static_cast<int>(
        require(signalfd(-1, &children, SFD_CLOEXEC), "watching the script's process"));
}

int CallObserver::waitFor(pid_t script)
{
    for (;;) {
        pollfd waiting[] = {{m_childSignals, POLLIN, 0}, {m_listener, POLLIN, 0}};
        if (poll(waiting, 2, -1) < 0)
            continue; // EINTR
        // First the end, so that a flood cannot put it off.
        if (waiting[0].revents) {
            signalfd_siginfo signal;
            [[maybe_unused]] const ssize_t size = read(m_childSignals, &signal, sizeof signal);
            int status = 0;
            for (pid_t ended = 0; (ended = waitpid(-1, &status, WNOHANG)) > 0;) {
                if (ended == script)
                    return status;
            }
        }
        if (waiting[1].revents & POLLIN)
            answer();
        else if (waiting[1].revents)
            m_listener = -1; // nobody is left who could ask; poll(2) passes it over
    }
}

void CallObserver::answer()
{
    // The kernel may know longer structures than the headers we were built with, and wants the one
    // that it fills to be zero.
    alignas(seccomp_notif) char memory[sizeof(seccomp_notif) + 256] = {};
    auto *question = reinterpret_cast<seccomp_notif *>(memory);
    if (ioctl(m_listener, SECCOMP_IOCTL_NOTIF_RECV, question) != 0)
        return; // who asked has been killed meanwhile, or a signal came
    alignas(seccomp_notif_resp) char answerMemory[sizeof(seccomp_notif_resp) + 256] = {};
    auto *reply = reinterpret_cast<seccomp_notif_resp *>(answerMemory);
    const int error = errorOfRefused(question->data);
    reply->id = question->id;
    reply->error = -error;
    ioctl(m_listener, SECCOMP_IOCTL_NOTIF_SEND, reply);
    if (!m_book.add(question->data, error))
        return;
    protocol::RunMessage soFar;
    soFar.kind = protocol::RunMessage::Observed;
    soFar.refused = m_book.entries();
    protocol::sendPacket(m_statusSocket, protocol::encode(soFar));
}

} // namespace skillbox::launcher
