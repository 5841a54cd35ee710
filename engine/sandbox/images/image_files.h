#pragma once

#include "engine/base/result.h"
#include "engine/sandbox/images/image_record.h"

#include <QMap>

namespace skillbox {

// The small JSON files of an ImageStore.

/// Name → digest.
using ImageNames = QMap<QString, QString>;

/// A missing file has none. StorageCorrupt, StorageTooNew, StorageUnavailable.
Result<ImageNames> readImageNames(const QString &directory);
/// Replaces the file in one step, synced.
Result<void> writeImageNames(const QString &directory, const ImageNames &names);

/// `folder`/image.json: everything but the name.
Result<ImageRecord> readImageRecord(const QString &folder);
/// Writes it, not synced; the folder is still under construction.
Result<void> writeImageRecord(const QString &folder, const ImageRecord &record);

} // namespace skillbox
