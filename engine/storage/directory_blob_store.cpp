#include "engine/storage/directory_blob_store.h"

#include "engine/storage/blob_spool.h"

#include <QDir>
#include <QFile>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// Makes a rename in the folder survive a power cut.
int syncFolder(const QString &folder)
{
    const UniqueFd descriptor(
        ::open(QFile::encodeName(folder).constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    return descriptor && ::fsync(descriptor.get()) == 0 ? 0 : errno;
}

} // namespace

Result<std::unique_ptr<DirectoryBlobStore>> DirectoryBlobStore::open(const QString &directory)
{
    const QString absolute = QDir::cleanPath(QDir(directory).absolutePath());
    if (auto made = ensureFolder(absolute); !made)
        return fail(made.error());
    Scratch::sweep(absolute);
    return std::unique_ptr<DirectoryBlobStore>(new DirectoryBlobStore(absolute));
}

DirectoryBlobStore::DirectoryBlobStore(QString directory) : m_directory(std::move(directory)) { }

Result<StoredBlob> DirectoryBlobStore::put(QIODevice &source, qint64 maxBytes)
{
    auto spooled = spoolBlob(source, m_directory, maxBytes);
    if (!spooled)
        return fail(spooled.error());
    Scratch &scratch = spooled->file;
    const StoredBlob &blob = spooled->blob;

    const QString path = pathOf(blob.id);
    struct stat info = {};
    // A file of another size is not what its name says (a disk that lost a write): replace it.
    // One that is there is as good as new, also for who looks for forgotten ones by their age.
    if (::stat(QFile::encodeName(path).constData(), &info) == 0 && info.st_size == blob.size
        && ::utimensat(AT_FDCWD, QFile::encodeName(path).constData(), nullptr, 0) == 0)
        return blob;

    if (::fchmod(scratch.descriptor(), 0444) != 0 || ::fsync(scratch.descriptor()) != 0)
        return fail(writeError(m_directory, errno));
    const QString folder = QFileInfo(path).path();
    const bool newFolder = ::mkdir(QFile::encodeName(folder).constData(), 0700) == 0;
    if (!newFolder && errno != EEXIST)
        return fail(writeError(m_directory, errno));
    if (::rename(QFile::encodeName(scratch.path()).constData(),
                 QFile::encodeName(path).constData())
        != 0)
        return fail(writeError(m_directory, errno));
    scratch.release();
    if (const int error = syncFolder(folder))
        return fail(writeError(m_directory, error));
    if (newFolder) {
        if (const int error = syncFolder(m_directory))
            return fail(writeError(m_directory, error));
    }
    return blob;
}

Result<std::unique_ptr<QIODevice>> DirectoryBlobStore::open(const BlobId &blob)
{
    if (!isBlobName(blob))
        return nullptr;
    const QString path = pathOf(blob);
    UniqueFd descriptor(::open(QFile::encodeName(path).constData(), O_RDONLY | O_CLOEXEC));
    if (!descriptor) {
        if (errno == ENOENT)
            return nullptr;
        return fail(ErrorCode::StorageUnavailable,
                    u"The stored file %1 could not be read: %2."_s.arg(
                        path, QString::fromLocal8Bit(std::strerror(errno))));
    }
    auto file = std::make_unique<QFile>();
    if (!file->open(descriptor.get(), QIODevice::ReadOnly, QFileDevice::AutoCloseHandle))
        return fail(ErrorCode::StorageUnavailable,
                    u"The stored file %1 could not be read: %2."_s.arg(path, file->errorString()));
    descriptor.release();
    return file;
}

Result<bool> DirectoryBlobStore::remove(const BlobId &blob)
{
    if (!isBlobName(blob))
        return false;
    const QString path = pathOf(blob);
    if (::unlink(QFile::encodeName(path).constData()) == 0)
        return true;
    if (errno == ENOENT)
        return false;
    return fail(writeError(path, errno));
}

Result<bool> DirectoryBlobStore::contains(const BlobId &blob)
{
    if (!isBlobName(blob))
        return false;
    const QString path = pathOf(blob);
    struct stat info = {};
    if (::stat(QFile::encodeName(path).constData(), &info) == 0)
        return S_ISREG(info.st_mode);
    if (errno == ENOENT)
        return false;
    return fail(ErrorCode::StorageUnavailable,
                u"The stored file %1 could not be looked up: %2."_s.arg(
                    path, QString::fromLocal8Bit(std::strerror(errno))));
}

Result<QList<BlobId>> DirectoryBlobStore::listPutBefore(QLatin1StringView prefix,
                                                        const QDateTime &until)
{
    QList<BlobId> blobs;
    const QDir folder(m_directory + u'/' + prefix);
    const auto entries = folder.entryInfoList(QDir::Files | QDir::Hidden | QDir::System);
    for (const QFileInfo &entry : entries) {
        const BlobId blob{prefix + entry.fileName()};
        if (isBlobName(blob) && entry.lastModified() < until)
            blobs.append(blob);
    }
    return blobs;
}

QString DirectoryBlobStore::pathOf(const BlobId &blob) const
{
    return m_directory + u'/' + blob.sha256.first(2) + u'/' + blob.sha256.sliced(2);
}

} // namespace skillbox
