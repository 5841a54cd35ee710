#pragma once

#include "engine/base/content_type.h"
#include "engine/base/json_text.h"
#include "engine/files/output_tree.h"
#include "engine/storage/blob_store.h"

#include <QStringList>

#include <functional>
#include <optional>

namespace skillbox {

struct CollectLimits {
    qint64 outputJsonBytes = 8LL << 20;
    qint64 filesBytes = 256LL << 20; ///< of all artifacts; a sparse file counts with its holes
    int artifacts = 1000;
    OutputBounds tree;
    /// Asked once there are files: how much of `filesBytes` there is room for. Empty: for all.
    std::function<qint64(qint64)> roomFor = {};
};

/// What a run left in /sandbox/out.
struct CollectedOutput {
    JsonText output;                 ///< output.json, where there is a valid one
    QList<ArtifactRecord> artifacts; ///< sorted by path (UTF-8 bytes), already in the blob store
    QStringList warnings;            ///< what was left out and why, a line each
    std::optional<Error> failure;    ///< of the store or of reading; the rest was kept before
    qint64 bytesKept = 0;            ///< of all artifacts
    qint64 bytesLeftOut = 0;         ///< of files that were too much for all together
};

/// Reads the output folder of a run that is dead. The content is hostile: see OutputTree. Left out,
/// each with a warning: links, devices, sockets, pipes, files with a second hard link, names that
/// are not UTF-8 or have a control character or a backslash, and whatever is over a limit. Which
/// files are over a limit depends on their order by path only, so a run that is repeated keeps the
/// same. Artifacts are streamed into the store; memory does not grow with them.
CollectedOutput collectOutputs(int outDirectory, BlobStore &blobs, const CollectLimits &limits);

} // namespace skillbox
