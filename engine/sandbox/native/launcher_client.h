#pragma once

#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/sandbox/protocol/messages.h"

#include <QString>

#include <mutex>

namespace skillbox {

/// What a run in the making has open: the engine's ends.
struct LaunchedRun {
    UniqueFd socket;     ///< RunMessages come from here; closing it kills the run
    UniqueFd stdoutPipe; ///< for reading, non-blocking
    UniqueFd stderrPipe;
    quint64 launcher = 0; ///< by which one of those that were started one after the other
};

/// Starts skillbox-sandbox and hands it jobs. Thread-safe.
class LauncherClient
{
public:
    explicit LauncherClient(QString launcherPath);
    /// Ends the launcher and with it every run that is left.
    ~LauncherClient();

    Result<LaunchedRun> launch(const protocol::RunRequest &request, const protocol::Job &job);

    /// Starts the launcher if it is not running (any more), so that it gets ready beside other
    /// work.
    Result<void> start();

    /// Of the launcher of a run that it left without a word: waits, for a second at most, until it
    /// can be seen that it has ended. A job that is sent to it before that is lost: the kernel
    /// closes what a dying process has open one by one, the socket of a run sooner than this one.
    void awaitEndOf(quint64 launcher);

private:
    Result<void> ensureStarted(); ///< under m_mutex
    bool hasHungUp() const;       ///< under m_mutex
    void reap();                  ///< under m_mutex

    const QString m_launcherPath;
    std::mutex m_mutex;
    UniqueFd m_control;
    pid_t m_pid = -1;
    quint64 m_started = 0; ///< launchers so far
};

} // namespace skillbox
