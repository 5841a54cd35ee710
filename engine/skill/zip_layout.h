#pragma once

#include "engine/skill/archive.h"

#include <vector>

namespace skillbox {

/// One member of a zip, as its two headers agree on it.
struct ZipMember {
    QByteArray name; ///< as stored
    QByteArray path; ///< checked by path_rules.h, without `.` components; empty: the root
    bool directory = false;
    bool executable = false;
    qint64 size = 0;
    qint64 packedSize = 0;
    qint64 headerOffset = 0; ///< of the local header
    qint64 dataOffset = 0;
    /// Stored, with its length only after the data: readers that stream look for the mark of a data
    /// descriptor, so none may stand in the content.
    bool lengthAfterStoredData = false;
};

/// Reads the directory of a zip and holds it, before anything is inflated, to the limits and to the
/// rules below, which leave two readers of the archive no room to see different files:
///  - members, directory and end record cover the file from its first byte to its last, without
///    gap or overlap; no Zip64 records, no multi-volume archives;
///  - each local header repeats what the directory says (name, method, flags, sizes, checksum), or
///    the data descriptor behind the data does;
///  - stored or deflated only, not encrypted; no links, devices, set-id bits or fields that carry
///    them; names legal and not in each other's way.
/// Members come in the order of the file. (APPNOTE.TXT 6.3.10 names the fields.)
Result<std::vector<ZipMember>> readZipLayout(int fd, const ArchiveLimits &limits);

} // namespace skillbox
