#include "engine/backup/backup_reader.h"

#include "engine/backup/backup_check.h"
#include "engine/backup/tar_archive.h"
#include "engine/base/clock.h"
#include "engine/base/sha256.h"
#include "engine/storage/blob_spool.h"
#include "engine/storage/store_filling.h"
#include "engine/storage/store_snapshot.h"

#include <QJsonDocument>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype pieceSize = 256 * 1024;
/// More than any of our stores takes.
constexpr qint64 largestBlob = 1LL << 40;

tl::unexpected<Error> badBackup(const QString &why)
{
    return fail(ErrorCode::BadRequest, u"the backup is damaged or cut off: %1"_s.arg(why));
}

Error shortEntry()
{
    return {ErrorCode::BadRequest,
            u"the backup is damaged or cut off: an entry is shorter than it should be"_s};
}

/// The bytes of the entry that is next in a tar.
class EntryDevice final : public QIODevice
{
public:
    EntryDevice(TarReader &tar, qint64 size, const std::function<Result<void>(qint64)> &goOn)
        : m_tar(tar)
        , m_left(size)
        , m_goOn(goOn)
    {
        open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    }
    bool isSequential() const override { return true; }
    /// What stopped it before its end.
    const std::optional<Error> &failure() const { return m_failure; }
    bool isComplete() const { return m_left == 0; }
    QString digest() { return m_hash.finish(); }

protected:
    qint64 readData(char *data, qint64 most) override
    {
        if (m_left == 0 || m_failure)
            return -1;
        const auto got = m_tar.read(data, qMin(most, m_left));
        if (!got || *got == 0) {
            m_failure = got ? shortEntry() : got.error();
            setErrorString(m_failure->message);
            return -1;
        }
        m_hash.add(QByteArrayView(data, *got));
        m_left -= *got;
        if (auto on = m_goOn(*got); !on) {
            m_failure = on.error();
            setErrorString(m_failure->message);
            return -1;
        }
        return *got;
    }
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    TarReader &m_tar;
    qint64 m_left;
    const std::function<Result<void>(qint64)> &m_goOn;
    Sha256 m_hash;
    std::optional<Error> m_failure;
};

/// Where a backup goes; without, it is only checked.
struct ImportTarget {
    MetadataStore &metadata;
    BlobStore &blobs;
};

class BackupReader
{
public:
    BackupReader(TarReader &tar, ImportTarget *target, const BackupOptions &options)
        : m_tar(tar)
        , m_target(target)
        , m_options(options)
    {
    }

    Result<BackupSummary> read();

private:
    Result<void> goOn(qint64 bytes)
    {
        m_progress.bytes += bytes;
        if (m_options.progress)
            m_options.progress(m_progress);
        if (m_options.stop.stop_requested())
            return fail(ErrorCode::Cancelled, u"reading the backup was interrupted"_s);
        return {};
    }
    Result<QByteArray> readWhole(const TarReader::Entry &entry, qint64 most);
    Result<void> readHeaderEntry();
    Result<void> readBlob(const TarReader::Entry &entry);
    Result<void> readChunk(const TarReader::Entry &entry);
    Result<void> readRow(const BackupTable &table, const QByteArray &line);
    Result<void> beginRows();
    Result<BackupSummary> readEnd(const TarReader::Entry &entry);
    const StoredTable *knownTable(const QString &name) const;

    TarReader &m_tar;
    ImportTarget *const m_target;
    const BackupOptions &m_options;
    BackupSummary m_found;
    std::optional<BackupCheck> m_check;
    BackupProgress m_progress;
    Sha256 m_digest;
    std::unique_ptr<StoreFilling> m_filling;
    bool m_inRows = false;
    qsizetype m_table = 0; ///< of the header's, whose rows come now
    int m_chunk = 0;       ///< of it, that came last
    QStringList m_blobColumns;
    const StoredTable *m_stored = nullptr; ///< where the rows go
};

Result<QByteArray> BackupReader::readWhole(const TarReader::Entry &entry, qint64 most)
{
    if (entry.size > most)
        return badBackup(
            u"its entry \"%1\" is too large"_s.arg(QString::fromUtf8(entry.name.left(100))));
    QByteArray bytes;
    // By pieces: the size is a claim until the bytes have come.
    QByteArray piece(static_cast<qsizetype>(qMin<qint64>(entry.size, pieceSize)),
                     Qt::Uninitialized);
    while (bytes.size() < entry.size) {
        const auto got = m_tar.read(piece.data(),
                                    qMin<qint64>(piece.size(), entry.size - bytes.size()));
        if (!got)
            return fail(got.error());
        if (*got == 0)
            return fail(shortEntry());
        bytes.append(piece.constData(), *got);
    }
    return bytes;
}

