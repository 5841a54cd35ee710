#pragma once

#include "engine/storage/metadata_store.h"
#include "engine/storage/sql_connection.h"

namespace skillbox {

/// The metadata store over QtSql, for every database there is a dialect for. The schema is there
/// and current once prepare() has succeeded.
class SqlStore final : public MetadataStore
{
public:
    explicit SqlStore(std::unique_ptr<const SqlDialect> dialect) : m_connections(std::move(dialect))
    {
    }

    /// Runs the dialect's own first steps, such as migrations, on the calling thread's connection.
    Result<void> prepare(const std::function<Result<void>(SqlConnection &)> &steps);

    Result<bool> addTenant(const TenantId &tenant, const QDateTime &createdAt) override;
    Result<QList<TenantId>> listTenants() override;
    void setTenantDefaults(const TenantSettings &defaults) override { m_tenantDefaults = defaults; }
    Result<QList<TenantRecord>> tenantRecords() override;
    Result<std::optional<TenantRecord>> findTenant(const TenantId &tenant) override;
    Result<std::optional<TenantRecord>> changeTenant(const TenantId &tenant, const QDateTime &at,
                                                     const QString &by,
                                                     const TenantChange &change) override;
    Result<RunTicket> takeRun(const TenantId &tenant) override;
    Result<StorageRoom> storageRoom(const TenantId &tenant) override;
    Result<bool> takeDuty(const QString &name, const InstanceId &instance,
                          std::chrono::milliseconds lasting) override;
    Result<void> endDuty(const QString &name, const InstanceId &instance) override;
    Result<Reaped> reap(const TenantId &tenant, Retained what, const QDateTime &before,
                        int most) override;
    Result<bool> auditReaped(const TenantId &tenant,
                             const std::function<AuditRecord(const Reaped &)> &makeRecord) override;

    Result<bool> insertKey(const KeyRecord &record, const QString &hash,
                           const AuditRecord *audit) override;
    Result<std::optional<KeyRecord>> findKeyByHash(const QString &hash) override;
    Result<QList<KeyRecord>> listKeys(const TenantId &tenant) override;
    Result<std::optional<KeyRecord>> revokeKey(const TenantId &tenant, const KeyId &id,
                                               const QDateTime &at,
                                               const AuditRecord *audit) override;
    Result<void> noteKeyUse(const QList<KeyUse> &uses) override;
    Result<bool> hasUsableKeys(const QDateTime &now) override;

    Result<InsertOutcome> insertVersion(const SkillVersionRecord &record,
                                        const AuditRecord *audit) override;
    Result<std::optional<SkillVersionRecord>>
    findVersion(const TenantId &tenant, const QString &name, const QString &version) override;
    Result<QStringList> availableVersions(const TenantId &tenant, const QString &name) override;
    Result<QList<SkillVersionRecord>> listVersions(const TenantId &tenant,
                                                   const SkillFilter &filter) override;
    Result<bool> setYanked(const TenantId &tenant, const QString &name, const QString &version,
                           const QDateTime &yankedAt, const QString &reason,
                           const AuditRecord *audit) override;
    Result<bool> deleteVersion(const TenantId &tenant, const QString &name, const QString &version,
                               const AuditRecord *audit) override;

    Result<bool> setTag(const TenantId &tenant, const QString &name, const TagRecord &tag,
                        const AuditRecord *audit) override;
    Result<bool> removeTag(const TenantId &tenant, const QString &name, const QString &tag,
                           const AuditRecord *audit) override;
    Result<QList<TagRecord>> listTags(const TenantId &tenant, const QString &name) override;
    Result<std::optional<TagRecord>> findTag(const TenantId &tenant, const QString &name,
                                             const QString &tag) override;

