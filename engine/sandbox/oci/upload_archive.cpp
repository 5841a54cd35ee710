#include "engine/sandbox/oci/upload_archive.h"

#include "engine/base/quoted_name.h"
#include "engine/base/system_error.h"
#include "engine/base/unique_fd.h"
#include "engine/files/archive_library.h"

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <filesystem>

using namespace Qt::StringLiterals;

namespace skillbox {

struct UploadArchive::Entry {
    QByteArray path;
    unsigned type = AE_IFREG;
    int mode = 0644;
    qint64 size = 0;
    QByteArray target = {};
};

namespace {

struct EntryFree {
    void operator()(archive_entry *entry) const { archive_entry_free(entry); }
};

} // namespace

Result<std::unique_ptr<UploadArchive>> UploadArchive::create(const QString &scratchDirectory)
{
    auto scratch = Scratch::file(scratchDirectory);
    if (!scratch)
        return fail(scratch.error());
    std::unique_ptr<UploadArchive> upload(new UploadArchive(std::move(*scratch)));
    upload->m_archive = archive_write_new();
    if (!upload->m_archive
        || archive_write_set_format_pax_restricted(upload->m_archive) != ARCHIVE_OK
        || archive_write_add_filter_none(upload->m_archive) != ARCHIVE_OK
        || archive_write_set_bytes_per_block(upload->m_archive, 65536) != ARCHIVE_OK
        || archive_write_open_fd(upload->m_archive, upload->m_scratch.descriptor()) != ARCHIVE_OK)
        return fail(upload->writeFailure());
    return upload;
}

UploadArchive::UploadArchive(Scratch scratch) : m_scratch(std::move(scratch)) { }

UploadArchive::~UploadArchive()
{
    if (m_archive)
        archive_write_free(m_archive);
}

Error UploadArchive::writeFailure() const
{
    const int number = m_archive ? archive_errno(m_archive) : ENOMEM;
    if (number > 0)
        return writeError(m_scratch.path(), number);
    return {ErrorCode::Internal, u"the archive for the container cannot be written"_s,
            m_archive ? QString::fromUtf8(archive_error_string(m_archive)) : QString()};
}

Result<void> UploadArchive::writeHeader(const Entry &entry)
{
    const Utf8Locale utf8;
    const std::unique_ptr<archive_entry, EntryFree> header(archive_entry_new());
    archive_entry_set_pathname(header.get(), entry.path.constData());
    archive_entry_set_filetype(header.get(), entry.type);
    archive_entry_set_perm(header.get(), static_cast<mode_t>(entry.mode));
    archive_entry_set_size(header.get(), entry.size);
    archive_entry_set_mtime(header.get(), 0, 0);
    if (entry.type == AE_IFLNK)
        archive_entry_set_symlink(header.get(), entry.target.constData());
    // A name that is not UTF-8 is a warning: it is written as it is.
    if (archive_write_header(m_archive, header.get()) < ARCHIVE_WARN)
        return fail(writeFailure());
    return {};
}

Result<void> UploadArchive::addFolder(const QByteArray &path)
{
    return writeHeader({.path = path, .type = AE_IFDIR, .mode = 0755});
}

Result<void> UploadArchive::addFile(const QByteArray &path, QByteArrayView content, int mode)
{
    if (auto written = writeHeader({.path = path, .mode = mode, .size = content.size()}); !written)
        return written;
    if (archive_write_data(m_archive, content.data(), static_cast<size_t>(content.size()))
        != content.size())
        return fail(writeFailure());
    return {};
}

Result<void> UploadArchive::addHostFile(const QByteArray &path, const QByteArray &hostPath)
{
    const UniqueFd file(::open(hostPath.constData(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
    if (!file)
        return failedCall(u"cannot open "_s + quotedName(hostPath));
    return writeHostFile(path, file.get(), hostPath);
}

Result<void> UploadArchive::writeHostFile(const QByteArray &path, int descriptor,
                                          const QByteArray &hostPath)
{
    struct stat info {
    };
    if (::fstat(descriptor, &info) != 0 || !S_ISREG(info.st_mode))
        return failedCall(u"cannot read "_s + quotedName(hostPath), EINVAL);
    if (auto written = writeHeader(
            {.path = path, .mode = info.st_mode & 0111 ? 0755 : 0644, .size = info.st_size});
        !written)
        return written;
    std::array<char, 65536> buffer;
    for (qint64 left = info.st_size; left > 0;) {
        const size_t wanted = static_cast<size_t>(qMin<qint64>(left, buffer.size()));
        const ssize_t got = ::read(descriptor, buffer.data(), wanted);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failedCall(u"cannot read "_s + quotedName(hostPath));
        if (got == 0)
            return failedCall(u"cannot read "_s + quotedName(hostPath), EIO); // it has shrunk
        if (archive_write_data(m_archive, buffer.data(), static_cast<size_t>(got)) != got)
            return fail(writeFailure());
        left -= got;
    }
    return {};
}

Result<void> UploadArchive::addHostTree(const QByteArray &path, const QByteArray &hostPath,
                                        SymbolicLinks links)
{
    namespace fs = std::filesystem;
    if (auto added = addFolder(path); !added)
        return added;
    std::error_code error;
    fs::recursive_directory_iterator entries(hostPath.toStdString(), error);
    for (; !error && entries != fs::recursive_directory_iterator(); entries.increment(error)) {
        const fs::file_status status = entries->symlink_status(error);
        if (error)
            break;
        const QByteArray host = QByteArray::fromStdString(entries->path().string());
        const QByteArray below = path + host.sliced(hostPath.size());
        Result<void> added;
        if (fs::is_directory(status)) {
            added = addFolder(below);
        } else if (fs::is_regular_file(status)) {
            const UniqueFd file(
                ::open(host.constData(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
            added = file ? writeHostFile(below, file.get(), host)
                         : failedCall(u"cannot open "_s + quotedName(host));
        } else if (fs::is_symlink(status) && links == SymbolicLinks::Keep) {
            const QByteArray target = QByteArray::fromStdString(
                fs::read_symlink(entries->path(), error).string());
            added = writeHeader({.path = below, .type = AE_IFLNK, .mode = 0777, .target = target});
        }
        if (!added)
            return added;
    }
    if (error)
        return failedCall(u"cannot read "_s + quotedName(hostPath), error.value());
    return {};
}

Result<QFile *> UploadArchive::finish()
{
    if (archive_write_close(m_archive) != ARCHIVE_OK)
        return fail(writeFailure());
    m_file.setFileName(m_scratch.path());
    if (!m_file.open(QIODevice::ReadOnly | QIODevice::Unbuffered))
        return failedCall(u"cannot open "_s + m_scratch.path(), EIO);
    return &m_file;
}

} // namespace skillbox
