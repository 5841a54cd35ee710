#pragma once

#include "engine/base/ids.h"
#include "engine/base/language.h"
#include "engine/base/result.h"
#include "engine/base/unique_fd.h"
#include "engine/files/scratch.h"
#include "engine/sandbox/run_usage.h"
#include "engine/sandbox/sandbox_policy.h"

#include <QByteArrayView>
#include <QJsonObject>
#include <QList>
#include <QMap>
#include <QStringList>

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace skillbox {

enum class LogStreamKind { Stdout, Stderr };

/// Receives what a run writes, in the order it arrives, raw. Called on the thread that runs it.
class OutputSink
{
public:
    virtual ~OutputSink() = default;
    virtual void write(LogStreamKind stream, QByteArrayView bytes) = 0;
};

/// A file of the host placed read-only at /sandbox/input/<name>; readable for any uid.
struct SandboxInputFile {
    QString name; ///< any name a file can have; BadRequest otherwise, or if two have the same
    QString hostPath;
};

/// Whether a run is looked at more closely than it needs. Never changes what it may do.
enum class Observation {
    None,
    RefusedCalls, ///< system calls that the sandbox refuses are counted; each then costs more
};

/// System calls of one kind that a run made and the sandbox refused.
struct RefusedCall {
    QString call;   ///< `socket`
    QString detail; ///< what it was refused for, e.g. `AF_INET stream`; may be empty
    QString error;  ///< what the script was told: `EPERM`; empty for the summed up rest, `others`
    qint64 count = 0;
    friend bool operator==(const RefusedCall &, const RefusedCall &) = default;
};

/// One run, wholly described; nothing else of the host reaches it.
struct SandboxJob {
    ExecutionId id;
    Language language = Language::Python;
    QString image = {};     ///< an imported image's name; empty: this machine's interpreter
    QString skillDirectory; ///< host path, becomes /sandbox/scripts; readable for any uid
    QString entrypoint;     ///< relative to it
    QStringList arguments = {};
    QByteArray inputJson; ///< becomes /sandbox/input.json
    QList<SandboxInputFile> inputFiles = {};
    /// A tree of the host whose copy becomes the writable /sandbox/session; empty: there is none.
    /// Its regular files and folders, readable for any uid; of their modes only the executable bit
    /// is kept, links are not. One that does not fit into the limits: SetupFailed.
    QString sessionDirectory = {};
    /// Interpreters besides that of `language` that the run finds on its PATH, as far as they are
    /// installed: Outcome::report says which, as `other_interpreters`.
    QList<Language> alsoLanguages = {};
    QMap<QString, QString> environment = {}; ///< added to the runtime's own PATH and LANG
    SandboxPolicy policy = {};
    Observation observation = Observation::None;
    /// For those who look at it while it runs; a runtime that cannot tell leaves it alone.
    std::shared_ptr<UsageMeter> usage = {};
};

enum class OutcomeKind {
    Exited,         ///< the script ended by itself: exitCode
    Signaled,       ///< a signal ended it: signal
    TimedOut,       ///< we killed it at its wall clock
    Cancelled,      ///< we killed it because we were asked to
    OutputTooLarge, ///< we killed it because it flooded its log
    OutOfMemory,    ///< its memory limit ended it
    SetupFailed,    ///< the sandbox could not be made for this job: message
};

/// How a run ended. A failed skill is an Outcome; an Error of run() means the runtime failed.
struct Outcome {
    OutcomeKind kind = OutcomeKind::Exited;
    int exitCode = 0;
    int signal = 0;
    QString message = {};
    std::chrono::microseconds setupTime{}; ///< asked → the interpreter is being executed
    std::chrono::microseconds cpuTime{};
    qint64 peakMemoryBytes = 0;
    QJsonObject report = {}; ///< backend, interpreter, image, controls that applied, `refused`
    /// Of an observed run, by call and detail. At least so many each, if it did not end by itself.
    QList<RefusedCall> refused = {};
    /// The run's /sandbox/out after everything in the run is dead; hostile content, read it only
    /// through OutputCollector. Invalid if the run never started.
    UniqueFd outDirectory = {};
    /// The same for /sandbox/session; invalid without a session.
    UniqueFd sessionDirectory = {};
    /// Where both lie, if that is a folder of ours: whoever still reads them keeps it.
    std::unique_ptr<Scratch> folders = {};
};

/// One control for `skillbox doctor`.
struct ControlState {
    enum class State { Active, Degraded, Missing };
    QString control;
    State state = State::Active;
    QString detail; ///< value or reason
    QString fix;    ///< what would improve it; empty when active
};

/// Which images a runtime takes besides those that were imported.
enum class ImageSupport {
    Imported,    ///< none
    NotImported, ///< those that stand for no interpreter of this machine
    Every,       ///< all, and each of its runs has one
};

/// Runs one job in a sandbox. Implementations: native (this kernel), containers of Docker or
/// Podman, and the two as one; Kubernetes will follow behind the same interface.
class SandboxRuntime
{
public:
    virtual ~SandboxRuntime() = default;

    /// Blocks the calling thread until everything of the run is dead. Any number of threads may run
    /// jobs at once. SandboxUnavailable: a required control cannot be applied on this machine.
    virtual Result<Outcome> run(const SandboxJob &job, OutputSink &sink,
                                std::stop_token cancellation) = 0;

    /// A run will come soon: gets ready for it beside the caller's own work. Does not block.
    virtual void prepare() { }

    /// Tries each control for real and says what is there. Blocks; takes some ten milliseconds.
    virtual Result<QList<ControlState>> probe() = 0;

    virtual QString name() const = 0;

    virtual ImageSupport imageSupport() const { return ImageSupport::Imported; }

    /// Removes what runs of processes that are dead have left outside of this one, as far as it is
    /// sure to be theirs. Returns at once; `isAlive` is called on another thread, and not after the
    /// runtime is gone.
    virtual void removeLeftovers(std::function<bool(const InstanceId &)> isAlive)
    {
        Q_UNUSED(isAlive)
    }
};

} // namespace skillbox
