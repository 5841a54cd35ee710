#include "server/stop_signals.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>

namespace skillbox {
namespace {

constexpr std::array stopSignals{SIGTERM, SIGINT};

// A signal handler has no argument of ours, so its pipe and its count are the only globals here.
std::atomic<int> stopPipe{-1};
std::atomic<int> stopCount{0};
static_assert(std::atomic<int>::is_always_lock_free); // signal-safety(7)

extern "C" void onStopSignal(int signal)
{
    if (stopCount.fetch_add(1) > 0) {
        // As the shell would say it of a process that the signal has killed.
        ::_exit(128 + signal);
    }
    const int savedErrno = errno;
    const char number = static_cast<char>(signal);
    [[maybe_unused]] const ssize_t written = ::write(stopPipe.load(), &number, 1);
    errno = savedErrno;
}

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

StopSignals::StopSignals(std::function<void(int)> onStop)
{
    std::array<int, 2> ends{-1, -1};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return; // without descriptors left the default, ending at once, is the right thing
    m_readEnd.reset(ends[0]);
    m_writeEnd.reset(ends[1]);
    stopCount = 0;
    stopPipe = m_writeEnd.get();
    m_notifier = std::make_unique<QSocketNotifier>(m_readEnd.get(), QSocketNotifier::Read);
    QObject::connect(m_notifier.get(), &QSocketNotifier::activated, m_notifier.get(),
                     [this, callback = std::move(onStop)] {
                         char number = 0;
                         if (::read(m_readEnd.get(), &number, 1) == 1)
                             callback(number);
                     });
    for (const int signal : stopSignals) {
        // `nohup` and shells' background jobs start us with some of these ignored: keep it so.
        struct sigaction current {
        };
        if (::sigaction(signal, nullptr, &current) == 0 && current.sa_handler != SIG_IGN)
            setHandler(signal, onStopSignal);
    }
}

StopSignals::~StopSignals()
{
    for (const int signal : stopSignals) {
        struct sigaction current {
        };
        if (::sigaction(signal, nullptr, &current) == 0 && current.sa_handler == onStopSignal)
            setHandler(signal, SIG_DFL);
    }
    stopPipe = -1;
}

} // namespace skillbox