Result<void> BackupReader::readHeaderEntry()
{
    const auto entry = m_tar.next();
    if (!entry)
        return fail(entry.error());
    if (!*entry || (*entry)->name != backup::headerName)
        return fail(ErrorCode::BadRequest,
                    u"this is no backup of Skillbox: it does not begin with backup.json"_s);
    const auto bytes = readWhole(**entry, backup::largestHeader);
    if (!bytes)
        return fail(bytes.error());
    auto header = readHeader(*bytes);
    if (!header)
        return fail(header.error());
    m_digest.add(backup::digestLine(Sha256::of(*bytes), backup::headerName));
    m_check.emplace(*header);
    m_found.header = std::move(*header);
    return {};
}

Result<void> BackupReader::readBlob(const TarReader::Entry &entry)
{
    const BlobId blob{QString::fromLatin1(entry.name.mid(9))};
    if (m_inRows || !isBlobName(blob) || entry.name != backup::blobEntry(blob)
        || entry.size > largestBlob)
        return badBackup(u"it holds an entry that has no place in it"_s);
    if (auto checked = m_check->blob(blob); !checked)
        return checked;
    const std::function<Result<void>(qint64)> on = [this](qint64 bytes) { return goOn(bytes); };
    EntryDevice device(m_tar, entry.size, on);
    if (m_target) {
        const auto stored = m_target->blobs.put(device, entry.size);
        if (device.failure())
            return fail(*device.failure());
        if (!stored)
            return fail(stored.error());
    } else {
        QByteArray piece(pieceSize, Qt::Uninitialized);
        while (device.read(piece.data(), piece.size()) > 0) { }
        if (device.failure())
            return fail(*device.failure());
    }
    if (!device.isComplete())
        return fail(shortEntry());
    const QString digest = device.digest();
    m_digest.add(backup::digestLine(digest, entry.name));
    if (digest != blob.sha256)
        m_found.damaged.append(blob.sha256);
    if (m_found.damaged.size() > backup::mostFaults)
        return badBackup(u"too many blobs are not what their names say"_s);
    ++m_found.blobs;
    ++m_progress.blobs;
    m_found.blobBytes += entry.size;
    return {};
}

const StoredTable *BackupReader::knownTable(const QString &name) const
{
    if (!m_filling)
        return nullptr;
    const auto found = std::find_if(m_filling->tables().begin(), m_filling->tables().end(),
                                    [&](const StoredTable &table) { return table.name == name; });
    return found == m_filling->tables().end() ? nullptr : &*found;
}

Result<void> BackupReader::beginRows()
{
    m_inRows = true;
    if (!m_target)
        return {};
    auto filling = m_target->metadata.beginFilling();
    if (!filling)
        return fail(filling.error());
    m_filling = std::move(*filling);
    for (const BackupTable &table : m_found.header.tables) {
        const StoredTable *stored = knownTable(table.name);
        const QStringList known = stored ? stored->columnNames() : QStringList();
        for (const QString &column : table.columns) {
            if (!known.contains(column)) {
                return fail(
                    ErrorCode::BadRequest,
                    u"the backup has a column \"%1\" of \"%2\" that no store of this version"
                    u" has"_s.arg(column, table.name));
            }
        }
    }
    return {};
}

Result<void> BackupReader::readRow(const BackupTable &table, const QByteArray &line)
{
    QJsonParseError error;
    const QJsonDocument document = QJsonDocument::fromJson(line, &error);
    const auto wrong = [&](const QString &why) {
        return badBackup(
            u"the row %1 of \"%2\" %3"_s.arg(m_found.records[table.name] + 1).arg(table.name, why));
    };
    if (!document.isObject())
        return wrong(u"is no JSON object (%1)"_s.arg(error.errorString()));
    const QJsonObject row = document.object();
    if (row.size() != table.columns.size()
        || !std::all_of(table.columns.begin(), table.columns.end(),
                        [&](const QString &column) { return row.contains(column); }))
        return wrong(u"has other columns than its table"_s);
    if (auto checked = m_check->row(table.name, m_blobColumns, row); !checked)
        return checked;
    if (m_filling) {
        if (auto added = m_filling->add(*m_stored, table.columns, row); !added) {
            Error failure = added.error();
            if (failure.code == ErrorCode::BadRequest)
                failure.message = u"the backup is damaged: "_s + failure.message;
            return fail(std::move(failure));
        }
    }
    ++m_found.records[table.name];
    ++m_progress.records;
    return {};
}

