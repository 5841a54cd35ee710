#include "engine/skill/zip_layout.h"

#include "engine/skill/path_rules.h"
#include "engine/base/system_error.h"
#include "engine/skill/zip_directory.h"

#include <sys/stat.h>

#include <algorithm>

namespace skillbox {

using namespace Qt::StringLiterals;
using namespace zip;

namespace {

constexpr quint32 descriptorSignature = 0x08074b50;
constexpr qint64 localHeaderBytes = 30;
constexpr quint16 flagsOfCompressor = 0x0006; // how hard it tried; writers differ between headers

Result<void> checkSizes(const ZipMember &member, const ArchiveLimits &limits, qint64 &total)
{
    constexpr qint64 emptyDeflateBytes = 2; // some writers deflate the nothing in a folder
    if (member.directory && (member.size != 0 || member.packedSize > emptyDeflateBytes))
        return refuse(member.name, u"is a folder with content"_s);
    if (member.size > limits.unpackedBytes - total) {
        return fail(
            ErrorCode::TooLarge,
            u"the entries unpack to more than %1 bytes; the first over it is %3 with %2 bytes"_s
                .arg(limits.unpackedBytes)
                .arg(member.size)
                .arg(quotedName(member.name)));
    }
    total += member.size;
    if (member.size > limits.ratioFromBytes && member.size > member.packedSize * limits.ratio) {
        return fail(ErrorCode::TooLarge,
                    u"entry %4 unpacks %1 bytes from %2, over the limit of %3:1"_s.arg(member.size)
                        .arg(member.packedSize)
                        .arg(limits.ratio)
                        .arg(quotedName(member.name)));
    }
    return {};
}

/// The data descriptor (4.3.9), exactly between the data and the next header: with or without a
/// signature, which the length tells, and with 64-bit sizes (`wide`) if the local header is Zip64.
Result<void> checkDescriptor(int fd, const DirectoryEntry &entry, bool wide, qint64 offset,
                             qint64 length)
{
    const ZipMember &member = entry.member;
    if (length != (wide ? 20 : 12) && length != (wide ? 24 : 16))
        return refuse(member.name, u"is followed by bytes that belong to no entry"_s);
    const auto bytes = readAt(fd, offset, length);
    if (!bytes)
        return fail(bytes.error());
    const char *at = bytes->constData();
    const bool hasSignature = length == 16 || length == 24;
    if (hasSignature && u32(at) != descriptorSignature)
        return refuse(member.name, u"is followed by bytes that belong to no entry"_s);
    if (hasSignature)
        at += 4;
    const quint64 packedSize = wide ? u64(at + 4) : u32(at + 4);
    const quint64 size = wide ? u64(at + 12) : u32(at + 8);
    if (u32(at) != entry.crc || packedSize != static_cast<quint64>(member.packedSize)
        || size != static_cast<quint64>(member.size))
        return refuse(member.name, u"has other sizes behind its data than in the directory"_s);
    return {};
}

/// Compares the local header with the directory; `end` is where the next header begins.
Result<void> checkLocalHeader(int fd, DirectoryEntry &entry, qint64 end)
{
    ZipMember &member = entry.member;
    const qint64 space = end - member.headerOffset;
    if (space < localHeaderBytes)
        return refuse(member.name, u"overlaps another entry"_s);
    const auto fixed = readAt(fd, member.headerOffset, localHeaderBytes);
    if (!fixed)
        return fail(fixed.error());
    const char *header = fixed->constData();
    if (u32(header) != localSignature)
        return refuse(member.name, u"does not begin where the directory says"_s);
    const qint64 nameBytes = u16(header + 26);
    const qint64 extraBytes = u16(header + 28);
    const qint64 headerBytes = localHeaderBytes + nameBytes + extraBytes;
    if (space < headerBytes + member.packedSize)
        return refuse(member.name, u"overlaps another entry"_s);
    const auto variable = readAt(fd, member.headerOffset + localHeaderBytes,
                                 nameBytes + extraBytes);
    if (!variable)
        return fail(variable.error());
    const QByteArray localName = variable->first(nameBytes);
    if (localName != member.name) {
        return refuse(member.name, u"is called %1 in its own header"_s.arg(quotedName(localName)));
    }
    const auto extra = checkExtraFields(member.name, QByteArrayView(*variable).sliced(nameBytes));
    if (!extra)
        return fail(extra.error());
    if ((u16(header + 6) & ~flagsOfCompressor) != (entry.flags & ~flagsOfCompressor)
        || u16(header + 8) != entry.method)
        return refuse(member.name,
                      u"is packed otherwise in its own header than in the directory"_s);

    const bool lengthAfterData = entry.flags & flagLengthAfterData;
    quint64 size = u32(header + 22);
    quint64 packedSize = u32(header + 18);
    if (size == 0xffffffff && packedSize == 0xffffffff && extra->zip64Data.size() == 16) {
        // Writers that stream reserve room for sizes they do not know yet.
        size = u64(extra->zip64Data.constData());
        packedSize = u64(extra->zip64Data.constData() + 8);
    }
    const auto agrees = [lengthAfterData](quint64 local, quint64 central) {
        return local == central || (lengthAfterData && local == 0);
    };
    if (!agrees(u32(header + 14), entry.crc) || !agrees(size, static_cast<quint64>(member.size))
        || !agrees(packedSize, static_cast<quint64>(member.packedSize)))
        return refuse(member.name, u"has other sizes in its own header than in the directory"_s);

    member.dataOffset = member.headerOffset + headerBytes;
    member.lengthAfterStoredData = lengthAfterData && entry.method == methodStored;
    const qint64 afterData = member.dataOffset + member.packedSize;
    if (lengthAfterData)
        return checkDescriptor(fd, entry, extra->zip64, afterData, end - afterData);
    if (afterData != end)
        return refuse(member.name, u"is followed by bytes that belong to no entry"_s);
    return {};
}

} // namespace

Result<std::vector<ZipMember>> readZipLayout(int fd, const ArchiveLimits &limits)
{
    struct stat status;
    if (fstat(fd, &status) != 0)
        return failedCall(u"cannot read the archive"_s);
    if (!S_ISREG(status.st_mode))
        return refuse(u"the archive is not a regular file"_s);
    const qint64 fileSize = status.st_size;
    if (fileSize == 0)
        return refuse(u"the archive is an empty file"_s);
    if (fileSize > limits.archiveBytes) {
        return fail(ErrorCode::TooLarge,
                    u"the archive has %1 bytes, over the limit of %2"_s.arg(fileSize).arg(
                        limits.archiveBytes));
    }
    auto directory = readDirectory(fd, fileSize, limits);
    if (!directory)
        return fail(directory.error());
    std::vector<DirectoryEntry> &entries = directory->entries;

    PathSet paths;
    qint64 total = 0;
    for (const DirectoryEntry &entry : entries) {
        const ZipMember &member = entry.member;
        if (auto fine = checkSizes(member, limits, total); !fine)
            return fail(fine.error());
        const EntryKind kind = member.directory ? EntryKind::Directory : EntryKind::File;
        if (member.path.isEmpty())
            continue;
        if (auto fine = paths.add(member.path, kind); !fine)
            return fail(fine.error());
    }

    std::stable_sort(entries.begin(), entries.end(), [](const auto &a, const auto &b) {
        return a.member.headerOffset < b.member.headerOffset;
    });
    if (entries.front().member.headerOffset != 0)
        return refuse(u"the archive does not begin with its first entry but with other data"_s);
    std::vector<ZipMember> members;
    members.reserve(entries.size());
    for (size_t i = 0; i < entries.size(); ++i) {
        const qint64 next = i + 1 < entries.size() ? entries[i + 1].member.headerOffset
                                                   : directory->offset;
        if (auto fine = checkLocalHeader(fd, entries[i], next); !fine)
            return fail(fine.error());
        members.push_back(std::move(entries[i].member));
    }
    return members;
}

} // namespace skillbox
