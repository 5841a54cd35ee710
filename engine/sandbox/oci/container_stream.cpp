#include "engine/sandbox/oci/container_stream.h"

#include <QtEndian>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qsizetype pieceHeadSize = 8;
constexpr qsizetype maxComplaints = 4096;

tl::unexpected<Error> strange(const QString &what)
{
    return fail(ErrorCode::SandboxUnavailable,
                u"the container engine sent something else than the output of the run: %1"_s.arg(
                    what));
}

} // namespace

Result<void> ContainerStream::take(QByteArrayView bytes)
{
    while (!bytes.isEmpty()) {
        if (m_left == 0) {
            const qsizetype wanted = qMin(pieceHeadSize - m_head.size(), bytes.size());
            m_head.append(bytes.first(wanted));
            bytes = bytes.sliced(wanted);
            if (m_head.size() < pieceHeadSize)
                return {};
            if (auto begun = beginPiece(); !begun)
                return begun;
            continue;
        }
        const qsizetype size = static_cast<qsizetype>(qMin<qint64>(m_left, bytes.size()));
        m_left -= size;
        if (m_isOutput) {
            if (auto taken = takeFrames(bytes.first(size)); !taken)
                return taken;
        } else if (m_complaints.size() < maxComplaints) {
            m_complaints.append(bytes.first(qMin(size, maxComplaints - m_complaints.size())));
        }
        bytes = bytes.sliced(size);
    }
    return {};
}

Result<void> ContainerStream::beginPiece()
{
    const auto stream = static_cast<unsigned char>(m_head[0]);
    if (stream > 2 || m_head[1] != 0 || m_head[2] != 0 || m_head[3] != 0)
        return strange(u"a piece of no stream"_s);
    m_isOutput = stream != 2;
    m_left = qFromBigEndian<quint32>(m_head.constData() + 4);
    m_head.clear();
    return {};
}

Result<void> ContainerStream::takeFrames(QByteArrayView bytes)
{
    m_frames.append(bytes);
    qsizetype at = 0;
    while (m_frames.size() - at >= static_cast<qsizetype>(protocol::frameHeaderSize)) {
        const quint32 size = qFromLittleEndian<quint32>(m_frames.constData() + at + 1);
        if (size > protocol::maxFrameBytes)
            return strange(u"a frame that is too large"_s);
        const qsizetype whole = static_cast<qsizetype>(protocol::frameHeaderSize + size);
        if (m_frames.size() - at < whole)
            break;
        const auto kind = static_cast<protocol::FrameKind>(m_frames[at]);
        const std::string_view payload(m_frames.constData() + at + protocol::frameHeaderSize, size);
        at += whole;
        if (auto taken = m_sink(kind, payload); !taken)
            return taken;
    }
    m_frames.remove(0, at);
    return {};
}

} // namespace skillbox
