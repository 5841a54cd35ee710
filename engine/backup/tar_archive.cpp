#include "engine/backup/tar_archive.h"

#include "engine/files/archive_library.h"

#include <archive.h>
#include <archive_entry.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype blockBytes = 256 * 1024;

struct TarEntryFree {
    void operator()(struct archive_entry *entry) const { archive_entry_free(entry); }
};

QString complaintOf(struct archive *handle)
{
    const char *text = handle ? archive_error_string(handle) : nullptr;
    return text ? QString::fromUtf8(text) : u"no memory"_s;
}

} // namespace

// --- TarWriter

struct TarWriter::State {
    explicit State(QIODevice &device) : target(device) { }

    QIODevice &target;
    /// Nothing more may come out: the target takes none, or the end is not to be written. Told here
    /// and not to libarchive, which loses memory when it is told.
    bool closed = false;
    QString complaint = {};
    ArchiveHandle handle{nullptr, {archive_write_free}}; // first to go: it still calls takeBlock()

    static la_ssize_t takeBlock(struct archive *, void *user, const void *bytes, size_t size)
    {
        auto &self = *static_cast<State *>(user);
        const auto *at = static_cast<const char *>(bytes);
        for (qint64 left = static_cast<qint64>(size); left > 0 && !self.closed;) {
            const qint64 written = self.target.write(at, left);
            if (written <= 0) {
                self.closed = true;
                self.complaint = self.target.errorString();
                break;
            }
            at += written;
            left -= written;
        }
        return static_cast<la_ssize_t>(size);
    }
    /// After a call of libarchive, which said `fine` or not.
    Result<void> judge(bool fine) const
    {
        if (fine && !closed)
            return {};
        return fail(ErrorCode::Io,
                    u"the archive cannot be written: %1"_s.arg(fine ? complaint
                                                                    : complaintOf(handle.get())));
    }
};

Result<std::unique_ptr<TarWriter>> TarWriter::create(QIODevice &target)
{
    auto state = std::make_unique<State>(target);
    state->handle.reset(archive_write_new());
    struct archive *handle = state->handle.get();
    const bool fine = handle && archive_write_set_format_pax_restricted(handle) == ARCHIVE_OK
        && archive_write_add_filter_none(handle) == ARCHIVE_OK
        && archive_write_set_bytes_per_block(handle, static_cast<int>(blockBytes)) == ARCHIVE_OK
        && archive_write_set_bytes_in_last_block(handle, 1) == ARCHIVE_OK
        && archive_write_open(handle, state.get(), nullptr, State::takeBlock, nullptr)
            == ARCHIVE_OK;
    if (auto judged = state->judge(fine); !judged)
        return fail(judged.error());
    return std::unique_ptr<TarWriter>(new TarWriter(std::move(state)));
}

TarWriter::TarWriter(std::unique_ptr<State> state) : m_state(std::move(state)) { }

TarWriter::~TarWriter()
{
    m_state->closed = true; // freeing the handle would write the end
}

Result<void> TarWriter::beginFile(const QByteArray &name, qint64 size, const QDateTime &time)
{
    const std::unique_ptr<struct archive_entry, TarEntryFree> entry(archive_entry_new());
    archive_entry_set_pathname(entry.get(), name.constData()); // ASCII, all of them
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), 0600);
    archive_entry_set_size(entry.get(), size);
    archive_entry_set_mtime(entry.get(), time.toSecsSinceEpoch(), 0);
    return m_state->judge(archive_write_header(m_state->handle.get(), entry.get()) == ARCHIVE_OK);
}

Result<void> TarWriter::write(QByteArrayView bytes)
{
    return m_state->judge(
        archive_write_data(m_state->handle.get(), bytes.data(), static_cast<size_t>(bytes.size()))
        == bytes.size());
}

Result<void> TarWriter::finish()
{
    return m_state->judge(archive_write_close(m_state->handle.get()) == ARCHIVE_OK);
}

// --- TarReader

struct TarReader::State {
    explicit State(QIODevice &device) : source(device), buffer(blockBytes, Qt::Uninitialized) { }

    QIODevice &source;
    QByteArray buffer;
    ArchiveHandle handle{nullptr, {archive_read_free}};

    static la_ssize_t giveBlock(struct archive *handle, void *user, const void **bytes)
    {
        auto &self = *static_cast<State *>(user);
        *bytes = self.buffer.constData();
        qint64 got = self.source.read(self.buffer.data(), self.buffer.size());
        if (got < 0 && self.source.isSequential())
            got = 0; // so says a pipe at its end
        if (got < 0) {
            archive_set_error(handle, EIO, "%s", self.source.errorString().toUtf8().constData());
            return ARCHIVE_FATAL;
        }
        return static_cast<la_ssize_t>(got);
    }
    tl::unexpected<Error> failed() const
    {
        return fail(ErrorCode::BadRequest,
                    u"the backup is damaged or cut off: %1"_s.arg(complaintOf(handle.get())));
    }
};

Result<std::unique_ptr<TarReader>> TarReader::open(QIODevice &source)
{
    auto state = std::make_unique<State>(source);
    state->handle.reset(archive_read_new());
    struct archive *handle = state->handle.get();
    // Nothing but tar, not compressed: no other parser of the library sees what is not trusted.
    if (!handle || archive_read_support_format_tar(handle) != ARCHIVE_OK
        || archive_read_open(handle, state.get(), nullptr, State::giveBlock, nullptr)
            != ARCHIVE_OK) {
        return fail(ErrorCode::BadRequest,
                    u"this is no backup of Skillbox: %1"_s.arg(complaintOf(handle)));
    }
    return std::unique_ptr<TarReader>(new TarReader(std::move(state)));
}

TarReader::TarReader(std::unique_ptr<State> state) : m_state(std::move(state)) { }

TarReader::~TarReader() = default;

Result<std::optional<TarReader::Entry>> TarReader::next()
{
    const Utf8Locale locale;
    struct archive_entry *entry = nullptr;
    const int status = archive_read_next_header(m_state->handle.get(), &entry);
    if (status == ARCHIVE_EOF)
        return std::nullopt;
    if (status != ARCHIVE_OK)
        return m_state->failed();
    const char *name = archive_entry_pathname(entry);
    if (!name || archive_entry_filetype(entry) != AE_IFREG || archive_entry_hardlink(entry)
        || !archive_entry_size_is_set(entry) || archive_entry_size(entry) < 0
        || archive_entry_sparse_count(entry) > 0) {
        return fail(ErrorCode::BadRequest,
                    u"this is no backup of Skillbox: it holds something that is no plain file"_s);
    }
    return Entry{QByteArray(name), archive_entry_size(entry)};
}

Result<qint64> TarReader::read(char *data, qint64 most)
{
    const la_ssize_t got = archive_read_data(m_state->handle.get(), data,
                                             static_cast<size_t>(most));
    if (got < 0)
        return m_state->failed();
    return static_cast<qint64>(got);
}

} // namespace skillbox
