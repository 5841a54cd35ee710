#include "app/cli/interrupt_guard.h"

#include <QtTest>

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <future>

namespace skillbox {

class TestInterruptGuard : public QObject
{
    Q_OBJECT

    /// What became of a child process that does `work`, as waitpid says.
    static int statusOfChild(const std::function<void()> &work)
    {
        const pid_t child = ::fork();
        if (child == 0) {
            work();
            ::_exit(7);
        }
        int status = -1;
        ::waitpid(child, &status, 0);
        return status;
    }

private Q_SLOTS:
    void theFirstSignalCallsBackOnce()
    {
        std::promise<void> called;
        {
            const InterruptGuard guard([&called] { called.set_value(); });
            QVERIFY(!guard.interrupted());
            ::raise(SIGTERM);
            QCOMPARE(called.get_future().wait_for(std::chrono::seconds(20)),
                     std::future_status::ready);
            QVERIFY(guard.interrupted());
        }
    }

    void theSecondSignalEndsTheProcessAtOnce()
    {
        const int status = statusOfChild([] {
            std::promise<void> called;
            // A callback that never returns: nothing may wait for it.
            const InterruptGuard guard([&called] {
                called.set_value();
                while (true)
                    ::pause();
            });
            ::raise(SIGINT);
            called.get_future().wait();
            ::raise(SIGINT);
        });
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 130);
    }

    void givesSignalsBack()
    {
        const int status = statusOfChild([] {
            {
                const InterruptGuard guard([] {});
            }
            ::raise(SIGINT);
        });
        QVERIFY(WIFSIGNALED(status));
        QCOMPARE(WTERMSIG(status), SIGINT);
    }

    void leavesIgnoredSignalsIgnored()
    {
        const int status = statusOfChild([] {
            ::signal(SIGHUP, SIG_IGN); // as nohup(1) does
            const InterruptGuard guard([] { ::_exit(1); });
            ::raise(SIGHUP);
        });
        QVERIFY(WIFEXITED(status));
        QCOMPARE(WEXITSTATUS(status), 7);
    }
};

} // namespace skillbox

QTEST_GUILESS_MAIN(skillbox::TestInterruptGuard)
#include "test_interrupt_guard.moc"
