#include "engine/sandbox/oci/output_writer.h"

#include "engine/base/quoted_name.h"
#include "engine/files/open_beneath.h"

#include <cerrno>
#include <climits>
#include <fcntl.h>
#include <sys/stat.h>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

tl::unexpected<Error> strangeOutput(const QString &what)
{
    return fail(ErrorCode::SandboxUnavailable,
                u"the container sent files that cannot be: %1"_s.arg(what));
}

/// Neither empty nor `.` nor `..`, and no longer than a file system takes.
bool isCleanPath(const QByteArray &path)
{
    if (path.isEmpty() || path.size() >= PATH_MAX || path.contains('\0'))
        return false;
    for (const QByteArray &part : path.split('/')) {
        if (part.isEmpty() || part.size() > NAME_MAX || part == "." || part == "..")
            return false;
    }
    return true;
}

QByteArray folderOf(const QByteArray &path)
{
    return path.first(qMax<qsizetype>(0, path.lastIndexOf('/')));
}

QByteArray nameOf(const QByteArray &path)
{
    return path.sliced(path.lastIndexOf('/') + 1);
}

} // namespace

Result<std::unique_ptr<OutputWriter>> OutputWriter::create(const QString &scratchDirectory,
                                                           OutputWriterBounds bounds)
{
    auto scratch = Scratch::folder(scratchDirectory);
    if (!scratch)
        return fail(scratch.error());
    return std::unique_ptr<OutputWriter>(new OutputWriter(std::move(*scratch), bounds));
}

OutputWriter::OutputWriter(Scratch scratch, OutputWriterBounds bounds)
    : m_scratch(std::make_unique<Scratch>(std::move(scratch)))
    , m_bounds(bounds)
{
}

Error OutputWriter::diskError() const
{
    return writeError(m_scratch->path(), errno);
}

Result<void> OutputWriter::beginTree(protocol::TreeKind kind)
{
    const auto index = static_cast<size_t>(kind);
    if (index > 1 || m_roots[index])
        return strangeOutput(u"a tree of no kind, or one that comes twice"_s);
    const char *name = index == 0 ? "out" : "session";
    const int folder = m_scratch->descriptor();
    if (::mkdirat(folder, name, 0700) != 0)
        return fail(diskError());
    m_roots[index].reset(::openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!m_roots[index])
        return fail(diskError());
    m_root = m_roots[index].get();
    m_parent.reset();
    m_parentPath.clear();
    m_file.reset();
    m_bytes = 0;
    m_entries = 0;
    return {};
}

Result<void> OutputWriter::count()
{
    if (m_root < 0)
        return strangeOutput(u"an entry of no tree"_s);
    if (++m_entries > m_bounds.entries)
        return strangeOutput(u"more than %1 of them"_s.arg(m_bounds.entries));
    m_file.reset();
    return {};
}

/// The open folder that the path lies in, kept for the next one: entries come folder by folder.
Result<int> OutputWriter::parent(const QByteArray &path)
{
    if (!isCleanPath(path))
        return strangeOutput(u"the path %1"_s.arg(quotedName(path)));
    const QByteArray folder = folderOf(path);
    if (folder.isEmpty())
        return m_root;
    if (!m_parent || m_parentPath != folder) {
        m_parent = openBeneath(m_root, folder, O_PATH | O_DIRECTORY, Links::Refuse);
        m_parentPath = folder;
    }
    if (!m_parent)
        return strangeOutput(u"something in %1, which is no folder"_s.arg(quotedName(folder)));
    return m_parent.get();
}

Result<void> OutputWriter::addFolder(const QByteArray &path)
{
    if (auto counted = count(); !counted)
        return counted;
    const Result<int> folder = parent(path);
    if (!folder)
        return fail(folder.error());
    if (::mkdirat(*folder, nameOf(path).constData(), 0700) != 0)
        return errno == EEXIST ? strangeOutput(u"%1 twice"_s.arg(quotedName(path)))
                               : fail(diskError());
    return {};
}

Result<void> OutputWriter::beginFile(const QByteArray &path, bool executable, quint64 size)
{
    if (auto counted = count(); !counted)
        return counted;
    const Result<int> folder = parent(path);
    if (!folder)
        return fail(folder.error());
    m_file.reset(::openat(*folder, nameOf(path).constData(),
                          O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                          executable ? 0700 : 0600));
    if (!m_file)
        return errno == EEXIST ? strangeOutput(u"%1 twice"_s.arg(quotedName(path)))
                               : fail(diskError());
    // A hole costs nothing; past what a file system takes, the file stays empty.
    m_fileSize = size;
    if (size > quint64(LLONG_MAX) || ::ftruncate(m_file.get(), static_cast<off_t>(size)) != 0)
        m_fileSize = 0;
    return {};
}

Result<void> OutputWriter::write(quint64 offset, std::string_view bytes)
{
    if (!m_file || offset > m_fileSize || bytes.size() > m_fileSize - offset)
        return strangeOutput(u"content of no file"_s);
    m_bytes += static_cast<qint64>(bytes.size());
    if (m_bytes > m_bounds.bytes)
        return strangeOutput(u"more than %1 bytes of content"_s.arg(m_bounds.bytes));
    while (!bytes.empty()) {
        const ssize_t written = ::pwrite(m_file.get(), bytes.data(), bytes.size(),
                                         static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return fail(diskError());
        bytes.remove_prefix(static_cast<size_t>(written));
        offset += static_cast<quint64>(written);
    }
    return {};
}

Result<void> OutputWriter::addOther(protocol::OtherKind kind, const QByteArray &path)
{
    if (auto counted = count(); !counted)
        return counted;
    const Result<int> folder = parent(path);
    if (!folder)
        return fail(folder.error());
    const QByteArray name = nameOf(path);
    int result = -1;
    switch (kind) {
    case protocol::OtherKind::Symlink:
        result = ::symlinkat("nothing", *folder, name.constData());
        break;
    case protocol::OtherKind::Socket:
        result = ::mknodat(*folder, name.constData(), S_IFSOCK | 0600, 0);
        break;
    case protocol::OtherKind::HardLinked: {
        // Its second name is outside of the tree.
        const UniqueFd file(::openat(*folder, name.constData(),
                                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
        const QByteArray second = "link-" + QByteArray::number(m_links++);
        result = file
            ? ::linkat(*folder, name.constData(), m_scratch->descriptor(), second.constData(), 0)
            : -1;
        break;
    }
    case protocol::OtherKind::Pipe:
    case protocol::OtherKind::Device: // which only root could make again
        result = ::mknodat(*folder, name.constData(), S_IFIFO | 0600, 0);
        break;
    default: return strangeOutput(u"an entry of no kind"_s);
    }
    if (result != 0)
        return errno == EEXIST ? strangeOutput(u"%1 twice"_s.arg(quotedName(path)))
                               : fail(diskError());
    return {};
}

} // namespace skillbox
