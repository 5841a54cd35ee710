#pragma once

#include "engine/sandbox/images/image_plan.h"
#include "engine/sandbox/images/image_source.h"
#include "engine/sandbox/images/root_writer.h"
#include "engine/sandbox/images/tar_stream.h"

#include <functional>
#include <stop_token>

namespace skillbox {

/// What was left out of an image and why; images carry such things although a run needs none.
struct LeftOut {
    int count = 0;     ///< devices, pipes and sockets
    QStringList names; ///< the first few, quoted
};

/// Puts the layers of one image on top of each other and checks that each is what its digests say.
class LayerUnpacker
{
public:
    /// Called with the bytes unpacked so far.
    using Progress = std::function<void(qint64 bytes)>;

    LayerUnpacker(const ImageSource &source, RootWriter &root, const ImageLimits &limits,
                  std::stop_token stop, Progress progress);

    enum class Whiteouts { Apply, AreFiles };
    /// The next layer up. Returns the digest of its content.
    Result<QString> unpack(const LayerPlan &layer, Whiteouts whiteouts);

    const LeftOut &leftOut() const { return m_leftOut; }

private:
    enum class Pass { Whiteouts, Content };
    Result<QString> readLayer(const LayerPlan &layer, Whiteouts whiteouts, Pass pass);
    Result<void> takeEntry(const TarEntry &entry, const QByteArray &path, TarStream &tar);
    Result<void> takeFile(const TarEntry &entry, const QByteArray &path, TarStream &tar);
    Result<void> stopped() const;

    const ImageSource &m_source;
    RootWriter &m_root;
    const ImageLimits m_limits;
    const std::stop_token m_stop;
    const Progress m_progress;
    int m_layers = 0;
    int m_entries = 0;
    LeftOut m_leftOut;
};

} // namespace skillbox