Result<void> BackupReader::readChunk(const TarReader::Entry &entry)
{
    if (!m_inRows) {
        if (auto begun = beginRows(); !begun)
            return begun;
    }
    const QList<BackupTable> &tables = m_found.header.tables;
    // The next chunk of the same table, or the first of one after it.
    qsizetype table = m_table;
    if (m_chunk == 0 || entry.name != backup::chunkEntry(tables[table].name, m_chunk + 1)) {
        table += m_chunk == 0 ? 0 : 1;
        while (table < tables.size() && entry.name != backup::chunkEntry(tables[table].name, 1))
            ++table;
        if (table == tables.size())
            return badBackup(u"it holds an entry that has no place in it"_s);
        m_table = table;
        m_chunk = 0;
        m_stored = knownTable(tables[table].name);
        m_blobColumns.clear();
        for (const QString &column : tables[table].columns) {
            if (StoredColumn{.name = column}.isBlob())
                m_blobColumns.append(column);
        }
    }
    ++m_chunk;
    const auto bytes = readWhole(entry, backup::largestChunk);
    if (!bytes)
        return fail(bytes.error());
    m_digest.add(backup::digestLine(Sha256::of(*bytes), entry.name));
    qsizetype begin = 0;
    while (begin < bytes->size()) {
        const qsizetype end = bytes->indexOf('\n', begin);
        if (end < 0)
            return badBackup(u"the last row of \"%1\" has no end"_s.arg(tables[table].name));
        const auto line = QByteArray::fromRawData(bytes->constData() + begin, end - begin);
        if (auto read = readRow(tables[table], line); !read)
            return read;
        begin = end + 1;
    }
    return goOn(bytes->size());
}

Result<BackupSummary> BackupReader::readEnd(const TarReader::Entry &entry)
{
    const auto bytes = readWhole(entry, backup::largestManifest);
    if (!bytes)
        return fail(bytes.error());
    const auto manifest = readManifest(*bytes);
    if (!manifest)
        return fail(manifest.error());
    const auto after = m_tar.next();
    if (!after)
        return fail(after.error());
    if (*after)
        return badBackup(u"something follows its manifest"_s);
    m_found.digest = m_digest.finish();
    if (auto checked = m_check->finish(m_found, *manifest); !checked)
        return fail(checked.error());
    m_found.missing = manifest->missing;
    if (m_target) {
        if (!m_inRows) {
            if (auto begun = beginRows(); !begun)
                return fail(begun.error());
        }
        const auto unfinished = m_filling->commit(nowUtc());
        if (!unfinished) {
            Error failure = unfinished.error();
            if (failure.code == ErrorCode::BadRequest)
                failure.message = u"the backup is damaged: "_s + failure.message;
            return fail(std::move(failure));
        }
        m_found.unfinished = *unfinished;
    }
    return m_found;
}

Result<BackupSummary> BackupReader::read()
{
    if (auto header = readHeaderEntry(); !header)
        return fail(header.error());
    for (;;) {
        const auto entry = m_tar.next();
        if (!entry)
            return fail(entry.error());
        if (!*entry)
            return badBackup(u"it ends before its manifest"_s);
        if ((*entry)->name == backup::manifestName)
            return readEnd(**entry);
        const bool isBlob = (*entry)->name.startsWith("blobs/");
        if (auto read = isBlob ? readBlob(**entry) : readChunk(**entry); !read)
            return fail(read.error());
    }
}

Result<BackupSummary> readAll(QIODevice &source, ImportTarget *target, const BackupOptions &options)
{
    const auto tar = TarReader::open(source);
    if (!tar)
        return fail(tar.error());
    return BackupReader(**tar, target, options).read();
}

} // namespace

Result<BackupSummary> verifyBackup(QIODevice &source, const BackupOptions &options)
{
    return readAll(source, nullptr, options);
}

Result<BackupSummary> importBackup(MetadataStore &metadata, BlobStore &blobs, QIODevice &source,
                                   const BackupOptions &options)
{
    // Told before the first of many blobs is put, not after the last.
    if (const auto empty = metadata.beginFilling(); !empty)
        return fail(empty.error());
    ImportTarget target{metadata, blobs};
    return readAll(source, &target, options);
}

} // namespace skillbox
