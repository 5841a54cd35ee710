#pragma once

#include "engine/skill/path_rules.h"
#include "engine/skill/zip_layout.h"

#include <QtEndian>

#include <vector>

namespace skillbox {

// The parts of a zip's structure that zip_directory.cpp and zip_layout.cpp share; for them only.

namespace zip {

inline quint16 u16(const char *at)
{
    return qFromLittleEndian<quint16>(at);
}
inline quint32 u32(const char *at)
{
    return qFromLittleEndian<quint32>(at);
}
inline quint64 u64(const char *at)
{
    return qFromLittleEndian<quint64>(at);
}

constexpr quint32 localSignature = 0x04034b50;  // APPNOTE.TXT 4.3.7
constexpr quint16 flagLengthAfterData = 1 << 3; // 4.4.4
constexpr quint16 methodStored = 0;
constexpr quint16 methodDeflated = 8;

inline tl::unexpected<Error> refuse(const QString &why)
{
    return fail(ErrorCode::InvalidSkill, why);
}

inline tl::unexpected<Error> refuse(QByteArrayView name, const QString &why)
{
    return refuse(QStringLiteral("entry %1 %2").arg(quotedName(name), why));
}

/// Exactly `length` bytes; a shorter file is an error.
Result<QByteArray> readAt(int fd, qint64 offset, qint64 length);

struct ExtraFields {
    bool zip64 = false;
    QByteArray zip64Data;
};

/// Checks the extra fields (4.5) of one header. Those that name links, other modes or other names
/// are what tricks are made of. Zip64 sizes are given out.
Result<ExtraFields> checkExtraFields(const QByteArray &name, QByteArrayView extra);

struct DirectoryEntry {
    ZipMember member; ///< all but what the local header tells
    quint16 flags = 0;
    quint16 method = 0;
    quint32 crc = 0;
};

struct Directory {
    qint64 offset = 0; ///< where it begins and the last member ends
    std::vector<DirectoryEntry> entries;
};

/// The end record and the central directory (4.3.12, 4.3.16), each entry checked by itself.
Result<Directory> readDirectory(int fd, qint64 fileSize, const ArchiveLimits &limits);

} // namespace zip
} // namespace skillbox
