#include "engine/skill/archive.h"

#include "engine/base/sha256.h"
#include "engine/base/unique_fd.h"
#include "engine/skill/digest.h"
#include "engine/skill/path_rules.h"
#include "engine/base/system_error.h"
#include "engine/skill/tree_writer.h"
#include "engine/skill/zip_layout.h"
#include "engine/skill/zip_library.h"

#include <archive.h>
#include <archive_entry.h>

#include <QFile>
#include <QSet>

#include <fcntl.h>

namespace skillbox {

using namespace Qt::StringLiterals;

namespace {

constexpr size_t readBlockBytes = 65536;

tl::unexpected<Error> refuse(const ZipMember &member, const QString &why,
                             const char *libraryText = nullptr)
{
    return fail(ErrorCode::InvalidSkill, u"entry %1 %2"_s.arg(quotedName(member.name), why),
                QString::fromUtf8(libraryText));
}

/// The top folder to strip, with its slash, or nothing if SKILL.md is at the root.
Result<QByteArray> skillRoot(const std::vector<ZipMember> &members)
{
    QSet<QByteArray> tops;
    QByteArray misnamed;
    for (const ZipMember &member : members) {
        if (member.path.isEmpty() || isDesktopLitter(member.path))
            continue;
        if (!member.directory && isManifestName(member.path))
            return QByteArray();
        const QList<QByteArray> components = member.path.split('/');
        tops.insert(components.first());
        if (!member.directory && components.size() <= 2
            && components.last().compare("SKILL.md", Qt::CaseInsensitive) == 0)
            misnamed = member.name;
    }
    if (tops.size() == 1) {
        const QByteArray prefix = *tops.constBegin() + '/';
        for (const ZipMember &member : members) {
            if (!member.directory && member.path.startsWith(prefix)
                && isManifestName(member.path.sliced(prefix.size())))
                return prefix;
        }
    }
    if (!misnamed.isEmpty() && !isManifestName(misnamed.sliced(misnamed.lastIndexOf('/') + 1))) {
        return fail(ErrorCode::InvalidSkill,
                    u"there is no SKILL.md; entry %1 must be called so in capitals"_s.arg(
                        quotedName(misnamed)));
    }
    return fail(ErrorCode::InvalidSkill,
                u"there is no SKILL.md at the root of the archive or in its only top folder"_s);
}

class Unpacking
{
public:
    Unpacking(ArchiveHandle reader, TreeWriter tree)
        : m_reader(std::move(reader))
        , m_tree(std::move(tree))
    {
    }

    /// The archive's next member; `path` is where it goes, empty if it is only checked.
    Result<void> unpack(const ZipMember &member, const QByteArray &path);
    Result<SkillContent> finish();

private:
    Result<void> nextHeader(const ZipMember &member);

