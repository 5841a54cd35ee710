#include "engine/execution/session_shell.h"

#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/execution/environment.h"
#include "engine/execution/execution_log.h"
#include "engine/execution/utf8_sanitizer.h"
#include "engine/execution/verdict.h"

#include <QFile>

#include <csignal>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr auto sessionRoot = "/sandbox/session"_L1;

/// The command is a file of its own, so that neither its length nor its characters matter to the
/// kernel's limit of one argument. exec: the command's exit code is the run's.
constexpr auto shellScript = "cd -- \"$1\" || exit 1\n"
                             "exec bash /sandbox/scripts/command\n";

/// Both streams apart, each made safe and cut at the log's limit.
class SplitOutput final : public OutputSink
{
public:
    explicit SplitOutput(qint64 maxBytes) : m_maxBytes(maxBytes) { }

    void write(LogStreamKind stream, QByteArrayView bytes) override
    {
        Part &part = m_parts[static_cast<int>(stream)];
        part.dropped += part.sanitizer.append(bytes, part.text, roomOf(part));
    }
    QString finish(LogStreamKind stream)
    {
        Part &part = m_parts[static_cast<int>(stream)];
        part.dropped += part.sanitizer.finish(part.text, roomOf(part));
        QString text = QString::fromUtf8(part.text);
        if (part.dropped > 0) {
            if (!text.isEmpty() && !text.endsWith(u'\n'))
                text += u'\n';
            text += u"… %1 bytes dropped\n"_s.arg(part.dropped);
        }
        return text;
    }

private:
    struct Part {
        Utf8Sanitizer sanitizer;
        QByteArray text;
        qint64 dropped = 0;
    };
    /// Nothing is kept behind a gap.
    qint64 roomOf(const Part &part) const
    {
        return part.dropped > 0 ? 0 : m_maxBytes - part.text.size();
    }
    const qint64 m_maxBytes;
    Part m_parts[2]; ///< by LogStreamKind
};

Result<QString> directoryFor(const QString &workdir)
{
    QString path = workdir;
    if (path == sessionRoot || path.startsWith(sessionRoot + u'/'))
        path.remove(0, sessionRoot.size());
    else if (path.startsWith(u'/'))
        return fail(ErrorCode::BadRequest, u"workdir must lie below %1"_s.arg(sessionRoot));
    for (const QString &part : path.split(u'/')) {
        if (part == ".."_L1 || part.contains(QChar(u'\0')) || part.toUtf8().size() > 255)
            return fail(ErrorCode::BadRequest, u"workdir must lie below %1"_s.arg(sessionRoot));
    }
    if (path.size() > 1024)
        return fail(ErrorCode::BadRequest, u"workdir is too long"_s);
    return path.isEmpty() ? QString(sessionRoot)
                          : sessionRoot + (path.startsWith(u'/') ? path : u'/' + path);
}

Result<void> writeScript(const QString &path, const QByteArray &content)
{
    QFile file(path);
    if (!file.open(QIODevice::WriteOnly | QIODevice::NewOnly)
        || file.write(content) != content.size() || !file.flush()
        || ::fchmod(file.handle(), 0644) != 0)
        return fail(writeError(path, errno));
    return {};
}

AuditRecord shellAudit(const TenantId &tenant, const QString &session, const QString &command,
                       const ShellResult &result, const Origin &origin)
{
    AuditRecord audit;
    audit.tenant = tenant;
    audit.at = nowUtc();
    audit.actor = origin.actor;
    audit.action = u"session.execute"_s;
    audit.target = session;
    audit.details = {{u"command_sha256"_s, Sha256::of(command.toUtf8())},
                     {u"exit_code"_s, result.exitCode},
                     {u"timed_out"_s, result.timedOut},
                     {u"duration_ms"_s, result.durationMs}};
    audit.address = origin.address;
    audit.requestId = origin.requestId;
    return audit;
}

ShellResult resultOf(const Outcome &outcome, const SandboxLimits &limits)
{
    ShellResult result;
    result.exitCode = outcome.exitCode;
    if (outcome.kind == OutcomeKind::Exited)
        return result;
    result.message = verdictOn(outcome, limits).error;
    result.timedOut = outcome.kind == OutcomeKind::TimedOut;
    // As a shell and timeout(1) report what ended by a signal or at its time.
    result.exitCode = result.timedOut
        ? 124
        : 128 + (outcome.kind == OutcomeKind::Signaled ? outcome.signal : SIGKILL);
    return result;
}

} // namespace

SessionShell::SessionShell(Parts parts) : m_parts(std::move(parts)) { }

SessionShell::~SessionShell()
{
    close();
    std::unique_lock lock(m_mutex);
    m_ended.wait(lock, [this] { return m_running == 0; });
}

void SessionShell::close()
{
    {
        const std::lock_guard lock(m_mutex);
        m_closed = true;
    }
    m_stop.request_stop();
}

