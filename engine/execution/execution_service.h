#pragma once

#include "engine/base/origin.h"
#include "engine/base/result.h"
#include "engine/execution/run_limits.h"
#include "engine/registry/registry.h"
#include "engine/sandbox/sandbox_runtime.h"
#include "engine/storage/blob_store.h"
#include "engine/storage/metadata_store.h"

#include <functional>
#include <memory>

namespace skillbox {

enum class LiveLogs {
    InFiles, ///< of this machine, in the instances' folders
    InStore, ///< for engines on other machines
};

class ImageStore;
class SessionService;

/// What a caller asks for. Nothing in it can weaken the sandbox: limits only shrink.
struct ExecutionRequest {
    TenantId tenant;
    Origin origin; ///< origin.actor is the record's `caller`
    QString skill; ///< name; ignored with `directory`
    QString version;
    QString directory;                  ///< an unpublished skill folder instead of a name
    JsonText input;                     ///< empty or null: `{}`
    QMap<QString, QString> environment; ///< denylist: see environment.h
    QString entrypoint;                 ///< a script of the skill instead of its default
    std::optional<std::chrono::milliseconds> timeout; ///< may only shorten
    QList<FileId> inputFiles = {}; ///< each at /sandbox/input/<name>; NotFound if one is gone
    QString session = {};          ///< empty: none
    QString traceparent = {};      ///< W3C Trace Context; becomes TRACEPARENT
    /// Claimed by this engine for the request; recorded with the run or not at all. Conflict where
    /// the claim is lost. Empty: none.
    QString idempotencyKey = {};
    Observation observation = Observation::None; ///< what comes of it is in the record's `sandbox`
};

/// Stops the calls to an observer when it goes; blocks while one is under way.
class ExecutionSubscription
{
public:
    virtual ~ExecutionSubscription() = default;
};

/// Something that happened to a run after submit(), in order; seq counts from 1 without gaps. That
/// it is queued is what submit() says; the first State is `running`, the last event Finished, or
/// Left.
struct ExecutionEvent {
    enum class Kind {
        State,
        Log,
        Finished,
        Left, ///< the run waits or runs elsewhere, and this engine ends before it; without a number
    };
    Kind kind = Kind::State;
    qint64 seq = 0;
    ExecutionStatus status = ExecutionStatus::Queued; ///< State, Finished
    LogStreamKind stream = LogStreamKind::Stdout;     ///< Log
    QString text;                                     ///< Log: valid Unicode, no NUL
};

/// Called on a thread of the service, never twice at once for one run, and not any more once wait()
/// has returned; must not block for long. When Finished comes the result is in the store already
/// (unless the store refuses it: wait() then returns why).
using ExecutionObserver = std::function<void(const ExecutionEvent &)>;

/// How long the parts of a run took and what it belongs to, for metrics and log lines.
struct RunTimings {
    std::chrono::microseconds queued{}; ///< from submit() to the slot
    std::chrono::microseconds setup{};  ///< asked for a sandbox → the script is being executed
    std::chrono::microseconds held{};   ///< of the slot, collection of the output included
    QString requestId = {};             ///< of the HTTP request that asked for it; empty: none
    QString traceparent = {};           ///< as in ExecutionRequest
};
using FinishedObserver = std::function<void(const ExecutionRecord &, const RunTimings &)>;

/// Queue, workers, state and results of runs. Thread-safe. A result is in the store before anyone
/// is told of it. Destruction cancels what runs and waits for it.
class ExecutionService
{
public:
    struct Parts {
        MetadataStore &metadata;
        BlobStore &blobs;
        Registry &registry;
        SandboxRuntime &sandbox;
        InstanceId instance;
        QString runDirectory; ///< live logs of this instance: `<instances>/<instance>`
        RunLimits limits;
        /// Ends the runs of instances that are dead; asked now and then by those who wait for a
        /// run of another instance.
        std::function<void()> reclaimLost = {};
        const ImageStore *images = nullptr; ///< null: only this machine's interpreters
        SessionService *sessions = nullptr; ///< null: runs have no sessions
        QString scratchDirectory = {}; ///< for copies of input files, where the blobs are no files
        LiveLogs liveLogs = LiveLogs::InFiles; ///< InStore: other machines share the store
    };
    explicit ExecutionService(Parts parts);
    ~ExecutionService();
    ExecutionService(const ExecutionService &) = delete;
    ExecutionService &operator=(const ExecutionService &) = delete;

