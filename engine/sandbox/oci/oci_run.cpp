#include "engine/sandbox/oci/oci_run.h"

#include "engine/sandbox/oci/container_stream.h"
#include "engine/sandbox/oci/output_writer.h"

#include <QJsonDocument>
#include <QJsonObject>
#include <QLoggingCategory>
#include <QRegularExpression>

#include <condition_variable>
#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <thread>

using namespace Qt::StringLiterals;
using namespace std::chrono_literals;

namespace skillbox {
namespace {

Q_LOGGING_CATEGORY(ociLog, "skillbox.oci")

using Clock = std::chrono::steady_clock;
using protocol::FrameKind;

constexpr auto startLimit = 120s;
/// What comes after the script: ending all processes, and sending what they left.
constexpr auto collectLimit = 120s;
constexpr auto endLimit = 10s; ///< between asking a container to end and ending it

/// Stands beside the thread that reads a container's output. The container's own init holds the
/// script to its wall clock; this is for when it does not, or cannot be reached any more.
class ContainerGuard
{
public:
    ContainerGuard(EngineClient &engine, QByteArray path, Clock::time_point deadline,
                   const std::stop_token &stop)
        : m_engine(engine)
        , m_path(std::move(path))
        , m_onStop(stop, Wake{*this})
        , m_thread([this, deadline] { guard(deadline); })
    {
    }
    ~ContainerGuard()
    {
        {
            const std::lock_guard lock(m_mutex);
            m_ended = true;
        }
        m_changed.notify_all();
    }

    const std::atomic<bool> &abort() const { return m_abort; }
    bool wasAsked() const { return m_asked; }
    bool wasForced() const { return m_forced; }

private:
    struct Wake {
        ContainerGuard &guard;
        void operator()() const
        {
            const std::lock_guard lock(guard.m_mutex);
            guard.m_stop = true;
            guard.m_changed.notify_all();
        }
    };

    void guard(Clock::time_point deadline)
    {
        std::unique_lock lock(m_mutex);
        m_changed.wait_until(lock, deadline, [this] { return m_ended || m_stop; });
        if (m_ended)
            return;
        if (m_stop) {
            m_asked = true;
            // Again and again: an init that has not begun yet does not hear it.
            const auto until = Clock::now() + endLimit;
            while (!m_ended && Clock::now() < until) {
                kill(lock, "SIGTERM");
                m_changed.wait_for(lock, 200ms, [this] { return m_ended; });
            }
        }
        if (m_ended)
            return;
        m_forced = true;
        kill(lock, "SIGKILL");
        m_changed.wait_for(lock, endLimit, [this] { return m_ended; });
        m_abort = true;
    }

    void kill(std::unique_lock<std::mutex> &lock, const QByteArray &signal)
    {
        lock.unlock();
        (void)m_engine.send(
            {.method = "POST", .target = m_path + "/kill?signal=" + signal, .timeLimit = 10s});
        lock.lock();
    }

    EngineClient &m_engine;
    const QByteArray m_path;
    std::mutex m_mutex; ///< guards m_ended and m_stop
    std::condition_variable m_changed;
    bool m_ended = false;
    bool m_stop = false;
    std::atomic<bool> m_asked = false;
    std::atomic<bool> m_forced = false;
    std::atomic<bool> m_abort = false;
    std::stop_callback<Wake> m_onStop; // after what it uses; goes before it
    std::jthread m_thread;             // last: joined before all that it uses goes
};

class ContainerRun
{
public:
    ContainerRun(EngineClient &engine, const ContainerRunParts &parts, OutputSink &sink)
        : m_engine(engine)
        , m_parts(parts)
        , m_sink(sink)
        , m_begun(Clock::now())
    {
    }
    ~ContainerRun();

    Result<ContainerRunResult> carryOut(const std::stop_token &stop);

private:
    Result<void> create();
    Result<void> upload(QFile &tar);
    Result<void> start();
    Result<void> follow(const std::stop_token &stop);
    Result<void> takeFrame(FrameKind kind, std::string_view payload);
    Result<void> takeMessage(std::string_view payload);
    Result<void> takeEntry(FrameKind kind, std::string_view payload);
    void takeInterpreters(std::string_view payload);
    Result<ContainerRunResult> conclude();
    Result<void> explainEnd();
    Error refusal(const QString &what, const EngineAnswer &answer) const;
    QByteArray path() const { return "/containers/" + m_id.toLatin1(); }

