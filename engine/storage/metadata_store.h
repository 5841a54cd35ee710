#pragma once

#include "engine/base/result.h"
#include "engine/storage/store_news.h"
#include "engine/storage/tenant_records.h"

#include <functional>
#include <memory>

namespace skillbox {

class StoreFilling;
class StoreSnapshot;

enum class InsertOutcome {
    Inserted,
    AlreadyThere, ///< same name, version and digest
    Conflict,     ///< same name and version, other digest
};

/// Where a page of a list ended. A page after it costs the same anywhere in the list, and records
/// that come or go meanwhile move nothing.
struct SkillCursor {
    QString name;
    QDateTime publishedAt;
    qint64 seq = 0;
};
struct ExecutionCursor {
    QDateTime createdAt;
    qint64 seq = 0;
};

/// Where a page that listVersions() gave ends, in whatever order its rows are now; nothing for an
/// empty one.
std::optional<SkillCursor> cursorAfter(const QList<SkillVersionRecord> &page);
std::optional<ExecutionCursor> cursorAfter(const QList<ExecutionRecord> &page);

/// What a list of versions reads of each. Manifests and instructions are most of a record's bytes.
enum class SkillColumns {
    All,
    WithoutTexts,
    WithFindings, ///< as WithoutTexts, and what the checker said
};

struct SkillFilter {
    QString name = {};  ///< exact; empty: all
    QString query = {}; ///< full text over name, description and instructions; empty: all
    int limit = 1000;
    int offset = 0;
    std::optional<SkillCursor> after = {};    ///< only what comes after it in the list
    SkillColumns columns = SkillColumns::All; ///< WithoutTexts: manifest and instructions are empty
};

/// What a list of executions reads of each. An input can be long; its beginning is what tells runs
/// of one skill apart.
enum class ExecutionColumns { Facts, WithInputExcerpt };

struct ExecutionFilter {
    QString skill = {}; ///< exact name; empty: all
    std::optional<ExecutionStatus> status = {};
    QString session = {};
    QDateTime since = {}; ///< from this moment on; invalid: open
    QDateTime until = {}; ///< before this moment
    int limit = 50;
    int offset = 0;
    std::optional<ExecutionCursor> before =
        {}; ///< only what comes after it in the list: older ones
    ExecutionColumns columns = ExecutionColumns::Facts;
};

/// How often a skill was run.
struct SkillUse {
    QString skill;
    qint64 runs = 0;
    QDateTime lastRun; ///< when the newest was asked for
};

struct FileFilter {
    QString session = {}; ///< empty: all
    ExecutionId execution = {};
    int limit = 50;
    int offset = 0;
};

struct AuditFilter {
    qint64 afterSeq = 0;  ///< only records after this one
    QDateTime since = {}; ///< only from this moment on; invalid: open
    QDateTime until = {}; ///< before this moment
    int limit = 1000;
};

/// The end of a tenant's audit chain, kept apart from it so that records missing there are noticed.
struct AuditHead {
    qint64 seq = 0;
    QString hash;
};

/// That a key was used, for its record.
struct KeyUse {
    KeyId key;
    QDateTime at;
};

/// What may be kept of one session's files.
struct SessionBounds {
    qint64 bytes = 0;
    int files = 0;
};

/// What a request with an Idempotency-Key meets.
struct IdempotencyClaim {
    enum class State {
        Claimed,  ///< the first with this key: carry it out, then complete or release
        Running,  ///< the first is not answered yet
        Replay,   ///< the first was answered: with status and body, or see `execution`
        Mismatch, ///< the key was used for another request
    };
    State state = State::Claimed;
    int status = 0; ///< Replay; 0: the answer was not kept, make it from the execution's record
    QByteArray body = {};
    ExecutionId execution = {}; ///< Running and Replay: what the first one started, if anything
};

/// A key that the engine `instance` has claimed for the request that a run comes from. Empty: none.
struct ClaimedKey {
    QString key = {};
    InstanceId instance = {};
};

/// Keeps what the engine knows, in a transaction per call. Thread-safe: any thread may call; every
/// call names its tenant and sees nothing of another. A missing thing is an answer (nullopt,
/// false), an Error means the store itself failed (StorageUnavailable, StorageCorrupt).
class MetadataStore
{
public:
    virtual ~MetadataStore() = default;