    /// Resolves the skill, records the run as queued and puts it on the queue. Errors mean that no
    /// record was made: NotFound, SkillNotAvailable, NotExecutable, BadRequest, Busy, RateLimited
    /// (see run_quota.h). What can be recorded is recorded: a named version that does not exist, a
    /// forbidden variable. StorageUnavailable: it is not known whether there is a record.
    Result<ExecutionId> submit(const ExecutionRequest &request, ExecutionObserver observer = {});

    /// From now on, and until drain(), this engine is one of those that share the store's queue: it
    /// puts there what it cannot start at once, and takes from there what it can. With live logs in
    /// files alone it does nothing.
    void shareQueue();

    /// Blocks until the run is final and returns its record. Busy: the run is elsewhere, and
    /// drain() waits for it no longer.
    Result<ExecutionRecord> wait(const TenantId &tenant, const ExecutionId &id);

    /// Calls the observer with every event after `afterSeq` that is still known, then with those to
    /// come, up to and with Finished (or Left). Of a run that is live in this process all events
    /// are known, of one that ended lately, too; of an older one its stored log comes as one Log
    /// event, then Finished. A run of another process is followed by asking the store and its live
    /// log, where both streams are one. Whoever comes back with a number that is not known any more
    /// gets at least Finished. The calls come on one thread that the service has for all
    /// subscribers, the first ones too: one that is slow holds up the others, but never a run.
    Result<std::unique_ptr<ExecutionSubscription>> subscribe(const TenantId &tenant,
                                                             const ExecutionId &id, qint64 afterSeq,
                                                             ExecutionObserver observer);
    /// Refuses new runs from now on (Busy), gives back to the shared queue what has not begun, and
    /// waits up to `grace` for the runs it has. Where other engines take runs, it waits as long for
    /// those in the queue and on others that somebody here waits for. What runs here then is
    /// cancelled and recorded; whoever waits for something else is told Left. Returns when nothing
    /// runs any more.
    void drain(std::chrono::milliseconds grace);
    /// How many wait and how many run, for metrics and readiness.
    struct Load {
        int queued = 0;
        int running = 0;
    };
    Load load() const;
    /// What a run uses now, as long as this process carries it out; asked of the run itself, at
    /// most twice a second. Blocks for a moment. Nothing: it cannot be told.
    std::optional<RunUsage> usage(const TenantId &tenant, const ExecutionId &id);
    /// Called after each run, once its record is stored and before wait() returns, on the thread
    /// that ran it; must not block. Replaces the one before, which may be under way still.
    void onFinished(FinishedObserver observer);
    /// Asks for the run to be stopped, wherever it runs; idempotent. NotFound if there is none.
    /// Audited as `execution.cancel`, unless the run was over already.
    Result<void> cancel(const TenantId &tenant, const ExecutionId &id, const Origin &by);

    Result<ExecutionRecord> find(const TenantId &tenant, const ExecutionId &id);
    Result<QList<ExecutionRecord>> list(const TenantId &tenant, const ExecutionFilter &filter);
    /// The log so far of a running execution of any instance on this machine, else the stored one.
    Result<QString> logs(const TenantId &tenant, const ExecutionId &id);
    Result<std::unique_ptr<QIODevice>> openArtifact(const ArtifactRecord &artifact);

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace skillbox
