#pragma once

#include "engine/base/result.h"
#include "engine/storage/records.h"

#include <QStringList>

namespace skillbox {

class Backend;

enum class ExistingFiles {
    KeepForeign, ///< replace only what Skillbox still keeps a copy of
    Replace,
};

struct SavedArtifact {
    QString path;      ///< as the run named it
    QString localPath; ///< below the folder that was asked for
    qint64 sizeBytes = 0;
};

/// Writes a run's artifacts below `directory`, which is created where needed. Never writes outside
/// of it: paths with `..` are refused and symlinks inside are not followed. A file that is there
/// already is replaced only if its content is an artifact or archive the store still has, so that
/// nothing is lost, or with ExistingFiles::Replace; one that may not be replaced is an error before
/// anything is written. Each file appears whole or not at all.
Result<QList<SavedArtifact>> downloadArtifacts(Backend &backend, const ExecutionRecord &record,
                                               const QString &directory, ExistingFiles existing);

} // namespace skillbox
