#pragma once

#include "engine/base/result.h"

#include <QByteArray>

#include <memory>

namespace skillbox {

class HttpClient;

/// Carries the Model Context Protocol between a client on two pipes and a server's /mcp, so that
/// agents which only start programs reach a server, too. Messages pass unread but for what their
/// transport needs: methods, ids, and the version that was agreed on.
///
/// What the network loses is mended where it can be: a call goes on by Last-Event-ID, a session
/// that the server forgot is begun anew with the client's own initialize.
class McpBridge
{
public:
    /// `target`: path and query, `/mcp?include=report-*`.
    McpBridge(std::unique_ptr<HttpClient> http, QByteArray target);
    ~McpBridge();
    McpBridge(const McpBridge &) = delete;
    McpBridge &operator=(const McpBridge &) = delete;

    /// Until the input ends: then the server's session is ended, which stops what it runs.
    Result<void> run(int input, int output);
    /// Ends the session from another thread; run() need not return after it.
    void end();

private:
    class Private;
    std::unique_ptr<Private> d;
};

} // namespace skillbox
