#pragma once

#include "engine/base/result.h"

namespace skillbox {

/// Where a server is, as --server and SKILLBOX_SERVER_URL say it.
struct ServerAddress {
    QString text;            ///< for people: as given, without a trailing slash
    QByteArray baseUrl;      ///< `http://127.0.0.1:8080`, `https://example.com/skillbox`
    QString unixSocket;      ///< path; empty: TCP
    bool isLoopback = false; ///< this machine, nobody in between
};

/// `http://host[:port][/prefix]`, `https://…` or `unix:/path/to/socket`. BadRequest says what is
/// wrong and gives an example. User names and passwords in it are refused: the key has its own
/// option and would end up in process lists and messages.
Result<ServerAddress> parseServerAddress(const QString &text);

} // namespace skillbox
