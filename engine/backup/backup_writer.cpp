#include "engine/backup/backup_writer.h"

#include "engine/backup/tar_archive.h"
#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/storage/store_snapshot.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype pieceBytes = 256 * 1024;

class BackupWriter
{
public:
    BackupWriter(MetadataStore &metadata, BlobStore &blobs, TarWriter &tar,
                 const BackupOptions &options)
        : m_metadata(metadata)
        , m_blobs(blobs)
        , m_tar(tar)
        , m_options(options)
        , m_piece(pieceBytes, Qt::Uninitialized)
    {
    }

    Result<BackupSummary> write(const QString &program)
    {
        const auto snapshot = m_metadata.snapshot();
        if (!snapshot)
            return fail(snapshot.error());
        m_summary.header = {
            .schema = storeSchema(), .version = program, .createdAt = nowUtc(), .tables = {}};
        for (const StoredTable &table : (*snapshot)->tables())
            m_summary.header.tables.append({table.name, table.columnNames()});
        if (auto put = putEntry(backup::headerName, headerJson(m_summary.header)); !put)
            return fail(put.error());
        // Blobs first: whoever reads the stream has them when the rows refer to them.
        auto copied = (*snapshot)->eachBlob([this](const BlobId &blob) { return putBlob(blob); });
        if (!copied)
            return fail(copied.error());
        for (const StoredTable &table : (*snapshot)->tables()) {
            if (auto put = putTable(**snapshot, table); !put)
                return fail(put.error());
        }
        m_summary.digest = m_digest.finish();
        const QByteArray manifest = manifestJson(m_summary);
        if (auto begun = m_tar.beginFile(backup::manifestName, manifest.size(),
                                         m_summary.header.createdAt);
            !begun)
            return fail(begun.error());
        if (auto written = m_tar.write(manifest); !written)
            return fail(written.error());
        if (auto finished = m_tar.finish(); !finished)
            return fail(finished.error());
        return m_summary;
    }

private:
    Result<void> goOn()
    {
        if (m_options.progress)
            m_options.progress(m_progress);
        if (m_options.stop.stop_requested())
            return fail(ErrorCode::Cancelled, u"the backup was interrupted"_s);
        return {};
    }

    Result<void> putEntry(const QByteArray &name, const QByteArray &bytes)
    {
        if (auto begun = m_tar.beginFile(name, bytes.size(), m_summary.header.createdAt); !begun)
            return begun;
        m_digest.add(backup::digestLine(Sha256::of(bytes), name));
        m_progress.bytes += bytes.size();
        return m_tar.write(bytes);
    }

    Result<void> noteFault(QStringList &faults, const BlobId &blob)
    {
        faults.append(blob.sha256);
        if (faults.size() <= backup::mostFaults)
            return {};
        return fail(
            ErrorCode::StorageCorrupt,
            u"more than %1 contents are missing in the store or damaged; a backup of it would"
            u" be of no use"_s.arg(backup::mostFaults));
    }

    Result<void> putBlob(const BlobId &blob)
    {
        if (auto on = goOn(); !on)
            return on;
        auto opened = m_blobs.open(blob);
        if (!opened)
            return fail(opened.error());
        if (!*opened) {
            // Its records may have been deleted, and it with them, after the snapshot was taken.
            const Result<bool> referenced = m_metadata.isBlobReferenced(blob);
            if (!referenced)
                return fail(referenced.error());
            m_summary.lost += *referenced ? 1 : 0;
            return noteFault(m_summary.missing, blob);
        }
        QIODevice &source = **opened;
        const qint64 size = source.size();
        const QByteArray name = backup::blobEntry(blob);
        if (auto begun = m_tar.beginFile(name, size, m_summary.header.createdAt); !begun)
            return begun;
        Sha256 hash;
        for (qint64 left = size; left > 0;) {
            const qint64 got = source.read(m_piece.data(), qMin<qint64>(left, m_piece.size()));
            if (got <= 0) {
                return fail(ErrorCode::StorageUnavailable,
                            u"the content %1 cannot be read from the store: %2"_s.arg(
                                blob.sha256, source.errorString()));
            }
            const QByteArrayView bytes(m_piece.constData(), got);
            hash.add(bytes);
            if (auto written = m_tar.write(bytes); !written)
                return written;
            left -= got;
            m_progress.bytes += got;
        }
        ++m_progress.blobs;
        ++m_summary.blobs;
        m_summary.blobBytes += size;
        const QString found = hash.finish();
        m_digest.add(backup::digestLine(found, name));
        return found == blob.sha256 ? Result<void>() : noteFault(m_summary.damaged, blob);
    }

    Result<void> putTable(StoreSnapshot &snapshot, const StoredTable &table)
    {
        int number = 0;
        QByteArray chunk;
        const auto flush = [&]() -> Result<void> {
            if (chunk.isEmpty())
                return {};
            if (auto put = putEntry(backup::chunkEntry(table.name, ++number), chunk); !put)
                return put;
            chunk.clear();
            return goOn();
        };
        qint64 &count = m_summary.records[table.name];
        auto read = snapshot.eachRow(table, [&](const QJsonObject &row) -> Result<void> {
            chunk += QJsonDocument(row).toJson(QJsonDocument::Compact);
            chunk += '\n';
            ++count;
            ++m_progress.records;
            if (chunk.size() > backup::largestChunk) {
                return fail(ErrorCode::TooLarge,
                            u"a record of \"%1\" is too large for a backup"_s.arg(table.name));
            }
            return chunk.size() < backup::usualChunk ? Result<void>() : flush();
        });
        return read ? flush() : read;
    }

    MetadataStore &m_metadata;
    BlobStore &m_blobs;
    TarWriter &m_tar;
    const BackupOptions &m_options;
    QByteArray m_piece;
    BackupSummary m_summary;
    BackupProgress m_progress;
    Sha256 m_digest;
};

} // namespace

Result<BackupSummary> writeBackup(MetadataStore &metadata, BlobStore &blobs, QIODevice &target,
                                  const QString &program, const BackupOptions &options)
{
    const auto tar = TarWriter::create(target);
    if (!tar)
        return fail(tar.error());
    return BackupWriter(metadata, blobs, **tar, options).write(program);
}

} // namespace skillbox