    // Tenants
    /// False: it is there already. The tenant `local` always is.
    virtual Result<bool> addTenant(const TenantId &tenant, const QDateTime &createdAt) = 0;
    /// By id.
    virtual Result<QList<TenantId>> listTenants() = 0;
    /// What counts for tenants that were given nothing of their own. Before the first other call.
    virtual void setTenantDefaults(const TenantSettings &defaults) = 0;
    /// By id, with their settings and what they keep.
    virtual Result<QList<TenantRecord>> tenantRecords() = 0;
    virtual Result<std::optional<TenantRecord>> findTenant(const TenantId &tenant) = 0;
    /// Hands the tenant's own settings to `change`, which changes them and says what the audit
    /// gets, or says nothing and all stays as it is. It may be called more than once. Nothing: no
    /// such tenant; else the record as it is then.
    using TenantChange = std::function<std::optional<AuditRecord>(TenantSettings &)>;
    virtual Result<std::optional<TenantRecord>> changeTenant(const TenantId &tenant,
                                                             const QDateTime &at, const QString &by,
                                                             const TenantChange &change) = 0;
    /// Takes one of the runs that the tenant may begin in a minute, over all servers: no minute,
    /// wherever it begins, has more, and each comes back a minute after it was taken (of a limit
    /// over 120 up to a hundredth part later). After a change of such a limit the count may begin
    /// anew. One that is taken twice because the connection broke is taken twice.
    virtual Result<RunTicket> takeRun(const TenantId &tenant) = 0;
    /// What the tenant keeps and may keep. Calls that add to it fail with TooLarge, and change
    /// nothing, where it would be more: insertVersion, insertFile, insertFileVersion,
    /// changeSession, finishExecution.
    virtual Result<StorageRoom> storageRoom(const TenantId &tenant) = 0;

    // What one of all servers does
    /// False: another one has it. Whoever has it may take it again.
    virtual Result<bool> takeDuty(const QString &name, const InstanceId &instance,
                                  std::chrono::milliseconds lasting) = 0;
    virtual Result<void> endDuty(const QString &name, const InstanceId &instance) = 0;

    // Retention. Runs that are not over stay; files that people uploaded, as new versions of an
    // artifact too, stay; files of sessions stay.
    /// Removes what belongs to runs asked for before then, the oldest first, at most `most` of it,
    /// in one transaction, and adds it to the tenant's tally.
    virtual Result<Reaped> reap(const TenantId &tenant, Retained what, const QDateTime &before,
                                int most) = 0;
    /// Writes down in the audit what was removed since the last time. False: nothing was.
    virtual Result<bool>
    auditReaped(const TenantId &tenant,
                const std::function<AuditRecord(const Reaped &)> &makeRecord) = 0;

    // Keys. A change may bring its audit record, as with skills below. `hash` is the SHA-256 of the
    // key's text in lower-case hex; the store never sees the text.
    /// Makes the tenant if there is none. False, and nothing changed: the hash is taken, by
    /// whatever tenant.
    virtual Result<bool> insertKey(const KeyRecord &record, const QString &hash,
                                   const AuditRecord *audit = nullptr) = 0;
    /// The one question without a tenant: its answer is where the tenant comes from. Revoked and
    /// expired keys are found, too.
    virtual Result<std::optional<KeyRecord>> findKeyByHash(const QString &hash) = 0;
    /// Newest first, revoked and expired ones included.
    virtual Result<QList<KeyRecord>> listKeys(const TenantId &tenant) = 0;
    /// The record as it is then; one that is revoked already stays as it is. Nothing: the tenant
    /// has no such key.
    virtual Result<std::optional<KeyRecord>> revokeKey(const TenantId &tenant, const KeyId &id,
                                                       const QDateTime &at,
                                                       const AuditRecord *audit = nullptr) = 0;
    /// A later use that is known already stays; keys that are gone are passed over.
    virtual Result<void> noteKeyUse(const QList<KeyUse> &uses) = 0;
    /// Whether any tenant has a key that is neither revoked nor, at `now`, expired.
    virtual Result<bool> hasUsableKeys(const QDateTime &now) = 0;

