#include "engine/skill/archive.h"

#include "engine/base/ids.h"
#include "engine/base/unique_fd.h"
#include "engine/skill/digest.h"
#include "engine/skill/path_rules.h"
#include "engine/base/system_error.h"
#include "engine/skill/tree_reader.h"
#include "engine/skill/zip_library.h"

#include <archive.h>
#include <archive_entry.h>

#include <QFile>
#include <QSet>

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>

namespace skillbox {

using namespace Qt::StringLiterals;

namespace {

using EntryHandle = std::unique_ptr<archive_entry, decltype(&archive_entry_free)>;

/// Where libarchive writes to. A failure is kept here and not told to libarchive, which would then
/// never free the deflate stream of the entry it is in (seen in 3.6.2): what follows is dropped.
struct Output {
    int fd = -1;
    qint64 limit = 0;
    qint64 written = 0;
    bool overLimit = false;
    int errorNumber = 0;

    bool failed() const { return overLimit || errorNumber != 0; }
    void write(QByteArrayView bytes);
};

void Output::write(QByteArrayView bytes)
{
    overLimit = overLimit || bytes.size() > limit - written;
    while (!bytes.isEmpty() && !failed()) {
        const ssize_t count = ::write(fd, bytes.data(), static_cast<size_t>(bytes.size()));
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0) {
            errorNumber = errno;
            return;
        }
        written += count;
        bytes = bytes.sliced(count);
    }
}

la_ssize_t writeOutput(struct archive *, void *client, const void *buffer, size_t length)
{
    static_cast<Output *>(client)->write(
        {static_cast<const char *>(buffer), static_cast<qsizetype>(length)});
    return static_cast<la_ssize_t>(length);
}

/// One go at writing the whole tree.
class Packing
{
public:
    Packing(const TreeReader &tree, const ArchiveLimits &limits, int fd, QSet<QByteArray> toStore)
        : m_tree(tree)
        , m_limits(limits)
        , m_toStore(std::move(toStore))
        , m_output{fd, limits.archiveBytes}
    {
    }

    Result<SkillContent> run();
    /// Files packed better than the ratio allows: to be stored in another go.
    const QSet<QByteArray> &overRatio() const { return m_overRatio; }

private:
    Result<void> open();
    Result<void> add(const TreeFile &file);
    tl::unexpected<Error> failed(const QByteArray &at) const;

    const TreeReader &m_tree;
    const ArchiveLimits &m_limits;
    QSet<QByteArray> m_toStore;
    Output m_output;
    // Freed before m_output, to which libarchive writes its end record even then.
    ArchiveHandle m_writer{nullptr, {archive_write_free}};
    SkillContent m_content;
    QSet<QByteArray> m_overRatio;
};

tl::unexpected<Error> Packing::failed(const QByteArray &at) const
{
    if (m_output.overLimit) {
        return fail(ErrorCode::TooLarge,
                    u"the archive is over the limit of %1 bytes with %2"_s
                        .arg(m_limits.archiveBytes)
                        .arg(quotedName(at)));
    }
    if (m_output.errorNumber != 0)
        return failedCall(u"cannot write the archive"_s, m_output.errorNumber);
    return fail(ErrorCode::Internal, u"%1 cannot be packed"_s.arg(quotedName(at)),
                QString::fromUtf8(archive_error_string(m_writer.get())));
}

Result<void> Packing::open()
{
    m_writer.reset(archive_write_new());
    struct archive *writer = m_writer.get();
    const bool ready = writer && archive_write_set_format_zip(writer) == ARCHIVE_OK
        && archive_write_set_format_option(writer, "zip", "compression-level", "6") == ARCHIVE_OK
        && archive_write_set_bytes_per_block(writer, 0) == ARCHIVE_OK
        && archive_write_open(writer, &m_output, nullptr, writeOutput, nullptr) == ARCHIVE_OK;
    if (!ready) {
        return fail(ErrorCode::Internal, u"libarchive cannot write zip archives here"_s,
                    QString::fromUtf8(writer ? archive_error_string(writer) : nullptr));
    }
    return {};
}

Result<void> Packing::add(const TreeFile &file)
{
    struct archive *writer = m_writer.get();
    const bool store = m_toStore.contains(file.path);
    const EntryHandle entry(archive_entry_new(), archive_entry_free);
    archive_entry_set_pathname(entry.get(), file.path.constData());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), file.executable ? 0755 : 0644);
    archive_entry_set_size(entry.get(), file.size);
    // No time is set: libarchive then writes 1980-01-01 in every time zone, where a set one would
    // be turned into local time.
    if ((store ? archive_write_zip_set_compression_store(writer)
               : archive_write_zip_set_compression_deflate(writer))
            != ARCHIVE_OK
        || archive_write_header(writer, entry.get()) != ARCHIVE_OK)
        return failed(file.path);

    const qint64 dataOffset = m_output.written;
    DescriptorMarkSearch markSearch;
    auto packed = m_tree.read(file, [&](QByteArrayView bytes) -> Result<void> {
        if (store)
            markSearch.add(bytes);
        const auto length = static_cast<size_t>(bytes.size());
        if (archive_write_data(writer, bytes.data(), length) != static_cast<la_ssize_t>(length)
            || m_output.failed())
            return failed(file.path);
        return {};
    });
    const bool finished = archive_write_finish_entry(writer) == ARCHIVE_OK && !m_output.failed();
    if (!packed)
        return fail(packed.error());
    if (!finished)
        return failed(file.path);

    constexpr qint64 descriptorBytes = 16;
    const qint64 packedSize = m_output.written - dataOffset - descriptorBytes;
    if (file.size > m_limits.ratioFromBytes && file.size > packedSize * m_limits.ratio)
        m_overRatio.insert(file.path);
    if (markSearch.found()) {
        // Stored with the length behind, it would end early for readers that stream.
        return fail(ErrorCode::TooLarge,
                    u"%2 packs smaller than the limit of %1:1 and cannot be stored instead"_s
                        .arg(m_limits.ratio)
                        .arg(quotedName(file.path)));
    }
    m_content.files.append(std::move(*packed));
    return {};
}

