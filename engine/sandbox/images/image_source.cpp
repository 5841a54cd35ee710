#include "engine/sandbox/images/image_source.h"

#include "engine/base/quoted_name.h"
#include "engine/base/system_error.h"
#include "engine/files/archive_library.h"
#include "engine/files/open_beneath.h"
#include "engine/sandbox/images/image_path.h"
#include "engine/sandbox/images/tar_stream.h"

#include <archive.h>
#include <archive_entry.h>

#include <QDir>
#include <QFile>

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

const QByteArray ociMarker = "oci-layout";
const QByteArray ociIndex = "index.json";
const QByteArray dockerManifest = "manifest.json";

constexpr int maxLinkHops = 8;

/// The top of every Linux root file system and of no image archive: seeing one of these decides.
bool isSystemFolder(const QByteArray &path)
{
    static const QByteArrayList names = {"bin",   "boot", "dev", "etc",  "home", "lib", "lib64",
                                         "media", "mnt",  "opt", "proc", "root", "run", "sbin",
                                         "srv",   "sys",  "tmp", "usr",  "var"};
    return names.contains(path.first(path.indexOf('/') < 0 ? path.size() : path.indexOf('/')));
}

qint64 sizeOf(int fd)
{
    struct stat info {
    };
    return ::fstat(fd, &info) == 0 ? info.st_size : 0;
}

/// Where a link of an archive points to, by names alone.
QByteArray linkedMember(const QByteArray &member, const QByteArray &target)
{
    const QString folder = QString::fromLatin1(parentOf(member));
    return QDir::cleanPath(folder + u'/' + QString::fromLatin1(target)).toLatin1();
}

Result<Blob> duplicate(int fd, qint64 offset, qint64 size)
{
    UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 0));
    if (!copy)
        return failedCall(u"it cannot be read"_s);
    return Blob{std::move(copy), offset, size};
}

tl::unexpected<Error> noSuchFile(const QByteArray &name)
{
    return fail(ErrorCode::BadRequest, u"its file "_s + quotedName(name) + u" is missing"_s);
}

} // namespace