    // Skills. A change of one may bring its audit record, which is written in the same transaction
    // if, and only if, the call changes something.
    virtual Result<InsertOutcome> insertVersion(const SkillVersionRecord &record,
                                                const AuditRecord *audit = nullptr) = 0;
    virtual Result<std::optional<SkillVersionRecord>>
    findVersion(const TenantId &tenant, const QString &name, const QString &version) = 0;
    /// The versions of a skill that are not yanked, last published first: what `latest` chooses
    /// from.
    virtual Result<QStringList> availableVersions(const TenantId &tenant, const QString &name) = 0;
    /// One row per version, ordered by name and then by time of publishing, newest first.
    virtual Result<QList<SkillVersionRecord>> listVersions(const TenantId &tenant,
                                                           const SkillFilter &filter) = 0;
    /// Sets or, with an invalid time, clears the yank. False: no such version.
    virtual Result<bool> setYanked(const TenantId &tenant, const QString &name,
                                   const QString &version, const QDateTime &yankedAt,
                                   const QString &reason, const AuditRecord *audit = nullptr) = 0;
    /// Executions of it stay, tags on it go. False: no such version.
    virtual Result<bool> deleteVersion(const TenantId &tenant, const QString &name,
                                       const QString &version,
                                       const AuditRecord *audit = nullptr) = 0;

    // Tags of a skill, each on one of its versions
    /// Sets or moves it; setBy and setAt stay where it is on that version already. False: no such
    /// version.
    virtual Result<bool> setTag(const TenantId &tenant, const QString &name, const TagRecord &tag,
                                const AuditRecord *audit = nullptr) = 0;
    /// False: no such tag.
    virtual Result<bool> removeTag(const TenantId &tenant, const QString &name, const QString &tag,
                                   const AuditRecord *audit = nullptr) = 0;
    /// By tag.
    virtual Result<QList<TagRecord>> listTags(const TenantId &tenant, const QString &name) = 0;
    virtual Result<std::optional<TagRecord>> findTag(const TenantId &tenant, const QString &name,
                                                     const QString &tag) = 0;

    // Executions
    /// With a key: in one transaction with bindIdempotency(). Conflict, and nothing inserted, where
    /// the claim is not that engine's any more.
    virtual Result<void> insertExecution(const ExecutionRecord &record,
                                         const ClaimedKey &claim = {}) = 0;
    /// queued → running. False if it is not queued any more (cancelled meanwhile), or not this
    /// instance's any more; without an instance it may be anybody's.
    virtual Result<bool> markRunning(const TenantId &tenant, const ExecutionId &id,
                                     const QDateTime &startedAt,
                                     const InstanceId &instance = {}) = 0;
    /// Writes the final state and its artifacts (each also as a file) in one transaction. False if
    /// the execution is final already, the first to finish it wins, or if it is not the record's
    /// instance's any more. What was known when it was inserted (tenant, skill name, session,
    /// input, caller, createdAt) stays. `audit` is written in the same transaction, if this call is
    /// the one that finishes it.
    virtual Result<bool> finishExecution(const ExecutionRecord &record,
                                         const AuditRecord *audit = nullptr) = 0;
    virtual Result<std::optional<ExecutionRecord>> findExecution(const TenantId &tenant,
                                                                 const ExecutionId &id) = 0;
    /// Newest first; without input, output, artifacts and logs, which can be long.
    virtual Result<QList<ExecutionRecord>> listExecutions(const TenantId &tenant,
                                                          const ExecutionFilter &filter) = 0;
    /// Of every skill that was ever run, by name.
    virtual Result<QList<SkillUse>> skillUse(const TenantId &tenant) = 0;
    /// This instance, which may be on any machine, is alive for so long from now, by the store's
    /// clock.
    virtual Result<void> renewLease(const InstanceId &instance,
                                    std::chrono::milliseconds lasting) = 0;
    /// It ends by itself and has nothing left to do.
    virtual Result<void> endLease(const InstanceId &instance) = 0;
    /// Whether it takes runs from the queue, as long as its lease is in force. At first it does
    /// not.
    virtual Result<void> setTakesRuns(const InstanceId &instance, bool takes) = 0;
    /// Whether an instance but this one takes runs from the queue.
    virtual Result<bool> othersTakeRuns(const InstanceId &instance) = 0;
    /// Instances whose lease is over, and those with unfinished executions that never had one.
    virtual Result<QList<InstanceId>> instancesWithoutLease() = 0;
    /// Notes that somebody wants it stopped; whoever runs it asks cancelRequestsOf. False: no such
    /// execution or it is final.
    virtual Result<bool> requestCancel(const TenantId &tenant, const ExecutionId &id) = 0;
    /// Of this instance's unfinished executions, those somebody wants stopped.
    virtual Result<QList<ExecutionId>> cancelRequestsOf(const InstanceId &instance) = 0;
    /// Instances that have unfinished executions.
    virtual Result<QList<InstanceId>> instancesWithUnfinished() = 0;
    /// True: its lease is over, or it has none; then it has none from now on. Of an instance that
    /// was only slow the lease is in force again.
    virtual Result<bool> dropLeaseIfOver(const InstanceId &instance) = 0;
    /// Puts what a dead instance had not begun back into the queue, as far as it can be run
    /// elsewhere, and ends every other unfinished execution of it: failed, reason `lost`, with the
    /// log that `logOf` has of it, or else its log's parts, and an `execution.finish` audit record.
    /// Claims of it that started nothing are released. Returns the ids of those it ended.
    virtual Result<QList<ExecutionId>>
    failLost(const InstanceId &instance, const QDateTime &at,
             const std::function<QString(const ExecutionId &)> &logOf = {}) = 0;

