#pragma once

#include <QDateTime>
#include <QString>
#include <QStringList>

namespace skillbox {

/// Bounds that no image may pass, over all of its layers together.
struct ImageLimits {
    qint64 unpackedBytes = 8LL << 30; ///< sizes of files, a sparse one with its holes
    int entries = 500'000;            ///< in the tars of all layers
    int depth = 128;                  ///< path components
    int pathBytes = 2048;             ///< of a whole path
    int rootEntries = 64; ///< at the top of the root file system: each is a mount of a run
    int layers = 256;
    int ratio = 200; ///< unpacked : packed of a layer, once over ratioFromBytes
    qint64 ratioFromBytes = 64LL << 20;
    qint64 jsonBytes = 4LL << 20; ///< of one manifest, index or configuration
    int members = 10'000;         ///< files in an archive that holds an image
};

/// An imported image as its name finds it.
struct ImageRecord {
    QString name;
    /// `sha256:<hex>`: of the manifest (OCI layout), of the configuration (docker-save archive), or
    /// of the uncompressed tar (root file system).
    QString digest;
    QString architecture; ///< as images call it: `amd64`, `arm64`; empty: a plain tar does not say
    qint64 sizeBytes = 0; ///< of the unpacked files
    QDateTime created;    ///< by whoever made it; invalid: it does not say
    QDateTime importedAt;
    QString searchPath; ///< PATH of its configuration; empty: none
};

} // namespace skillbox
