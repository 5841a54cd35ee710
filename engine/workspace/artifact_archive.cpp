#include "engine/workspace/artifact_archive.h"

#include "engine/files/archive_library.h"
#include "engine/workspace/stored_content.h"

#include <archive.h>
#include <archive_entry.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype pieceBytes = 64 * 1024;

struct EntryFree {
    void operator()(struct archive_entry *entry) const { archive_entry_free(entry); }
};
using EntryHandle = std::unique_ptr<struct archive_entry, EntryFree>;

/// Pulls the archive out of libarchive, which pushes: each step puts a header or a piece of a file
/// in, and what comes out at the other end waits in a buffer until it is read.
class ArchiveDevice final : public QIODevice
{
public:
    ArchiveDevice(BlobStore &blobs, const ExecutionRecord &execution)
        : m_blobs(blobs)
        , m_artifacts(execution.artifacts)
        , m_time(execution.finishedAt.isValid() ? execution.finishedAt.toSecsSinceEpoch() : 0)
    {
    }
    ~ArchiveDevice() override
    {
        // Left before its end: nothing more may come out.
        m_ended = true;
    }

    Result<void> begin();
    bool isSequential() const override { return true; }
    bool atEnd() const override { return m_ended && m_ready.isEmpty() && QIODevice::atEnd(); }
    qint64 bytesAvailable() const override { return m_ready.size() + QIODevice::bytesAvailable(); }

protected:
    qint64 readData(char *data, qint64 maxSize) override;
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    static la_ssize_t receive(struct archive *, void *self, const void *bytes, size_t size)
    {
        auto *device = static_cast<ArchiveDevice *>(self);
        if (!device->m_ended)
            device->m_ready.append(static_cast<const char *>(bytes), static_cast<qsizetype>(size));
        return static_cast<la_ssize_t>(size);
    }
    bool step();
    bool beginFile(const ArtifactRecord &artifact);
    bool copyPiece();
    bool giveUp(const QString &why)
    {
        m_failed = true;
        setErrorString(why);
        return false;
    }
    bool giveUpArchive()
    {
        return giveUp(u"the archive could not be made: %1"_s.arg(
            QString::fromUtf8(archive_error_string(m_archive.get()))));
    }

    BlobStore &m_blobs;
    const QList<ArtifactRecord> m_artifacts;
    const qint64 m_time;
    qsizetype m_next = 0;
    std::unique_ptr<QIODevice> m_file; ///< the artifact that is under way
    qint64 m_left = 0;                 ///< of it
    QByteArray m_ready;
    bool m_ended = false;
    bool m_failed = false;
    ArchiveHandle m_archive{nullptr, {archive_write_free}};
};

Result<void> ArchiveDevice::begin()
{
    for (const ArtifactRecord &artifact : m_artifacts) {
        const Result<bool> there = m_blobs.contains(artifact.blob);
        if (!there)
            return fail(there.error());
        if (!*there) {
            return fail(ErrorCode::StorageCorrupt,
                        u"the content of \"%1\" is not in the store any more"_s.arg(artifact.path),
                        artifact.blob.sha256);
        }
    }
    const Utf8Locale locale;
    m_archive.reset(archive_write_new());
    struct archive *handle = m_archive.get();
    // Pax headers only where a name needs one; gzip without a time of its own.
    if (!handle || archive_write_set_format_pax_restricted(handle) != ARCHIVE_OK
        || archive_write_add_filter_gzip(handle) != ARCHIVE_OK
        || archive_write_set_options(handle, "gzip:!timestamp,hdrcharset=UTF-8") != ARCHIVE_OK
        || archive_write_set_bytes_per_block(handle, static_cast<int>(pieceBytes)) != ARCHIVE_OK
        || archive_write_set_bytes_in_last_block(handle, 1) != ARCHIVE_OK
        || archive_write_open(handle, this, nullptr, receive, nullptr) != ARCHIVE_OK) {
        return fail(ErrorCode::Internal, u"the archive of the files cannot be made"_s,
                    handle ? QString::fromUtf8(archive_error_string(handle)) : QString());
    }
    open(QIODevice::ReadOnly | QIODevice::Unbuffered);
    return {};
}

qint64 ArchiveDevice::readData(char *data, qint64 maxSize)
{
    const Utf8Locale locale;
    while (m_ready.isEmpty() && !m_ended) {
        if (m_failed || !step())
            return -1;
    }
    const qint64 size = qMin<qint64>(maxSize, m_ready.size());
    std::copy_n(m_ready.constData(), size, data);
    m_ready.remove(0, size);
    return size > 0 || maxSize == 0 ? size : -1; // -1 at the end, as of every sequential device
}

bool ArchiveDevice::step()
{
    if (m_file)
        return copyPiece();
    if (m_next < m_artifacts.size())
        return beginFile(m_artifacts[m_next++]);
    const int closed = archive_write_close(m_archive.get());
    m_ended = true;
    return closed == ARCHIVE_OK || giveUpArchive();
}

bool ArchiveDevice::beginFile(const ArtifactRecord &artifact)
{
    auto opened = openStored(m_blobs, artifact.blob, artifact.path);
    if (!opened)
        return giveUp(opened.error().message);
    m_file = std::move(*opened);
    m_left = artifact.sizeBytes;
    const EntryHandle entry(archive_entry_new());
    archive_entry_set_pathname_utf8(entry.get(), artifact.path.toUtf8().constData());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0644);
    archive_entry_set_size(entry.get(), artifact.sizeBytes);
    archive_entry_set_mtime(entry.get(), m_time, 0);
    if (archive_write_header(m_archive.get(), entry.get()) != ARCHIVE_OK)
        return giveUpArchive();
    if (m_left == 0)
        m_file.reset();
    return true;
}

bool ArchiveDevice::copyPiece()
{
    char piece[pieceBytes];
    const qint64 got = m_file->read(piece, qMin<qint64>(m_left, pieceBytes));
    if (got <= 0)
        return giveUp(u"a file of the archive could not be read from the store"_s);
    if (archive_write_data(m_archive.get(), piece, static_cast<size_t>(got)) != got)
        return giveUpArchive();
    m_left -= got;
    if (m_left == 0)
        m_file.reset();
    return true;
}

} // namespace

Result<std::unique_ptr<QIODevice>> openArtifactArchive(BlobStore &blobs,
                                                       const ExecutionRecord &execution)
{
    auto device = std::make_unique<ArchiveDevice>(blobs, execution);
    if (auto begun = device->begin(); !begun)
        return fail(begun.error());
    return device;
}

Result<qint64> writeArtifactArchive(BlobStore &blobs, const ExecutionRecord &execution,
                                    QIODevice &target)
{
    const auto source = openArtifactArchive(blobs, execution);
    if (!source)
        return fail(source.error());
    qint64 total = 0;
    QByteArray piece(pieceBytes, Qt::Uninitialized);
    while (!(*source)->atEnd()) {
        const qint64 got = (*source)->read(piece.data(), piece.size());
        if (got < 0) {
            if ((*source)->atEnd())
                break;
            return fail(ErrorCode::StorageUnavailable, (*source)->errorString());
        }
        for (qint64 done = 0; done < got;) {
            const qint64 written = target.write(piece.constData() + done, got - done);
            if (written <= 0)
                return fail(ErrorCode::Io,
                            u"the archive cannot be written: %1"_s.arg(target.errorString()));
            done += written;
        }
        total += got;
    }
    return total;
}

} // namespace skillbox
