#pragma once

#include "engine/remote/http_client.h"

namespace skillbox {

/// Which server, and as whom.
struct ConnectionSettings {
    QString address; ///< as parseServerAddress() takes it
    QString apiKey = {};
    /// Asked before each request for what lets us in, instead of the key. Thread-safe.
    std::function<Result<QByteArray>()> bearer = {};
    QString tenant = {}; ///< empty: the key's own
    QString caFile = {}; ///< PEM file instead of the system's authorities
    std::chrono::seconds connectTimeout{10};
    ConnectionHints hints = {};
    std::stop_token stop = {}; ///< ends every call
};

/// Nothing is sent yet. BadRequest for an address, key or tenant that cannot be used.
Result<std::unique_ptr<HttpClient>> connectTo(const ConnectionSettings &settings);

} // namespace skillbox
