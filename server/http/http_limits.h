#pragma once

#include <QtGlobal>

#include <chrono>

namespace skillbox {

/// Bounds of the guard. Times are how long a client may take.
struct HttpLimits {
    int maxConnections = 1024;
    qint64 maxHeaderBytes = 32 << 10; ///< request line and fields together
    qint64 maxTargetBytes = 8 << 10;
    int maxHeaderFields = 100;
    qint64 spoolAboveBytes = 256 << 10;
    std::chrono::milliseconds headTimeout{
        10'000}; ///< from a request's first byte to its last field
    std::chrono::milliseconds bodyIdleTimeout{30'000};
    std::chrono::milliseconds keepAliveTimeout{120'000};
    std::chrono::milliseconds writeIdleTimeout{60'000};
    /// How long what a refused client still sends is read and thrown away, so that it sees the
    /// answer before the connection is reset.
    std::chrono::milliseconds lingerTimeout{2'000};
};

} // namespace skillbox
