#pragma once

#include "engine/base/unique_fd.h"

#include <QByteArray>

namespace skillbox {

/// What becomes of symbolic links on the way, and at the end unless O_NOFOLLOW is given.
enum class Links {
    Refuse,     ///< ELOOP
    StayInside, ///< followed as if the folder were the root of the file system
};

/// Opens `path` below the open folder `root` and nowhere else (openat2(2), RESOLVE_*): `..`, links
/// and mounts do not lead out of it. `flags` as for open(2), close-on-exec is added; invalid with
/// errno set on failure.
UniqueFd openBeneath(int root, const QByteArray &path, int flags, Links links);

} // namespace skillbox
