#pragma once

#include "engine/skill/archive.h"

namespace skillbox {

/// Names the content of a tree: `sha256:` and the lower-case hex SHA-256 of this text (UTF-8),
///
///     skillbox-tree-v1 LF
///     and for each file, sorted by the bytes of its path:
///     path NUL mode NUL size NUL sha256 LF
///
/// where mode is `x` for an executable file and `-` for any other, size is decimal and sha256 is
/// the lower-case hex digest of the content. A path holds no NUL and the other fields have a fixed
/// alphabet, so that no two trees have the same text. Folders, times, owners and the way the files
/// were packed have no part in it.
QString treeDigest(QList<PackedFile> files);

/// Sorted by the UTF-8 bytes of the path, which is not how QString sorts beyond U+FFFF.
void sortByPath(QList<PackedFile> &files);

} // namespace skillbox
