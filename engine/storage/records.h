#pragma once

#include "engine/base/ids.h"
#include "engine/base/json_text.h"

#include <QDateTime>
#include <QJsonArray>
#include <QJsonObject>
#include <QList>
#include <QString>

#include <optional>

namespace skillbox {

/// What the stores keep, as plain values. All times are UTC; every record belongs to a tenant.

/// Names a blob by the SHA-256 of its bytes, lower-case hex.
struct BlobId {
    QString sha256;
    bool isEmpty() const { return sha256.isEmpty(); }
    friend bool operator==(const BlobId &a, const BlobId &b) { return a.sha256 == b.sha256; }
};

struct SkillVersionRecord {
    TenantId tenant;
    QString name;
    QString version;
    QString digest; ///< of the content, `sha256:…`
    BlobId archive; ///< the zip as published
    qint64 archiveBytes = 0;
    QString description;
    QString language; ///< empty: none declared or inferred
    QString mode;     ///< executable, cognitive
    QString instructions;
    QJsonObject manifest; ///< the other manifest fields, as shown by the API
    QString publishedBy;
    QDateTime publishedAt;
    QDateTime yankedAt; ///< invalid: not yanked
    QString yankReason;
    QJsonArray findings =
        {};         ///< what the checker said of it when it was published, see findingsJson()
    qint64 seq = 0; ///< set by the store; grows
};

enum class ExecutionStatus { Queued, Running, Success, Failed, Timeout, Cancelled };
QLatin1StringView executionStatusName(ExecutionStatus status);
std::optional<ExecutionStatus> executionStatusFromName(QStringView name);
inline bool isFinal(ExecutionStatus status)
{
    return status != ExecutionStatus::Queued && status != ExecutionStatus::Running;
}

struct ArtifactRecord {
    QString path; ///< slash-separated below /sandbox/out/files
    FileId file;
    BlobId blob;
    qint64 sizeBytes = 0;
    QString contentType;
};

struct ExecutionRecord {
    ExecutionId id;
    TenantId tenant;
    QString skillName;
    QString skillVersion;
    QString skillDigest;
    QString entrypoint; ///< the script that ran, as resolved
    QString session;
    ExecutionStatus status = ExecutionStatus::Queued;
    QString reason; ///< why it ended so: exit_code, signal, wall_clock, setup, lost, …
    JsonText input;
    JsonText output; ///< empty: none
    QString error;   ///< empty: none
    QString logs;
    std::optional<int> exitCode;
    qint64 durationMs = 0;
    QJsonObject sandbox; ///< backend, level and controls that really applied
    QString caller;      ///< who asked: key id, or the local user
    InstanceId instance; ///< the engine process that runs or ran it
    bool cancelRequested = false;
    QDateTime createdAt;
    QDateTime startedAt;
    QDateTime finishedAt;
    QList<ArtifactRecord> artifacts; ///< sorted by path; filled by findExecution only
    qint64 seq = 0;                  ///< set by the store; grows
    /// The beginning of the input's text; filled by listExecutions only, and only where asked for.
    QString inputExcerpt = {};
};

/// A run that was taken from the queue: `task` is what it was put there with.
struct QueuedRun {
    ExecutionRecord record;
    QString task;
};

/// What was taken from the queue; `left`: how many runs at least wait there still, of those that
/// could be looked at.
struct QueueClaim {
    QList<QueuedRun> runs = {};
    qint64 left = 0;
};

/// Events of a log one after the other; the first has this number. `events` is a JSON list,
/// [[stream, text], …].
struct LogPart {
    qint64 firstEvent = 0;
    QString events;
};

struct FileRecord {
    FileId id;
    TenantId tenant;
    QString name;
    QString session;
    ExecutionId execution; ///< empty: uploaded
    BlobId blob;
    QString contentType;
    qint64 sizeBytes = 0;
    int version = 1;
    FileId parent; ///< the first of the chain; empty for that one
    QDateTime createdAt;
    QDateTime updatedAt;
};

/// One file below /sandbox/session, as it is now.
struct SessionFileRecord {
    QString path; ///< slash-separated, relative
    BlobId blob;
    qint64 sizeBytes = 0;
    bool executable = false;
    QDateTime updatedAt;
};

struct KeyRecord {
    KeyId id;
    TenantId tenant;
    QString name;
    QString role; ///< roleName()
    QDateTime createdAt;
    QString createdBy;
    QDateTime expiresAt;       ///< invalid: never
    QDateTime lastUsedAt = {}; ///< invalid: never; may be minutes old
    QDateTime revokedAt = {};  ///< invalid: in force
};

struct TagRecord {
    QString tag;
    QString version;
    QString setBy;
    QDateTime setAt;
};

struct AuditRecord {
    TenantId tenant;
    QDateTime at;
    QString actor;
    QString action; ///< `skill.publish`, `skill.yank`, `execution.finish`, …
    QString target;
    QJsonObject details;
    QString address = {};   ///< the client's; empty: this machine's own process
    QString requestId = {}; ///< empty: none
    // Set by the store:
    qint64 seq = 0;
    QString previousHash = {};
    QString hash = {}; ///< SHA-256 over previousHash and the record's canonical text
};

} // namespace skillbox