    Result<void> insertExecution(const ExecutionRecord &record, const ClaimedKey &claim) override;
    Result<bool> markRunning(const TenantId &tenant, const ExecutionId &id,
                             const QDateTime &startedAt, const InstanceId &instance) override;
    Result<bool> finishExecution(const ExecutionRecord &record, const AuditRecord *audit) override;
    Result<std::optional<ExecutionRecord>> findExecution(const TenantId &tenant,
                                                         const ExecutionId &id) override;
    Result<QList<ExecutionRecord>> listExecutions(const TenantId &tenant,
                                                  const ExecutionFilter &filter) override;
    Result<QList<SkillUse>> skillUse(const TenantId &tenant) override;
    Result<void> renewLease(const InstanceId &instance, std::chrono::milliseconds lasting) override;
    Result<void> endLease(const InstanceId &instance) override;
    Result<void> setTakesRuns(const InstanceId &instance, bool takes) override;
    Result<bool> othersTakeRuns(const InstanceId &instance) override;
    Result<QList<InstanceId>> instancesWithoutLease() override;
    Result<bool> requestCancel(const TenantId &tenant, const ExecutionId &id) override;
    Result<QList<ExecutionId>> cancelRequestsOf(const InstanceId &instance) override;
    Result<QList<InstanceId>> instancesWithUnfinished() override;
    Result<bool> dropLeaseIfOver(const InstanceId &instance) override;
    Result<QList<ExecutionId>>
    failLost(const InstanceId &instance, const QDateTime &at,
             const std::function<QString(const ExecutionId &)> &logOf) override;

    Result<bool> insertQueued(const ExecutionRecord &record, const QString &task, int mostWaiting,
                              const ClaimedKey &claim) override;
    Result<QueueClaim> claimQueued(const InstanceId &instance, int most) override;
    Result<QList<ExecutionId>> giveBack(const InstanceId &instance,
                                        const QList<ExecutionId> &runs) override;
    Result<QList<ExecutionId>> queuedOf(const InstanceId &instance) override;
    Result<qint64> countWaiting() override;
    Result<bool> appendLog(const TenantId &tenant, const ExecutionId &id,
                           const InstanceId &instance, const LogPart &part) override;
    Result<QList<LogPart>> readLog(const TenantId &tenant, const ExecutionId &id,
                                   qint64 afterEvent) override;
    Result<void> announce(const QList<StoreNews> &news) override;
    std::unique_ptr<StoreWatch> watch(StoreNewsHandler handler) override;

    Result<IdempotencyClaim> claimIdempotency(const TenantId &tenant, const QString &key,
                                              const QString &requestHash,
                                              const InstanceId &instance, const QDateTime &now,
                                              const QDateTime &expires) override;
    Result<bool> bindIdempotency(const TenantId &tenant, const QString &key,
                                 const ExecutionId &execution, const InstanceId &instance) override;
    Result<void> completeIdempotency(const TenantId &tenant, const QString &key, int status,
                                     const QByteArray &body) override;
    Result<void> releaseIdempotency(const TenantId &tenant, const QString &key) override;
    Result<qint64> forgetIdempotency(const QDateTime &now, int most) override;

    Result<std::optional<FileRecord>> findFile(const TenantId &tenant, const FileId &id) override;
    Result<void> insertFile(const FileRecord &record, const AuditRecord *audit) override;
    Result<std::optional<FileRecord>> insertFileVersion(const FileId &member,
                                                        const FileRecord &draft,
                                                        const AuditRecord *audit) override;
    Result<QList<FileRecord>> listFiles(const TenantId &tenant, const FileFilter &filter) override;
    Result<QList<FileRecord>> listFileVersions(const TenantId &tenant,
                                               const FileId &member) override;
    Result<std::optional<FileRecord>> deleteFile(const TenantId &tenant, const FileId &id,
                                                 const AuditRecord *audit) override;

    Result<QList<SessionFileRecord>> listSessionFiles(const TenantId &tenant,
                                                      const QString &session) override;
    Result<std::optional<SessionFileRecord>>
    findSessionFile(const TenantId &tenant, const QString &session, const QString &path) override;
    Result<QList<BlobId>> changeSession(const TenantId &tenant, const QString &session,
                                        const QList<SessionFileRecord> &written,
                                        const QStringList &removed, const SessionBounds &bounds,
                                        const AuditRecord *audit) override;
    Result<QList<BlobId>> deleteSession(const TenantId &tenant, const QString &session,
                                        const AuditRecord *audit) override;

