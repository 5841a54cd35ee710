#pragma once

#include "engine/base/result.h"
#include "engine/sandbox/images/image_record.h"

#include <QByteArray>
#include <QByteArrayView>

namespace skillbox {

/// A path of an image without `.` components and slashes at its end; empty: the root itself. Bytes
/// but `/` and NUL are free, as in any file system. Refused with BadRequest: an absolute path,
/// `..`, an empty component, one over 255 bytes; with TooLarge: what is over the limits.
Result<QByteArray> imagePath(QByteArrayView name, const ImageLimits &limits);

/// `entry "…" why`, as a BadRequest.
tl::unexpected<Error> refusedEntry(QByteArrayView name, const QString &why);

/// The folder that a path lies in; empty: the root.
QByteArray parentOf(const QByteArray &path);
QByteArray baseNameOf(const QByteArray &path);

} // namespace skillbox
