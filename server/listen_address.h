#pragma once

#include "engine/base/result.h"

namespace skillbox {

/// An address to listen on.
struct ListenAddress {
    QString host; ///< an IP address; empty: a Unix socket
    int port = 0;
    QString unixSocket;        ///< path
    bool isThisMachine = true; ///< loopback or a socket of the file system

    /// As HttpServerConfig::listen wants it.
    QString text() const;
};

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`, `8080` (on loopback), `0.0.0.0` (the usual
/// port), `:8080` and `*:8080` (every interface), `unix:/path`. BadRequest says what is wrong.
Result<ListenAddress> parseListenAddress(const QString &text, int usualPort);

} // namespace skillbox