    // The queue of the engines that share the store. A run without an instance waits in it.
    /// Inserts a run with what another engine needs to carry it out. With an instance: as that
    /// one's, queued or begun already, unless its tenant has as many under way as it may
    /// (TenantSettings). Without: into the queue, unless `mostWaiting` wait there already, more or
    /// less. False: not inserted.
    virtual Result<bool> insertQueued(const ExecutionRecord &record, const QString &task,
                                      int mostWaiting, const ClaimedKey &claim = {}) = 0;
    /// Takes up to `most` runs for this instance: of tenants that may have more under way, the one
    /// with the fewest first, and of each its oldest. Two never take the same, and none waits for
    /// another one's choice. The records are whole and have the instance; oldest first.
    virtual Result<QueueClaim> claimQueued(const InstanceId &instance, int most) = 0;
    /// Puts those of these runs back into the queue that are this instance's, have not begun and
    /// can be run elsewhere; which they were.
    virtual Result<QList<ExecutionId>> giveBack(const InstanceId &instance,
                                                const QList<ExecutionId> &runs) = 0;
    /// This instance's runs that have not begun.
    virtual Result<QList<ExecutionId>> queuedOf(const InstanceId &instance) = 0;
    /// How many runs wait in the queue, of all tenants.
    virtual Result<qint64> countWaiting() = 0;
    /// Keeps the next part of a run's log until the run has ended. False: this instance does not
    /// run it any more.
    virtual Result<bool> appendLog(const TenantId &tenant, const ExecutionId &id,
                                   const InstanceId &instance, const LogPart &part) = 0;
    /// The parts of a run's log whose first event comes after `afterEvent`, in order.
    virtual Result<QList<LogPart>> readLog(const TenantId &tenant, const ExecutionId &id,
                                           qint64 afterEvent) = 0;
    /// Tells the other engines, and this one, as far as they watch.
    virtual Result<void> announce(const QList<StoreNews> &news) = 0;
    /// Null: this store has no way to tell; who wants to know must ask. It must not outlive the
    /// store.
    virtual std::unique_ptr<StoreWatch> watch(StoreNewsHandler handler) = 0;

    // Idempotency keys of requests
    /// Takes the key for the request with this hash or says what became of the first with the key.
    /// A claim that is over its time is as if it had never been, and so is one of which nothing
    /// came within a minute. `instance` is who carries it out.
    virtual Result<IdempotencyClaim> claimIdempotency(const TenantId &tenant, const QString &key,
                                                      const QString &requestHash,
                                                      const InstanceId &instance,
                                                      const QDateTime &now,
                                                      const QDateTime &expires) = 0;
    /// Says what execution the claimed request started: from then on the claim outlives the
    /// process. False: it is not this instance's any more, or bound to another one.
    virtual Result<bool> bindIdempotency(const TenantId &tenant, const QString &key,
                                         const ExecutionId &execution,
                                         const InstanceId &instance) = 0;
    /// Keeps the answer for whoever asks again.
    virtual Result<void> completeIdempotency(const TenantId &tenant, const QString &key, int status,
                                             const QByteArray &body) = 0;
    /// The key is free again, unless something came of the request.
    virtual Result<void> releaseIdempotency(const TenantId &tenant, const QString &key) = 0;
    /// Forgets the claims that are over their time, at most `most`; how many.
    virtual Result<qint64> forgetIdempotency(const QDateTime &now, int most) = 0;