    ArchiveHandle m_reader;
    TreeWriter m_tree;
    SkillContent m_content;
};

Result<void> Unpacking::nextHeader(const ZipMember &member)
{
    archive_entry *entry = nullptr;
    if (archive_read_next_header(m_reader.get(), &entry) != ARCHIVE_OK)
        return refuse(member, u"is damaged"_s, archive_error_string(m_reader.get()));
    // Two readings of the same bytes: ours decided, libarchive's delivers.
    const char *name = archive_entry_pathname(entry);
    const bool isFolder = archive_entry_filetype(entry) == AE_IFDIR;
    const bool isFile = archive_entry_filetype(entry) == AE_IFREG;
    if (member.name != name || (member.directory ? !isFolder : !isFile)
        || archive_entry_hardlink(entry) || archive_entry_symlink(entry))
        return refuse(member, u"can be read in more than one way"_s);
    return {};
}

Result<void> Unpacking::unpack(const ZipMember &member, const QByteArray &path)
{
    if (auto fine = nextHeader(member); !fine)
        return fine;
    if (member.directory)
        return {};
    const bool keep = !path.isEmpty();
    if (keep) {
        if (auto begun = m_tree.beginFile(path); !begun)
            return begun;
    }
    Sha256 hash;
    DescriptorMarkSearch markSearch;
    qint64 size = 0;
    for (;;) {
        const void *block = nullptr;
        size_t blockBytes = 0;
        la_int64_t offset = 0;
        const int status = archive_read_data_block(m_reader.get(), &block, &blockBytes, &offset);
        if (status != ARCHIVE_OK && status != ARCHIVE_EOF)
            return refuse(member, u"is damaged"_s, archive_error_string(m_reader.get()));
        const QByteArrayView bytes(static_cast<const char *>(block),
                                   status == ARCHIVE_OK ? static_cast<qsizetype>(blockBytes) : 0);
        if (!bytes.isEmpty() && offset != size)
            return refuse(member, u"is damaged"_s);
        size += bytes.size();
        if (size > member.size) {
            return refuse(member,
                          u"unpacks to more than the %1 bytes it declares"_s.arg(member.size));
        }
        hash.add(bytes);
        if (member.lengthAfterStoredData)
            markSearch.add(bytes);
        if (keep) {
            if (auto written = m_tree.write(bytes); !written)
                return written;
        }
        if (status == ARCHIVE_EOF)
            break;
    }
    if (size != member.size) {
        return refuse(member, u"unpacks to %1 bytes but declares %2"_s.arg(size).arg(member.size));
    }
    // The packed data must end where its declared length does: what a reader that streams would
    // find behind an earlier end could be another entry.
    if (archive_filter_bytes(m_reader.get(), 0) != member.dataOffset + member.packedSize)
        return refuse(member, u"has another packed size than it declares"_s);
    if (markSearch.found()) {
        return refuse(member,
                      u"is stored without its length in front and holds the mark of an end"_s);
    }
    if (!keep)
        return {};
    if (auto ended = m_tree.endFile(member.executable); !ended)
        return ended;
    m_content.files.append({QString::fromUtf8(path), size, member.executable, hash.finish()});
    return {};
}

Result<SkillContent> Unpacking::finish()
{
    archive_entry *entry = nullptr;
    if (archive_read_next_header(m_reader.get(), &entry) != ARCHIVE_EOF)
        return fail(ErrorCode::InvalidSkill, u"the archive can be read in more than one way"_s);
    sortByPath(m_content.files);
    m_content.digest = treeDigest(m_content.files);
    m_tree.commit();
    return std::move(m_content);
}

} // namespace

Result<SkillContent> unpackArchive(const QString &archivePath, const QString &directory,
                                   const ArchiveLimits &limits)
{
    const QByteArray encodedPath = QFile::encodeName(archivePath);
    // O_NONBLOCK: opening a named pipe must not hang; only regular files pass readZipLayout.
    const UniqueFd fd(open(encodedPath.constData(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
    if (!fd)
        return failedCall(u"cannot open the archive %1"_s.arg(quotedName(encodedPath)));
    const auto members = readZipLayout(fd.get(), limits);
    if (!members)
        return fail(members.error());
    const auto root = skillRoot(*members);
    if (!root)
        return fail(root.error());
    QByteArrayList targets;
    for (const ZipMember &member : *members) {
        QByteArray target;
        if (!member.directory && !isDesktopLitter(member.path))
            target = member.path.sliced(root->size());
        if (auto fine = checkPathLimits(target, limits); !fine)
            return fail(fine.error());
        targets.append(target);
    }

    const Utf8Locale locale;
    ArchiveHandle reader(archive_read_new(), {archive_read_free});
    if (!reader || archive_read_support_format_zip_seekable(reader.get()) != ARCHIVE_OK
        || archive_read_open_fd(reader.get(), fd.get(), readBlockBytes) != ARCHIVE_OK) {
        return fail(ErrorCode::Internal, u"libarchive cannot read zip archives here"_s,
                    QString::fromUtf8(reader ? archive_error_string(reader.get()) : nullptr));
    }
    auto tree = TreeWriter::create(directory);
    if (!tree)
        return fail(tree.error());
    Unpacking unpacking(std::move(reader), std::move(*tree));
    for (size_t i = 0; i < members->size(); ++i) {
        if (auto done = unpacking.unpack((*members)[i], targets[static_cast<qsizetype>(i)]); !done)
            return fail(done.error());
    }
    return unpacking.finish();
}

} // namespace skillbox