Result<ShellResult> SessionShell::execute(const TenantId &tenant, const QString &session,
                                          const QString &command, const QString &workdir,
                                          std::chrono::milliseconds timeout, const Origin &origin,
                                          const std::stop_token &stop)
{
    if (command.trimmed().isEmpty())
        return fail(ErrorCode::BadRequest, u"a command is needed"_s);
    if (command.contains(QChar(u'\0')))
        return fail(ErrorCode::BadRequest, u"the command has a NUL character"_s);
    if (command.toUtf8().size() > maxCommandBytes) {
        return fail(ErrorCode::BadRequest,
                    u"the command is longer than %1 bytes"_s.arg(maxCommandBytes));
    }
    if (timeout.count() < 0)
        return fail(ErrorCode::BadRequest, u"timeout must not be negative"_s);
    const auto directory = directoryFor(workdir);
    if (!directory)
        return fail(directory.error());
    {
        const std::lock_guard lock(m_mutex);
        if (m_closed || m_running >= m_parts.limits.maxConcurrent) {
            return fail(ErrorCode::Busy, u"too many commands run in sessions, try again later"_s);
        }
        ++m_running;
    }
    auto result = run(tenant, session, command, *directory, timeout, stop);
    if (result) {
        const AuditRecord audit = shellAudit(tenant, session, command, *result, origin);
        if (auto noted = m_parts.metadata.appendAudit(audit); !noted)
            result = fail(noted.error());
    }
    // Last: the destructor goes on from here.
    const std::lock_guard lock(m_mutex);
    --m_running;
    m_ended.notify_all();
    return result;
}

Result<ShellResult> SessionShell::run(const TenantId &tenant, const QString &session,
                                      const QString &command, const QString &directory,
                                      std::chrono::milliseconds timeout,
                                      const std::stop_token &stop)
{
    const auto begun = std::chrono::steady_clock::now();
    const RunLimits &limits = m_parts.limits;
    auto checkout = m_parts.sessions.checkOut(tenant, session);
    if (!checkout)
        return fail(checkout.error());
    auto scratch = Scratch::folder(m_parts.scratchDirectory);
    if (!scratch)
        return fail(scratch.error());
    const QString scripts = scratch->path() + u"/scripts"_s;
    const QByteArray native = QFile::encodeName(scripts);
    if (::mkdir(native.constData(), 0755) != 0 || ::chmod(native.constData(), 0755) != 0)
        return fail(writeError(scripts, errno));
    for (const auto &[name, content] : {std::pair{u"shell.sh"_s, QByteArray(shellScript)},
                                        std::pair{u"command"_s, command.toUtf8() + '\n'}}) {
        if (auto written = writeScript(scripts + u'/' + name, content); !written)
            return fail(written.error());
    }

    SandboxJob job;
    job.id = ExecutionId{newUuid()};
    job.language = Language::Bash;
    job.alsoLanguages = {Language::Python, Language::Node};
    job.skillDirectory = scripts;
    job.entrypoint = u"shell.sh"_s;
    job.arguments = {directory};
    job.inputJson = "{}";
    job.sessionDirectory = checkout->directory;
    job.environment = {{u"HOME"_s, u"/tmp"_s}, {u"SANDBOX_SESSION_DIR"_s, u"/sandbox/session/"_s}};
    job.policy.required = limits.requiredControls;
    SandboxLimits &run = job.policy.limits;
    run.wallClock = qMin(timeout.count() > 0 ? timeout : limits.defaultTimeout, limits.maxTimeout);
    run.memoryBytes = qMin(limits.defaultMemoryBytes, limits.maxMemoryBytes);
    run.milliCpu = qMin(limits.defaultMilliCpu, limits.maxMilliCpu);
    run.outputBytes = limits.maxFilesBytes;
    run.sessionBytes = m_parts.sessions.treeBytes();
    run.logBytes = limits.maxLogBytes;
    run.logKillBytes = qMax(run.logKillBytes, limits.maxLogBytes);

    SplitOutput output(limits.maxLogBytes);
    // Whoever wants it to end: the caller or close().
    std::stop_source either;
    const auto forward = [&either] { either.request_stop(); };
    const std::stop_callback byCaller(stop, forward);
    const std::stop_callback byClosing(m_stop.get_token(), forward);
    const Result<Outcome> outcome = m_parts.sandbox.run(job, output, either.get_token());
    if (!outcome)
        return fail(outcome.error());
    if (outcome->kind == OutcomeKind::SetupFailed)
        return fail(ErrorCode::SandboxUnavailable, verdictOn(*outcome, run).error);
    ShellResult result = resultOf(*outcome, run);
    result.standardOutput = output.finish(LogStreamKind::Stdout);
    result.standardError = output.finish(LogStreamKind::Stderr);
    if (outcome->sessionDirectory) {
        const auto lines = m_parts.sessions.checkIn(tenant, session, *checkout,
                                                    outcome->sessionDirectory.get());
        if (!lines)
            return fail(lines.error());
        for (const QString &line : *lines)
            result.standardError += u"skillbox: warning: %1\n"_s.arg(line);
    }
    result.durationMs = std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::steady_clock::now() - begun)
                            .count();
    return result;
}

} // namespace skillbox