Result<ImageSource> ImageSource::open(const QString &path, const QString &scratchFolder,
                                      const ImageLimits &limits, const std::stop_token &stop)
{
    ImageSource source(limits);
    // O_NONBLOCK: opening a pipe would wait for its writer.
    UniqueFd opened(
        ::open(QFile::encodeName(path).constData(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!opened)
        return failedCall(u"it cannot be read"_s);
    struct stat info {
    };
    if (::fstat(opened.get(), &info) != 0)
        return failedCall(u"it cannot be read"_s);
    if (S_ISDIR(info.st_mode)) {
        source.m_folder = std::move(opened);
    } else if (S_ISREG(info.st_mode)) {
        source.m_file = std::move(opened);
        auto blob = source.whole();
        if (!blob)
            return fail(blob.error());
        const auto stream = BlobStream::open(std::move(*blob), limits);
        if (!stream)
            return fail(stream.error());
        if ((*stream)->compression() != Compression::None) {
            const Result<bool> plain = source.isCompressedRootFileSystem(stop);
            if (!plain)
                return fail(plain.error());
            if (*plain)
                return source;
            if (const Result<void> done = source.inflate(scratchFolder, stop); !done)
                return fail(done.error());
        }
        if (const Result<void> done = source.indexTar(); !done)
            return fail(done.error());
    } else {
        return fail(ErrorCode::BadRequest, u"it is neither a file nor a folder"_s);
    }
    if (const Result<void> done = source.decideKind(); !done)
        return fail(done.error());
    return source;
}

Result<void> ImageSource::decideKind()
{
    if (has(ociMarker) && has(ociIndex))
        m_kind = Kind::OciLayout;
    else if (has(dockerManifest))
        m_kind = Kind::DockerArchive;
    else if (m_folder)
        return fail(
            ErrorCode::BadRequest,
            u"the folder is not an OCI image layout: it has no oci-layout and index.json"_s);
    else if (!m_members.isEmpty())
        return fail(ErrorCode::BadRequest,
                    u"it holds neither an image nor a root file system: there is no index.json, no "
                    "manifest.json and no folder such as usr or bin"_s);
    m_members.squeeze();
    return {};
}

/// Members of an uncompressed tar, without reading their content. A root file system leaves no
/// members.
Result<void> ImageSource::indexTar()
{
    const Utf8Locale utf8;
    const ArchiveHandle reader(archive_read_new(), {archive_read_free});
    archive_read_support_format_tar(reader.get());
    constexpr size_t blockBytes = 64 * 1024;
    if (::lseek(m_file.get(), 0, SEEK_SET) != 0
        || archive_read_open_fd(reader.get(), m_file.get(), blockBytes) != ARCHIVE_OK)
        return fail(ErrorCode::BadRequest, u"it is not a tar archive"_s);
    for (;;) {
        archive_entry *entry = nullptr;
        const int status = archive_read_next_header(reader.get(), &entry);
        if (status == ARCHIVE_EOF)
            break;
        if (status != ARCHIVE_OK && status != ARCHIVE_WARN) {
            return fail(ErrorCode::BadRequest,
                        archive_file_count(reader.get()) > 0 ? u"its tar is damaged or cut off"_s
                                                             : u"it is not a tar archive"_s,
                        QString::fromUtf8(archive_error_string(reader.get())));
        }
        const char *name = archive_entry_pathname(entry);
        if (!name)
            return fail(ErrorCode::BadRequest, u"its tar has an entry whose name cannot be read"_s);
        const Result<QByteArray> path = imagePath(name, m_limits);
        if (!path)
            return fail(path.error());
        Member member;
        // What the format has consumed so far: the header, and nothing of the content.
        member.offset = archive_filter_bytes(reader.get(), 0);
        if (const char *target = archive_entry_hardlink(entry)) {
            member.link = target;
        } else if (archive_entry_filetype(entry) == AE_IFLNK) {
            member.link = linkedMember(*path, archive_entry_symlink(entry));
        } else if (archive_entry_filetype(entry) == AE_IFREG
                   && archive_entry_sparse_count(entry) == 0) {
            member.size = archive_entry_size(entry);
        } else if (!isSystemFolder(*path)) {
            continue;
        }
        const Result<Found> found = addMember(*path, std::move(member));
        if (!found)
            return fail(found.error());
        if (*found == Found::RootFileSystem) {
            m_members.clear();
            return {};
        }
    }
    if (m_members.isEmpty())
        return fail(ErrorCode::BadRequest, u"its tar is empty"_s);
    return {};
}

Result<ImageSource::Found> ImageSource::addMember(const QByteArray &name, Member member)
{
    if (isSystemFolder(name))
        return Found::RootFileSystem;
    if (m_members.contains(name)) {
        return fail(ErrorCode::BadRequest,
                    u"its tar holds "_s + quotedName(name) + u" more than once"_s);
    }
    if (m_members.size() >= m_limits.members) {
        return fail(ErrorCode::TooLarge,
                    u"its tar holds more than %1 files"_s.arg(m_limits.members));
    }
    m_members.insert(name, std::move(member));
    return Found::Undecided;
}

Result<bool> ImageSource::isCompressedRootFileSystem(const std::stop_token &stop) const
{
    const Utf8Locale utf8;
    auto blob = whole();
    if (!blob)
        return fail(blob.error());
    auto stream = BlobStream::open(std::move(*blob), m_limits);
    if (!stream)
        return fail(stream.error());
    TarStream tar(**stream);
    for (int entries = 0;; ++entries) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, u"it was cancelled"_s);
        const auto entry = tar.next();
        if (!entry)
            return fail(entry.error());
        if (!*entry || entries > m_limits.members)
            return false; // what it is shows when it is indexed
        const Result<QByteArray> path = imagePath((*entry)->name, m_limits);
        if (!path)
            return fail(path.error());
        if (isSystemFolder(*path))
            return true;
        if (*path == dockerManifest || *path == ociIndex || *path == ociMarker)
            return false;
    }
}

