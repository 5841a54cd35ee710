#pragma once

#include "engine/sandbox/protocol/container_messages.h"

#include <string>
#include <string_view>

namespace skillbox::container {

/// Frames on their way to the engine. A reader that is slow never blocks the caller unless it asks
/// for that: a script must not outlive its wall clock because nobody reads what it writes.
class FrameOutput
{
public:
    /// Makes `descriptor` non-blocking.
    explicit FrameOutput(int descriptor);

    /// Takes the frame and writes as much as goes at once.
    void send(protocol::FrameKind kind, std::string_view payload);
    /// Writes what is left, as much as goes at once.
    void writeSome();
    /// Returns when everything is written.
    void flush();

    bool isIdle() const { return m_pending.empty(); }
    int descriptor() const { return m_descriptor; }

private:
    const int m_descriptor;
    std::string m_pending;
};

/// send() and flush(): memory does not grow with what is sent.
void sendAll(FrameOutput &output, protocol::FrameKind kind, std::string_view payload);

} // namespace skillbox::container
