#pragma once

#include "engine/base/result.h"
#include "engine/sandbox/images/image_record.h"
#include "engine/sandbox/images/image_source.h"

#include <QList>

#include <optional>

namespace skillbox {

/// One layer of an image: where it is and what it must be.
struct LayerPlan {
    QByteArray file;                        ///< of the source; empty: the source is the layer
    qint64 size = -1;                       ///< as stored; -1: it is not said
    QString digest;                         ///< as stored; empty: it is not said
    QString diffId;                         ///< of its content; empty: it is not said
    std::optional<Compression> compression; ///< nothing: by its first bytes
};

/// What has to be unpacked for an image, lowest layer first.
struct ImagePlan {
    QString suggestedName; ///< the name it has in its archive; may be empty
    QString digest;        ///< empty: that of the only layer's content
    QString architecture;
    QDateTime created;
    QString searchPath;
    QList<LayerPlan> layers;
    bool whiteouts = true; ///< a plain tar has none: such names are files there
};

/// Reads manifests and configuration, verifies their digests and chooses this machine's image.
/// `name` chooses among several images that have names. Layers are only named, not opened.
Result<ImagePlan> planImage(const ImageSource &source, const QString &name,
                            const ImageLimits &limits);

// By kind of source; planImage calls them.
Result<ImagePlan> planOciLayout(const ImageSource &source, const QString &name,
                                const ImageLimits &limits);
Result<ImagePlan> planDockerArchive(const ImageSource &source, const QString &name,
                                    const ImageLimits &limits);

/// `docker.io/library/python:3.12` → `python:3.12`: the short name that people use.
QString familiarName(const QString &reference);

} // namespace skillbox
