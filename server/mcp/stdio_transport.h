#pragma once

#include "server/mcp/mcp_session.h"

#include <memory>

namespace skillbox {

/// One client over two pipes: a message is a line (basic/transports#stdio). Nothing but messages
/// is written to the output.
class StdioTransport
{
public:
    struct Descriptors {
        int input = 0;
        int output = 1;
        int stop = -1; ///< readable once it shall end; negative: only the input ends it
    };
    StdioTransport(McpHost &host, McpSession::Options options, McpCaller caller,
                   Descriptors descriptors);
    ~StdioTransport();

    /// Serves until the input ends, the output cannot be written any more, or `stop` says so. What
    /// runs then is cancelled. Errors are those of reading.
    Result<void> serve();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace skillbox
