#pragma once

#include "engine/base/result.h"
#include "engine/storage/records.h"

#include <QDateTime>
#include <QMap>

#include <functional>
#include <optional>
#include <stop_token>

namespace skillbox {

/// The file that docs/backup.md describes: a tar with these entries, in this order.
///     backup.json                        what it is: BackupHeader
///     blobs/ab/abcdef…                   each blob once, by name
///     tables/executions/00000001.jsonl   rows of a table as JSON objects, a line each
///     manifest.json                      what must have come before: BackupSummary
namespace backup {

constexpr int format = 1;
/// The oldest schema whose rows fit into today's tables, columns that came later left to their
/// defaults. A migration that changes what rows mean raises it.
constexpr int oldestSchema = 5;

inline constexpr auto headerName = "backup.json";
inline constexpr auto manifestName = "manifest.json";

constexpr qint64 largestHeader = 1 << 20;
constexpr qint64 largestManifest = 4 << 20;
/// Rows are put together up to the first size; a single row may be larger, up to the second.
constexpr qint64 usualChunk = 4 << 20;
constexpr qint64 largestChunk = 512LL << 20;
/// So many blobs may be named as missing or damaged; a store that lacks more is not worth a backup.
constexpr qsizetype mostFaults = 1000;

QByteArray blobEntry(const BlobId &blob);
QByteArray chunkEntry(const QString &table, int number);
/// The line of an entry in what the manifest's digest is made of: that of sha256sum(1).
QByteArray digestLine(const QString &sha256, const QByteArray &name);

} // namespace backup

struct BackupTable {
    QString name;
    QStringList columns;
};

struct BackupHeader {
    int schema = 0;
    QString version; ///< of the program that wrote it
    QDateTime createdAt;
    QList<BackupTable> tables; ///< in the order of their rows
};

/// What a backup has, as its manifest says and as reading it found.
struct BackupSummary {
    BackupHeader header;
    QMap<QString, qint64> records = {}; ///< of each table
    qint64 blobs = 0;
    qint64 blobBytes = 0;
    /// Blobs that records refer to and the store did not have: deleted while the backup was made,
    /// or lost.
    QStringList missing = {};
    QStringList damaged = {}; ///< blobs whose bytes were not what their name says
    qsizetype lost = 0;       ///< writing only: of the missing, those that are referred to still
    /// Importing only: runs that had not ended, and are failed now.
    std::optional<qint64> unfinished = {};
    /// SHA-256 over backup::digestLine() of every entry before the manifest. Whoever has it from a
    /// place of trust knows that the rest is as it was written.
    QString digest = {};

    qint64 allRecords() const;
};

QByteArray headerJson(const BackupHeader &header);
/// BadRequest for what is none; StorageTooNew where a newer program wrote it.
Result<BackupHeader> readHeader(const QByteArray &json);
QByteArray manifestJson(const BackupSummary &summary);
/// Fills in all but the header.
Result<BackupSummary> readManifest(const QByteArray &json);

struct BackupProgress {
    qint64 blobs = 0;
    qint64 bytes = 0;
    qint64 records = 0;
};

/// Of writing and reading.
struct BackupOptions {
    std::function<void(const BackupProgress &)> progress = {}; ///< often, on the calling thread
    std::stop_token stop = {};                                 ///< Cancelled at the next entry
};

} // namespace skillbox