Result<void> ImageSource::inflate(const QString &scratchFolder, const std::stop_token &stop)
{
    auto blob = whole();
    if (!blob)
        return fail(blob.error());
    auto stream = BlobStream::open(std::move(*blob), m_limits);
    if (!stream)
        return fail(stream.error());
    auto scratch = Scratch::file(scratchFolder);
    if (!scratch)
        return fail(scratch.error());
    for (;;) {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, u"it was cancelled"_s);
        const Result<QByteArrayView> bytes = (*stream)->read();
        if (!bytes)
            return fail(bytes.error());
        if (bytes->isEmpty())
            break;
        for (qsizetype done = 0; done < bytes->size();) {
            const ssize_t wrote = ::write(scratch->descriptor(), bytes->data() + done,
                                          static_cast<size_t>(bytes->size() - done));
            if (wrote < 0 && errno != EINTR)
                return fail(writeError(scratchFolder, errno));
            done += qMax<ssize_t>(0, wrote);
        }
    }
    m_file.reset(::open(QFile::encodeName(scratch->path()).constData(), O_RDONLY | O_CLOEXEC));
    if (!m_file)
        return failedCall(u"the inflated archive cannot be read"_s);
    m_inflated.emplace(std::move(*scratch));
    return {};
}

bool ImageSource::has(const QByteArray &name) const
{
    return m_folder ? file(name).has_value() : m_members.contains(name);
}

Result<Blob> ImageSource::file(const QByteArray &name) const
{
    if (m_folder) {
        UniqueFd opened = openBeneath(m_folder.get(), name, O_RDONLY | O_NONBLOCK | O_NOCTTY,
                                      Links::Refuse);
        if (!opened && errno == ENOENT)
            return noSuchFile(name);
        if (!opened)
            return failedCall(u"its file %1 cannot be read"_s.arg(quotedName(name)));
        struct stat info {
        };
        if (::fstat(opened.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
            return fail(ErrorCode::BadRequest,
                        u"its file "_s + quotedName(name) + u" is not a regular file"_s);
        }
        return Blob{std::move(opened), 0, info.st_size};
    }
    // docker save before version 25 wrote a layer that two images share once and linked to it.
    auto found = m_members.constFind(name);
    for (int hops = 0; found != m_members.constEnd() && !found->link.isEmpty(); ++hops) {
        if (hops == maxLinkHops)
            return fail(ErrorCode::BadRequest, u"its links lead nowhere: "_s + quotedName(name));
        found = m_members.constFind(found->link);
    }
    if (found == m_members.constEnd())
        return noSuchFile(name);
    return duplicate(m_file.get(), found->offset, found->size);
}

Result<QByteArray> ImageSource::smallFile(const QByteArray &name) const
{
    const Result<Blob> blob = file(name);
    if (!blob)
        return fail(blob.error());
    if (blob->size > m_limits.jsonBytes) {
        return fail(ErrorCode::TooLarge,
                    u"its file %3 has %1 bytes, over the limit of %2"_s.arg(blob->size)
                        .arg(m_limits.jsonBytes)
                        .arg(quotedName(name)));
    }
    QByteArray bytes(blob->size, Qt::Uninitialized);
    for (qint64 done = 0; done < bytes.size();) {
        const ssize_t got = ::pread(blob->file.get(), bytes.data() + done,
                                    static_cast<size_t>(bytes.size() - done), blob->offset + done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return failedCall(u"its file %1 cannot be read"_s.arg(quotedName(name)));
        if (got == 0)
            return fail(ErrorCode::BadRequest,
                        u"its file "_s + quotedName(name) + u" is cut off"_s);
        done += got;
    }
    return bytes;
}

Result<Blob> ImageSource::whole() const
{
    return duplicate(m_file.get(), 0, sizeOf(m_file.get()));
}

} // namespace skillbox
