#pragma once

#include "app/cli/backend/backend.h"
#include "engine/remote/sign_in_store.h"
#include "engine/skill/archive.h"

#include <memory>

namespace skillbox {

class HttpClient;

/// Which server, as which caller.
struct ServerChoice {
    QString address; ///< a URL, or `local`: the one that runs on the data directory
    QString apiKey = {};
    QString tenant = {}; ///< empty: the key's own
    QString caFile = {};
    QString dataDirectory = {}; ///< where a local server's key is looked for
    ArchiveLimits limits = {};
    std::optional<SignInStore> signIns = {}; ///< where a sign-in is looked for if there is no key
};

/// Nothing is sent yet. Without a key, that of a server which runs on the data directory is used
/// if, and only if, it listens on that very address; else a sign-in to that address.
Result<std::unique_ptr<Backend>> connectToServer(const ServerChoice &choice);
/// The same without what commands need of it.
Result<std::unique_ptr<HttpClient>> openConnection(const ServerChoice &choice);

} // namespace skillbox
