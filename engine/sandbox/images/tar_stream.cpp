#include "engine/sandbox/images/tar_stream.h"

#include "engine/files/archive_library.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace skillbox {

struct TarStream::Reader {
    BlobStream &source;
    ArchiveHandle archive;
    std::optional<Error> sourceFailure;
    bool opened = false;

    static la_ssize_t readCallback(struct archive *, void *self, const void **bytes)
    {
        auto *reader = static_cast<Reader *>(self);
        const Result<QByteArrayView> got = reader->source.read();
        if (!got) {
            reader->sourceFailure = got.error();
            return ARCHIVE_FATAL;
        }
        *bytes = got->data();
        return got->size();
    }
};

namespace {

TarEntry::Kind kindOf(archive_entry *entry)
{
    if (archive_entry_hardlink(entry))
        return TarEntry::Kind::HardLink;
    switch (archive_entry_filetype(entry)) {
    case AE_IFREG: return TarEntry::Kind::File;
    case AE_IFDIR: return TarEntry::Kind::Folder;
    case AE_IFLNK: return TarEntry::Kind::Symlink;
    default: return TarEntry::Kind::Special;
    }
}

} // namespace

TarStream::TarStream(BlobStream &source)
    : m_reader(
        new Reader{source, ArchiveHandle(archive_read_new(), {archive_read_free}), {}, false})
{
    archive_read_support_format_tar(m_reader->archive.get());
}

TarStream::~TarStream() = default;

Error TarStream::failure() const
{
    if (m_reader->sourceFailure)
        return *m_reader->sourceFailure;
    struct archive *archive = m_reader->archive.get();
    const bool recognised = m_reader->opened && archive_file_count(archive) > 0;
    return {ErrorCode::BadRequest,
            recognised ? u"its tar is damaged or cut off"_s : u"it is not a tar archive"_s,
            QString::fromUtf8(archive_error_string(archive))};
}

Result<std::optional<TarEntry>> TarStream::next()
{
    struct archive *archive = m_reader->archive.get();
    if (!m_reader->opened) {
        if (archive_read_open2(archive, m_reader.get(), nullptr, Reader::readCallback, nullptr,
                               nullptr)
            != ARCHIVE_OK)
            return fail(failure());
        m_reader->opened = true;
    }
    archive_entry *entry = nullptr;
    const int status = archive_read_next_header(archive, &entry);
    if (status == ARCHIVE_EOF)
        return std::nullopt;
    if (status != ARCHIVE_OK
        && status != ARCHIVE_WARN) // WARN: a name that is not UTF-8, kept as is
        return fail(failure());
    const char *name = archive_entry_pathname(entry);
    if (!name)
        return fail(ErrorCode::BadRequest, u"its tar has an entry whose name cannot be read"_s);
    TarEntry found;
    found.kind = kindOf(entry);
    found.name = name;
    const char *target = found.kind == TarEntry::Kind::HardLink ? archive_entry_hardlink(entry)
        : found.kind == TarEntry::Kind::Symlink                 ? archive_entry_symlink(entry)
                                                                : nullptr;
    found.target = target ? QByteArray(target) : QByteArray();
    found.size = found.kind == TarEntry::Kind::File ? archive_entry_size(entry) : 0;
    found.executable = (archive_entry_perm(entry) & (S_IXUSR | S_IXGRP | S_IXOTH)) != 0;
    found.modified = {archive_entry_mtime(entry), archive_entry_mtime_nsec(entry)};
    return found;
}

Result<std::optional<TarPiece>> TarStream::read()
{
    const void *bytes = nullptr;
    size_t size = 0;
    la_int64_t offset = 0;
    const int status = archive_read_data_block(m_reader->archive.get(), &bytes, &size, &offset);
    if (status == ARCHIVE_EOF)
        return std::nullopt;
    if (status != ARCHIVE_OK)
        return fail(failure());
    return TarPiece{offset, {static_cast<const char *>(bytes), static_cast<qsizetype>(size)}};
}

Result<void> TarStream::finish()
{
    for (;;) {
        const Result<QByteArrayView> rest = m_reader->source.read();
        if (!rest)
            return fail(rest.error());
        if (rest->isEmpty())
            break;
    }
    if (!m_reader->source.endsWithZeros())
        return fail(ErrorCode::BadRequest, u"its tar is cut off: the mark of its end is missing"_s);
    return {};
}

} // namespace skillbox