    Result<bool> isBlobReferenced(const BlobId &blob) override;
    Result<bool> releaseBlob(const BlobId &blob,
                             const std::function<Result<void>()> &removeBytes) override;
    Result<bool> isBlobBeingReleased(const BlobId &blob) override;

    Result<void> appendAudit(const AuditRecord &record) override;
    Result<QList<AuditRecord>> listAudit(const TenantId &tenant,
                                         const AuditFilter &filter) override;
    Result<std::optional<AuditHead>> auditHead(const TenantId &tenant) override;

    Result<std::unique_ptr<StoreSnapshot>> snapshot() override;
    Result<std::unique_ptr<StoreFilling>> beginFilling() override;

    const SqlDialect &dialect() const { return m_connections.dialect(); }

private:
    /// Runs one statement on the calling thread's connection; by itself it is a transaction.
    /// It is sent again where the connection breaks, `repeated` says whether: it may then have been
    /// carried out before, so its effect must be the same twice as once.
    Result<SqlRows> run(const QString &sql, const QVariantList &values = {},
                        bool *repeated = nullptr);
    Result<qint64> change(const QString &sql, const QVariantList &values = {},
                          bool *repeated = nullptr);
    /// Runs `body(SqlConnection &)` in a transaction that is committed if it returns a value. Where
    /// the database says that it lost to another one, or the connection breaks before the commit,
    /// the body runs again, a few times; it must begin from nothing.
    template<typename Body>
    auto write(Body &&body, SqlWrite::Others others = SqlWrite::Others::Write)
        -> std::invoke_result_t<Body, SqlConnection &>
    {
        for (int attempt = 1;; ++attempt) {
            auto connection = m_connections.current();
            if (!connection)
                return fail(connection.error());
            auto transaction = SqlWrite::begin(**connection, others);
            if (!transaction) {
                if (mayRepeat(**connection, attempt))
                    continue;
                return fail(transaction.error());
            }
            auto result = body(**connection);
            if (!result) {
                if (mayRepeat(**connection, attempt))
                    continue;
                return result;
            }
            if (auto committed = transaction->commit(); !committed)
                return fail(committed.error());
            return result;
        }
    }
    /// Waits a moment if there is another attempt.
    static bool mayRepeat(const SqlConnection &connection, int attempt);

    /// TooLarge where a tenant keeps more than it may, now that something was added to it.
    Result<void> checkStorage(SqlConnection &connection, const TenantId &tenant) const;

    SqlConnections m_connections;
    TenantSettings m_tenantDefaults;
};

/// Pieces that several statements share.
/// Conflict where the claim is not that engine's any more.
Result<void> bindClaim(SqlConnection &connection, const ExecutionRecord &record,
                       const ClaimedKey &claim);
/// The columns of a whole execution, for readWholeExecution(); a column that follows has the number
/// wholeExecutionColumns.
QString executionColumns();
inline constexpr int wholeExecutionColumns = 22;
Result<ExecutionRecord> readWholeExecution(const SqlDialect &dialect, const TenantId &tenant,
                                           const SqlRows &row);
/// Adds the record to its tenant's chain. Only inside a SqlWrite: who reads the chain's end must be
/// the next to write.
Result<void> insertAudit(SqlConnection &connection, const AuditRecord &record);
/// The same where there may be none to write.
Result<void> insertAudit(SqlConnection &connection, const AuditRecord *record);
/// Chains the records made before there was a chain; part of migration 2.
Result<void> chainOldAudit(SqlConnection &connection);
/// Ends every unfinished execution of every tenant as failLost() ends those of one instance, in a
/// store whose processes are not there; how many there were.
Result<qint64> failUnfinished(SqlConnection &connection, const QDateTime &at);
Result<bool> blobReferenced(SqlConnection &connection, const BlobId &blob);
/// A JSON object column; StorageCorrupt naming `what` if it does not hold one.
Result<QJsonObject> objectColumn(const SqlDialect &dialect, const QString &text,
                                 const QString &what);
Error corruptRecord(const SqlDialect &dialect, const QString &what);
QVariant sqlObject(const QJsonObject &object);
QVariant sqlStatus(ExecutionStatus status);
QVariant sqlJson(const JsonText &json);

} // namespace skillbox