Result<SkillContent> Packing::run()
{
    const Utf8Locale locale;
    Result<void> done = open();
    for (qsizetype i = 0; done && i < m_tree.files().size(); ++i)
        done = add(m_tree.files()[i]);
    if (done && (archive_write_close(m_writer.get()) != ARCHIVE_OK || m_output.failed()))
        done = failed(m_tree.files().last().path);
    m_writer.reset(); // before the locale goes
    if (!done)
        return fail(done.error());
    m_content.digest = treeDigest(m_content.files);
    return std::move(m_content);
}

Result<SkillContent> packTree(const TreeReader &tree, const ArchiveLimits &limits, int fd)
{
    Packing first(tree, limits, fd, {});
    auto content = first.run();
    if (!content || first.overRatio().isEmpty())
        return content;
    if (ftruncate(fd, 0) != 0 || lseek(fd, 0, SEEK_SET) != 0)
        return failedCall(u"cannot write the archive"_s);
    return Packing(tree, limits, fd, first.overRatio()).run();
}

/// A file beside `target` that takes its place when it is whole, and is gone otherwise.
class ReplacementFile
{
public:
    static Result<ReplacementFile> create(const QByteArray &target)
    {
        ReplacementFile file;
        const qsizetype nameAt = target.lastIndexOf('/') + 1;
        file.m_folder = nameAt > 0 ? target.first(nameAt) : QByteArray("./");
        file.m_target = target;
        file.m_temporary = file.m_folder + ".skillbox-" + newUuid().toLatin1() + ".tmp";
        file.m_fd.reset(
            ::open(file.m_temporary.constData(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666));
        if (!file.m_fd)
            return failedCall(u"cannot make the archive %1"_s.arg(quotedName(target)));
        return file;
    }
    ReplacementFile(ReplacementFile &&) noexcept = default;
    ReplacementFile &operator=(ReplacementFile &&) = delete;
    ~ReplacementFile()
    {
        if (m_fd)
            unlink(m_temporary.constData());
    }

    int fd() const { return m_fd.get(); }

    Result<void> commit()
    {
        if (fsync(m_fd.get()) != 0 || rename(m_temporary.constData(), m_target.constData()) != 0)
            return failedCall(u"cannot write the archive %1"_s.arg(quotedName(m_target)));
        m_fd.reset();
        // The new name is safe once the folder is; some file systems cannot sync one.
        const UniqueFd folder(::open(m_folder.constData(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
        if (folder)
            fsync(folder.get());
        return {};
    }

private:
    ReplacementFile() = default;

    QByteArray m_folder;
    QByteArray m_target;
    QByteArray m_temporary;
    UniqueFd m_fd;
};

} // namespace

Result<SkillContent> packDirectory(const QString &directory, const QString &archivePath,
                                   const ArchiveLimits &limits)
{
    const QByteArray target = QFile::encodeName(archivePath);
    std::optional<FileIdentity> previous;
    struct stat status;
    if (stat(target.constData(), &status) == 0)
        previous = FileIdentity{status.st_dev, status.st_ino};
    const auto tree = TreeReader::open(directory, limits, previous);
    if (!tree)
        return fail(tree.error());
    if (const auto present = tree->requireManifest(); !present)
        return fail(present.error());

    auto file = ReplacementFile::create(target);
    if (!file)
        return fail(file.error());
    auto content = packTree(*tree, limits, file->fd());
    if (!content)
        return content;
    if (const auto kept = file->commit(); !kept)
        return fail(kept.error());
    return content;
}

} // namespace skillbox
