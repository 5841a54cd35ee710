#pragma once

#include "engine/base/result.h"

#include <QIODevice>

namespace skillbox {

/// Copies the rest of `source` into the new file `path`. TooLarge past `maxBytes`.
Result<void> spool(QIODevice &source, const QString &path, qint64 maxBytes);

} // namespace skillbox
