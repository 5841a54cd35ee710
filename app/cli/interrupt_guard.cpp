#include "app/cli/interrupt_guard.h"

#include "app/cli/exit_code.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace skillbox {
namespace {

constexpr std::array watchedSignals{SIGINT, SIGTERM, SIGHUP};

// A signal handler has no argument of ours, so its pipe and its count are the only globals here.
// Both are lock-free and so may be touched by a handler (signal-safety(7)).
std::atomic<int> signalPipe{-1};
std::atomic<int> signalCount{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void onWatchedSignal(int)
{
    if (signalCount.fetch_add(1) > 0)
        ::_exit(static_cast<int>(ExitCode::Interrupted));
    const int savedErrno = errno;
    const char byte = 's';
    [[maybe_unused]] const ssize_t written = ::write(signalPipe.load(), &byte, 1);
    errno = savedErrno;
}

extern "C" void onBrokenPipe(int) { }

void setHandler(int signal, void (*handler)(int))
{
    struct sigaction action {
    };
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
}

} // namespace

InterruptGuard::InterruptGuard(std::function<void()> onInterrupt)
{
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return; // without descriptors left the default, ending at once, is the right thing
    m_readEnd.reset(ends[0]);
    m_writeEnd.reset(ends[1]);
    signalCount = 0;
    signalPipe = m_writeEnd.get();
    m_thread = std::thread([this, callback = std::move(onInterrupt)] {
        char byte = 0;
        ssize_t got = 0;
        do {
            got = ::read(m_readEnd.get(), &byte, 1);
        } while (got < 0 && errno == EINTR);
        if (got == 1 && byte == 's') {
            m_interrupted = true;
            callback();
        }
    });
    for (const int signal : watchedSignals) {
        // `nohup` and shells' background jobs start us with some of these ignored: keep it so.
        struct sigaction current {
        };
        if (::sigaction(signal, nullptr, &current) == 0 && current.sa_handler != SIG_IGN)
            setHandler(signal, onWatchedSignal);
    }
}

InterruptGuard::~InterruptGuard()
{
    if (!m_thread.joinable())
        return;
    for (const int signal : watchedSignals) {
        struct sigaction current {
        };
        if (::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == onWatchedSignal)
            setHandler(signal, SIG_DFL);
    }
    // An unread byte of a late signal is ahead of this one, so the callback still runs to its end.
    const char byte = 'q';
    ssize_t written = 0;
    do {
        written = ::write(m_writeEnd.get(), &byte, 1);
    } while (written < 0 && errno == EINTR);
    m_thread.join();
    signalPipe = -1;
}

void handleBrokenPipes()
{
    setHandler(SIGPIPE, onBrokenPipe);
}

} // namespace skillbox
