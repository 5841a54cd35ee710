#include "engine/sandbox/oci/init/frame_output.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <cerrno>

namespace skillbox::container {

FrameOutput::FrameOutput(int descriptor) : m_descriptor(descriptor)
{
    fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK);
}

void FrameOutput::send(protocol::FrameKind kind, std::string_view payload)
{
    wire::Writer header;
    header.u32(static_cast<uint32_t>(payload.size()));
    m_pending.push_back(static_cast<char>(kind));
    m_pending += header.bytes();
    m_pending += payload;
    writeSome();
}

void FrameOutput::writeSome()
{
    size_t done = 0;
    while (done < m_pending.size()) {
        const ssize_t written = write(m_descriptor, m_pending.data() + done,
                                      m_pending.size() - done);
        if (written > 0)
            done += static_cast<size_t>(written);
        else if (errno == EAGAIN)
            break;
        else if (errno != EINTR)
            _exit(1); // nobody listens any more
    }
    m_pending.erase(0, done);
}

void FrameOutput::flush()
{
    while (!m_pending.empty()) {
        pollfd waiting{m_descriptor, POLLOUT, 0};
        poll(&waiting, 1, -1);
        writeSome();
    }
}

void sendAll(FrameOutput &output, protocol::FrameKind kind, std::string_view payload)
{
    output.send(kind, payload);
    output.flush();
}

} // namespace skillbox::container