    // Files
    virtual Result<std::optional<FileRecord>> findFile(const TenantId &tenant,
                                                       const FileId &id) = 0;
    virtual Result<void> insertFile(const FileRecord &record,
                                    const AuditRecord *audit = nullptr) = 0;
    /// Adds `draft` to the chain that `member` is of: the store gives it the next version, the root
    /// as parent, and the session and execution of `member`. Nothing: there is no `member`.
    virtual Result<std::optional<FileRecord>>
    insertFileVersion(const FileId &member, const FileRecord &draft,
                      const AuditRecord *audit = nullptr) = 0;
    /// Newest first.
    virtual Result<QList<FileRecord>> listFiles(const TenantId &tenant,
                                                const FileFilter &filter) = 0;
    /// The chain that `member` is of, highest version first; empty if there is no such file.
    virtual Result<QList<FileRecord>> listFileVersions(const TenantId &tenant,
                                                       const FileId &member) = 0;
    /// That version only; what it was, or nothing.
    virtual Result<std::optional<FileRecord>> deleteFile(const TenantId &tenant, const FileId &id,
                                                         const AuditRecord *audit = nullptr) = 0;

    // Sessions
    /// By path, in the order of its bytes.
    virtual Result<QList<SessionFileRecord>> listSessionFiles(const TenantId &tenant,
                                                              const QString &session) = 0;
    virtual Result<std::optional<SessionFileRecord>>
    findSessionFile(const TenantId &tenant, const QString &session, const QString &path) = 0;
    /// Creates or replaces `written` and removes the paths in `removed`, all or nothing. TooLarge,
    /// and nothing changed, if the session would be over its bounds then. Returns the blobs that
    /// the session gave up.
    virtual Result<QList<BlobId>> changeSession(const TenantId &tenant, const QString &session,
                                                const QList<SessionFileRecord> &written,
                                                const QStringList &removed,
                                                const SessionBounds &bounds,
                                                const AuditRecord *audit = nullptr) = 0;
    /// All of it; the blobs it gave up, empty: there was nothing.
    virtual Result<QList<BlobId>> deleteSession(const TenantId &tenant, const QString &session,
                                                const AuditRecord *audit = nullptr) = 0;

    /// Whether any version, artifact or file of any tenant still refers to the blob.
    virtual Result<bool> isBlobReferenced(const BlobId &blob) = 0;
    /// Calls `removeBytes` if nothing refers to the blob. False: something does, or another one
    /// releases it this moment. Nobody waits meanwhile; whoever stores a blob and then a record of
    /// it looks afterwards whether the blob was taken away in between (blob_release.h).
    virtual Result<bool> releaseBlob(const BlobId &blob,
                                     const std::function<Result<void>()> &removeBytes) = 0;
    /// Whether a releaseBlob(), of any engine, that found nothing that refers to it may be under
    /// way.
    virtual Result<bool> isBlobBeingReleased(const BlobId &blob) = 0;

    // Audit. Each tenant's records are a chain: the store sets seq, previousHash and hash of what
    // it is given (audit_chain.h), in the order of their writing, whatever process writes.
    virtual Result<void> appendAudit(const AuditRecord &record) = 0;
    /// Oldest first.
    virtual Result<QList<AuditRecord>> listAudit(const TenantId &tenant,
                                                 const AuditFilter &filter) = 0;
    /// Nothing: the tenant has no records.
    virtual Result<std::optional<AuditHead>> auditHead(const TenantId &tenant) = 0;

    // Copies of the whole store; what only concerns processes that live now is no part of them
    /// All records of all tenants as they are now (store_snapshot.h).
    virtual Result<std::unique_ptr<StoreSnapshot>> snapshot() = 0;
    /// Begins to fill this store, which is empty, with those of another (store_filling.h).
    /// Conflict: it is not empty.
    virtual Result<std::unique_ptr<StoreFilling>> beginFilling() = 0;
};

} // namespace skillbox
