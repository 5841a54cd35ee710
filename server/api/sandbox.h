#pragma once

#include "server/api/api_services.h"

namespace skillbox {

// /v1/sandbox: an agent's own hands in a session. Each call names its session in X-Session-ID; the
// files are those of /v1/sessions. There is no machine that goes on between two calls: each command
// runs in a fresh sandbox with the session's files, and what it changed is kept.

/// Everything below.
void registerSandbox(Router &router, ApiServices &services);

void registerSandboxCommands(Router &router, ApiServices &services);  ///< execute, DELETE
void registerSandboxFiles(Router &router, ApiServices &services);     ///< read, write, list, sync
void registerSandboxTransfers(Router &router, ApiServices &services); ///< upload, download, skills

/// The session that X-Session-ID names. BadRequest: missing or no such name.
Result<QString> sandboxSessionOf(const HttpRequest &request);

/// A path as a client names it, below /sandbox/session: absolute with that prefix, or relative to
/// it. The relative one, empty for the folder itself; BadRequest for one that leaves it.
Result<QString> sandboxPath(const QString &text);
/// The inverse, as a command sees it.
QString sandboxPathText(const QString &relative);

} // namespace skillbox
