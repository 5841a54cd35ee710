#pragma once

#include "engine/base/origin.h"
#include "engine/execution/run_limits.h"
#include "engine/sandbox/sandbox_runtime.h"
#include "engine/storage/metadata_store.h"
#include "engine/workspace/session_service.h"

#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace skillbox {

struct ShellResult {
    QString standardOutput;
    QString standardError;
    int exitCode = 0; ///< 128 + the signal's number where one ended it, as a shell has it
    bool timedOut = false;
    qint64 durationMs = 0;
    QString message; ///< why it was ended, where it did not end by itself; empty else
};

/// Commands in a session: each is a bash script in a fresh sandbox of its own, with the session's
/// files at /sandbox/session, python and node on its PATH and the limits of any run. It is no
/// execution and has no record but an audit record, `session.execute`, with the command's digest.
/// Thread-safe. Destruction stops what runs and waits for it.
class SessionShell
{
public:
    struct Parts {
        MetadataStore &metadata;
        SessionService &sessions;
        SandboxRuntime &sandbox;
        QString scratchDirectory;
        RunLimits limits;
    };
    explicit SessionShell(Parts parts);
    ~SessionShell();
    SessionShell(const SessionShell &) = delete;
    SessionShell &operator=(const SessionShell &) = delete;

    /// Blocks until the command has ended. `workdir` is a folder below /sandbox/session, absolute
    /// or relative to it, empty: the session itself; the command fails as in a shell if it is not
    /// there. `timeout` zero: the default; it is cut to the maximum. BadRequest, Busy where as many
    /// commands run as runs may, SandboxUnavailable; a command that fails is a result. `stop` ends
    /// the command as close() does.
    Result<ShellResult> execute(const TenantId &tenant, const QString &session,
                                const QString &command, const QString &workdir,
                                std::chrono::milliseconds timeout, const Origin &origin,
                                const std::stop_token &stop = {});
    /// Stops the commands that run and refuses others.
    void close();

    static constexpr qsizetype maxCommandBytes = 1 << 20;

private:
    Result<ShellResult> run(const TenantId &tenant, const QString &session, const QString &command,
                            const QString &directory, std::chrono::milliseconds timeout,
                            const std::stop_token &stop);

    const Parts m_parts;
    std::stop_source m_stop;
    std::mutex m_mutex; ///< guards what follows
    std::condition_variable m_ended;
    int m_running = 0;
    bool m_closed = false;
};

} // namespace skillbox