    EngineClient &m_engine;
    const ContainerRunParts &m_parts;
    OutputSink &m_sink;
    const Clock::time_point m_begun;
    QString m_id;
    ContainerRunResult m_result;
    std::unique_ptr<OutputWriter> m_writer;
    std::optional<protocol::RunMessage> m_ending;
    QByteArray m_complaints;
    qint64 m_logBytes = 0;
    bool m_started = false;
    bool m_complete = false;
    bool m_asked = false;
    bool m_forced = false;
};

ContainerRun::~ContainerRun()
{
    if (m_id.isEmpty())
        return;
    if (const auto removed = removeContainer(m_engine, m_id); !removed) {
        qCWarning(ociLog, "container %s is left behind: %s %s", qUtf8Printable(m_id),
                  qUtf8Printable(removed.error().message), qUtf8Printable(removed.error().detail));
    }
}

Error ContainerRun::refusal(const QString &what, const EngineAnswer &answer) const
{
    return {ErrorCode::SandboxUnavailable,
            u"the container engine at %1 could not %2: %3"_s.arg(
                m_engine.address(), what, EngineClient::complaintIn(answer))};
}

Result<void> ContainerRun::create()
{
    const auto answer = m_engine.send({.method = "POST",
                                       .target = "/containers/create",
                                       .body = m_parts.createBody,
                                       .timeLimit = startLimit});
    if (!answer)
        return fail(answer.error());
    if (answer->status != 201)
        return fail(refusal(u"make a container"_s, *answer));
    const QString id = QJsonDocument::fromJson(answer->body).object().value("Id"_L1).toString();
    static const QRegularExpression form(u"\\A[0-9a-f]{64}\\z"_s);
    if (!form.match(id).hasMatch())
        return fail(ErrorCode::SandboxUnavailable,
                    u"the container engine made a container without an id"_s);
    m_id = id;
    return {};
}

Result<void> ContainerRun::upload(QFile &tar)
{
    const auto answer = m_engine.send({.method = "PUT",
                                       .target = path() + "/archive?path=%2Fsandbox",
                                       .upload = &tar,
                                       .timeLimit = 300s});
    if (!answer)
        return fail(answer.error());
    if (!answer->isSuccess())
        return fail(refusal(u"take the files of the run"_s, *answer));
    return {};
}

/// Only when its output is listened to: what it says first must not be lost.
Result<void> ContainerRun::start()
{
    if (m_parts.lateUpload) {
        if (auto sent = upload(*m_parts.lateUpload); !sent)
            return sent;
    }
    const auto answer = m_engine.send(
        {.method = "POST", .target = path() + "/start", .timeLimit = startLimit});
    if (!answer)
        return fail(answer.error());
    if (!answer->isSuccess() && answer->status != 304)
        return fail(refusal(u"start the container"_s, *answer));
    return {};
}

Result<void> ContainerRun::follow(const std::stop_token &stop)
{
    const auto deadline = Clock::now() + startLimit + m_parts.limits.wallClock + collectLimit;
    ContainerGuard guard(m_engine, path(), deadline, stop);
    ContainerStream stream(
        [this](FrameKind kind, std::string_view payload) { return takeFrame(kind, payload); });
    const auto answer = m_engine.send({
        .method = "POST",
        .target = path() + "/attach?stream=1&stdout=1&stderr=1",
        .sink = [&stream](QByteArrayView bytes) { return stream.take(bytes); },
        .begin = [this] { return start(); },
        .timeLimit = 0s,
        .abort = &guard.abort(),
    });
    m_asked = guard.wasAsked();
    m_forced = guard.wasForced();
    m_complaints = stream.complaints();
    // Of a run that was ended by force what came before is all that is to be had.
    if (!answer && !m_forced)
        return fail(answer.error());
    if (answer && !answer->isSuccess())
        return fail(refusal(u"show the output of the container"_s, *answer));
    return {};
}

Result<void> ContainerRun::takeFrame(FrameKind kind, std::string_view payload)
{
    switch (kind) {
    case FrameKind::Told: return takeMessage(payload);
    case FrameKind::Interpreters: takeInterpreters(payload); return {};
    case FrameKind::Stdout:
    case FrameKind::Stderr:
        m_logBytes += static_cast<qint64>(payload.size());
        m_sink.write(kind == FrameKind::Stdout ? LogStreamKind::Stdout : LogStreamKind::Stderr,
                     QByteArrayView(payload.data(), static_cast<qsizetype>(payload.size())));
        return {};
    case FrameKind::Complete: m_complete = true; return {};
    case FrameKind::Cut: {
        const auto note = "only the first files that the run left were looked at\n"_ba;
        m_sink.write(LogStreamKind::Stderr, note);
        return {};
    }
    default: return takeEntry(kind, payload);
    }
}

Result<void> ContainerRun::takeMessage(std::string_view payload)
{
    protocol::RunMessage message;
    if (!protocol::decode(payload, message)) {
        return fail(ErrorCode::SandboxUnavailable,
                    u"the container's first process speaks another version"_s);
    }
    if (message.kind == protocol::RunMessage::Started && !m_started) {
        m_started = true;
        m_result.outcome.setupTime = std::chrono::duration_cast<std::chrono::microseconds>(
            Clock::now() - m_begun);
        m_result.controls = std::move(message.controls);
    } else if (!m_ending) {
        m_ending = std::move(message);
    }
    return {};
}

void ContainerRun::takeInterpreters(std::string_view payload)
{
    wire::Reader in(payload);
    const std::vector<std::string> texts = in.texts();
    if (texts.size() < 2)
        return;
    m_result.interpreter = QString::fromStdString(texts[1]).left(1024);
    for (size_t i = 2; i + 1 < texts.size() && i < 16; i += 2) {
        m_result.otherInterpreters.insert(QString::fromStdString(texts[i]).left(64),
                                          QString::fromStdString(texts[i + 1]).left(1024));
    }
}

Result<void> ContainerRun::takeEntry(FrameKind kind, std::string_view payload)
{
    if (!m_writer) {
        const SandboxLimits &limits = m_parts.limits;
        // Whole pages, and folders as many as files in a session.
        auto writer = OutputWriter::create(m_parts.scratchDirectory,
                                           {.bytes = qMax(limits.outputBytes, limits.sessionBytes)
                                                + (1 << 20),
                                            .entries = 2LL * limits.inodes + 16});
        if (!writer)
            return fail(writer.error());
        m_writer = std::move(*writer);
    }
    wire::Reader in(payload);
    const auto path = [&in] { return QByteArray::fromStdString(in.text()); };
    switch (kind) {
    case FrameKind::Tree: return m_writer->beginTree(static_cast<protocol::TreeKind>(in.u32()));
    case FrameKind::Folder: return m_writer->addFolder(path());
    case FrameKind::File: {
        const bool executable = in.u32() != 0;
        const quint64 size = in.u64();
        return m_writer->beginFile(path(), executable, size);
    }
    case FrameKind::Content:
        if (payload.size() >= sizeof(uint64_t))
            return m_writer->write(in.u64(), payload.substr(sizeof(uint64_t)));
        break;
    case FrameKind::Other: {
        const auto other = static_cast<protocol::OtherKind>(in.u32());
        return m_writer->addOther(other, path());
    }
    default: break;
    }
    return fail(ErrorCode::SandboxUnavailable, u"the container sent a frame of no kind"_s);
}

/// There is no last word of the init: the engine knows how the container ended.
Result<void> ContainerRun::explainEnd()
{
    Outcome &outcome = m_result.outcome;
    if (m_forced) {
        outcome.kind = m_asked ? OutcomeKind::Cancelled : OutcomeKind::TimedOut;
        return {};
    }
    const auto answer = m_engine.send({.target = path() + "/json"});
    if (!answer)
        return fail(answer.error());
    const QJsonObject state =
        QJsonDocument::fromJson(answer->body).object().value("State"_L1).toObject();
    const int code = state.value("ExitCode"_L1).toInt(-1);
    // Some runtimes end as a whole when their memory is used up, and in some a script can end the
    // init; most kernels tell the engine which it was.
    if (m_started && state.value("OOMKilled"_L1).toBool()) {
        outcome.kind = OutcomeKind::OutOfMemory;
        return {};
    }
    if (m_started && code == 128 + SIGKILL) {
        outcome.kind = OutcomeKind::Signaled;
        outcome.signal = SIGKILL;
        return {};
    }
    const QString said = QString::fromUtf8(m_complaints.left(400)).simplified();
    return fail(ErrorCode::SandboxUnavailable,
                u"the container of the run ended unexpectedly, with code %1%2"_s.arg(
                    QString::number(code), said.isEmpty() ? QString() : u": "_s + said));
}

Result<ContainerRunResult> ContainerRun::conclude()
{
    Outcome &outcome = m_result.outcome;
    if (!m_ending || !m_complete) {
        if (auto explained = explainEnd(); !explained)
            return fail(explained.error());
    } else if (m_ending->kind == protocol::RunMessage::Failed) {
        outcome.kind = OutcomeKind::SetupFailed;
        outcome.message = u"The sandbox could not be made: %1 failed: %2."_s.arg(
            QString::fromStdString(m_ending->stage).left(1024),
            QString::fromLocal8Bit(std::strerror(static_cast<int>(m_ending->errorNumber))));
    } else if (m_ending->hasWaitStatus) {
        const int status = static_cast<int>(m_ending->waitStatus);
        outcome.kind = WIFSIGNALED(status) ? OutcomeKind::Signaled : OutcomeKind::Exited;
        outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
        outcome.exitCode = WIFSIGNALED(status) ? 0 : WEXITSTATUS(status);
    } else if (m_asked) {
        outcome.kind = OutcomeKind::Cancelled;
    } else if (m_ending->timedOut) {
        outcome.kind = OutcomeKind::TimedOut;
    } else if (m_logBytes > m_parts.limits.logKillBytes) {
        outcome.kind = OutcomeKind::OutputTooLarge;
    } else {
        outcome.kind = OutcomeKind::Signaled; // somebody else asked the init to end
        outcome.signal = SIGTERM;
    }
    if (m_ending && m_ending->kind == protocol::RunMessage::Exited) {
        if (m_ending->outOfMemory)
            outcome.kind = OutcomeKind::OutOfMemory;
        outcome.cpuTime = std::chrono::microseconds(m_ending->cpuMicroseconds);
        outcome.peakMemoryBytes = static_cast<qint64>(m_ending->peakMemoryBytes);
    }
    if (m_writer) {
        outcome.outDirectory = m_writer->takeOut();
        outcome.sessionDirectory = m_writer->takeSession();
        outcome.folders = m_writer->takeFolder();
    }
    return std::move(m_result);
}

Result<ContainerRunResult> ContainerRun::carryOut(const std::stop_token &stop)
{
    if (auto made = create(); !made)
        return fail(made.error());
    if (auto sent = upload(*m_parts.upload); !sent)
        return fail(sent.error());
    if (stop.stop_requested()) {
        m_result.outcome.kind = OutcomeKind::Cancelled;
        return std::move(m_result);
    }
    if (auto followed = follow(stop); !followed)
        return fail(followed.error());
    return conclude();
}

} // namespace

Result<ContainerRunResult> runContainer(EngineClient &engine, const ContainerRunParts &parts,
                                        OutputSink &sink, const std::stop_token &stop)
{
    return ContainerRun(engine, parts, sink).carryOut(stop);
}

Result<void> removeContainer(EngineClient &engine, const QString &id)
{
    constexpr int attempts = 3;
    Result<void> last;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        const auto answer = engine.send({.method = "DELETE",
                                         .target = "/containers/" + id.toLatin1() + "?force=1&v=1",
                                         .timeLimit = 60s});
        // 409: somebody is removing it already.
        if (answer && (answer->isSuccess() || answer->status == 404 || answer->status == 409))
            return {};
        last = answer ? Result<void>(fail(ErrorCode::SandboxUnavailable,
                                          u"a container could not be removed: %1"_s.arg(
                                              EngineClient::complaintIn(*answer))))
                      : Result<void>(fail(answer.error()));
    }
    return last;
}

} // namespace skillbox
