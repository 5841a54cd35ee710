#pragma once

#include "engine/base/result.h"
#include "engine/sandbox/protocol/container_messages.h"

#include <QByteArray>
#include <QByteArrayView>

#include <functional>

namespace skillbox {

/// Takes apart what an engine sends of a container's output: pieces with a head of 8 bytes each
/// (Docker Engine API, ContainerAttach, "Stream format"), whose standard output is made of the
/// frames of our init. Both come from where nothing is trusted: SandboxUnavailable for what is
/// neither.
class ContainerStream
{
public:
    /// An error of it is the error of take().
    using Sink = std::function<Result<void>(protocol::FrameKind, std::string_view payload)>;

    explicit ContainerStream(Sink sink) : m_sink(std::move(sink)) { }

    Result<void> take(QByteArrayView bytes);
    /// Whether a piece or a frame has begun and not ended.
    bool isCut() const { return !m_head.isEmpty() || m_left > 0 || !m_frames.isEmpty(); }
    /// The beginning of what came on the standard error: complaints of whatever starts the init.
    const QByteArray &complaints() const { return m_complaints; }

private:
    Result<void> beginPiece();
    Result<void> takeFrames(QByteArrayView bytes);

    const Sink m_sink;
    QByteArray m_head; ///< of a piece, as far as it has come
    qint64 m_left = 0; ///< bytes of the piece that are still to come
    bool m_isOutput = false;
    QByteArray m_frames; ///< what is not yet a whole frame
    QByteArray m_complaints;
};

} // namespace skillbox
