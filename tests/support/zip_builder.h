#pragma once

#include <QByteArray>
#include <QList>
#include <QtEndian>

#include <sys/stat.h>

#include <optional>

namespace skillbox::test {

/// Makes zip archives byte by byte, honest by default; whatever is set as an optional is a lie.
/// Field names follow APPNOTE.TXT.
struct ZipEntry {
    QByteArray name = {};
    QByteArray content = {};
    quint32 mode = S_IFREG | 0644;
    quint16 method = 8;
    quint16 flags = 0x0800; ///< UTF-8 name
    bool descriptor = false;
    bool descriptorSignature = true;
    int host = 3;
    std::optional<quint32> attributes = {}; ///< external; else from mode
    std::optional<QByteArray> packed = {};  ///< the bytes between the headers
    std::optional<quint32> size = {};       ///< in both headers
    std::optional<quint32> packedSize = {};
    std::optional<quint32> crc = {};
    std::optional<QByteArray> localName = {};
    std::optional<quint16> localMethod = {};
    std::optional<quint16> localFlags = {};
    std::optional<quint32> localSize = {};
    std::optional<quint32> localPackedSize = {};
    std::optional<quint32> descriptorSize = {};
    std::optional<quint32> centralOffset = {};
    QByteArray localExtra = {};
    QByteArray centralExtra = {};
    QByteArray after = {}; ///< stray bytes behind the entry
};

struct ZipEnd {
    QByteArray prefix = {};    ///< before the first entry; offsets count from the file's start
    QByteArray beforeEnd = {}; ///< between directory and end record
    QByteArray suffix = {};
    QByteArray comment = {};
    std::optional<quint16> entries = {};
    std::optional<quint32> directoryOffset = {};
    std::optional<quint16> disk = {};
};

template<typename T>
QByteArray littleEndian(T value)
{
    QByteArray bytes(sizeof(T), Qt::Uninitialized);
    qToLittleEndian(value, bytes.data());
    return bytes;
}

inline QByteArray deflated(const QByteArray &content)
{
    if (content.isEmpty())
        return QByteArray("\3\0", 2); // qCompress gives no stream for nothing
    // qCompress puts a length (4) and a zlib header (2) in front and a checksum (4) behind.
    return qCompress(content, 6).mid(6).chopped(4);
}

inline quint32 crc32Of(const QByteArray &content)
{
    quint32 crc = 0xffffffff;
    for (const char byte : content) {
        crc ^= static_cast<uchar>(byte);
        for (int bit = 0; bit < 8; ++bit)
            crc = (crc >> 1) ^ ((crc & 1) ? 0xedb88320 : 0);
    }
    return ~crc;
}

inline QByteArray extraField(quint16 id, const QByteArray &data)
{
    return littleEndian<quint16>(id) + littleEndian(static_cast<quint16>(data.size())) + data;
}

inline QByteArray buildZip(const QList<ZipEntry> &entries, const ZipEnd &end = {})
{
    QByteArray file = end.prefix;
    QByteArray directory;
    for (const ZipEntry &entry : entries) {
        const auto half = [](auto value) { return littleEndian(static_cast<quint16>(value)); };
        const auto word = [](auto value) { return littleEndian(static_cast<quint32>(value)); };
        const QByteArray packed = entry.packed.value_or(entry.method == 8 ? deflated(entry.content)
                                                                          : entry.content);
        const quint32 crc = entry.crc.value_or(crc32Of(entry.content));
        const quint32 size = entry.size.value_or(static_cast<quint32>(entry.content.size()));
        const quint32 packedSize = entry.packedSize.value_or(static_cast<quint32>(packed.size()));
        const auto flags = static_cast<quint16>(entry.flags | (entry.descriptor ? 8 : 0));
        const QByteArray localName = entry.localName.value_or(entry.name);
        const auto offset = static_cast<quint32>(file.size());

        const quint32 early = entry.descriptor ? 0 : 1;
        file += "PK\3\4" + half(20) + half(entry.localFlags.value_or(flags))
            + half(entry.localMethod.value_or(entry.method)) + half(0) + half(0x21)
            + word(crc * early) + word(entry.localPackedSize.value_or(packedSize * early))
            + word(entry.localSize.value_or(size * early)) + half(localName.size())
            + half(entry.localExtra.size()) + localName + entry.localExtra + packed;
        if (entry.descriptor) {
            file += (entry.descriptorSignature ? QByteArray("PK\7\10") : QByteArray()) + word(crc)
                + word(packedSize) + word(entry.descriptorSize.value_or(size));
        }
        file += entry.after;

        directory += "PK\1\2" + half(entry.host << 8 | 20) + half(20) + half(flags)
            + half(entry.method) + half(0) + half(0x21) + word(crc) + word(packedSize) + word(size)
            + half(entry.name.size()) + half(entry.centralExtra.size()) + half(0) + half(0)
            + half(0) + word(entry.attributes.value_or(entry.mode << 16))
            + word(entry.centralOffset.value_or(offset)) + entry.name + entry.centralExtra;
    }
    const auto count = end.entries.value_or(static_cast<quint16>(entries.size()));
    const auto directoryOffset = end.directoryOffset.value_or(static_cast<quint32>(file.size()));
    const quint16 disk = end.disk.value_or(0);
    return file + directory + end.beforeEnd + "PK\5\6" + littleEndian(disk) + littleEndian(disk)
        + littleEndian(count) + littleEndian(count)
        + littleEndian(static_cast<quint32>(directory.size())) + littleEndian(directoryOffset)
        + littleEndian(static_cast<quint16>(end.comment.size())) + end.comment + end.suffix;
}

} // namespace skillbox::test
