#include "engine/skill/zip_directory.h"

#include "engine/base/system_error.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

namespace skillbox::zip {

using namespace Qt::StringLiterals;

namespace {

// Signatures and fixed sizes, APPNOTE.TXT 4.3.
constexpr quint32 centralSignature = 0x02014b50;
constexpr quint32 endSignature = 0x06054b50;
constexpr qint64 centralHeaderBytes = 46;
constexpr qint64 endRecordBytes = 22;

constexpr qint64 maxCommentBytes = 1024; // git and its hosts write a commit id there
constexpr qint64 maxDirectoryBytes = 4 << 20;

// General purpose flags, 4.4.4.
constexpr quint16 flagEncrypted = 1 << 0;
constexpr quint16 flagPatchData = 1 << 5;
constexpr quint16 flagStrongEncryption = 1 << 6;
constexpr quint16 flagMaskedHeaders = 1 << 13;

// Hosts whose external attributes carry a Unix mode, 4.4.2.
constexpr int hostUnix = 3;
constexpr int hostDarwin = 19;

struct EndRecord {
    int entries = 0;
    qint64 directoryOffset = 0;
    qint64 directoryBytes = 0;
};

Result<EndRecord> readEndRecord(int fd, qint64 fileSize)
{
    const auto head = readAt(fd, 0, std::min<qint64>(fileSize, 4));
    if (!head)
        return fail(head.error());
    const bool startsWithMember = head->size() == 4 && u32(head->constData()) == localSignature;
    const bool startsWithEnd = head->size() == 4 && u32(head->constData()) == endSignature;

    const qint64 tailBytes = std::min(fileSize, endRecordBytes + 0xffff);
    const auto tail = readAt(fd, fileSize - tailBytes, tailBytes);
    if (!tail)
        return fail(tail.error());
    const QByteArray mark("PK\5\6", 4);
    const qsizetype at = tail->lastIndexOf(mark);
    if (at < 0) {
        return startsWithMember ? refuse(u"the archive is cut short: it has no end record"_s)
                                : refuse(u"this is not a zip archive"_s);
    }
    // The last mark is the one that other readers find first; an end record it must be.
    const char *record = tail->constData() + at;
    const qint64 left = tailBytes - at;
    if (left < endRecordBytes)
        return refuse(u"the archive is cut short within its end record"_s);
    const qint64 commentBytes = u16(record + 20);
    if (left < endRecordBytes + commentBytes)
        return refuse(u"the archive is cut short within its comment"_s);
    if (left > endRecordBytes + commentBytes) {
        return refuse(
            u"the archive has %1 bytes after its end"_s.arg(left - endRecordBytes - commentBytes));
    }
    if (commentBytes > maxCommentBytes) {
        return refuse(
            u"the archive's comment has %1 bytes, over the limit of %2"_s.arg(commentBytes)
                .arg(maxCommentBytes));
    }
    const int entries = u16(record + 10);
    if (u16(record + 4) != 0 || u16(record + 6) != 0 || u16(record + 8) != entries)
        return refuse(u"the archive is part of a set of several volumes"_s);
    const EndRecord end{entries, u32(record + 16), u32(record + 12)};
    if (entries == 0xffff || end.directoryOffset == 0xffffffff || end.directoryBytes == 0xffffffff)
        return refuse(u"the archive uses Zip64 records, which one of this size does not need"_s);
    if (!startsWithMember && !startsWithEnd)
        return refuse(u"the archive does not begin with its first entry but with other data"_s);
    const qint64 endOffset = fileSize - left;
    if (end.directoryOffset + end.directoryBytes != endOffset) {
        return refuse(u"the archive's directory does not end where its end record begins"_s);
    }
    return end;
}

Result<void> checkAttributes(ZipMember &member, int host, quint32 attributes)
{
    const mode_t mode = attributes >> 16;
    // Readers differ in whether they believe a mode from a host that has none, so all are checked.
    switch (mode & S_IFMT) {
    case 0:
    case S_IFREG:
    case S_IFDIR: break;
    case S_IFLNK: return refuse(member.name, u"is a symbolic link"_s);
    case S_IFCHR:
    case S_IFBLK: return refuse(member.name, u"is a device"_s);
    case S_IFIFO: return refuse(member.name, u"is a named pipe"_s);
    case S_IFSOCK: return refuse(member.name, u"is a socket"_s);
    default: return refuse(member.name, u"is neither a file nor a folder"_s);
    }
    constexpr quint32 dosDirectory = 0x10;
    const bool saysFile = (mode & S_IFMT) == S_IFREG;
    const bool saysFolder = (mode & S_IFMT) == S_IFDIR
        || (!saysFile && (attributes & dosDirectory));
    member.directory = member.name.endsWith('/');
    if (member.directory ? saysFile : saysFolder) {
        return refuse(member.name,
                      u"is a %1 by its name and a %2 by its attributes"_s.arg(
                          member.directory ? u"folder" : u"file",
                          member.directory ? u"file" : u"folder"));
    }
    if (!member.directory && (mode & (S_ISUID | S_ISGID)))
        return refuse(member.name, u"has a set-user-id or set-group-id bit"_s);
    member.executable = !member.directory && (host == hostUnix || host == hostDarwin)
        && (mode & S_IXUSR);
    return {};
}

Result<void> checkMethod(const DirectoryEntry &entry)
{
    const QByteArray &name = entry.member.name;
    if (entry.flags & (flagEncrypted | flagStrongEncryption | flagMaskedHeaders))
        return refuse(name, u"is encrypted"_s);
    if (entry.flags & flagPatchData)
        return refuse(name, u"holds patch data"_s);
    if (entry.method != methodStored && entry.method != methodDeflated) {
        return refuse(
            name, u"is packed by method %1; only stored and deflated are read"_s.arg(entry.method));
    }
    if (entry.method == methodStored && entry.member.size != entry.member.packedSize) {
        return refuse(name,
                      u"is stored but claims %1 bytes packed and %2 unpacked"_s
                          .arg(entry.member.packedSize)
                          .arg(entry.member.size));
    }
    return {};
}

/// Parses and checks one directory entry; `directory` is shortened by it.
Result<DirectoryEntry> takeEntry(QByteArrayView &directory)
{
    if (directory.size() < centralHeaderBytes || u32(directory.data()) != centralSignature)
        return refuse(u"the archive's directory is damaged"_s);
    const char *header = directory.data();
    const qsizetype nameBytes = u16(header + 28);
    const qsizetype extraBytes = u16(header + 30);
    const qsizetype commentBytes = u16(header + 32);
    if (directory.size() < centralHeaderBytes + nameBytes + extraBytes + commentBytes)
        return refuse(u"the archive's directory is damaged"_s);

    DirectoryEntry entry;
    entry.flags = u16(header + 8);
    entry.method = u16(header + 10);
    entry.crc = u32(header + 16);
    ZipMember &member = entry.member;
    member.packedSize = u32(header + 20);
    member.size = u32(header + 24);
    member.headerOffset = u32(header + 42);
    member.name = directory.sliced(centralHeaderBytes, nameBytes).toByteArray();

    auto path = checkedPath(member.name);
    if (!path)
        return fail(path.error());
    member.path = *path;
    if (member.path.isEmpty() && !member.name.endsWith('/'))
        return refuse(member.name, u"has no name"_s);
    const auto extra = checkExtraFields(
        member.name, directory.sliced(centralHeaderBytes + nameBytes, extraBytes));
    if (!extra)
        return fail(extra.error());
    if (u16(header + 34) != 0)
        return refuse(member.name, u"lies on another volume"_s);
    if (extra->zip64 || member.size == 0xffffffff || member.packedSize == 0xffffffff
        || member.headerOffset == 0xffffffff)
        return refuse(member.name, u"uses Zip64 sizes, which it does not need"_s);
    if (auto fine = checkAttributes(member, u16(header + 4) >> 8, u32(header + 38)); !fine)
        return fail(fine.error());
    if (auto fine = checkMethod(entry); !fine)
        return fail(fine.error());
    directory = directory.sliced(centralHeaderBytes + nameBytes + extraBytes + commentBytes);
    return entry;
}

} // namespace

Result<QByteArray> readAt(int fd, qint64 offset, qint64 length)
{
    QByteArray bytes(length, Qt::Uninitialized);
    qint64 done = 0;
    while (done < length) {
        const ssize_t count = pread(fd, bytes.data() + done, static_cast<size_t>(length - done),
                                    offset + done);
        if (count < 0 && errno == EINTR)
            continue;
        if (count < 0)
            return failedCall(u"cannot read the archive"_s);
        if (count == 0)
            return refuse(u"the archive is cut short"_s);
        done += count;
    }
    return bytes;
}

Result<ExtraFields> checkExtraFields(const QByteArray &name, QByteArrayView extra)
{
    ExtraFields fields;
    while (extra.size() >= 4) {
        const quint16 id = u16(extra.data());
        const qsizetype length = u16(extra.data() + 2);
        if (length > extra.size() - 4)
            return refuse(name, u"has a malformed extra field"_s);
        const QByteArrayView data = extra.sliced(4, length);
        switch (id) {
        case 0x0001: // Zip64
            if (fields.zip64)
                return refuse(name, u"has two Zip64 fields"_s);
            fields.zip64 = true;
            fields.zip64Data = data.toByteArray();
            break;
        case 0x000d: // PKWARE Unix: beyond 12 bytes a link's target or a device's numbers
            if (length > 12)
                return refuse(name, u"carries link or device data"_s);
            break;
        case 0x756e: // ASi Unix: another mode and a link's target
        case 0x6c78: // libarchive's experimental field: another mode
            return refuse(name, u"carries a second set of Unix attributes"_s);
        case 0x7075: // Info-ZIP Unicode path: another name
            if (length < 5 || data.sliced(5) != name)
                return refuse(name, u"carries a second, different name"_s);
            break;
        case 0x0017: // strong encryption
        case 0x9901: // AES
            return refuse(name, u"is encrypted"_s);
        default: break;
        }
        extra = extra.sliced(4 + length);
    }
    if (std::any_of(extra.begin(), extra.end(), [](char byte) { return byte != 0; }))
        return refuse(name, u"has a malformed extra field"_s);
    return fields;
}

Result<Directory> readDirectory(int fd, qint64 fileSize, const ArchiveLimits &limits)
{
    const auto end = readEndRecord(fd, fileSize);
    if (!end)
        return fail(end.error());
    if (end->entries == 0)
        return refuse(u"the archive has no entries"_s);
    if (end->entries > limits.entries) {
        return fail(ErrorCode::TooLarge,
                    u"the archive has %1 entries, over the limit of %2"_s.arg(end->entries)
                        .arg(limits.entries));
    }
    if (end->directoryBytes > maxDirectoryBytes) {
        return fail(ErrorCode::TooLarge,
                    u"the archive's directory has %1 bytes, over the limit of %2"_s
                        .arg(end->directoryBytes)
                        .arg(maxDirectoryBytes));
    }
    const auto bytes = readAt(fd, end->directoryOffset, end->directoryBytes);
    if (!bytes)
        return fail(bytes.error());

    Directory directory{end->directoryOffset, {}};
    QByteArrayView rest(*bytes);
    for (int i = 0; i < end->entries; ++i) {
        auto entry = takeEntry(rest);
        if (!entry)
            return fail(entry.error());
        directory.entries.push_back(std::move(*entry));
    }
    if (!rest.isEmpty())
        return refuse(u"the archive's directory holds more than the end record says"_s);
    return directory;
}

} // namespace skillbox::zip
